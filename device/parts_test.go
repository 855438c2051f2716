// SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/device"
)

func TestReadTakesAHeaderApart(t *testing.T) {
	for header, want := range map[string]device.Parts{
		"":        {},
		"<b>evil": {},
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36": {
			Program: "Chrome", Version: "140.0.0.0", System: "Linux",
		},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": {
			Program: "Safari", Version: "18.0", System: "iPhone", Mobile: true,
		},
		"curl/8.5.0":                       {Program: "curl", Version: "8.5.0"},
		"curl/<script>":                    {Program: "curl"},
		"curl/" + strings.Repeat("1.", 20): {Program: "curl"},
	} {
		if got := device.Read(header); got != want {
			t.Errorf("%q is %+v, want %+v", header, got, want)
		}
	}
}

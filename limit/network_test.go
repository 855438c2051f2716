// SPDX-License-Identifier: Apache-2.0

package limit_test

import (
	"net/netip"
	"testing"

	"github.com/gatelatch/gatelatch/limit"
)

func TestNetwork(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1":                        "192.0.2.1",
		"192.0.2.2":                        "192.0.2.2",
		"::ffff:192.0.2.1":                 "192.0.2.1",
		"::ffff:c000:201":                  "192.0.2.1",
		"::ffff:192.0.2.1%eth0":            "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":             "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:ffff:ffff:ffff": "2001:db8:1:2::/64",
		"2001:DB8:1:2::":                   "2001:db8:1:2::/64",
		"2001:db8:1:3::1":                  "2001:db8:1:3::/64",
		"fe80::1%eth0":                     "fe80::/64",
		"fe80::1%eth1":                     "fe80::/64",
		"::1":                              "::/64",
		"127.0.0.1":                        "127.0.0.1",
	} {
		if got := limit.Network(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is counted under %q, want %q", text, got, want)
		}
	}
	if got := limit.Network(netip.Addr{}); got != "unknown" {
		t.Errorf("no address is counted under %q", got)
	}
}

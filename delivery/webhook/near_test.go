// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/delivery/webhook"
)

// Codes do not travel over the internet in plain text.
func TestPlainHTTPIsForNearbyHosts(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://hooks.example.com/x": true, "http://hooks.example.com/x": false, "http://8.8.8.8/x": false,
		"http://127.0.0.1:9000/x": true, "http://[::1]/x": true, "http://10.1.2.3/x": true, "http://[::ffff:8.8.8.8]/x": false,
		"http://localhost/x": true, "http://mailer:8080/x": true, "http://mailer.internal/x": true, "http://nas.LOCAL./x": true,
		"http://internal.example.com/x": false, "http://[2001:db8::1]/x": false,
	} {
		_, err := webhook.New(webhook.Config{URL: url, Secret: "0123456789abcdef"})
		if (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
	}
}

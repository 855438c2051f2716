// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/wire"
)

func TestPublishableKeyOfAHost(t *testing.T) {
	for host, want := range map[string]string{
		"app.example.com":      "app.example.com",
		"app.example.com:8443": "app.example.com:8443",
		"localhost":            "gatelatch.localhost",
		"localhost:8080":       "gatelatch.localhost:8080",
	} {
		k := wire.NewPublishableKey(host)
		if k.Host() != want || k.Issuer() != "https://"+want || !k.Live() {
			t.Errorf("%s: %s names %q, live %v", host, k, k.Host(), k.Live())
		}
		if again, err := wire.ParsePublishableKey(string(k)); err != nil || again != k {
			t.Errorf("%s: its own key is refused: %v", k, err)
		}
	}
}

func TestParsePublishableKey(t *testing.T) {
	for text, host := range map[string]string{
		"pk_live_YXBwLmV4YW1wbGUuY29tJA":   "app.example.com",
		"pk_live_YXBwLmV4YW1wbGUuY29tJA==": "app.example.com", // padded
		"pk_test_YXBwLmV4YW1wbGUuY29tJA":   "app.example.com",
	} {
		k, err := wire.ParsePublishableKey(text)
		if err != nil || k.Host() != host || k.Live() != strings.HasPrefix(text, "pk_live_") {
			t.Errorf("%s: %v, %q", text, err, k.Host())
		}
	}
	for name, text := range map[string]string{
		"nothing":        "",
		"no prefix":      "YXBwLmV4YW1wbGUuY29tJA",
		"secret key":     "sk_live_YXBwLmV4YW1wbGUuY29tJA",
		"no base64":      "pk_live_app.example.com$",
		"no dollar":      "pk_live_YXBwLmV4YW1wbGUuY29t",
		"two dollars":    "pk_live_YXBwLmV4YW1wbGUuY29tJCQ",
		"localhost":      "pk_live_bG9jYWxob3N0JA",
		"a path":         "pk_live_YXBwLmV4YW1wbGUuY29tL3gk",
		"four parts":     "pk_live_YXBw_LmV4YW1wbGUuY29tJA",
		"a host of none": "pk_live_JA",
	} {
		if k, err := wire.ParsePublishableKey(text); err == nil {
			t.Errorf("%s: %q is taken, and names %q", name, text, k.Host())
		}
	}
}

// The suffix is the one that Clerk's programs compute: the first eight characters
// of SHA-1 in base64, with "-" for "+" and "_" for "/".
func TestSuffix(t *testing.T) {
	for key, want := range map[wire.PublishableKey]string{
		"pk_live_YXBwLmV4YW1wbGUuY29tJA": "_0kbv09g",
	} {
		if got := key.Suffix(); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

func FuzzParsePublishableKey(f *testing.F) {
	f.Add("pk_live_YXBwLmV4YW1wbGUuY29tJA")
	f.Add("pk_test_JA==")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := wire.ParsePublishableKey(text)
		if err == nil && !strings.Contains(k.Host(), ".") {
			t.Errorf("%q names %q", text, k.Host())
		}
		if len(k.Suffix()) != 8 {
			t.Errorf("%q has the suffix %q", text, k.Suffix())
		}
	})
}

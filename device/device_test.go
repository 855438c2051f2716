// SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/device"
)

func TestName(t *testing.T) {
	for userAgent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36":                            "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 OPR/125.0.0.0":              "Opera on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15":                      "Safari on Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1":    "Safari on iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0.0.0 Mobile/15E148 Safari/604.1": "Chrome on iPhone",
		"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15":           "Firefox on iPad",
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                                     "Firefox on Linux",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36":                            "Chrome on Android",
		"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36":                             "Chrome on ChromeOS",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/143.0.0.0 Safari/537.36":                              "Chrome on Linux",
		"curl/8.14.1":            "curl",
		"Wget/1.25.0":            "Wget",
		"Go-http-client/1.1":     "Go",
		"python-requests/2.32.4": "Python",
		"":                       device.Unknown,
		"\x00\xff":               device.Unknown,
		"Your account is locked, call +1 201 555 0123/1": device.Unknown,
		"Mozilla/5.0 (Windows NT 10.0) Call-0123/1":      "Unknown browser on Windows",
		strings.Repeat("(", 70000):                       device.Unknown,
	} {
		if got := device.Name(userAgent); got != want {
			t.Errorf("%.150q is %q, want %q", userAgent, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"curl/8.14.1":                "curl/8.14.1",
		" a\r\nSet-Cookie: b\x00é ":  "a??Set-Cookie: b???",
		strings.Repeat("x", 301):     strings.Repeat("x", 300),
		strings.Repeat("é", 200):     strings.Repeat("?", 300),
		strings.Repeat(" ", 301):     "",
		"<script>alert(1)</script>~": "<script>alert(1)</script>~",
	} {
		if got := device.Cut(in); got != want {
			t.Errorf("%q is cut to %q, want %q", in, got, want)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{
		"curl/8.14.1", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
		"Mozilla/5.0 (Linux; U; Android; en-us; Tablet Build/x) Version/4.0 Mobile Safari/1", "(((;;;)))///[[[::]]]", "Android",
		"http://example.com/", "Mozilla/5.0 (iPhone", "XiaoMi/MiuiBrowser/1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, userAgent string) {
		cut, name := device.Cut(userAgent), device.Name(userAgent)
		if len(cut) > 300 || strings.ContainsFunc(cut, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q is cut to %q", userAgent, cut)
		}
		if again := device.Cut(cut); again != cut {
			t.Errorf("%q is cut again to %q", cut, again)
		}
		if name == "" || len(name) > 50 || device.Name(cut) != name {
			t.Errorf("%q is %q, and stored %q", userAgent, name, device.Name(cut))
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch/gate"
)

// resolve tells where a browser on https://app.example.com goes for a Location
// or a link, as the URL standard of the WHATWG has it: ends are trimmed, tabs
// and line ends dropped, a backslash is a slash, two slashes begin a host, and
// a scheme counts with or without slashes.
func resolve(target string) (origin string) {
	const here = "https://app.example.com"
	target = strings.TrimFunc(target, func(c rune) bool { return c <= ' ' })
	target = strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/").Replace(target)
	if scheme, rest, ok := strings.Cut(target, ":"); ok && isScheme(scheme) {
		return scheme + "://" + host(strings.TrimLeft(rest, "/"))
	}
	if strings.HasPrefix(target, "//") {
		return "https://" + host(strings.TrimLeft(target, "/"))
	}
	return here
}

func isScheme(s string) bool {
	if s == "" || s[0]|0x20 < 'a' || s[0]|0x20 > 'z' {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.'
	})
}

func host(s string) string {
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	return s[strings.LastIndexByte(s, '@')+1:]
}

func mustStay(t interface{ Errorf(string, ...any) }, raw string) {
	got, ok := gate.ReturnPath(raw)
	switch {
	case !ok && got != "":
		t.Errorf("%q is refused with %q", raw, got)
	case !ok:
	case resolve(got) != "https://app.example.com":
		t.Errorf("%q becomes %q, which leaves for %s", raw, got, resolve(got))
	case got[0] != '/', strings.ContainsFunc(got, func(c rune) bool { return c <= ' ' || c == 0x7f }), strings.ContainsAny(got, `\#`):
		t.Errorf("%q becomes %q, which is no plain path", raw, got)
	}
}

func TestReturnPathsThatPeopleComeFrom(t *testing.T) {
	for raw, want := range map[string]string{
		"/": "/", "/reports?year=2026&q=a%20b": "/reports?year=2026&q=a%20b", "/a/b/": "/a/b/", "/a?": "/a?", "/a#part": "/a", "/#/app/route": "/",
		"/search?q=https://example.org/": "/search?q=https://example.org/", "/a?next=//evil.example": "/a?next=//evil.example",
		"/caf%C3%A9": "/caf%C3%A9", "/café": "/caf%C3%A9", "/a%2Fb": "/a%2Fb", "/a;b=c": "/a;b=c", "/@name": "/@name", "/a:b": "/a:b",
		"/x//y": "/x//y", "/a+b?c=+": "/a+b?c=+", "/..": "/..", "/a?b=%0d%0ac": "/a?b=%0d%0ac",
	} {
		if got, ok := gate.ReturnPath(raw); !ok || got != want {
			t.Errorf("%q: %q, %v; want %q", raw, got, ok, want)
		}
		mustStay(t, raw)
	}
}

// away are addresses that a naive check takes for a path of this site.
func away() []string {
	list := []string{
		"", " ", "https://evil.example", "http://evil.example", "//evil.example", "///evil.example", "////evil.example", "/////evil.example",
		`\\evil.example`, `/\evil.example`, `\/evil.example`, `/\/evil.example`, `//\evil.example`, `/\\evil.example`, `\evil.example`,
		"https:evil.example", "https:/evil.example", "http:evil.example", "HTTPS:evil.example", "hTTps://evil.example", "https:///evil.example",
		`https:\\evil.example`, `https:/\evil.example`, "javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://app.example.com/%0aalert(1)",
		"data:text/html,<script>", "vbscript:x", "file:///etc/passwd", "blob:https://app.example.com/x", "mailto:a@evil.example", "ftp://evil.example",
		"evil.example", "evil.example/path", "app.example.com", "www.evil.example", ".evil.example", "@evil.example", "?x", "#x", "a/b", "./a", "../a",
		"https://app.example.com@evil.example", "https://app.example.com.evil.example", "https://evil.example/app.example.com",
		"//evil.example@app.example.com", "//app.example.com@evil.example", "//user:pw@evil.example", "//evil.example:443/", "//[::1]/", "//127.0.0.1/",
		"//2130706433/", "//0x7f.1/", "//evil。example", "//evil．example", "／／evil.example", "/／evil.example", "／/evil.example", "⁄⁄evil.example",
		"∕∕evil.example", "//ⓔvil.example", "\u2028//evil.example", "\ufeff//evil.example", "\u00a0//evil.example", "\u200b//evil.example",
		"%2f%2fevil.example", "%2F/evil.example", "/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%5Cevil.example", "%5c%5cevil.example",
		"/%252fevil.example", "/%09/evil.example", "/%0a/evil.example", "/%0d%0aLocation:%20https://evil.example", "/%00/evil.example",
		"/.//evil.example", "/..//evil.example", "/./\\evil.example", "/a/..//evil.example", "/%2e%2e//evil.example", "/;//evil.example", "/?//evil.example",
		"/#//evil.example", "/@evil.example", "/:evil.example", "/https://evil.example", "//https://evil.example", "/a\\b", "/a\x00b", "/\x7f", "/\xff",
		"/\xc0\xaf/evil.example", "/%zz", "/%", "/a%2", "/" + strings.Repeat("a", 3000), "/\u0085/evil.example", "/\ufffd",
	}
	for _, gap := range []string{"\t", "\n", "\r", "\r\n", " ", "\x00", "\x0b", "\x0c", "\x1f", "\x7f", "\\"} {
		list = append(list, gap+"//evil.example", "/"+gap+"/evil.example", "//"+gap+"evil.example", "ht"+gap+"tps://evil.example",
			"java"+gap+"script:alert(1)", "/"+gap+"\\evil.example", "/a"+gap, gap+"/a", "https:"+gap+"//evil.example")
	}
	return list
}

func TestReturnPathNeverLeavesTheOrigin(t *testing.T) {
	n := 0
	for _, payload := range away() {
		for _, raw := range []string{
			payload, url.QueryEscape(payload), url.PathEscape(payload), "/" + payload, "/a/.." + payload, "/a?next=" + payload, "/.." + payload,
			payload + "/..", payload + "#/", payload + "?/", strings.ToUpper(payload), strings.ReplaceAll(payload, "/", `\`),
			strings.ReplaceAll(payload, "/", "%2f"), strings.ReplaceAll(payload, "/", "%5c"), strings.ReplaceAll(payload, "/", "/\t"),
		} {
			mustStay(t, raw)
			n++
		}
		if got, ok := gate.ReturnPath(payload); ok && (!strings.HasPrefix(payload, "/") || got == payload && strings.ContainsAny(payload, "\\\t\r\n\x00")) {
			t.Errorf("%q is let through as %q", payload, got)
		}
	}
	if n < 47*15 {
		t.Errorf("only %d payloads tried", n)
	}
}

// What would name a host if it were decoded once more is refused as well.
func TestReturnPathRefusesHostsInDisguise(t *testing.T) {
	for _, raw := range []string{"/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%5Cevil.example", "//evil.example", "/%2f"} {
		if got, ok := gate.ReturnPath(raw); ok {
			t.Errorf("%q is let through as %q", raw, got)
		}
	}
}

func TestReturnPathIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := "/" + rapid.StringOfN(rapid.RuneFrom([]rune("/\\.%25fFcC:@?#&=; a\téß／\u2028")), 0, 40, -1).Draw(t, "rest")
		mustStay(t, raw)
		got, ok := gate.ReturnPath(raw)
		if !ok {
			return
		}
		if again, ok := gate.ReturnPath(got); !ok || again != got {
			t.Errorf("%q becomes %q and then %q, %v", raw, got, again, ok)
		}
	})
}

func FuzzReturnPath(f *testing.F) {
	for _, payload := range away() {
		f.Add(payload)
		f.Add("/" + payload)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		mustStay(t, raw)
		if got, ok := gate.ReturnPath(raw); ok && len(raw) > 2048 {
			t.Errorf("%d bytes are let through as %d", len(raw), len(got))
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch/gate"
)

var site = gate.Routes{Base: "/.auth", Public: []string{"/healthz", "/", "/assets/*", "/files/read me.txt"}}

// parse reads a raw request target as the server of net/http does; nil when
// that refuses it.
func parse(method, target string) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + target + " HTTP/1.1\r\nHost: app.example.com\r\n\r\n")))
	if err != nil {
		return nil
	}
	return r
}

func TestPlainSpellings(t *testing.T) {
	for target, want := range map[string]gate.Route{
		"/.auth": gate.Ours, "/.auth/": gate.Ours, "/.auth/sign-in": gate.Ours, "/.auth/sign-in?return_to=/a//b%2f..": gate.Ours,
		"/.auth/assets/gatelatch.0123456789ab.css": gate.Ours, "/.auth/.well-known/jwks.json": gate.Ours,
		"/healthz": gate.Public, "/healthz?x=/../": gate.Public, "/": gate.Public, "/?q=%2e%2e": gate.Public,
		"/assets/": gate.Public, "/assets/app.js": gate.Public, "/assets/v1/fonts/a~b_c-d.woff2": gate.Public,
		"/assets/logo@2x.png": gate.Public, "/assets/a+b,c(d)!'*&$=:.js": gate.Public, "/assets/a%40b.png": gate.Public,
		"/assets/caf%C3%A9.js": gate.Public, "/assets/caf%c3%a9.js": gate.Public, "/assets/my%20file.js": gate.Public,
		"/assets/...": gate.Public, "/assets/a..b": gate.Public, "/files/read%20me.txt": gate.Public,
		"/app": gate.Protected, "/assets": gate.Protected, "/assetsx": gate.Protected, "/.authx": gate.Protected, "/.aut": gate.Protected,
		"/healthz/": gate.Protected, "/healthzx": gate.Protected, "/healthz.": gate.Protected, "/app?x=/healthz": gate.Protected,
	} {
		r := parse("GET", target)
		if r == nil {
			t.Errorf("%s: net/http refuses it", target)
			continue
		}
		if got := site.Route(r); got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
}

// spellings returns other ways to write a path that some server reads as plain.
func spellings(plain string) []string {
	dir, last := "/", strings.TrimPrefix(plain, "/")
	if i := strings.LastIndexByte(plain, '/'); i > 0 {
		dir, last = plain[:i+1], plain[i+1:]
	}
	var list []string
	for _, before := range []string{
		"/", "//", "./", "../", ".//", "%2f", "%2F", "%5c", "%5C", `\`, "%2e/", "%2E%2e/", ".%2e/", "%2e./", "x/../", "x/%2e%2e/", "x/..%2f",
		`x\..\`, "x%5c..%5c", "%252e%252e/", "%252f", "%c0%ae/", "%e0%80%ae/", "%uff0e/", ";/", ";x=y/", ".;/", "..;/", "x/..;/", "%3b/", "%00/",
		"%09/", "%0a", "%0d%0a", "%7f", "%ff", "%80", "%23/", "%3f/", "?/", "#/",
	} {
		list = append(list, dir+before+last)
	}
	for _, after := range []string{
		"//", "/.", "/./", "/..", "/x/..", "%2f", "%2f..", "%5c", "%5c..", `\`, `\..`, ";", ";x", ";x=1/", "%3bx", "%00", "%00.js", "%0a", "%0d", "%09",
		"%7f", "%ff", "%c3%28", "%2e", "%2e%2e", "%2e/", "%252f", "%25", "%2500", "%23", "%3f", "#x", "/%2e", "/%2e%2e", "/%2e%2e/%2e%2e/", "/..%2f",
		"/..;/", "/..%3b/", `/..\`, "/..%5c", "/%c0%af", "/%c1%9c", "/../../etc/passwd", "/%e0%80%af",
	} {
		list = append(list, plain+after)
	}
	first := plain[1:2]
	for _, other := range []string{strings.ToUpper(plain), "/%" + hex(first[0]) + plain[2:], "/%25" + hex(first[0]) + plain[2:]} {
		if other != plain {
			list = append(list, other)
		}
	}
	for _, form := range []string{"http://app.example.com", "https://evil.example", "//evil.example", "http:", "http://", "///", "x:"} {
		list = append(list, form+plain)
	}
	return list
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// Whatever is not the plain spelling needs a session or is refused, whichever
// way some server behind the gate reads it.
func TestOtherSpellingsNeedASession(t *testing.T) {
	tried, parsed := 0, 0
	for _, plain := range []string{"/healthz", "/assets/app.js", "/.auth/sign-in"} {
		strict := gate.Routes{Base: site.Base, Public: []string{"/healthz", "/assets/app.js"}}
		for _, target := range spellings(plain) {
			tried++
			r := parse("GET", target)
			if r == nil {
				continue
			}
			parsed++
			got := strict.Route(r)
			if got == gate.Public || got == gate.Ours && !strictlyUnder(target, "/.auth/") {
				t.Errorf("%q gets %d", target, got)
			}
		}
	}
	if tried < 240 || parsed < 120 {
		t.Errorf("only %d spellings tried, %d of them parsed", tried, parsed)
	}
}

// A public prefix is no way out of itself.
func TestPrefixesHaveNoWayOut(t *testing.T) {
	for _, way := range []string{
		"../app", "./../app", "x/../../app", "%2e%2e/app", "%2E%2E/app", ".%2e/app", "..%2fapp", "..%2Fapp", "%2e%2e%2fapp", "..%5capp", `..\app`,
		"%252e%252e/app", "%252e%252e%252fapp", "..%252fapp", "%25252e%25252e/app", "..;/app", "..;x=y/app", "..%3b/app", "..%00/app", "..%0d/app",
		"//app", "/../app", "%2fapp", "%2f/app", "%5c/app", "x//app", "x/./app", "%c0%ae%c0%ae/app", "..%c0%afapp", "%e0%80%ae./app",
		"..#/app", "%23/../app", "%3f/../app", "app%00.js", "app;.js", "app%3b.js", "app%2f.js", "app%5c.js", "%61pp", "%2", "%zz", "%",
	} {
		r := parse("GET", "/assets/"+way)
		if r != nil && (site.Route(r) == gate.Public || site.Route(r) == gate.Ours) {
			t.Errorf("/assets/%s passes", way)
		}
	}
}

func TestTargetsThatAreNoPath(t *testing.T) {
	for target, method := range map[string]string{"*": "OPTIONS", "app.example.com:443": "CONNECT", "http:healthz": "GET", "mailto:x": "GET"} {
		if r := parse(method, target); r != nil && site.Route(r) != gate.Malformed {
			t.Errorf("%s %s: %d", method, target, site.Route(r))
		}
	}
	for _, p := range []string{"", "healthz", "*", "/a\x00", "/a\x1f", "/a\x7f", "/a\xff", "/\xc0\xae", "/a\nb"} {
		r := parse("GET", "/")
		r.URL.Path = p
		if got := site.Route(r); got != gate.Malformed {
			t.Errorf("%q: %d", p, got)
		}
	}
}

func TestNothingIsPublicByDefault(t *testing.T) {
	for _, target := range []string{"/", "/healthz", "/.auth", "/.authority", "/assets/app.js"} {
		if got := (gate.Routes{Base: "/gate"}).Route(parse("GET", target)); got != gate.Protected {
			t.Errorf("%s: %d", target, got)
		}
	}
}

// Even where everything is public, it is so in its plain spelling only.
func TestASiteThatIsAllPublic(t *testing.T) {
	open := gate.Routes{Base: "/.auth", Public: []string{"/*"}}
	for target, want := range map[string]gate.Route{
		"/": gate.Public, "/a": gate.Public, "/a/": gate.Public, "/.auth/x": gate.Ours,
		"//": gate.Protected, "///": gate.Protected, "/a//": gate.Protected, "/.": gate.Protected, "/..": gate.Protected, "/./": gate.Protected,
	} {
		if got := open.Route(parse("GET", target)); got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
}

// strictPath reads a target in the strictest way there is, and on its own: the
// path it names, or false when there could be two opinions about that.
func strictPath(target string) (string, bool) {
	raw, _, _ := strings.Cut(target, "?")
	if !strings.HasPrefix(raw, "/") {
		return "", false
	}
	segments := strings.Split(raw[1:], "/")
	var path strings.Builder
	for i, segment := range segments {
		last := i == len(segments)-1
		if segment == "." || segment == ".." || segment == "" && !last {
			return "", false
		}
		path.WriteByte('/')
		for len(segment) > 0 {
			c := segment[0]
			switch {
			case c == '%' && len(segment) > 2 && decode(segment[1:3]) > 0:
				path.WriteByte(byte(decode(segment[1:3]))) //nolint:gosec // checked to be a byte
				segment = segment[3:]
				continue
			case c <= ' ' || c == 0x7f || strings.IndexByte(`%\;#`, c) >= 0:
				return "", false
			}
			path.WriteByte(c)
			segment = segment[1:]
		}
	}
	return path.String(), utf8.ValidString(path.String())
}

// decode returns the byte that two hexadecimal digits stand for, 0 when they
// are none or stand for what has one plain spelling.
func decode(digits string) int {
	hi, lo := strings.IndexByte("0123456789abcdef", digits[0]|0x20), strings.IndexByte("0123456789abcdef", digits[1]|0x20)
	b := hi<<4 | lo
	switch {
	case hi < 0 || lo < 0, b < ' ', b == 0x7f, strings.IndexByte(`/\;%?#-._~`, byte(b)) >= 0:
		return 0
	case b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z':
		return 0
	}
	return b
}

func strictlyUnder(target, prefix string) bool {
	p, ok := strictPath(target)
	return ok && strings.HasPrefix(p, prefix)
}

func FuzzRoute(f *testing.F) {
	for _, plain := range []string{"/healthz", "/assets/app.js", "/.auth/sign-in"} {
		f.Add(plain)
		for _, target := range spellings(plain) {
			f.Add(target)
		}
	}
	f.Fuzz(func(t *testing.T, target string) {
		if strings.ContainsAny(target, "\r\n ") {
			return // would be another request line
		}
		r := parse("GET", target)
		if r == nil {
			return
		}
		p, ok := strictPath(target)
		switch site.Route(r) {
		case gate.Public:
			if !ok || p != "/" && p != "/healthz" && p != "/files/read me.txt" && !strings.HasPrefix(p, "/assets/") {
				t.Errorf("%q is public", target)
			}
		case gate.Ours:
			if !ok || p != "/.auth" && !strings.HasPrefix(p, "/.auth/") {
				t.Errorf("%q is ours", target)
			}
		case gate.Malformed:
			if ok {
				t.Errorf("%q is malformed", target)
			}
		}
	})
}

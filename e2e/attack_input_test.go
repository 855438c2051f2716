// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestBadInputIsRefused sends what no honest browser does. Whatever it is, the
// answer is a 4xx, nothing is stored and nothing is sent.
func TestBadInputIsRefused(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	page, err := v.Open("/.auth/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := page.Form("identify")
	token := "form_token=" + url.QueryEscape(f.Inputs["form_token"]) + "&step=identify"
	host := strings.TrimPrefix(g.URL(), "http://")
	head := func(method, path, lines string) string {
		return method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + lines
	}
	form := func(body string) string {
		return head("POST", "/.auth/sign-in", v.CookieHeader()) + "Origin: " + g.URL() + "\r\nSec-Fetch-Site: same-origin\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body
	}
	bad := map[string]string{
		"a form of 10 MB":              form(token + "&identifier=" + strings.Repeat("a", 10<<20)),
		"20,000 fields":                form(token + "&identifier=jo%40example.org" + strings.Repeat("&a=1", 20000)),
		"200 fields":                   form(token + "&identifier=jo%40example.org" + strings.Repeat("&a=1", 200)),
		"a field twice":                form(token + "&identifier=jo%40example.org&identifier=al%40example.org"),
		"a token twice":                form(token + "&" + token + "&identifier=jo%40example.org"),
		"NUL in a field":               form(token + "&identifier=jo%00%40example.org"),
		"NUL as it is":                 form(token + "&identifier=jo\x00@example.org"),
		"control characters":           form(token + "&identifier=jo%40example.org%0d%0aBcc:%20al%40example.org"),
		"escape":                       form(token + "&identifier=%1b%5b31mjo%40example.org"),
		"no UTF-8":                     form(token + "&identifier=jo%ff%40example.org"),
		"no UTF-8, raw":                form(token + "&identifier=jo\xff@example.org"),
		"a broken escape":              form(token + "&identifier=jo%4"),
		"a semicolon":                  form(token + ";identifier=jo%40example.org"),
		"no address":                   form(token),
		"an empty address":             form(token + "&identifier="),
		"a very long address":          form(token + "&identifier=" + strings.Repeat("a", 5000) + "%40example.org"),
		"two addresses":                form(token + "&identifier=jo%40example.org%2Cal%40example.org"),
		"an address with a name":       form(token + "&identifier=Jo+%3Cjo%40example.org%3E"),
		"JSON":                         strings.Replace(form(`{"identifier":"jo@example.org"}`), "x-www-form-urlencoded", "json", 1),
		"no content type":              strings.Replace(form(token+"&identifier=jo%40example.org"), "Content-Type", "X-Content-Type", 1),
		"multipart":                    strings.Replace(form("--b\r\nContent-Disposition: form-data; name=\"identifier\"\r\n\r\njo@example.org\r\n--b--\r\n"), "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", 1),
		"no token":                     form("step=identify&identifier=jo%40example.org"),
		"a wrong token":                form("form_token=AAAA&step=identify&identifier=jo%40example.org"),
		"PUT":                          head("PUT", "/.auth/sign-in", "Content-Length: 0\r\n\r\n"),
		"DELETE":                       head("DELETE", "/.auth/sign-out", "\r\n"),
		"TRACE":                        head("TRACE", "/.auth/sign-in", "\r\n"),
		"a head of 2 MB":               head("GET", "/.auth/sign-in", "X: "+strings.Repeat("a", 2<<20)+"\r\n\r\n"),
		"2 MB of cookies":              head("GET", "/home", "Cookie: "+strings.Repeat("gatelatch_session=a; ", 100000)+"\r\n\r\n"),
		"50,000 header lines":          head("GET", "/home", strings.Repeat("X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 50000)+"\r\n"),
		"an address of 2 MB":           head("GET", "/"+strings.Repeat("a", 2<<20), "\r\n"),
		"NUL in a path":                head("GET", "/.auth/\x00", "\r\n"),
		"NUL, encoded":                 head("GET", "/.auth/sign-in%00", "\r\n"),
		"no UTF-8 in a path":           head("GET", "/%ff%fe", "\r\n"),
		"a line break in a path":       head("GET", "/home%0d%0aX:%20y", "\r\n"),
		"a bad escape in a path":       head("GET", "/%zz", "\r\n"),
		"NUL in a header":              head("GET", "/home", "X: a\x00b\r\n\r\n"),
		"a broken header name":         head("GET", "/home", "X y: z\r\n\r\n"),
		"no host":                      "GET /home HTTP/1.1\r\nConnection: close\r\n\r\n",
		"two hosts":                    "GET /home HTTP/1.1\r\nHost: " + host + "\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"a host with a space":          "GET /home HTTP/1.1\r\nHost: local host\r\nConnection: close\r\n\r\n",
		"HTTP/9":                       "GET /home HTTP/9.9\r\nHost: " + host + "\r\n\r\n",
		"no HTTP at all":               "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 64) + "\r\n\r\n",
		"an attempt of others":         head("GET", "/.auth/sign-in/sia_0123456789", "\r\n"),
		"an attempt that cannot be":    head("GET", "/.auth/sign-in/"+strings.Repeat("%41", 5000), "\r\n"),
		"an asset that is not there":   head("GET", "/.auth/assets/..%2f..%2fetc%2fpasswd", "\r\n"),
		"a step that is not known":     strings.Replace(form(token+"&code=1"), "POST /.auth/sign-in ", "POST /.auth/sign-in/sia_0123456789 ", 1),
		"a length that is no number":   head("POST", "/.auth/sign-in", "Content-Length: ten\r\n\r\n"),
		"a length below zero":          head("POST", "/.auth/sign-in", "Content-Length: -1\r\n\r\n"),
		"a coding that is not known":   head("POST", "/.auth/sign-in", "Transfer-Encoding: gzip\r\n\r\n"),
		"a chunk that is no number":    head("POST", "/.auth/sign-in", v.CookieHeader()+"Origin: "+g.URL()+"\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
		"an expectation nobody has":    head("GET", "/home", "Expect: 200-maybe\r\n\r\n"),
		"an upgrade to something else": head("GET", "/home", "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n"),
	}
	for what, text := range bad {
		a, err := g.Raw(text, harness.Patience)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if !a.Refused() {
			t.Errorf("%s got %d: %.200s", what, a.Status, a.Body)
		}
	}
	if n := len(g.Outbox.All()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
	if n := g.Upstream.Count(); n != 0 {
		t.Errorf("%d requests reached the upstream", n)
	}
	noProblems(t, g)
	if err := g.NewVisitor().SignIn("/home", "honest@example.org"); err != nil {
		t.Errorf("somebody honest afterwards: %v", err)
	}
}

// TestNothingIsSmuggled sends one request inside another, by ways in which two
// servers may read the length of a body differently.
func TestNothingIsSmuggled(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "public /open/*"})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(g.URL(), "http://")
	inner := "GET /admin HTTP/1.1\r\nHost: " + host + "\r\nRemote-User: evil\r\n\r\n"
	size := fmt.Sprint(len(inner))
	ways := map[string]string{
		"length and chunks":      "Content-Length: " + fmt.Sprint(len(inner)+5) + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
		"two lengths":            "Content-Length: 0\r\nContent-Length: " + size + "\r\n\r\n" + inner,
		"two lengths, one line":  "Content-Length: 0, " + size + "\r\n\r\n" + inner,
		"a length with a plus":   "Content-Length: +" + size + "\r\n\r\n" + inner,
		"a length in hex":        "Content-Length: 0x" + size + "\r\n\r\n" + inner,
		"chunked, spelled oddly": "Transfer-Encoding: xchunked\r\nContent-Length: " + size + "\r\n\r\n" + inner,
		"chunked with a tab":     "Transfer-Encoding:\tchunked\r\nContent-Length: " + size + "\r\n\r\n0\r\n\r\n" + inner,
		"chunked twice":          "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
		"chunked behind gzip":    "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + inner,
		"identity":               "Transfer-Encoding: identity\r\nContent-Length: " + size + "\r\n\r\n" + inner,
		"a space before a colon": "Content-Length : " + size + "\r\n\r\n" + inner,
		"a folded line":          "X: y\r\n Content-Length: " + size + "\r\n\r\n" + inner,
		"a bare line feed":       "X: y\nContent-Length: " + size + "\r\n\r\n" + inner,
		"a bare return":          "X: y\rContent-Length: " + size + "\r\n\r\n" + inner,
		"a long chunk size":      "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("0", 40) + "\r\n\r\n" + inner,
		"a negative chunk":       "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + inner,
		"a chunk extension":      "Transfer-Encoding: chunked\r\n\r\n0;x=\n" + inner + "\r\n\r\n",
	}
	for what, way := range ways {
		for path, cookies := range map[string]string{"/open/x": "", "/home": "", "/who": v.CookieHeader()} {
			before := g.Upstream.Count()
			if _, err := g.Raw("POST "+path+" HTTP/1.1\r\nHost: "+host+"\r\n"+cookies+way, 3*time.Second); err != nil && !contains(err.Error(), "timeout") {
				t.Errorf("%s at %s: %v", what, path, err)
			}
			for _, s := range g.Upstream.Seen()[before:] {
				if s.URI == "/admin" {
					t.Errorf("%s at %s: a request was smuggled to the upstream: %v", what, path, s.Header)
				}
			}
		}
	}
	noEvil(t, g.Upstream.Seen())
}

// TestAPipelineCarriesNoIdentityOver puts a stranger's request behind one of
// somebody who is signed in, on one connection.
func TestAPipelineCarriesNoIdentityOver(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "public /open/*"})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(g.URL(), "http://")
	first := "GET /who HTTP/1.1\r\nHost: " + host + "\r\n" + v.CookieHeader() + "\r\n"
	a, err := g.Pipeline(first + "GET /open/x HTTP/1.1\r\nHost: " + host + "\r\n\r\nGET /admin HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
	if err != nil || a.Status != 200 || !contains(a.More, "401 Unauthorized") {
		t.Errorf("%d %v, then %.300s", a.Status, err, a.More)
	}
	for _, s := range g.Upstream.Seen() {
		if s.URI == "/admin" || s.URI == "/open/x" && s.Header.Get("Remote-User") != "" {
			t.Errorf("the upstream got %s with %v", s.URI, s.Header)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// spellings are ways to write paths, some of them to be taken for a path that
// needs no session.
var spellings = []string{
	"/", "/admin", "//admin", "///admin", "/./admin", "/../admin", "/admin/", "/ADMIN", "/%61dmin", "/admin%00", "/admin%00.css", "/admin%2f", "/admin;x=1",
	"/open/../admin", "/open/..%2fadmin", "/open/%2e%2e/admin", "/open/%2e%2e%2fadmin", "/open/..%5cadmin", "/open/..\\admin", "/open/..;/admin", "/open/./../admin",
	"/open//../admin", "/open%2f..%2fadmin", "/open/%252e%252e/admin", "/open/..%252fadmin", "/open/.%2e/admin", "/open/%2e./admin", "/open/..%c0%afadmin",
	"/open\\..\\admin", "/open/\\../admin", "/open/..%00/admin", "/open/..%0d%0a/admin", "/open/..%ff/admin", "/open;/../admin", "/OPEN/x", "/%6fpen/../admin",
	"/healthz/", "/healthz/..", "/healthz/../admin", "/healthz%2f..%2fadmin", "/healthz;/../admin", "/healthz%00", "/healthz\\", "/Healthz", "/healthz.", "//healthz/../admin",
	"/.auth/../admin", "/.auth/..%2fadmin", "/.auth%2f..%2fadmin", "/.auth/%2e%2e/admin", "/.auth/assets/../../admin", "/.auth//../admin", "/.auth;/../admin",
	"/.auth/sign-in/../../admin", "/.authx", "/.auth%00/admin", "/.AUTH/../admin", "/.auth\\..\\admin",
	"*", "admin", "http:/admin", "http://localhost/admin", "http://other.example/admin", "http:///admin", "?x", "#x", "/admin#x", "/admin?x=/open/y", "/?path=/healthz",
	"/open/x/../../admin", "/open/%2E%2E/admin", "/open/..//admin", "/%2e/admin", "/%2e%2e/admin", "/..%2fadmin", "/.%2fadmin",
}

func TestNoSpellingLeadsAroundTheGate(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "public /healthz /open/*"})
	host := strings.TrimPrefix(g.URL(), "http://")
	reached := func(path string) bool { // what is public reaches the upstream by right
		return path == "/healthz" || strings.HasPrefix(path, "/open/")
	}
	for _, method := range []string{"GET", "POST", "HEAD", "OPTIONS", "PUT", "PROPFIND", "get", "X"} {
		for _, path := range spellings {
			before := len(g.Upstream.Seen())
			a, err := g.Raw(method+" "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", harness.Patience)
			if err != nil {
				t.Errorf("%s %s: %v", method, path, err)
			}
			for _, s := range g.Upstream.Seen()[before:] {
				if !reached(s.URI) || strings.Contains(s.URI, "admin") {
					t.Errorf("%s %s reached the upstream as %s %s", method, path, s.Method, s.URI)
				}
			}
			own := strings.HasPrefix(path, "/.auth") // and an empty 200 is Caddy's word for a host that it does not serve
			if a.Status >= 500 || a.Status == 200 && a.Body != "" && !own && !reached(path) {
				t.Errorf("%s %s got %d: %.200s", method, path, a.Status, a.Body)
			}
		}
	}
}

func TestReturnTargetsStayOnTheOrigin(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	for _, target := range []string{
		"//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/%09/evil.example", "javascript:alert(1)", "///evil.example",
		"/%2f/evil.example", "/..//evil.example", "http:evil.example", "/.auth/sign-out", "/\n/evil.example", "https:///evil.example", "//evil.example/%2f..", "@evil.example",
		"/%5cevil.example", "//localhost@evil.example", "data:text/html,x", " //evil.example",
	} {
		v := g.NewVisitor()
		p, err := v.Open("/.auth/sign-in")
		if err != nil {
			t.Fatal(err)
		}
		address := "jo@example.org"
		n := len(g.Outbox.To(address))
		p, err = v.Follow(v.Submit(p, "identify", map[string]string{"identifier": address, "return_to": target}))
		if err != nil || !p.Has("verify") {
			t.Fatalf("%q: %v", target, err)
		}
		p, err = v.Enter(p, g.Outbox.Code(t, address, n+1))
		if err != nil {
			t.Fatalf("%q: %v", target, err)
		}
		to, err := p.URL.Parse(p.Location())
		if err != nil || to.Host != p.URL.Host || strings.HasPrefix(p.Location(), "//") || strings.Contains(p.Location(), `\`) || to.Scheme != "http" {
			t.Errorf("%q led to %q", target, p.Location())
		}
		v.Close()
	}
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestWhatEachKindGets is the table of what a request without a session gets,
// by what browsers and programs send.
func TestWhatEachKindGets(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "public /healthz"})
	fetch := func(dest, mode, accept string) http.Header {
		return http.Header{"Sec-Fetch-Dest": {dest}, "Sec-Fetch-Mode": {mode}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-User": nil, "Accept": {accept}}
	}
	old := func(accept string, more ...string) http.Header {
		h := http.Header{"Sec-Fetch-Dest": nil, "Sec-Fetch-Mode": nil, "Sec-Fetch-Site": nil, "Sec-Fetch-User": nil, "Accept": {accept}}
		for i := 0; i+1 < len(more); i += 2 {
			h.Set(more[i], more[i+1])
		}
		return h
	}
	const html, problem = "text/html; charset=utf-8", "application/problem+json"
	for _, row := range []struct {
		kind, method string
		header       http.Header
		status       int
		contentType  string
		words        string
	}{
		{"a page", "GET", nil, 401, html, `name="identifier"`},
		{"a page, old browser", "GET", old("text/html,*/*;q=0.8"), 401, html, `name="identifier"`},
		{"the head of a page", "HEAD", nil, 401, html, ""},
		{"a form", "POST", nil, 401, html, "has not been passed on"},
		{"a form, old browser", "POST", old("text/html"), 401, html, "has not been passed on"},
		{"fetch", "GET", fetch("empty", "cors", "*/*"), 401, problem, `"sign_in_url":"/.auth/sign-in"`},
		{"fetch that wants a page", "GET", fetch("empty", "cors", "text/html"), 401, problem, `"status":401`},
		{"XMLHttpRequest, old browser", "GET", old("text/html", "X-Requested-With", "XMLHttpRequest"), 401, problem, `"status":401`},
		{"curl", "GET", old("*/*"), 401, problem, `"status":401`},
		{"a program that says nothing", "DELETE", old(""), 401, problem, `"status":401`},
		{"a script", "GET", fetch("script", "no-cors", "*/*"), 401, "", ""},
		{"a style", "GET", fetch("style", "no-cors", "text/css,*/*;q=0.1"), 401, "", ""},
		{"an image", "GET", fetch("image", "no-cors", "image/avif,*/*;q=0.8"), 401, "", ""},
		{"an image, old browser", "GET", old("image/png,image/*;q=0.8"), 401, "", ""},
		{"a manifest", "GET", fetch("manifest", "cors", "*/*"), 401, "", ""},
		{"a worker", "GET", fetch("worker", "same-origin", "*/*"), 401, "", ""},
		{"a service worker", "GET", fetch("serviceworker", "same-origin", "*/*"), 401, "", ""},
		{"an event stream", "GET", fetch("empty", "cors", "text/event-stream"), 401, "", ""},
		{"a frame", "GET", fetch("iframe", "navigate", "text/html"), 401, html, `target="_top"`},
		{"an object", "GET", fetch("object", "navigate", "*/*"), 401, html, `target="_top"`},
		{"a preflight", "OPTIONS", old("*/*", "Origin", "https://other.example", "Access-Control-Request-Method", "POST"), 403, "", ""},
		{"OPTIONS that are no preflight", "OPTIONS", old("*/*"), 401, problem, `"status":401`},
	} {
		v := g.NewVisitor()
		p, err := v.Do(row.method, "/orders?x=1", row.header, nil)
		v.Close()
		if err != nil {
			t.Errorf("%s: %v", row.kind, err)
			continue
		}
		if p.Status != row.status || p.Header.Get("Content-Type") != row.contentType || !p.Contains(row.words) || row.words == "" && p.Body != "" {
			t.Errorf("%s got %d %q %.300s", row.kind, p.Status, p.Header.Get("Content-Type"), p.Body)
		}
		if p.Header.Get("Cache-Control") != "no-store" || p.Location() != "" || p.Status == 401 && p.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: headers %v", row.kind, p.Header)
		}
		for name := range p.Header {
			if contains(name, "Access-Control") {
				t.Errorf("%s: %s", row.kind, name)
			}
		}
	}
	if n := g.Upstream.Count(); n != 0 {
		t.Errorf("%d of them reached the upstream", n)
	}
	if p, err := g.NewVisitor().Open("/healthz"); err != nil || p.Status != 200 || g.Upstream.Count() != 1 {
		t.Errorf("a public path got %+v %v", p, err)
	}
}

func TestWebSocketThroughTheGate(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	if s, answer, err := v.DialWebSocket("/ws"); s != nil || err != nil || answer.StatusCode != 401 {
		t.Fatalf("without a session: %+v %v", answer, err)
	}
	if g.Upstream.Count() != 0 {
		t.Error("a handshake without a session reached the upstream")
	}
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	s, answer, err := v.DialWebSocket("/ws?room=1")
	if err != nil || s == nil {
		t.Fatalf("with a session: %+v %v", answer, err)
	}
	defer s.Close()
	for _, text := range []string{"hello", "again"} {
		if back, err := s.Echo(text, harness.Patience); err != nil || back != text {
			t.Errorf("%q came back as %q, %v", text, back, err)
		}
	}
	seen := g.Upstream.Seen()
	if id, err := harness.IdentityOf(seen[len(seen)-1].Header); err != nil || id.Email != "jo@example.org" {
		t.Errorf("the upstream was told %+v, %v", id, err)
	}
	if p, err := v.SignOut(); err != nil || p.Status != 303 {
		t.Fatalf("signing out: %v", err)
	}
	if err := s.WaitClosed(harness.Allowance(3 * time.Second)); err != nil {
		t.Error(err)
	}
}

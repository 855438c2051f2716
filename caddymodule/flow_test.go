// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

func TestSignUpReachesTheApp(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("name Acme"))
	b := newBrowser(t, p.origin())
	first := b.signUp(p, "ada@example.com")
	if first.Path != "/asked?for=this" {
		t.Errorf("landed at %s", first.Path)
	}
	if got := first.Header.Get("Remote-Email"); got != "ada@example.com" {
		t.Errorf("Remote-Email is %q", got)
	}
	if id := first.Header.Get("Remote-User"); !strings.HasPrefix(id, "user_") || b.user() != id {
		t.Errorf("Remote-User is %q, then %q", id, b.user())
	}
	if c := first.Header.Get("Cookie"); c != "" {
		t.Errorf("the upstream got cookies: %s", c)
	}
	checkToken(t, b, p, first)
}

// checkToken verifies the token as an upstream does: with the published keys.
func checkToken(t *testing.T, b *browser, p place, s seen) {
	t.Helper()
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(b.get("/.auth/.well-known/jwks.json").body), &set); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(s.Header.Get("Authorization"), "Bearer ")
	if !ok {
		t.Fatalf("no token: %v", s.Header)
	}
	token, err := jwt.Parse(text, func(token *jwt.Token) (any, error) {
		id, _ := token.Header["kid"].(string)
		return set.Key(id)[0].Key, nil
	}, jwt.WithIssuer(p.origin()), jwt.WithAudience(p.origin()), jwt.WithValidMethods([]string{"ES256"}), jwt.WithExpirationRequired())
	if err != nil {
		t.Fatal(err)
	}
	if sub, _ := token.Claims.GetSubject(); sub != s.Header.Get("Remote-User") {
		t.Errorf("sub is %q", sub)
	}
}

func TestForgedIdentityNeverArrives(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("public /open", "cors_preflight pass"))
	b := newBrowser(t, p.origin())
	id := b.signUp(p, "ada@example.com").Header.Get("Remote-User")
	forged := http.Header{}
	for _, name := range []string{"Remote-User", "remote_user", "Remote.User", "REMOTE-EMAIL", "Remote-Groups", "Authorization", "Forwarded"} {
		forged[name] = []string{"admin"}
	}
	for _, path := range []string{"/who", "/open"} {
		s := b.seen(b.do("GET", path, forged, nil))
		for name, values := range s.Header {
			if strings.Contains(strings.Join(values, " "), "admin") {
				t.Errorf("%s: %s arrived: %v", path, name, values)
			}
		}
		if got := s.Header.Get("Remote-User"); path == "/who" && got != id {
			t.Errorf("Remote-User is %q", got)
		}
	}
}

// TestHandlersMayChangeHeaders has Caddy's own handler edit what the gate set;
// the edit must not outlive its request.
func TestHandlersMayChangeHeaders(t *testing.T) {
	p := newPlace(t)
	load(t, strings.Replace(p.site(), "\treverse_proxy", "\trequest_header Remote-Email ada adada\n\treverse_proxy", 1))
	b := newBrowser(t, p.origin())
	b.signUp(p, "ada@example.com")
	for range 2 {
		if got := b.seen(b.get("/who")).Header.Get("Remote-Email"); got != "adada@example.com" {
			t.Errorf("Remote-Email is %q", got)
		}
	}
}

func TestSignOut(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	b := newBrowser(t, p.origin())
	id := b.signUp(p, "ada@example.com").Header.Get("Remote-User")
	out := b.do("POST", "/.auth/sign-out", nil, url.Values{})
	if out.url.Path != "/.auth/signed-out" || out.status != http.StatusOK {
		t.Errorf("sign-out led to %d %s", out.status, out.url)
	}
	if got := b.get("/who").status; got != http.StatusUnauthorized {
		t.Errorf("after sign-out: %d", got)
	}
	if again := b.signIn(p, "ada@example.com").Header.Get("Remote-User"); again != id {
		t.Errorf("came back as %q, was %q", again, id)
	}
}

func TestWhatEachKindGets(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("public /open /files/*"))
	b := newBrowser(t, p.origin())
	for name, row := range map[string]struct {
		method, path string
		header       map[string]string
		status       int
		contentType  string
	}{
		"page":           {"GET", "/a", nil, 401, "text/html; charset=utf-8"},
		"form post":      {"POST", "/a", nil, 401, "text/html; charset=utf-8"},
		"fetch":          {"GET", "/a", map[string]string{"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}, 401, "application/problem+json"},
		"program":        {"GET", "/a", map[string]string{"Accept": "*/*"}, 401, "application/problem+json"},
		"script":         {"GET", "/a.js", map[string]string{"Sec-Fetch-Dest": "script"}, 401, ""},
		"web socket":     {"GET", "/socket", map[string]string{"Connection": "Upgrade", "Upgrade": "websocket"}, 401, ""},
		"event stream":   {"GET", "/events", map[string]string{"Accept": "text/event-stream"}, 401, ""},
		"frame":          {"GET", "/a", map[string]string{"Sec-Fetch-Dest": "iframe"}, 401, "text/html; charset=utf-8"},
		"preflight":      {"OPTIONS", "/a", map[string]string{"Origin": "https://x.example", "Access-Control-Request-Method": "PUT"}, 403, ""},
		"public":         {"GET", "/open", nil, 200, "text/plain; charset=utf-8"},
		"public prefix":  {"GET", "/files/x", nil, 200, "text/plain; charset=utf-8"},
		"public twisted": {"GET", "/files/../a", nil, 401, "text/html; charset=utf-8"},
		"public encoded": {"GET", "/files/%2e%2e/a", nil, 401, "text/html; charset=utf-8"},
		"public doubled": {"GET", "//open", nil, 401, "text/html; charset=utf-8"},
		"control bytes":  {"GET", "/a%00b", nil, 400, "text/html; charset=utf-8"},
		"not UTF-8":      {"GET", "/a%ff", nil, 400, "text/html; charset=utf-8"},
		"own, unknown":   {"GET", "/.auth/nothing", nil, 404, "text/html; charset=utf-8"},
		"own, method":    {"DELETE", "/.auth/sign-in", nil, 405, "text/html; charset=utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			for k, v := range row.header {
				header.Set(k, v)
			}
			got := b.do(row.method, row.path, header, nil)
			if got.status != row.status || got.header.Get("Content-Type") != row.contentType {
				t.Errorf("%d %q", got.status, got.header.Get("Content-Type"))
			}
			if row.status == 401 && (got.header.Get("WWW-Authenticate") == "" || got.header.Get("Cache-Control") != "no-store") {
				t.Errorf("headers: %v", got.header)
			}
		})
	}
}

func TestOriginalURLSurvivesRewrites(t *testing.T) {
	p := newPlace(t)
	load(t, strings.Replace(p.site(), "gatelatch {", "rewrite /asked /elsewhere\n\tgatelatch {", 1))
	b := newBrowser(t, p.origin())
	if got := b.signUp(p, "ada@example.com").Path; !strings.HasPrefix(got, "/elsewhere") {
		t.Errorf("the rewrite is gone: %s", got)
	}
	page := newBrowser(t, p.origin()).get("/asked?for=this")
	if !strings.Contains(page.body, `value="/asked?for=this"`) {
		t.Error("the page does not lead back to what was asked for")
	}
}

func TestStoreGoneIsUnavailable(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	b := newBrowser(t, p.origin())
	page := b.get("/a")
	closeStores()
	got := b.submit(page, "identifier", "ada@example.com", "step", "identify")
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("%d %v", got.status, got.header)
	}
}

func TestHugeFormIsRefused(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	b := newBrowser(t, p.origin())
	got := b.submit(b.get("/a"), "identifier", strings.Repeat("a", 1<<20), "step", "identify")
	if got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", got.status)
	}
}

func TestDevelopmentOutbox(t *testing.T) {
	p := newPlace(t)
	p.outbox = filepath.Join(dataHome, "caddy", "gatelatch", "outbox.jsonl")
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Join(dataHome, "caddy", "gatelatch")) })
	bare := strings.NewReplacer("{port}", p.origin(), "{upstream}", p.upstream)
	load(t, bare.Replace("{port} {\n\tgatelatch\n\treverse_proxy {upstream}\n}\n"))
	b := newBrowser(t, p.origin())
	b.signUp(p, "ada@example.com")
	if page := b.get("/.auth/outbox"); page.status != http.StatusOK || !strings.Contains(page.body, b.code(p, "ada@example.com")) {
		t.Errorf("the outbox does not show the code: %d", page.status)
	}
	for _, name := range []string{"secret", "gatelatch.db", "outbox.jsonl"} {
		info, err := os.Stat(filepath.Join(dataHome, "caddy", "gatelatch", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/caddymodule"
	"github.com/gatelatch/gatelatch/wire"
)

// navigation is what browsers send with a page that somebody opens.
var navigation = http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}

// scriptNames are the four cookies of a place: the token's, then the time's.
func scriptNames(p place) []string {
	suffix := wire.NewPublishableKey(strings.TrimPrefix(p.origin(), "http://")).Suffix()
	return []string{"__session", "__session_" + suffix, "__client_uat", "__client_uat_" + suffix}
}

// cookiesOf reads the Cookie header that arrived upstream. Each name may be there
// once.
func cookiesOf(t *testing.T, s seen) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, c := range (&http.Request{Header: s.Header}).Cookies() {
		if _, twice := got[c.Name]; twice {
			t.Errorf("%s is there twice: %v", c.Name, s.Header["Cookie"])
		}
		got[c.Name] = c.Value
	}
	return got
}

// holds returns a cookie of the browser's.
func (b *browser) holds(name string) string {
	b.t.Helper()
	u, err := url.Parse(b.origin)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// forge puts cookies into the browser.
func (b *browser) forge(names []string, value string) {
	b.t.Helper()
	u, err := url.Parse(b.origin)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, name := range names {
		b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
	}
}

// TestScriptCookiesOfASession follows them from the sign-in to the sign-out.
func TestScriptCookiesOfASession(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api", "public /open /open/*"))
	names := scriptNames(p)
	b := newBrowser(t, p.origin())
	b.forge(names, "forged")
	for _, name := range names {
		if got := cookiesOf(t, b.seen(b.get("/open")))[name]; strings.HasPrefix(name, "__client_uat") != (got == "0") || got == "forged" {
			t.Errorf("nobody: %s is %q", name, got)
		}
	}
	b.signUp(p, "ada@example.com")
	session := ""
	for _, path := range []string{"/app", "/open"} {
		b.forge(names, "forged")
		s := b.seen(b.do(http.MethodGet, path, http.Header{"Accept": {"application/json"}}, nil))
		got := cookiesOf(t, s)
		claims := verified(t, b, got[names[0]])
		if got[names[0]] != got[names[1]] || got[names[2]] != got[names[3]] || got[names[2]] == "0" || claims["sts"] != "active" {
			t.Errorf("%s: %v", path, got)
		}
		session, _ = claims["sid"].(string)
		if b.holds(names[0]) != "forged" {
			t.Errorf("%s: a program was given cookies", path)
		}
		if (path == "/open") != (s.Header.Get("Remote-User") == "") || path == "/app" && s.Header.Get("Authorization") != "Bearer "+got[names[0]] {
			t.Errorf("%s: %v", path, s.Header)
		}
	}
	if answer := b.do(http.MethodGet, "/app", navigation, nil); !slices.Contains(answer.header["Cache-Control"], "private") {
		t.Errorf("a cache may keep an answer with a token: %q", answer.header["Cache-Control"])
	}
	if claims := verified(t, b, b.holds(names[0])); claims["sid"] != session || b.holds(names[1]) != b.holds(names[0]) || b.holds(names[2]) != b.holds(names[3]) {
		t.Errorf("%v", claims)
	}
	if answer := b.do(http.MethodGet, "/app", navigation, nil); len(answer.header["Set-Cookie"]) != 0 || answer.header["Cache-Control"] != nil {
		t.Errorf("sent again: %q", answer.header)
	}
	b.do(http.MethodPost, "/.auth/sign-out", nil, url.Values{})
	if b.holds(names[0]) != "" || b.holds(names[1]) != "" || b.holds(names[2]) != "0" || b.holds(names[3]) != "0" {
		t.Error("what scripts read outlives the session")
	}
	if answer := b.get("/app"); answer.status != http.StatusUnauthorized {
		t.Errorf("after the sign-out: %d", answer.status)
	}
}

// TestNoScriptCookiesWithoutTheAPI leaves what an app's own SDK has set alone.
func TestNoScriptCookiesWithoutTheAPI(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("public /open"))
	b := newBrowser(t, p.origin())
	token := strings.TrimPrefix(b.signUp(p, "ada@example.com").Header.Get("Authorization"), "Bearer ")
	names := scriptNames(p)
	b.forge(names, "theirs")
	for _, path := range []string{"/app", "/open"} {
		answer := b.do(http.MethodGet, path, navigation, nil)
		for name, value := range cookiesOf(t, b.seen(answer)) {
			if value != "theirs" {
				t.Errorf("%s: %s is %q", path, name, value)
			}
		}
		if len(answer.header["Set-Cookie"]) != 0 {
			t.Errorf("%s: %q", path, answer.header["Set-Cookie"])
		}
	}
	if got := bearing(t, p, "/app", token); got.status != http.StatusUnauthorized {
		t.Errorf("a token lets somebody in: %d", got.status)
	}
}

// bearing asks for a path with a token alone.
func bearing(t *testing.T, p place, path string, tokens ...string) page {
	t.Helper()
	h := http.Header{"Accept": {"application/json"}}
	for _, token := range tokens {
		h["Authorization"] = append(h["Authorization"], "Bearer "+token)
	}
	return newBrowser(t, p.origin()).do(http.MethodGet, path, h, nil)
}

// TestBearerTokens lets in what an app on a phone sends, while the session lives.
func TestBearerTokens(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("frontend_api", "public /open", "second_factor optional",
		"require /admin/* {\n\t\t\tsecond_factor\n\t\t}"))}
	b := newBrowser(t, p.origin())
	first := b.signUp(p, "ada@example.com")
	token := strings.TrimPrefix(first.Header.Get("Authorization"), "Bearer ")
	passes := bearing(t, p, "/app", token)
	s := b.seen(passes)
	if s.Header.Get("Remote-User") != first.Header.Get("Remote-User") || len(s.Header["Authorization"]) != 1 {
		t.Errorf("%v", s.Header)
	}
	if sid := verified(t, b, strings.TrimPrefix(s.Header.Get("Authorization"), "Bearer "))["sid"]; sid != verified(t, b, token)["sid"] {
		t.Errorf("session %v", sid)
	}
	open := b.seen(bearing(t, p, "/open", token))
	if got := cookiesOf(t, open)["__session"]; got == "" || open.Header.Get("Authorization") != "" || open.Header.Get("Remote-User") != "" {
		t.Errorf("%v", open.Header)
	}
	if got := bearing(t, p, "/admin/", token); got.status != http.StatusForbidden || !strings.Contains(got.body, `"required":"second_factor"`) {
		t.Errorf("a path that asks for more: %d %s", got.status, got.body)
	}
	for name, tokens := range map[string][]string{
		"none":                   nil,
		"an empty one":           {""},
		"a key of somebody's":    {"sk_live_whatever"},
		"changed":                {token[:len(token)-8] + "AAAAAAAA"},
		"without its signature":  {token[:strings.LastIndex(token, ".")+1]},
		"twice":                  {token, token},
		"a session cookie's":     {b.holds("gatelatch_session")},
		"a client cookie's":      {b.holds("gatelatch_client")},
		"two tokens in one line": {token + ", Bearer " + token},
	} {
		if got := bearing(t, p, "/app", tokens...); got.status != http.StatusUnauthorized || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if s := b.seen(bearing(t, p, "/open", tokens...)); s.Header["Authorization"] != nil || cookiesOf(t, s)["__session"] != "" {
			t.Errorf("%s, in public: %v", name, s.Header)
		}
	}
	other := newBrowser(t, p.origin())
	other.signUp(p, "eve@example.com")
	if got := other.do(http.MethodGet, "/who", http.Header{"Authorization": {"Bearer " + token}}, nil); other.seen(got).Header.Get("Remote-User") == first.Header.Get("Remote-User") {
		t.Error("the token counts before the cookie")
	}
	o.does("users", "ban", "ada@example.com")
	if got := bearing(t, p, "/app", token); got.status != http.StatusUnauthorized {
		t.Errorf("a banned user: %d", got.status)
	}
}

// TestBearerTokensRenewNothing: a token is good for a minute. Neither the answer nor
// what the app is told holds another one.
func TestBearerTokensRenewNothing(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api", "public /open"))
	b := newBrowser(t, p.origin())
	token := strings.TrimPrefix(b.signUp(p, "ada@example.com").Header.Get("Authorization"), "Bearer ")
	names := scriptNames(p)
	for name, asks := range map[string]http.Header{"a page": navigation, "a program": {"Accept": {"application/json"}}} {
		for _, path := range []string{"/app", "/open"} {
			h := asks.Clone()
			h.Set("Authorization", "Bearer "+token)
			answer := newBrowser(t, p.origin()).do(http.MethodGet, path, h, nil)
			if len(answer.header["Set-Cookie"]) != 0 {
				t.Errorf("%s, %s: was given %q", name, path, answer.header["Set-Cookie"])
			}
			s := b.seen(answer)
			if got := cookiesOf(t, s); got[names[0]] != token || got[names[1]] != token || got[names[2]] == "0" || got[names[2]] != got[names[3]] {
				t.Errorf("%s, %s: cookies %v", name, path, got)
			}
			if path == "/app" && s.Header.Get("Authorization") != "Bearer "+token {
				t.Errorf("%s: the app was told another token", name)
			}
		}
	}
}

// TestBearerTokensEndWithTheirSession signs out in the browser.
func TestBearerTokensEndWithTheirSession(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api"))
	b := newBrowser(t, p.origin())
	token := strings.TrimPrefix(b.signUp(p, "ada@example.com").Header.Get("Authorization"), "Bearer ")
	program := newBrowser(t, p.origin())
	program.client.Jar, _ = cookiejar.New(nil)
	socket := shake(t, program, http.MethodGet, http.Header{"Authorization": {"Bearer " + token}})
	if socket.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("a WebSocket: %d", socket.StatusCode)
	}
	b.seen(bearing(t, p, "/app", token))
	b.do(http.MethodPost, "/.auth/sign-out", nil, url.Values{})
	if got := bearing(t, p, "/app", token); got.status != http.StatusUnauthorized {
		t.Errorf("after the sign-out: %d", got.status)
	}
	if got := shake(t, program, http.MethodGet, http.Header{"Authorization": {"Bearer " + token}}); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a WebSocket after the sign-out: %d", got.StatusCode)
	}
}

// TestPendingSessionsAreNobody: a session that owes a task is told to no upstream.
func TestPendingSessionsAreNobody(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("frontend_api", "terms /terms 2", "public /terms"))}
	o.does("users", "create", "--email", "ada@example.com")
	b := newBrowser(t, p.origin())
	asks := b.submit(b.ask("ada@example.com"), "code", b.code(p, "ada@example.com"), "step", "verify")
	if asks.status != http.StatusUnauthorized {
		t.Fatalf("%d\n%s", asks.status, asks.body)
	}
	got := cookiesOf(t, b.seen(b.get("/terms")))
	if got["__session"] != "" || got["__client_uat"] != "0" {
		t.Errorf("%v", got)
	}
	if b.holds("__session") != "" {
		t.Error("scripts are told")
	}
	b.seen(b.submit(asks, "step", "accept"))
	if got := cookiesOf(t, b.seen(b.get("/terms"))); got["__session"] == "" || got["__client_uat"] == "0" {
		t.Errorf("%v", got)
	}
}

// TestPublicPathsOutliveTheStore: what cannot be told is not told, and no error.
func TestPublicPathsOutliveTheStore(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api", "public /open"))
	b := newBrowser(t, p.origin())
	token := strings.TrimPrefix(b.signUp(p, "ada@example.com").Header.Get("Authorization"), "Bearer ")
	caddymodule.CloseStores()
	if got := bearing(t, p, "/app", token); got.status != http.StatusServiceUnavailable {
		t.Errorf("a protected path: %d", got.status)
	}
	if got := cookiesOf(t, b.seen(bearing(t, p, "/open", token))); got["__session"] != "" || got["__client_uat"] != "0" {
		t.Errorf("a public path: %v", got)
	}
}

// TestNoSharedCacheKeepsAToken: whatever stands behind the gate says of its pages, one
// that brings a token is private.
func TestNoSharedCacheKeepsAToken(t *testing.T) {
	p := newPlace(t)
	load(t, strings.Replace(p.site("frontend_api"), "\treverse_proxy", `
	handle /set {
		header Cache-Control "public, max-age=600"
		respond set
	}
	handle /late {
		header >Cache-Control "public, max-age=600"
		respond late
	}
	handle /empty {
		header Cache-Control "public, max-age=600"
		respond 204
	}
	reverse_proxy`, 1))
	b := newBrowser(t, p.origin())
	b.signUp(p, "ada@example.com")
	for _, path := range []string{"/set", "/late", "/empty", "/app"} {
		b.forge(scriptNames(p), "old")
		answer := b.do(http.MethodGet, path, navigation, nil)
		if len(answer.header["Set-Cookie"]) == 0 || !slices.Contains(answer.header["Cache-Control"], "private") {
			t.Errorf("%s: %q", path, answer.header["Cache-Control"])
		}
		if answer = b.do(http.MethodGet, path, navigation, nil); slices.Contains(answer.header["Cache-Control"], "private") {
			t.Errorf("%s, without a token: %q", path, answer.header["Cache-Control"])
		}
	}
}

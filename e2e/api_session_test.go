// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// claimsOf reads the claims of a token.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token is %q", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestAPISeveralSessions(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{API: "multi_session on\n"})
	p := g.NewProgram(t)
	ada, bob := someone("ada"), someone("bob")
	first := p.SignUp(ada)
	second := p.SignUp(bob)
	if n := second.Len("client.sessions"); n != 2 {
		t.Fatalf("%d sessions", n)
	}
	is := func(address, when string) {
		t.Helper()
		if id := inside(t, p.Visitor, when); id.Email != address {
			t.Errorf("%s: the app sees %s", when, id.Email)
		}
	}
	is(bob, "after the second sign-up")
	p.Post("/client/sign_ins", "identifier", ada).Refused(400, "identifier_already_signed_in", "").Want("errors.0.meta.session_id", first.Str("response.created_session_id"))
	one, two := "/client/sessions/"+first.Str("response.created_session_id"), "/client/sessions/"+second.Str("response.created_session_id")
	p.Post(one+"/touch", "intent", "focus").OK()
	is(bob, "after a look at the first")
	p.Post(one+"/touch", "intent", "select_session").OK().Want("client.last_active_session_id", first.Str("response.created_session_id"))
	is(ada, "after the switch")
	p.Session = second.Str("response.created_session_id")
	p.Get("/me").OK().Want("response.email_addresses.0.email_address", bob)
	p.Post(two+"/remove").OK().Want("response.status", "removed")
	is(ada, "after the other was ended")
	p.Post(two+"/touch").Refused(401, "signed_out", "")
	p.Post(one+"/end").OK().Want("response.status", "ended").Want("client.sessions", "[]")
	outside(t, p.Visitor, "after both were ended")
}

// TestAPIRedirectsAndTokens looks at what one session gives out: its tokens, and the
// cookies of a browser that comes from a backend.
func TestAPIRedirectsAndTokens(t *testing.T) {
	t.Parallel()
	const friend = "https://friend.example.net"
	g := startAPI(t, apiSetup{
		API: "allowed_origins " + friend + "\n", Directive: "token_template hasura 5m {\nmail {user.email}\nwho \"user:{user.id}\"\nroles `[\"a\",\"b\"]`\n}\n",
	})
	p, address := g.NewProgram(t), someone("ada")
	a := p.SignUp(address)
	session := "/client/sessions/" + a.Str("response.created_session_id")
	t.Run("templates", func(t *testing.T) {
		claims := claimsOf(t, p.Post(session+"/tokens/hasura").OK().Str("jwt"))
		if claims["mail"] != address || claims["who"] != "user:"+a.Str("response.created_user_id") || len(claims["roles"].([]any)) != 2 || claims["exp"].(float64)-claims["iat"].(float64) != 300 {
			t.Errorf("the claims are %v", claims)
		}
		p.Post(session+"/tokens/nothing").Refused(404, "resource_not_found", "")
	})
	t.Run("claims", func(t *testing.T) {
		claims := claimsOf(t, p.Post(session+"/tokens").OK().Str("jwt"))
		for name, want := range map[string]any{
			"iss": "https://" + apiIssuer, "azp": g.URL(), "sts": "active", "v": 2.0, "sid": a.Str("response.created_session_id"), "sub": a.Str("response.created_user_id"),
		} {
			if claims[name] != want {
				t.Errorf("%s is %v, want %v", name, claims[name], want)
			}
		}
		if claims["exp"].(float64)-claims["iat"].(float64) != 60 {
			t.Errorf("valid from %v to %v", claims["iat"], claims["exp"])
		}
	})
	t.Run("redirects", func(t *testing.T) {
		for to, want := range map[string]string{
			g.URL() + "/home?x=1": g.URL() + "/home?x=1", friend + "/home": friend + "/home", "https://evil.example.net/": "", "//evil.example.net/": "",
			"/home": "", "javascript:alert(1)": "", g.URL() + ".evil.example.net/": "", g.URL() + "@evil.example.net/": "", "": "",
		} {
			for path, status := range map[string]int{"/client/touch": http.StatusFound, "/client/handshake": http.StatusTemporaryRedirect} {
				led(t, page(t)(p.Open(harness.APIBase+path+"?redirect_url="+url.QueryEscape(to))), path+" to "+to, want, status)
			}
		}
	})
	t.Run("cookies of a handshake", func(t *testing.T) {
		late := p.Twin()
		got := page(t)(late.Open(harness.APIBase + "/client/handshake?redirect_url=" + url.QueryEscape(g.URL()+"/home")))
		set := cookiesOf(got.Header)
		if claimsOf(t, set["__session"])["sub"] != a.Str("response.created_user_id") || set["__client_uat"] == "0" || set["__client_uat"] == "" {
			t.Errorf("set %v", set)
		}
	})
	t.Run("another origin", func(t *testing.T) {
		far := p.Twin()
		far.Origin = friend
		for _, a := range []*harness.Reply{far.Get("/client").OK(), far.Post(session + "/tokens").OK(), far.Get("/nothing")} {
			if h := a.Header; h.Get("Access-Control-Allow-Origin") != friend || h.Get("Access-Control-Allow-Credentials") != "true" || !contains(strings.Join(h["Vary"], ","), "Origin") {
				t.Errorf("%s: %v", a.Call, h)
			}
		}
		if claims := claimsOf(t, far.Post(session+"/tokens").OK().Str("jwt")); claims["azp"] != friend {
			t.Errorf("the token is for %v", claims["azp"])
		}
	})
}

func led(t *testing.T, got *harness.Page, what, want string, status int) {
	t.Helper()
	if want == "" {
		if got.Status != http.StatusUnprocessableEntity || got.Location() != "" {
			t.Errorf("%s: %d %q", what, got.Status, got.Location())
		}
		return
	}
	to, _, carried := strings.Cut(got.Location(), "?__clerk_handshake=")
	if got.Status != status || to != want || carried != (status == http.StatusTemporaryRedirect && strings.HasPrefix(want, "https://friend")) {
		t.Errorf("%s: %d %q", what, got.Status, got.Location())
	}
}

// cookiesOf are the cookies that an answer sets.
func cookiesOf(h http.Header) map[string]string {
	set := map[string]string{}
	for _, c := range (&http.Response{Header: h}).Cookies() {
		set[c.Name] = c.Value
	}
	return set
}

func TestAPIScriptFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"node_modules/@clerk/clerk-js/package.json": `{"version":"6.34.1"}`, "node_modules/@clerk/clerk-js/dist/clerk.browser.js": "the script", "secret.js": horse,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := startAPI(t, apiSetup{API: "sdk_files " + dir + "/node_modules\n"})
	v := g.NewVisitor()
	for path, status := range map[string]int{
		"@clerk/clerk-js@6/dist/clerk.browser.js": 200, "@clerk/clerk-js@6.34.1/dist/clerk.browser.js": 200, "@clerk/clerk-js@5/dist/clerk.browser.js": 404,
		"@clerk/clerk-js@6/package.json": 404,
		// These are no plain paths, and treated like any of the app's.
		"@clerk/clerk-js@6/dist/%2e%2e/package.json":      401,
		"@clerk/clerk-js@6/dist/../../../../../secret.js": 401, "@clerk/clerk-js@6/dist/..%2f..%2f..%2f..%2f..%2fsecret.js": 401,
	} {
		got := page(t)(v.Fetch("/.auth/npm/" + path))
		if got.Status != status || status == 200 && (got.Body != "the script" || got.Header.Get("Access-Control-Allow-Origin") != "*") || got.Contains(horse) {
			t.Errorf("%s: %d %v %.200s", path, got.Status, got.Header, got.Body)
		}
	}
	elsewhere := strings.Replace(g.Caddyfile(), "sdk_files "+dir+"/node_modules", "sdk_files https://cdn.example.net/npm", 1)
	for config, want := range map[string]string{elsewhere: "https://cdn.example.net/npm/@clerk/clerk-js@6/dist/clerk.browser.js", strings.Replace(elsewhere, "sdk_files https://cdn.example.net/npm", "", 1): ""} {
		g.Write(config)
		if err := g.Reload(); err != nil {
			t.Fatal(err)
		}
		got := page(t)(v.Fetch("/.auth/npm/@clerk/clerk-js@6/dist/clerk.browser.js"))
		if got.Location() != want || want == "" && got.Status != http.StatusNotFound {
			t.Errorf("%d %q, want %q", got.Status, got.Location(), want)
		}
	}
}

func TestAPINative(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{})
	p, address := g.NewNative(t), someone("expo")
	p.Get("/client").OK()
	a := p.SignUp(address).Want("response.status", "complete")
	if p.Token == "" || len(a.Header["Set-Cookie"]) > 0 {
		t.Errorf("a native app got the token %q and %v", p.Token, a.Header["Set-Cookie"])
	}
	again := g.NewNative(t)
	again.Token = p.Token
	again.Get("/client").OK().Want("response.sessions.0.id", a.Str("response.created_session_id"))
	token := p.Post("/client/sessions/" + a.Str("response.created_session_id") + "/tokens").OK().Str("jwt")
	if azp, ok := claimsOf(t, token)["azp"]; ok {
		t.Errorf("the token of an app names the page %v", azp)
	}
	bearer := http.Header{"Authorization": {"Bearer " + token}, "Accept": {"*/*"}}
	got := page(t)(g.NewVisitor().Do("GET", "/api", bearer, nil))
	var seen harness.Seen
	if err := json.Unmarshal([]byte(got.Body), &seen); err != nil || seen.Header.Get("Remote-User") != a.Str("response.created_user_id") {
		t.Errorf("the app sees %d %.300s", got.Status, got.Body)
	}
	p.SignOut()
	for what, value := range map[string]string{"of a session that is over": token, "that is made up": token[:len(token)-3] + "AAA"} {
		bearer.Set("Authorization", "Bearer "+value)
		if got := page(t)(g.NewVisitor().Do("GET", "/api", bearer, nil)); got.Status != http.StatusUnauthorized {
			t.Errorf("a token %s got %d", what, got.Status)
		}
	}
	p.Header.Set("Origin", g.URL())
	p.Get("/client").Refused(400, "origin_authorization_headers_conflict", "")
}

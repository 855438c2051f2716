// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// claims reads a token without looking at its signature.
func claims(t testing.TB, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTokenClaims(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	a := p.signUp("ada@example.com")
	session := a.str("response.created_session_id")
	for name, jwt := range map[string]string{
		"with the client": a.str("client.sessions.0.last_active_token.jwt"),
		"asked for":       p.post("/client/sessions/"+session+"/tokens", "organization_id", "").ok().str("jwt"),
		"on a read":       p.get("/client").ok().str("response.sessions.0.last_active_token.jwt"),
	} {
		c := claims(t, jwt)
		if c["azp"] != origin || c["iss"] != "https://app.example.com" || c["sid"] != session || c["sts"] != "active" || c["v"] != float64(2) {
			t.Errorf("%s: %v", name, c)
		}
		if iat, uat := c["iat"].(float64), p.cookies["__client_uat"]; time.Unix(int64(iat), 0).Before(noon.Truncate(time.Second)) || uat == "" {
			t.Errorf("%s: iat %v, __client_uat %s", name, iat, uat)
		}
	}
	p.origin = spa
	if azp := claims(t, p.post("/client/sessions/"+session+"/tokens").ok().str("jwt"))["azp"]; azp != spa {
		t.Errorf("azp = %v for a page of %s", azp, spa)
	}
}

func TestTokenTemplates(t *testing.T) {
	made, err := session.ReadTemplate("hasura", 0, map[string]string{"mail": "{user.email}"})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(s *setting) { s.templates = map[string]session.Template{"hasura": made} })
	p := w.program()
	id := p.signUp("ada@example.com").str("response.created_session_id")
	if c := claims(t, p.post("/client/sessions/"+id+"/tokens/hasura").ok().str("jwt")); c["mail"] != "ada@example.com" {
		t.Errorf("claims: %v", c)
	}
	p.post("/client/sessions/"+id+"/tokens/other").refused(404, "resource_not_found", "")
}

func TestPendingSession(t *testing.T) {
	made, err := session.ReadTemplate("hasura", 0, map[string]string{"mail": "{user.email}"})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(s *setting) {
		s.policy.SecondFactor, s.templates = flow.Required, map[string]session.Template{"hasura": made}
	})
	p := w.program()
	a := p.signUp("ada@example.com")
	a.want("client.sessions.0.status", "pending").want("client.sessions.0.tasks", `[{"key":"setup-mfa"}]`)
	if sts := claims(t, a.str("client.sessions.0.last_active_token.jwt"))["sts"]; sts != "pending" {
		t.Errorf("sts = %v", sts)
	}
	path := "/client/sessions/" + a.str("response.created_session_id") + "/tokens"
	p.post(path).ok()
	p.post(path+"/hasura").refused(403, "action_forbidden", "")
}

// A page that is left open asks for tokens by itself: that is no use of a session.
func TestIdleSession(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.signUp("ada@example.com").str("response.created_session_id")
	w.pass(23 * time.Hour)
	p.post("/client/sessions/" + id + "/tokens").ok()
	p.post("/client/sessions/" + id + "/touch").ok()
	w.pass(23 * time.Hour)
	p.post("/client/sessions/" + id + "/tokens").ok()
	w.pass(time.Hour)
	p.post("/client/sessions/"+id+"/tokens").refused(401, "signed_out", "")
	p.get("/client").ok().want("response.sessions", "[]")
}

func TestSeveralSessions(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	first := p.signUp("ada@example.com").str("response.created_session_id")
	w.pass(time.Second)
	second := p.signUp("bob@example.com").want("client.sessions.1.id", first).str("response.created_session_id")
	p.get("/client").ok().want("response.last_active_session_id", second)
	p.post("/client/sign_ins", "identifier", "ada@example.com").refused(400, "identifier_already_signed_in", "").want("errors.0.meta.session_id", first)

	p.post("/client/sessions/"+first+"/touch", "intent", "focus").ok().want("client.last_active_session_id", second)
	p.post("/client/sessions/"+first+"/touch", "intent", "select_session").ok().want("client.last_active_session_id", first)
	p.get("/me?_clerk_session_id="+second).ok().want("response.email_addresses.0.email_address", "bob@example.com")
	p.get("/me").ok().want("response.email_addresses.0.email_address", "ada@example.com")
	p.get("/me?_clerk_session_id=sess_other").refused(401, "signed_out", "")
	w.pass(time.Hour) // what follows is no matter of a lost answer

	p.post("/client/sessions/"+first+"/remove").ok().want("response.status", "removed").want("client.sessions.0.id", second).want("client.sessions.1", "null")
	p.get("/client").ok().want("response.last_active_session_id", second)
	p.post("/client/sessions/"+second+"/end").ok().want("response.status", "ended").want("client.sessions", "[]")
	if p.cookies["__client_uat"] != "0" || p.cookies[w.handler.Jar.Session] != "" {
		t.Errorf("cookies: %v", p.cookies)
	}
}

func TestHandshake(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	p.cookies["__client_uat"] = "7"
	a := p.get("/client/handshake?format=nonce&redirect_url=" + url.QueryEscape(origin+"/page?a=b"))
	if a.status != 307 || a.header.Get("Location") != origin+"/page?a=b" {
		t.Errorf("got %d %s", a.status, a.header.Get("Location"))
	}
	if claims(t, p.cookies["__session"])["sts"] != "active" || p.cookies["__session_"+w.handler.Cookies.Suffix] != p.cookies["__session"] || p.cookies["__client_uat"] == "7" {
		t.Errorf("cookies: %v", p.cookies)
	}
	a = p.get("/client/handshake?redirect_url=" + url.QueryEscape(spa+"/page?a=b"))
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || to.Host != "spa.example.com" || to.Query().Get("a") != "b" {
		t.Fatalf("Location = %s", a.header.Get("Location"))
	}
	lines, _ := claims(t, to.Query().Get("__clerk_handshake"))["handshake"].([]any)
	if len(lines) != 4 {
		t.Errorf("the handshake brings %v", lines)
	}

	p.as("DELETE", "/client/sessions").ok()
	p.cookies["__session"], p.cookies["__client_uat"] = "stale", "7"
	p.get("/client/handshake?redirect_url=" + url.QueryEscape(origin+"/"))
	if _, ok := p.cookies["__session"]; ok || p.cookies["__client_uat"] != "0" {
		t.Errorf("cookies: %v", p.cookies)
	}
}

func TestRedirectsOnlyToOurselves(t *testing.T) {
	w := newWorld(t)
	for target, ok := range map[string]bool{
		origin + "/deep?x=y#z":                 true,
		"https://app.example.com:443/":         true,
		"HTTPS://APP.example.com/":             true,
		spa + "/":                              true,
		"":                                     false,
		"/relative":                            false,
		"//app.example.com/":                   false,
		"https:app.example.com":                false,
		"https://app.example.com@evil.test/":   false,
		"https://app.example.com.evil.test/":   false,
		"https://evil.test/":                   false,
		"http://app.example.com/":              false,
		"https://app.example.com:8443/":        false,
		"https://evil.test\\@app.example.com/": false,
		"https://app.example.com/\nx":          false,
		"javascript:alert(1)":                  false,
	} {
		for _, path := range []string{"/client/touch", "/client/handshake"} {
			a := w.program().get(path + "?redirect_url=" + url.QueryEscape(target))
			if led := a.header.Get("Location") != ""; led != ok || !ok && a.status != 422 {
				t.Errorf("%s to %q: %d %s", path, target, a.status, a.header.Get("Location"))
			}
		}
	}
}

func TestTouchGivesTheClientCookieAnew(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.SessionLifetime = session.ClientLifetime })
	w.handler.Idle = 0
	p := w.program()
	p.signUp("ada@example.com")
	w.pass(395 * 24 * time.Hour)
	forgotten := func() time.Time {
		ms, _ := p.get("/client").ok().at("response.cookie_expires_at").(float64)
		return time.UnixMilli(int64(ms))
	}
	if left := forgotten().Sub(w.clock()); left > 8*24*time.Hour {
		t.Fatalf("the client is remembered for another %s", left)
	}
	a := p.get("/client/touch?redirect_url=" + url.QueryEscape(origin+"/"))
	if a.status != 302 || !strings.Contains(strings.Join(a.header["Set-Cookie"], "\n"), w.handler.Jar.Client+"=") {
		t.Errorf("got %d %v", a.status, a.header)
	}
	if left := forgotten().Sub(w.clock()); left < session.ClientLifetime-time.Second {
		t.Errorf("the client is remembered for another %s", left)
	}
}

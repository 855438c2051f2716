// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

// elsewhere is another browser, at another address.
func (w *world) elsewhere() *program {
	p := w.program()
	p.extra.Set("User-Agent", "thief")
	return p
}

// plant puts a client cookie that a thief knows into a victim's browser.
func (w *world) plant() (thief, victim *program) {
	thief, victim = w.elsewhere(), w.program()
	thief.as("PUT", "/client").ok()
	victim.cookies[w.client()] = thief.cookies[w.client()]
	return thief, victim
}

func (w *world) client() string  { return w.handler.Jar.Client }
func (w *world) session() string { return w.handler.Jar.Session }

// Whoever has put a client cookie of their own into a browser sees nothing of what
// is done there.
func TestPlantedClient(t *testing.T) {
	w := newWorld(t)
	thief, victim := w.plant()
	id := victim.signUp("ada@example.com").str("response.created_session_id")
	thief.get("/client").ok().want("response", "null")
	if thief.cookies[w.session()] != "" {
		t.Error("the thief was given the session cookie")
	}
	thief.get("/me").refused(401, "signed_out", "")
	thief.post("/client/sessions/"+id+"/tokens").refused(401, "signed_out", "")
	thief.as("DELETE", "/client/sessions").ok()
	victim.get("/client").ok().want("response.sessions.0.id", id)
	w.pass(time.Hour)
	victim.get("/client").ok().want("response.sessions.0.id", id)
}

// A thief who is signed in there first, or has begun to, is not joined by others.
func TestPlantedClientInUse(t *testing.T) {
	w := newWorld(t, manySessions)
	thief, victim := w.plant()
	thief.signUp("eve@example.com")
	victim.get("/client").ok().want("response", "null")
	id := victim.signUp("ada@example.com").want("client.sessions.1", "null").str("response.created_session_id")
	if victim.cookies[w.client()] == thief.cookies[w.client()] {
		t.Error("the victim goes on with the planted cookie")
	}
	thief.get("/client").ok().want("response.sessions.1", "null")

	thief, victim = w.plant()
	attempt := thief.post("/client/sign_ups", "email_address", "mallory@example.com").ok().str("response.id")
	thief.post("/client/sign_ups/"+attempt+"/prepare_verification", "strategy", "email_code").ok()
	code := w.code()
	victim.signIn("ada@example.com")
	thief.post("/client/sign_ups/"+attempt+"/attempt_verification", "strategy", "email_code", "code", code).refused(404, "resource_not_found", "")
	thief.get("/client").ok().want("response", "null")
	if victim.get("/client").ok().str("response.sessions.0.id") == id {
		t.Error("the same session")
	}
}

// Each way to begin begins as somebody new.
func TestAttemptsOnAPlantedClient(t *testing.T) {
	for name, fields := range map[string][]string{
		"a sign-in": {"/client/sign_ins", "identifier", "ada@example.com"},
		"a sign-up": {"/client/sign_ups", "email_address", "ada@example.com"},
		"a passkey": {"/client/sign_ins", "strategy", "passkey"},
		"a ticket":  {"/client/sign_ins", "strategy", "ticket", "ticket", "sit_1.x"},
		"a client":  {"/client"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withPasskeys, manySessions)
			thief, victim := w.plant()
			thief.signUp("eve@example.com")
			victim.post(fields[0], fields[1:]...)
			if got := victim.cookies[w.client()]; got == "" || got == thief.cookies[w.client()] {
				t.Error("goes on with the planted cookie")
			}
		})
	}
}

// A page may have thrown away the answer that signed somebody in: for two minutes
// its own browser still finds the session, and no other does.
func TestLostAnswerInTime(t *testing.T) {
	for name, tt := range map[string]struct {
		late  time.Duration
		from  string
		agent string
		found bool
	}{
		"at once":             {0, "203.0.113.7", "", true},
		"just in time":        {2*time.Minute - 1, "203.0.113.7", "", true},
		"too late":            {2 * time.Minute, "203.0.113.7", "", false},
		"from another place":  {0, "203.0.113.8", "", false},
		"from another device": {0, "203.0.113.7", "another", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.program()
			p.signUp("ada@example.com")
			delete(p.cookies, w.session())
			w.pass(tt.late)
			w.handler.ClientIP = func(*http.Request) netip.Addr { return netip.MustParseAddr(tt.from) }
			p.extra.Set("User-Agent", tt.agent)
			if got := p.get("/client").ok().at("response") != nil; got != tt.found || (p.cookies[w.session()] != "") != tt.found {
				t.Errorf("found: %v", got)
			}
		})
	}
}

// The token of a native program is no cookie, and no cookie is such a token.
func TestNativeTokensAreNoCookies(t *testing.T) {
	w := newWorld(t)
	app, web := w.app(), w.program()
	app.signUp("ada@example.com")
	web.signUp("bob@example.com")
	asBrowser, asApp := w.program(), w.app()
	asBrowser.cookies[w.client()] = app.token
	asBrowser.get("/client").ok().want("response", "null")
	asApp.token = web.cookies[w.client()]
	asApp.get("/client").ok().want("response", "null")
	asApp.post("/client").ok()
	if asApp.token == web.cookies[w.client()] {
		t.Error("an app goes on with a cookie")
	}
	app.as("DELETE", "/client").ok()
	before := app.token
	if app.get("/client").ok(); app.token != before {
		t.Error("the new token of an app is none")
	}
}

// A page is no native program: it would be shown a token that opens everything.
func TestPagesAreNoNativePrograms(t *testing.T) {
	w := newWorld(t)
	for name, from := range map[string]string{"own": origin, "allowed": spa, "none that can be named": "null"} {
		r := httptest.NewRequest(http.MethodPost, "https://app.example.com/.auth/v1/client?_is_native=1", strings.NewReader(""))
		r.Header.Set("Origin", from)
		rec := httptest.NewRecorder()
		watched(t, w.handler).ServeHTTP(rec, r)
		if rec.Code != http.StatusBadRequest || rec.Header().Get("Authorization") != "" || !strings.Contains(rec.Body.String(), "origin_invalid") {
			t.Errorf("%s: %d %v %s", name, rec.Code, rec.Header(), rec.Body)
		}
	}
}

// Whoever comes by the old cookie of a client that was forgotten is on a new device.
func TestForgottenClientIsTrustedByNobody(t *testing.T) {
	for name, signedOut := range map[string]bool{"while signed in": false, "after the sign-out": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withPasswords)
			p := w.program()
			p.signUp("ada@example.com", "password", strong)
			if signedOut {
				p.signOut()
			}
			old := w.program()
			old.cookies[w.client()] = p.cookies[w.client()]
			p.as("DELETE", "/client").ok()
			old.post("/client/sign_ins", "identifier", "ada@example.com", "password", strong).ok().want("response.status", "needs_client_trust")
		})
	}
}

// A forgotten password is set anew after somebody else got in, too.
func TestResetEndsOtherSessions(t *testing.T) {
	const better = "quartz-Lantern-58-meadow"
	for name, tt := range map[string]struct {
		fields []string
		ends   bool
	}{
		"without a word": {nil, true},
		"as it was said": {[]string{"sign_out_of_other_sessions", "true"}, true},
		"told not to":    {[]string{"sign_out_of_other_sessions", "false"}, false},
		"at once":        {[]string{"password", better}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withPasswords)
			thief, p := w.program(), w.program()
			thief.signUp("ada@example.com", "password", strong)
			id := p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "reset_password_email_code").ok().str("response.id")
			given := []string{"strategy", "reset_password_email_code", "code", w.code()}
			if name == "at once" {
				p.post("/client/sign_ins/"+id+"/attempt_first_factor", append(given, tt.fields...)...).ok().want("response.status", "complete")
			} else {
				p.post("/client/sign_ins/"+id+"/attempt_first_factor", given...).ok()
				p.post("/client/sign_ins/"+id+"/reset_password", append(tt.fields, "password", better)...).ok().want("response.status", "complete")
			}
			if got := thief.get("/me").status == http.StatusUnauthorized; got != tt.ends {
				t.Errorf("the old session has ended: %v", got)
			}
			p.get("/me").ok()
		})
	}
}

// The signed token never stands in an address of the site itself, however that is
// written, and nobody has a token signed for each request.
func TestHandshakes(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	for _, to := range []string{"HTTPS://APP.EXAMPLE.COM/x", "https://App.Example.com:443/x"} {
		if at := p.get("/client/handshake?redirect_url=" + url.QueryEscape(to)).header.Get("Location"); at == "" || strings.Contains(at, "__clerk_handshake") {
			t.Errorf("led to %s", at)
		}
	}
	led := func(p *program) string {
		return p.get("/client/handshake?redirect_url=" + url.QueryEscape(spa+"/")).header.Get("Location")
	}
	nobody := w.program()
	first := led(nobody)
	if !strings.Contains(first, "__clerk_handshake=") || led(w.program()) != first || led(p) == first {
		t.Error("another token for nobody, or the same for somebody")
	}
	w.pass(30 * time.Second)
	if led(w.program()) == first {
		t.Error("half over, and still given")
	}
}

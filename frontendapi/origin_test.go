// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"net/http"
	"testing"
)

const spa, evil = "https://spa.example.com", "https://evil.example.net"

// What a page may do, by where it is from. The one guard against forged requests:
// the forms of this API need no preflight.
func TestOrigins(t *testing.T) {
	for _, tt := range []struct {
		name, method string
		header       http.Header
		cookies      bool
		status       int
		code         string
		shared       string // Access-Control-Allow-Origin
	}{
		{"own page reads", "GET", http.Header{"Sec-Fetch-Site": {"same-origin"}}, true, 200, "", ""},
		{"own page changes", "POST", http.Header{"Origin": {origin}}, true, 200, "", origin},
		{"own page whose origin is hidden", "POST", http.Header{"Sec-Fetch-Site": {"same-origin"}}, true, 200, "", ""},
		{"allowed page reads", "GET", http.Header{"Origin": {spa}, "Sec-Fetch-Site": {"same-site"}}, true, 200, "", spa},
		{"allowed page changes", "POST", http.Header{"Origin": {spa}, "Sec-Fetch-Site": {"same-site"}}, true, 200, "", spa},
		{"foreign page reads", "GET", http.Header{"Origin": {evil}, "Sec-Fetch-Site": {"cross-site"}}, true, 400, "origin_invalid", ""},
		{"foreign page changes", "POST", http.Header{"Origin": {evil}, "Sec-Fetch-Site": {"cross-site"}}, true, 400, "origin_invalid", ""},
		{"foreign page without cookies", "POST", http.Header{"Origin": {evil}}, false, 400, "origin_invalid", ""},
		{"foreign form without origin", "POST", http.Header{"Sec-Fetch-Site": {"cross-site"}}, true, 400, "origin_invalid", ""},
		{"sandboxed page", "POST", http.Header{"Origin": {"null"}, "Sec-Fetch-Site": {"cross-site"}}, true, 400, "origin_invalid", ""},
		{"two origins", "POST", http.Header{"Origin": {origin, evil}}, true, 400, "origin_invalid", ""},
		{"own host on http", "POST", http.Header{"Origin": {"http://app.example.com"}}, true, 400, "origin_invalid", ""},
		{"own host on another port", "POST", http.Header{"Origin": {origin + ":8443"}}, true, 400, "origin_invalid", ""},
		{"cookies of a browser that says nothing", "POST", nil, true, 400, "origin_invalid", ""},
		{"a program without cookies", "POST", nil, false, 200, "", ""},
		{"a page with a key", "GET", http.Header{"Origin": {origin}, "Authorization": {"Bearer x"}}, false, 400, "origin_authorization_headers_conflict", ""},
		{"a link from elsewhere", "GET", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}}, true, 200, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.program()
			p.signUp("ada@example.com")
			if !tt.cookies {
				p.cookies = map[string]string{}
			}
			path := map[string]string{"GET": "/client", "POST": "/client/sessions?_method=DELETE"}[tt.method]
			r := p.request(tt.method, path, "")
			r.Header.Del("Origin")
			for name, values := range tt.header {
				r.Header[name] = values
			}
			a := p.do(r)
			if a.status != tt.status || a.str("errors.0.code") != tt.code {
				t.Errorf("got %d %q, want %d %q", a.status, a.str("errors.0.code"), tt.status, tt.code)
			}
			if got := a.header.Get("Access-Control-Allow-Origin"); got != tt.shared {
				t.Errorf("Access-Control-Allow-Origin = %q, want %q", got, tt.shared)
			}
			if a.header.Get("Vary") != "Origin" {
				t.Error("Vary does not name Origin")
			}
			if tt.status == 400 {
				w.program().as("DELETE", "/client/sessions").ok()
				if tt.cookies && w.handlerHolds(p) != 1 {
					t.Error("a refused request has signed somebody out")
				}
			}
		})
	}
}

// handlerHolds returns how many sessions a program's client holds.
func (w *world) handlerHolds(p *program) int {
	q := w.program()
	q.cookies = p.cookies
	all, _ := q.get("/client").ok().at("response.sessions").([]any)
	return len(all)
}

// Every call of the table is behind the same guard.
func TestForeignPagesGetNothing(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	p.extra = http.Header{"Origin": {evil}}
	for _, path := range []string{
		"/environment", "/client", "/me", "/client/sign_ins", "/client/sign_ups", "/client/sessions/sess_x/tokens", "/client/handshake", "/nothing/here",
	} {
		p.get(path).refused(400, "origin_invalid", "")
		p.post(path).refused(400, "origin_invalid", "")
		p.as("DELETE", path).refused(400, "origin_invalid", "")
	}
}

func TestPreflight(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.origin = spa
	a := p.send(http.MethodOptions, "/client", nil)
	if a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Origin") != spa || a.header.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("got %d %v", a.status, a.header)
	}
	p.origin = evil
	p.send(http.MethodOptions, "/client", nil).refused(400, "origin_invalid", "")
}

func TestNative(t *testing.T) {
	w := newWorld(t)
	p := w.app()
	p.get("/client").ok().want("response", "null")
	a := p.signUp("ada@example.com")
	if p.token == "" {
		t.Fatal("the app was given no token")
	}
	token := p.token
	p.get("/client").ok().want("response.sessions.0.id", a.str("response.created_session_id"))
	if h := p.get("/client").header; h.Get("Authorization") != "" || p.token != token {
		t.Error("a token that is good was given again")
	}
	session := a.str("response.created_session_id")
	if azp := claims(t, p.post("/client/sessions/"+session+"/tokens").ok().str("jwt"))["azp"]; azp != nil {
		t.Errorf("azp = %v", azp)
	}
	web := w.program() // cookies of a browser are not looked at
	web.signUp("bob@example.com")
	web.native, web.origin = true, ""
	for name := range web.cookies {
		if a := web.get("/client").ok(); a.at("response") != nil {
			t.Errorf("%s has opened %s", name, a.body)
		}
	}
	p.extra = http.Header{"Origin": {origin}}
	p.get("/client").refused(400, "origin_authorization_headers_conflict", "")
}

func TestNativeTurnedOff(t *testing.T) {
	w := newWorld(t, withoutNative)
	p := w.app()
	p.get("/client").refused(400, "native_api_disabled", "")
	p.post("/client/sign_ins", "identifier", "ada@example.com").refused(400, "native_api_disabled", "")
}

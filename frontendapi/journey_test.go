// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"strconv"
	"strings"
	"testing"
)

func TestSignUpByEmailCode(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.get("/client").ok().want("response", "null").want("client", "null")
	a := p.post("/client/sign_ups", "email_address", "ada@example.com", "first_name", "Ada", "unsafe_metadata", `{"plan":"free"}`, "locale", "en-US").ok()
	a.want("response.status", "missing_requirements").want("response.unverified_fields", `["email_address"]`).want("response.missing_fields", "[]")
	a.want("response.verifications.email_address.status", "null").want("response.verifications.email_address.strategy", "null")
	a.want("response.verifications.email_address.next_action", "needs_prepare").want("client.sign_up.id", a.str("response.id"))
	if len(w.queued()) != 0 {
		t.Fatal("a code was sent before anybody asked")
	}
	id := a.str("response.id")
	a = p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	a.want("response.verifications.email_address.status", "unverified").want("response.verifications.email_address.strategy", "email_code")
	p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.wrong()).refused(422, "form_code_incorrect", "code").
		want("meta.client.sign_up.verifications.email_address.attempts", "1")
	a = p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.code()).ok()
	a.want("response.status", "complete").want("client.sign_up", "null").want("client.last_active_session_id", a.str("response.created_session_id"))
	a.want("client.sessions.0.id", a.str("response.created_session_id")).want("client.sessions.0.status", "active").want("client.sessions.0.tasks", "null")
	a.want("client.sessions.0.user.id", a.str("response.created_user_id")).want("client.sessions.0.user.unsafe_metadata", `{"plan":"free"}`)
	if strings.Count(a.str("client.sessions.0.last_active_token.jwt"), ".") != 2 {
		t.Error("the session has no token")
	}
}

func TestSignInByEmailCode(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	p.signOut()
	a := p.post("/client/sign_ins", "identifier", "ADA@example.com").ok()
	a.want("response.status", "needs_first_factor").want("response.identifier", "ada@example.com").want("response.first_factor_verification", "null")
	a.want("response.supported_first_factors.0.strategy", "email_code").want("response.supported_first_factors.0.safe_identifier", "ada@example.com")
	a.want("response.supported_second_factors", "null").want("client.sign_in.id", a.str("response.id"))
	id := a.str("response.id")
	p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code", "email_address_id", a.str("response.supported_first_factors.0.email_address_id")).ok().
		want("response.first_factor_verification.status", "unverified").want("response.first_factor_verification.strategy", "email_code")
	a = p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.code()).ok()
	a.want("response.status", "complete").want("client.sign_in", "null").want("client.sessions.0.id", a.str("response.created_session_id"))
	a.want("client.last_authentication_strategy", "email_code")
	session := a.str("response.created_session_id")
	p.post("/client/sessions/"+session+"/touch", "intent", "select_session").ok().want("response.id", session).want("client.sessions.0.id", session)
	if token := p.post("/client/sessions/"+session+"/tokens", "organization_id", "").ok(); token.str("object") != "token" || token.str("jwt") == "" {
		t.Errorf("no bare token: %s", token.body)
	}
	p.post("/client/sign_ins", "identifier", "ada@example.com").refused(400, "session_exists", "").want("errors.0.meta.session_id", session)
	p.post("/client/sign_ups", "email_address", "bob@example.com").refused(400, "session_exists", "")
}

// The vanilla page's form navigates while the attempt is on its way, so its answer
// is lost with its cookies. The page that comes up then asks GET /client.
func TestAnswerThatIsThrownAway(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.post("/client/sign_ups", "email_address", "ada@example.com").ok().str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	lost := w.program()
	for name, value := range p.cookies {
		lost.cookies[name] = value
	}
	lost.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.code()).ok()

	a := p.get("/client").ok().want("client", "null").want("response.sessions.0.status", "active").want("response.sign_up", "null")
	if p.cookies[w.handler.Jar.Session] == "" {
		t.Error("the gate's session cookie was not given again")
	}
	suffixed := "__client_uat_" + w.handler.Cookies.Suffix
	if want := strconv.FormatInt(noon.Unix(), 10); p.cookies["__client_uat"] != want || p.cookies[suffixed] != want {
		t.Errorf("__client_uat = %q and %q, want %s", p.cookies["__client_uat"], p.cookies[suffixed], want)
	}
	p.post("/client/sessions/" + a.str("response.sessions.0.id") + "/tokens").ok()
	if h := p.get("/client").ok().header; len(h["Set-Cookie"]) != 0 {
		t.Errorf("cookies that are right were set again: %v", h["Set-Cookie"])
	}
}

func TestSignOut(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	session := p.signUp("ada@example.com").str("response.created_session_id")
	p.cookies["__session"] = "a token"
	p.as("DELETE", "/client/sessions").ok().want("response.sessions", "[]").want("client.sessions", "[]")
	if _, ok := p.cookies["__session"]; ok || p.cookies["__client_uat"] != "0" || p.cookies[w.handler.Jar.Session] != "" {
		t.Errorf("cookies are left: %v", p.cookies)
	}
	if p.cookies[w.handler.Jar.Client] == "" {
		t.Error("the client was forgotten")
	}
	for _, path := range []string{"/touch", "/tokens", "/end", "/remove"} {
		p.post("/client/sessions/"+session+path).refused(401, "signed_out", "")
	}
	p.get("/me").refused(401, "signed_out", "")
	p.as("DELETE", "/client/sessions").ok() // again, which is no error
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestAPIMe(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: "password optional\nsecond_factor optional\n" + withNames})
	for name, run := range map[string]func(t *testing.T, g *harness.Gate){
		"profile": ownProfile, "addresses": ownAddresses, "secrets": ownSecrets, "devices": ownDevices, "deletion": ownDeletion,
		"proven anew": provenAnew, "a password that is out": compromised,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, g)
		})
	}
}

// newcomer signs somebody up, whose calls are about that session.
func newcomer(t *testing.T, g *harness.Gate, address string) *harness.Program {
	t.Helper()
	p := g.NewProgram(t)
	p.Session = p.SignUp(address).Str("response.created_session_id")
	return p
}

func ownProfile(t *testing.T, g *harness.Gate) {
	address := someone("me")
	p := newcomer(t, g, address)
	a := p.As("PATCH", "/me", "first_name", "Ada", "last_name", "Lovelace", "unsafe_metadata", `{"theme":"dark","tour":{"step":1,"seen":true}}`).OK()
	a.Want("response.first_name", "Ada").Want("client.sessions.0.user.first_name", "Ada")
	if id := inside(t, p.Visitor, "with a name"); id.Name != "Ada Lovelace" {
		t.Errorf("the app sees %q", id.Name)
	}
	p.As("PATCH", "/me/metadata", "unsafe_metadata", `{"theme":null,"tour":{"step":2}}`).OK().Want("response.unsafe_metadata", `{"tour":{"seen":true,"step":2}}`)
	p.As("PATCH", "/me", "first_name", "Eve", "unsafe_metadata", "[]").Refused(422, "form_param_invalid_metadata", "unsafe_metadata")
	p.As("PATCH", "/me", "username", "eve").Refused(422, "form_param_unknown", "username")
	p.Get("/me").OK().Want("response.first_name", "Ada").Want("response.email_addresses.0.email_address", address)
	for _, path := range []string{"/me/organization_memberships", "/me/enterprise_connections", "/me/external_accounts", "/me/passkeys"} {
		p.Get(path).OK()
	}
	p.Session = "sess_of_nobody"
	p.Get("/me").Refused(401, "signed_out", "")
}

func ownAddresses(t *testing.T, g *harness.Gate) {
	address, other, digits := someone("me"), someone("other"), someNumber()
	p := newcomer(t, g, address)
	first := p.Get("/me").OK().Str("response.primary_email_address_id")
	p.Post("/me/email_addresses", "email_address", "nothing").Refused(422, "form_param_format_invalid", "email_address")
	id := p.Add(other)
	p.As("PATCH", "/me", "primary_email_address_id", id).OK().Want("response.primary_email_address_id", id)
	if who := inside(t, p.Visitor, "with another address"); who.Email != other {
		t.Errorf("the app sees %q", who.Email)
	}
	p.Add(digits)
	if who := inside(t, p.Visitor, "with a number"); who.Phone != digits {
		t.Errorf("the app sees %q", who.Phone)
	}
	p.As("DELETE", "/me/email_addresses/"+first).OK().Want("response.deleted", "true")
	p.Get("/me/email_addresses/"+first).Refused(404, "resource_not_found", "")
	given := p.Post("/me/email_addresses", "email_address", someone("given-up")).OK().Str("response.id")
	p.As("DELETE", "/me/email_addresses/"+given).OK()
	if n := p.Get("/me/email_addresses").OK().Len("response"); n != 1 {
		t.Errorf("%d addresses", n)
	}
	newcomer(t, g, someone("else")).Get("/me/email_addresses/"+id).Refused(404, "resource_not_found", "")
	again := g.NewProgram(t)
	admitted(t, again, again.SignIn(other))
}

func ownSecrets(t *testing.T, g *harness.Gate) {
	address := someone("me")
	p := newcomer(t, g, address)
	p.Post("/me/change_password", "new_password", "short").Refused(422, "form_password_length_too_short", "new_password")
	p.Post("/me/change_password", "new_password", horse).OK().Want("response.password_enabled", "true")
	p.Post("/me/change_password", "new_password", donkey, "current_password", donkey).Refused(422, "form_password_incorrect", "current_password")
	p.Post("/me/change_password", "new_password", donkey, "current_password", horse).OK()
	again := g.NewProgram(t)
	again.Post("/client/sign_ins", "identifier", address, "password", donkey).OK().Want("response.status", "needs_client_trust")
	p.Post("/me/totp/attempt_verification", "code", "123456").Refused(400, "client_state_invalid", "")
	p.AddApp()
	p.Get("/me").OK().Want("response.totp_enabled", "true").Want("response.two_factor_enabled", "true").Want("response.backup_code_enabled", "true")
	if n := p.Post("/me/backup_codes").OK().Len("response.codes"); n != 10 {
		t.Errorf("%d backup codes", n)
	}
	p.As("DELETE", "/me/totp").OK().Want("response.deleted", "true")
	p.Get("/me").OK().Want("response.totp_enabled", "false").Want("response.two_factor_enabled", "false")
	p.Post("/me/remove_password", "current_password", donkey).OK().Want("response.password_enabled", "false")
	inside(t, p.Visitor, "after all that")
}

func ownDevices(t *testing.T, g *harness.Gate) {
	address := someone("me")
	p := newcomer(t, g, address)
	other := g.NewProgram(t)
	session := other.SignIn(address).Str("response.created_session_id")
	list := p.Get("/me/sessions/active").OK()
	if found := list.At("0.id") == session || list.At("1.id") == session; !found || list.At("2") != nil {
		t.Errorf("the sessions are %s", list.Body)
	}
	p.Post("/me/sessions/"+session+"/revoke").OK().Want("response.status", "revoked")
	refusedApp(t, other.Visitor, "a session that was revoked")
	other.Post("/client/sessions/"+session+"/touch").Refused(401, "signed_out", "")
	other.Get("/client").OK().Want("response.sessions", "[]")
	inside(t, p.Visitor, "the one who revoked")
	newcomer(t, g, someone("else")).Post("/me/sessions/"+p.Session+"/revoke").Refused(404, "resource_not_found", "")
}

func ownDeletion(t *testing.T, g *harness.Gate) {
	address := someone("me")
	p := newcomer(t, g, address)
	user := p.Get("/me").OK().Str("response.id")
	p.As("DELETE", "/me").OK().Want("response.deleted", "true").Want("response.id", user)
	refusedApp(t, p.Visitor, "after the account was deleted")
	p.Get("/me").Refused(401, "signed_out", "")
	g.NewAdmin(t, apiSecret).Call("GET", "/users/"+user, nil).Refused(404, "resource_not_found", "")
	p.SignUp(address).Want("response.status", "complete")
}

// provenAnew takes the proof that a session is asked for before something sensitive.
func provenAnew(t *testing.T, g *harness.Gate) {
	address := someone("anew")
	p := newcomer(t, g, address)
	app, _ := p.AddApp()
	path := "/client/sessions/" + p.Session + "/verify"
	a := p.Post(path, "level", "multi_factor").OK().Want("response.object", "session_verification").Want("response.status", "needs_first_factor")
	n := len(g.Outbox.To(address))
	p.Post(path+"/prepare_first_factor", "strategy", "email_code",
		"email_address_id", a.Pick("response.supported_first_factors", "strategy", "email_code", "email_address_id")).OK()
	code := g.Outbox.Code(t, address, n+1)
	p.Post(path+"/attempt_first_factor", "strategy", "email_code", "code", wrong(code)).Refused(422, "form_code_incorrect", "code")
	p.Post(path+"/attempt_first_factor", "strategy", "email_code", "code", code).OK().Want("response.status", "needs_second_factor")
	p.Get(path).OK().Want("response.status", "needs_second_factor")
	p.Post(path+"/attempt_second_factor", "strategy", "totp", "code", app.Next()).OK().
		Want("response.status", "complete").Want("response.session.factor_verification_age", "[0,0]")
	if id := inside(t, p.Visitor, "proven anew"); id.Session != p.Session || len(id.Ages) != 2 || id.Ages[1] != 0 {
		t.Errorf("the app sees %+v", id)
	}
	newcomer(t, g, someone("else")).Post(path, "level", "first_factor").Refused(401, "signed_out", "")
}

// compromised has an operator call a password stolen: whoever has proven the address
// owes another one, and until then passes nowhere.
func compromised(t *testing.T, g *harness.Gate) {
	address := someone("stolen")
	p := haver(t, g, address)
	user := p.Get("/me").OK().Str("response.id")
	g.NewAdmin(t, apiSecret).Call("POST", "/users/"+user+"/password/set_compromised", map[string]any{"revoke_all_sessions": true}).OK()
	refusedApp(t, p.Visitor, "a session of somebody whose password is out")
	p = g.NewProgram(t)
	p.Post("/client/sign_ins", "identifier", address, "password", horse).Want("meta.client.sessions", "null") // it is no way in any more
	outside(t, p.Visitor, "with a password that is out")
	a := p.SignIn(address).Want("response.status", "complete").Want("client.sessions.0.status", "pending").Want("client.sessions.0.tasks", `[{"key":"reset-password"}]`)
	refusedApp(t, p.Visitor, "before the task is done")
	if claims := claimsOf(t, p.Post("/client/sessions/"+a.Str("client.sessions.0.id")+"/tokens").OK().Str("jwt")); claims["sts"] != "pending" {
		t.Errorf("the token says %v", claims)
	}
	p.Post("/me/change_password", "new_password", donkey).OK().Want("client.sessions.0.status", "active").Want("client.sessions.0.tasks", "null")
	admitted(t, p, p.Post("/client/sessions/"+a.Str("client.sessions.0.id")+"/touch", "intent", "select_session").OK())
}

// TestAPISetUpTask does what a session owes where everybody takes two steps.
func TestAPISetUpTask(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: "second_factor required\n"})
	p, address := g.NewProgram(t), someone("task")
	a := p.SignUp(address).Want("response.status", "complete").Want("client.sessions.0.status", "pending").Want("client.sessions.0.tasks", `[{"key":"setup-mfa"}]`)
	session := a.Str("client.sessions.0.id")
	if n := g.Upstream.Count(); n != 0 {
		t.Errorf("the app was asked %d times", n)
	}
	refusedApp(t, p.Visitor, "before the task is done")
	bearer := http.Header{"Authorization": {"Bearer " + p.Post("/client/sessions/"+session+"/tokens").OK().Str("jwt")}}
	if got := page(t)(g.NewVisitor().Do("GET", "/api", bearer, nil)); got.Status != http.StatusUnauthorized {
		t.Errorf("the token of a session that owes something got %d", got.Status)
	}
	app, _ := p.AddApp()
	a = p.Post("/client/sessions/"+session+"/touch", "intent", "select_session").OK().Want("response.status", "active").Want("response.tasks", "null")
	admitted(t, p, a)
	p.SignOut()
	id := p.SignIn(address).Want("response.status", "needs_second_factor").Str("response.id")
	admitted(t, p, p.Post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", "totp", "code", app.Next()).OK())
}

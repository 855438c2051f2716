// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestAPIPassword(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: "password optional\nsecond_factor optional\n"})
	for name, run := range map[string]func(t *testing.T, g *harness.Gate){
		"trust by a code": trustByCode, "trust by a link": trustByLink, "an older program": trustOfOldPrograms,
		"a forgotten password": forgottenPassword, "a wrong password": wrongPassword,
		"an app and backup codes": secondByApp, "a second number": secondByNumber,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, g)
		})
	}
}

// haver makes an account with a password, on a browser of its own.
func haver(t *testing.T, g *harness.Gate, address string) *harness.Program {
	t.Helper()
	p := g.NewProgram(t)
	p.SignUp(address, "password", horse).Want("response.status", "complete").Want("client.sessions.0.user.password_enabled", "true")
	return p
}

func trustByCode(t *testing.T, g *harness.Gate) {
	address := someone("trust")
	haver(t, g, address)
	p := g.NewProgram(t)
	a := p.Post("/client/sign_ins", "identifier", address, "password", horse).OK()
	a.Want("response.status", "needs_client_trust").Want("response.client_trust_state", "new").Want("client.sessions", "[]")
	outside(t, p.Visitor, "before the device is known")
	id, n := a.Str("response.id"), len(g.Outbox.To(address))
	p.Post("/client/sign_ins/"+id+"/prepare_second_factor", "strategy", "email_code",
		"email_address_id", a.Pick("response.supported_second_factors", "strategy", "email_code", "email_address_id")).OK()
	code := g.Outbox.Code(t, address, n+1)
	attempt := func(code string) *harness.Reply {
		return p.Post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", "email_code", "code", code)
	}
	attempt(wrong(code)).Refused(422, "form_code_incorrect", "code")
	admitted(t, p, attempt(code).OK().Want("response.status", "complete"))
	p.SignOut()
	a = p.Post("/client/sign_ins", "identifier", address, "password", horse).OK()
	admitted(t, p, a.Want("response.status", "complete").Want("response.client_trust_state", "known"))
}

// trustByLink polls, as the SDK does, until the link was opened in the browser.
func trustByLink(t *testing.T, g *harness.Gate) {
	address := someone("link")
	haver(t, g, address)
	p := g.NewProgram(t)
	a := p.Post("/client/sign_ins", "identifier", address, "password", horse).OK().Want("response.status", "needs_client_trust")
	id, n := a.Str("response.id"), len(g.Outbox.To(address))
	p.Post("/client/sign_ins/"+id+"/prepare_second_factor", "strategy", "email_link", "redirect_url", g.URL()+"/open",
		"email_address_id", a.Pick("response.supported_second_factors", "strategy", "email_link", "email_address_id")).OK().
		Want("response.second_factor_verification.status", "unverified")
	m, err := g.Outbox.Find(address, n+1)
	if err != nil || m.Link() == "" {
		t.Fatalf("%+v %v", m, err)
	}
	poll := func() *harness.Reply { return p.Get("/client/sign_ins/" + id).OK() }
	poll().Want("response.status", "needs_client_trust")
	opened := page(t)(p.Follow(p.Open(m.Link())))
	poll().Want("response.status", "needs_client_trust") // opening alone does nothing: scanners of mail open links
	if len(opened.Forms) == 0 || len(opened.Forms[0].Steps) == 0 {
		t.Fatalf("nothing to press: %d %.900s", opened.Status, opened.Body)
	}
	page(t)(p.Submit(opened, opened.Forms[0].Steps[0], nil))
	a = poll().Want("response.status", "complete").Want("response.second_factor_verification.status", "verified")
	admitted(t, p, a.Want("response.created_session_id", a.Str("client.sessions.0.id")))
}

// trustOfOldPrograms tells clerk-js 5 of the new device in the words that it knows.
func trustOfOldPrograms(t *testing.T, g *harness.Gate) {
	address := someone("old")
	haver(t, g, address)
	for _, version := range []string{harness.OldVersion, ""} {
		p := g.NewProgram(t)
		p.Version = version
		p.Post("/client/sign_ins", "identifier", address, "password", horse).OK().
			Want("response.status", "needs_second_factor").Want("response.client_trust_state", "new")
	}
}

func forgottenPassword(t *testing.T, g *harness.Gate) {
	address := someone("forgot")
	elsewhere := haver(t, g, address)
	p, n := g.NewProgram(t), len(g.Outbox.To(address))
	id := p.Post("/client/sign_ins", "identifier", address, "strategy", "reset_password_email_code").OK().
		Want("response.first_factor_verification.status", "unverified").Str("response.id")
	step := "/client/sign_ins/" + id
	p.Post(step+"/reset_password", "password", donkey).Refused(400, "client_state_invalid", "")
	p.Post(step+"/attempt_first_factor", "strategy", "reset_password_email_code", "code", g.Outbox.Code(t, address, n+1)).OK().
		Want("response.status", "needs_new_password").Want("client.sessions", "[]")
	outside(t, p.Visitor, "before a new password")
	p.Post(step+"/reset_password", "password", "short").Refused(422, "form_password_length_too_short", "password")
	a := p.Post(step+"/reset_password", "password", donkey, "sign_out_of_other_sessions", "true").OK()
	admitted(t, p, a.Want("response.status", "complete"))
	refusedApp(t, elsewhere.Visitor, "the other browser")
	elsewhere.Post("/client/sign_ins", "identifier", address, "password", horse).Refused(422, "form_password_incorrect", "password")
	elsewhere.Post("/client/sign_ins", "identifier", address, "password", donkey).OK()
}

func wrongPassword(t *testing.T, g *harness.Gate) {
	address := someone("wrong")
	haver(t, g, address)
	p := g.NewProgram(t)
	p.Post("/client/sign_ins", "identifier", address, "password", donkey).Refused(422, "form_password_incorrect", "password").
		Want("meta.client.sign_in.status", "needs_first_factor").Want("meta.client.sessions", "[]")
	id := p.Post("/client/sign_ins", "identifier", address).OK().Str("response.id")
	p.Post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "password").Refused(422, "form_param_missing", "password")
	p.Post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "password", "password", donkey).Refused(422, "form_password_incorrect", "password")
	p.Post("/client/sign_ups", "email_address", someone("weak"), "password", "short").Refused(422, "form_password_length_too_short", "password")
	outside(t, p.Visitor, "after wrong passwords")
}

func secondByApp(t *testing.T, g *harness.Gate) {
	address := someone("app")
	app, codes := haver(t, g, address).AddApp()
	if len(codes) == 0 {
		t.Fatal("no backup codes")
	}
	used := app.Next()
	for strategy, code := range map[string]string{"totp": used, "backup_code": codes[0]} {
		p := g.NewProgram(t)
		a := p.Post("/client/sign_ins", "identifier", address, "password", horse).OK().
			Want("response.status", "needs_second_factor").Want("response.client_trust_state", "null").Want("client.sessions", "[]")
		step := "/client/sign_ins/" + a.Str("response.id") + "/attempt_second_factor"
		p.Post(step, "strategy", strategy, "code", wrong(code)).Refused(422, "form_code_incorrect", "code")
		outside(t, p.Visitor, "before the second step")
		a = p.Post(step, "strategy", strategy, "code", code).OK().Want("response.status", "complete").Want("client.sessions.0.factor_verification_age", "[0,0]")
		admitted(t, p, a)
		again := g.NewProgram(t)
		id := again.Post("/client/sign_ins", "identifier", address, "password", horse).OK().Str("response.id")
		again.Post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", strategy, "code", code).Refused(422, "form_code_incorrect", "code")
	}
	byCode := g.NewProgram(t) // a code by mail is no second step
	byCode.SignIn(address).Want("response.status", "needs_second_factor").Want("client.sessions", "[]")
	outside(t, byCode.Visitor, "after one of two steps")
}

func secondByNumber(t *testing.T, g *harness.Gate) {
	address, number := someone("sms"), someNumber()
	p := haver(t, g, address)
	id := p.Add(number)
	p.As("PATCH", "/me/phone_numbers/"+id, "reserved_for_second_factor", "true").OK().Want("response.reserved_for_second_factor", "true")
	p.Get("/me").OK().Want("response.two_factor_enabled", "true")
	p.SignOut()
	a := p.Post("/client/sign_ins", "identifier", address, "password", horse).OK().Want("response.status", "needs_second_factor")
	step, n := "/client/sign_ins/"+a.Str("response.id"), len(g.Outbox.To(number))
	p.Post(step+"/prepare_second_factor", "strategy", "phone_code",
		"phone_number_id", a.Pick("response.supported_second_factors", "strategy", "phone_code", "phone_number_id")).OK()
	a = p.Post(step+"/attempt_second_factor", "strategy", "phone_code", "code", g.Outbox.Code(t, number, n+1)).OK()
	admitted(t, p, a.Want("response.status", "complete"))
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/flow"
)

const strong = "walrus-Kettle-93-orbit"

// withUser makes a user with a password, on a program of its own.
func (w *world) withUser(email string) {
	w.t.Helper()
	p := w.program()
	p.signUp(email, "password", strong)
	p.signOut()
}

func TestPasswordOnANewDevice(t *testing.T) {
	for _, tt := range []struct{ version, status string }{
		{currentVersion, "needs_client_trust"},
		{oldVersion, "needs_second_factor"},
		{"", "needs_second_factor"},
	} {
		t.Run(tt.version, func(t *testing.T) {
			w := newWorld(t, withPasswords)
			w.withUser("ada@example.com")
			p := w.program()
			p.version = tt.version
			a := p.post("/client/sign_ins", "identifier", "ada@example.com", "password", strong).ok()
			a.want("response.status", tt.status).want("response.client_trust_state", "new").want("response.supported_second_factors.0.strategy", "email_code")
			a.want("response.first_factor_verification.status", "verified").want("response.first_factor_verification.strategy", "password")
			a.want("response.second_factor_verification", "null").want("client.sign_in.status", tt.status).want("client.sessions", "[]")
			id := a.str("response.id")
			p.post("/client/sign_ins/"+id+"/prepare_second_factor", "strategy", "email_code", "email_address_id", a.str("response.supported_second_factors.0.email_address_id")).ok().
				want("response.second_factor_verification.status", "unverified")
			p.post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", "email_code", "code", w.wrong()).refused(422, "form_code_incorrect", "code")
			p.post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", "email_code", "code", w.code()).ok().want("response.status", "complete")

			p.signOut()
			p.post("/client/sign_ins", "identifier", "ada@example.com", "password", strong).ok().
				want("response.status", "complete").want("response.client_trust_state", "known")
		})
	}
}

// Clerk's <SignIn/> asks for a password first only where everybody has one: strict
// answers list it for all addresses, and most people would stand before a question
// that they cannot answer.
func TestPreferredStrategy(t *testing.T) {
	for need, want := range map[flow.Need]string{flow.Off: "otp", flow.Optional: "otp", flow.Required: "password"} {
		w := newWorld(t, func(s *setting) { s.policy.Password = need })
		w.program().get("/environment").ok().want("display_config.preferred_sign_in_strategy", want)
	}
}

func TestWrongPassword(t *testing.T) {
	w := newWorld(t, withPasswords)
	w.withUser("ada@example.com")
	p := w.program()
	p.post("/client/sign_ins", "identifier", "ada@example.com", "password", "not it at all").refused(422, "form_password_incorrect", "password").
		want("meta.client.sign_in.status", "needs_first_factor")
	id := p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "password").ok().str("response.id")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "password", "password", "not it at all").refused(422, "form_password_incorrect", "password")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "password").refused(422, "form_param_missing", "password")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "password", strong).refused(422, "form_param_missing", "strategy")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "oauth_google").refused(400, "strategy_for_user_invalid", "strategy")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "password", "password", strong).ok().want("response.status", "needs_client_trust")
}

func TestForgottenPassword(t *testing.T) {
	w := newWorld(t, withPasswords)
	w.withUser("ada@example.com")
	const better = "quartz-Lantern-58-meadow"

	t.Run("in steps", func(t *testing.T) {
		p := w.program()
		a := p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "reset_password_email_code").ok()
		a.want("response.first_factor_verification.strategy", "reset_password_email_code").want("response.first_factor_verification.status", "unverified")
		id := a.str("response.id")
		p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "reset_password_email_code", "code", w.code()).ok().want("response.status", "needs_new_password")
		p.post("/client/sign_ins/"+id+"/reset_password", "password", "short").refused(422, "form_password_length_too_short", "password")
		p.post("/client/sign_ins/"+id+"/reset_password", "password", better, "sign_out_of_other_sessions", "true").ok().want("response.status", "complete")
	})
	t.Run("at once", func(t *testing.T) {
		p := w.program()
		id := p.post("/client/sign_ins", "identifier", "ada@example.com").ok().str("response.id")
		p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "reset_password_email_code").ok()
		p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "reset_password_email_code", "code", w.code(), "password", strong).ok().want("response.status", "complete")
	})
}

func TestPasswordGivenLater(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.Password = flow.Required })
	p := w.program()
	a := p.post("/client/sign_ups", "email_address", "ada@example.com").ok().want("response.missing_fields", `["password"]`).want("response.has_password", "false")
	id := a.str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.code()).ok().
		want("response.status", "missing_requirements").want("response.unverified_fields", "[]").want("response.verifications.email_address.status", "verified")
	p.as("PATCH", "/client/sign_ups/"+id, "password", "short").refused(422, "form_password_length_too_short", "password")
	p.as("PATCH", "/client/sign_ups/"+id, "password", strong).ok().want("response.status", "complete").want("client.sessions.0.user.password_enabled", "true").
		want("response.has_password", "true")
	p.get("/client/sign_ups/"+id).ok().want("response.has_password", "true")
}

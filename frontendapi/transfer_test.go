// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func TestUnknownAddressAtSignIn(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.post("/client/sign_ins", "identifier", "new@example.com", "sign_up_if_missing", "true").ok().str("response.id")
	p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code").ok()
	p.post("/client/sign_ups", "transfer", "true").refused(400, "client_state_invalid", "")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.code()).refused(422, "sign_up_if_missing_transfer", "").
		want("meta.client.sign_in.first_factor_verification.status", "transferable").want("meta.client.sessions", "[]")
	a := p.post("/client/sign_ups", "transfer", "true").ok().want("response.status", "complete").want("client.sign_in", "null")
	a.want("client.sessions.0.user.email_addresses.0.email_address", "new@example.com").want("response.created_session_id", a.str("client.sessions.0.id"))
}

func TestTransferThatLacksFields(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.Fields.FirstName = flow.Required })
	p := w.program()
	id := p.post("/client/sign_ins", "identifier", "new@example.com", "strategy", "email_code").ok().str("response.id")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.code())
	a := p.post("/client/sign_ups", "transfer", "true").ok().want("response.status", "missing_requirements").want("response.missing_fields", `["first_name"]`)
	p.as("PATCH", "/client/sign_ups/"+a.str("response.id"), "first_name", "Ada").ok().want("response.status", "complete")
}

// What is given with a transfer goes to the user, also where nothing is missing.
func TestTransferTakesDetailsAlong(t *testing.T) {
	w := newWorld(t, withPasswords, func(s *setting) {
		s.policy.Fields.FirstName, s.policy.Fields.LastName = flow.Optional, flow.Optional
		s.policy.Terms = flow.Terms{URL: "https://example.com/terms", Version: "2"}
	})
	p := w.program()
	id := p.post("/client/sign_ins", "identifier", "new@example.com", "strategy", "email_code").ok().str("response.id")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.code())
	p.post("/client/sign_ups", "transfer", "true", "unsafe_metadata", "[1]").refused(422, "form_param_invalid_metadata", "unsafe_metadata")
	p.post("/client/sign_ups", "transfer", "true", "password", "short").refused(422, "form_password_length_too_short", "password")
	a := p.post("/client/sign_ups", "transfer", "true", "first_name", "Ada", "last_name", "King", "locale", "en-GB", "legal_accepted", "true",
		"unsafe_metadata", `{"plan":"free"}`, "password", "copper mango 71 lantern").ok().want("response.status", "complete")
	for name, want := range map[string]string{
		"first_name": "Ada", "last_name": "King", "locale": "en-GB", "unsafe_metadata": `{"plan":"free"}`, "password_enabled": "true",
	} {
		a.want("client.sessions.0.user."+name, want)
	}
	a.want("client.sessions.0.status", "active") // no terms are owed
}

func TestKnownAddressAtSignUp(t *testing.T) {
	w := newWorld(t)
	first := w.program().signUp("ada@example.com")
	w.pass(time.Minute)
	p := w.program()
	a := p.signUp("ada@example.com")
	a.want("response.created_user_id", first.str("response.created_user_id")).want("client.sessions.0.id", a.str("response.created_session_id"))
	p.get("/client/sign_ups/"+a.str("response.id")).ok().want("response.status", "complete").want("response.created_session_id", a.str("response.created_session_id"))
}

// Whoever takes two steps takes them here too.
func TestKnownAddressWithASecondStep(t *testing.T) {
	w := newWorld(t, withSecondStep)
	a := w.program().signUp("ada@example.com")
	w.inTx(func(ctx context.Context, tx flow.Tx) error {
		u, err := tx.User(ctx, a.str("response.created_user_id"))
		if err != nil {
			return err
		}
		u.Addresses = append(u.Addresses, gatelatch.Address{
			ID: "idn_second", Identifier: gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12025550123"}, Display: "+12025550123",
			VerifiedAt: noon, Primary: true, SecondFactor: true,
		})
		return tx.PutUser(ctx, u)
	})
	p := w.program()
	id := p.post("/client/sign_ups", "email_address", "ada@example.com").ok().str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	a = p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.code()).ok()
	a.want("response.status", "missing_requirements").want("response.verifications.email_address.status", "transferable").want("response.unverified_fields", "[]")
	a.want("client.sign_in.status", "needs_second_factor").want("client.sessions", "[]")
	a = p.post("/client/sign_ins", "transfer", "true").ok().want("response.status", "needs_second_factor").want("response.supported_second_factors.0.strategy", "phone_code")
	si := a.str("response.id")
	p.post("/client/sign_ins/"+si+"/prepare_second_factor", "strategy", "phone_code", "phone_number_id", a.str("response.supported_second_factors.0.phone_number_id")).ok()
	p.post("/client/sign_ins/"+si+"/attempt_second_factor", "strategy", "phone_code", "code", w.code()).ok().want("response.status", "complete")
	p.get("/client/sign_ups/"+id).ok().want("response.status", "complete")
}

func TestRevealing(t *testing.T) {
	w := newWorld(t, revealing)
	w.program().signUp("ada@example.com")
	p := w.program()
	p.post("/client/sign_ins", "identifier", "new@example.com").refused(422, "form_identifier_not_found", "identifier")
	p.post("/client/sign_ins", "identifier", "+12025550199").refused(422, "form_identifier_not_found", "identifier")
	p.post("/client/sign_ups", "email_address", "ada@example.com").refused(422, "form_identifier_exists", "email_address")
	p.get("/environment").ok().want("user_settings.attack_protection.enumeration_protection.enabled", "false")
}

func TestWaitlist(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.SignUp = flow.SignUpWaitlist })
	p := w.program()
	p.post("/waitlist", "email_address", "ada@example.com").refused(403, "feature_not_enabled", "")
	p.get("/environment").ok().want("user_settings.sign_up.mode", "waitlist").want("display_config.waitlist_url", origin+"/.auth/sign-up")
	id := p.post("/client/sign_ups", "email_address", "ada@example.com").ok().str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.code()).refused(403, "sign_up_restricted_waitlist", "").
		want("meta.client.sign_up", "null")
}

func TestClosedSignUp(t *testing.T) {
	w := newWorld(t, closedSignUp)
	p := w.program()
	p.post("/client/sign_ups", "email_address", "ada@example.com").refused(403, "sign_up_mode_restricted", "")
	p.get("/environment").ok().want("user_settings.sign_up.mode", "restricted")
	p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "email_code").ok()
	if n := len(w.queued()); n != 0 {
		t.Errorf("%d messages were sent to somebody who cannot get in", n)
	}
}

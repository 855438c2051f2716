// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"testing"
	"time"
)

// TestUpdatedAtGrows with every change of an account: programs draw nothing anew
// for a user that is as old as the one they have.
func TestUpdatedAtGrows(t *testing.T) {
	w := newWorld(t, withPasswords, withSecondStep)
	p := w.program()
	p.signUp("ada@example.com")
	last := 0.0
	grows := func(what string) {
		t.Helper()
		at, _ := p.get("/me").ok().at("response.updated_at").(float64)
		if held, _ := p.get("/client").ok().at("response.sessions.0.user.updated_at").(float64); held != at {
			t.Errorf("%s: the client says %f, /me says %f", what, held, at)
		}
		if at <= last {
			t.Errorf("%s: updated_at stays at %f", what, at)
		}
		last = at
		w.pass(time.Second)
	}
	grows("a sign-up")
	p.as("PATCH", "/me", "unsafe_metadata", `{"a":1}`).ok()
	grows("metadata")
	email := "/me/email_addresses/" + p.post("/me/email_addresses", "email_address", "second@example.com").ok().str("response.id")
	grows("an address that waits")
	p.post(email+"/prepare_verification", "strategy", "email_code").ok()
	grows("its code")
	p.post(email+"/attempt_verification", "code", w.wrong()).refused(422, "form_code_incorrect", "code")
	grows("a wrong code")
	p.post(email+"/attempt_verification", "code", w.code()).ok()
	grows("its proof")
	p.as("PATCH", "/me", "primary_email_address_id", email[len("/me/email_addresses/"):]).ok()
	grows("another primary one")
	third := "/me/email_addresses/" + p.post("/me/email_addresses", "email_address", "third@example.com").ok().str("response.id")
	grows("a third that waits")
	p.as("DELETE", third).ok()
	grows("a third that is given up")
	p.as("DELETE", email).ok()
	grows("one address less")
	p.post("/me/change_password", "new_password", strong).ok()
	grows("a password")
	secret := p.post("/me/totp").ok().str("response.secret")
	p.post("/me/totp/attempt_verification", "code", totpCode(t, secret, w.clock())).ok()
	grows("an app")
	p.post("/me/backup_codes").ok()
	grows("backup codes")
	p.as("DELETE", "/me/totp").ok()
	grows("no app")
	p.post("/me/remove_password", "current_password", strong).ok()
	grows("no password")
}

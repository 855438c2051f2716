// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/secondfactor"
)

func TestBan(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	session, cookies := w.signedIn(ada)
	if !w.passes(cookies) {
		t.Fatal("not signed in")
	}
	if a := w.ok("POST", "/users/"+ada+"/ban", nil); a.at("banned") != true {
		t.Errorf("%s", a.body)
	}
	if w.passes(cookies) {
		t.Error("still let in")
	}
	if a := w.ok("GET", "/sessions/"+session, nil); a.text("status") != "revoked" {
		t.Errorf("%s", a.body)
	}
	if a := w.ok("POST", "/users/"+ada+"/unban", nil); a.at("banned") != false || w.passes(cookies) {
		t.Errorf("%s", a.body)
	}
}

func TestLock(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.user("ada@example.com").id()
		_, cookies := w.signedIn(ada)
		if a := w.ok("POST", "/users/"+ada+"/lock", nil); a.at("locked") != true || a.at("lockout_expires_in_seconds") != 3600.0 {
			t.Errorf("%s", a.body)
		}
		if !w.passes(cookies) {
			t.Error("a lock ends no session")
		}
		if a := w.ok("POST", "/users/"+ada+"/unlock", nil); a.at("locked") != false || a.at("lockout_expires_in_seconds") != nil {
			t.Errorf("%s", a.body)
		}
		w.ok("POST", "/users/"+ada+"/lock", nil)
		w.gate.Clock.Advance(time.Hour)
		if a := w.ok("GET", "/users/"+ada, nil); a.at("locked") != false {
			t.Error("a lock ends by itself")
		}
		for _, do := range []string{"ban", "unban", "lock", "unlock", "remove_password", "password/set_compromised", "password/unset_compromised"} {
			if a := w.send("POST", "/users/user_01abcdefgh/"+do, nil); a.status != 404 {
				t.Errorf("%s of nobody: %d %s", do, a.status, a.body)
			}
		}
	})
}

func TestAPasswordCannotBeGuessedHere(t *testing.T) {
	w := newWorld(t)
	ada := w.ok("POST", "/users", object{"email_address": "ada@example.com", "password": "correct horse battery staple"}).id()
	path := "/users/" + ada + "/verify_password"
	right := object{"password": "correct horse battery staple"}
	w.refused(422, gatelatch.CodeMissing, "password", "POST", path, nil)
	for range 9 {
		w.refused(422, gatelatch.CodePasswordWrong, "password", "POST", path, object{"password": "wrong"})
	}
	w.ok("POST", path, right) // a right one costs nothing
	w.ok("POST", path, right)
	w.refused(422, gatelatch.CodePasswordWrong, "password", "POST", path, object{"password": "wrong"})
	w.refused(429, gatelatch.CodeTooManyRequests, "", "POST", path, right)
	w.ok("POST", "/users/"+ada+"/unlock", nil)
	if a := w.ok("POST", path, right); string(a.body) != `{"verified":true}` {
		t.Errorf("%s", a.body)
	}
	bob := w.user("bob@example.com").id()
	w.refused(400, gatelatch.CodeNoPassword, "password", "POST", "/users/"+bob+"/verify_password", right)
	w.refused(404, gatelatch.CodeNotFound, "", "POST", "/users/user_01abcdefgh/verify_password", right)
}

// The row of failures is the one of the gate: who has closed an account there has
// closed it here, and the other way round.
func TestGuessesHereCloseTheAccountThere(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Limits.FailuresInARow = 3 })
	ada := w.ok("POST", "/users", object{"email_address": "ada@example.com", "password": "correct horse battery staple"}).id()
	for range 3 {
		w.send("POST", "/users/"+ada+"/verify_password", object{"password": "wrong"})
	}
	browser := w.gate.Browser()
	out, err := w.gate.CreateSignIn(t.Context(), browser, flow.SignInParams{Identifier: "ada@example.com"})
	if err != nil || out.SignIn == nil {
		t.Fatalf("%+v %v", out, err)
	}
	out, err = w.gate.AttemptPassword(t.Context(), browser, out.SignIn.ID, "correct horse battery staple")
	if err != nil || out.Refusal == nil || out.Refusal.Code != gatelatch.CodeTooManyRequests {
		t.Errorf("%+v %v", out.Refusal, err)
	}
}

// app returns the code that an authenticator app shows.
func app(t *testing.T, secret gatelatch.Secret, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(secret.Reveal())), at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestVerifyTOTP(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	path := "/users/" + ada + "/verify_totp"
	w.refused(400, gatelatch.CodeStateInvalid, "", "POST", path, object{"code": "123456"})
	secret := w.gate.AddTOTP(ada)
	backup := "abcde-fghjk"
	w.ok("PATCH", "/users/"+ada, object{"backup_codes": []string{backup}})
	code := app(t, secret, w.gate.Clock.Now())
	if a := w.ok("POST", path, object{"code": code}); string(a.body) != `{"verified":true,"code_type":"totp"}` {
		t.Errorf("%s", a.body)
	}
	w.refused(422, gatelatch.CodeTOTPWrong, "code", "POST", path, object{"code": code}) // once
	if a := w.ok("POST", path, object{"code": backup}); a.text("code_type") != "backup_code" {
		t.Errorf("%s", a.body)
	}
	w.refused(422, gatelatch.CodeTOTPWrong, "code", "POST", path, object{"code": backup})
	for _, wrong := range []string{"-", "x", "12345678901234567890"} {
		w.refused(422, gatelatch.CodeTOTPWrong, "code", "POST", path, object{"code": wrong})
	}
	w.gate.Clock.Advance(time.Minute)
	for range 8 {
		w.send("POST", path, object{"code": "000000"})
	}
	w.refused(429, gatelatch.CodeTooManyRequests, "", "POST", path, object{"code": app(t, secret, w.gate.Clock.Now())})
}

func TestTakeSecondStepsAway(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		made := w.ok("POST", "/users", everything())
		path := "/users/" + made.id()
		phone := made.text("phone_numbers", 0, "id")
		w.ok("PATCH", "/phone_numbers/"+phone, object{"reserved_for_second_factor": true})
		if a := w.ok("DELETE", path+"/totp", nil); string(a.body) != `{"user_id":"`+made.id()+`"}` {
			t.Errorf("%s", a.body)
		}
		a := w.ok("GET", path, nil)
		if a.at("totp_enabled") != false || a.at("backup_code_enabled") != true || a.at("two_factor_enabled") != true {
			t.Errorf("the number is a second step still: %s", a.body)
		}
		w.ok("DELETE", path+"/backup_code", nil)
		if a = w.ok("GET", path, nil); a.at("backup_code_enabled") != false || a.at("two_factor_enabled") != true {
			t.Errorf("%s", a.body)
		}
		w.gate.AddTOTP(made.id())
		if a = w.ok("DELETE", path+"/mfa", nil); a.text("user_id") != made.id() {
			t.Errorf("%s", a.body)
		}
		if a = w.ok("GET", path, nil); a.at("two_factor_enabled") != false || a.at("totp_enabled") != false || a.at("phone_numbers", 0, "reserved_for_second_factor") != false {
			t.Errorf("%s", a.body)
		}
		if c := w.gate.Credentials(made.id()); c.TOTP != nil || len(c.BackupCodes) > 0 || c.Password == nil {
			t.Errorf("%+v", c)
		}
	})
}

func TestBackupCodesGoWithTheLastFactor(t *testing.T) {
	w := newWorld(t)
	body := everything()
	delete(body, "phone_number")
	made := w.ok("POST", "/users", body)
	w.ok("DELETE", "/users/"+made.id()+"/totp", nil)
	if a := w.ok("GET", "/users/"+made.id(), nil); a.at("backup_code_enabled") != false {
		t.Errorf("%s", a.body)
	}
}

func TestRemoveAPasskey(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	w.gate.ChangeCredentials(ada, func(c *gatelatch.Credentials) {
		c.Passkeys = []gatelatch.Passkey{{ID: "psk_1", CredentialID: []byte("a"), Name: "Laptop", CreatedAt: w.gate.Clock.Now()}}
		_, c.BackupCodes = secondfactor.NewBackupCodes(w.gate.Keys.Factor, ada)
	})
	if a := w.ok("GET", "/users/"+ada, nil); a.text("passkeys", 0, "id") != "psk_1" {
		t.Errorf("%s", a.body)
	}
	w.refused(404, gatelatch.CodeNotFound, "", "DELETE", "/users/"+ada+"/passkeys/psk_2", nil)
	if a := w.ok("DELETE", "/users/"+ada+"/passkeys/psk_1", nil); a.at("deleted") != true || a.id() != "psk_1" {
		t.Errorf("%s", a.body)
	}
	if a := w.ok("GET", "/users/"+ada, nil); a.at("passkeys", 0) != nil || a.at("backup_code_enabled") != false {
		t.Errorf("%s", a.body)
	}
}

func TestPasswordsThatOthersKnow(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.ok("POST", "/users", object{"email_address": "ada@example.com", "password": "correct horse battery staple"}).id()
		session, cookies := w.signedIn(ada)
		w.ok("POST", "/users/"+ada+"/password/set_compromised", object{"revoke_all_sessions": false})
		if !w.gate.User(ada).PasswordReset || !w.passes(cookies) {
			t.Error("not asked for a new password, or signed out")
		}
		if a := w.ok("GET", "/sessions/"+session, nil); a.text("status") != "pending" {
			t.Errorf("a session that owes a task lets nobody in: %s", a.body)
		}
		w.ok("POST", "/users/"+ada+"/password/unset_compromised", nil)
		if a := w.ok("GET", "/sessions/"+session, nil); a.text("status") != "active" {
			t.Errorf("%s", a.body)
		}
		w.ok("POST", "/users/"+ada+"/password/set_compromised", object{"revoke_all_sessions": true})
		if w.passes(cookies) {
			t.Error("the session goes on")
		}
		_, cookies = w.signedIn(ada)
		if a := w.ok("POST", "/users/"+ada+"/remove_password", object{"sign_out_of_other_sessions": true}); a.at("password_enabled") != false || w.passes(cookies) {
			t.Errorf("%s", a.body)
		}
		w.refused(400, gatelatch.CodeNoPassword, "", "POST", "/users/"+ada+"/remove_password", nil)
		w.refused(400, gatelatch.CodeNoPassword, "", "POST", "/users/"+ada+"/password/set_compromised", nil)
	})
}

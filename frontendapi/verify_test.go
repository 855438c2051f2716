// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/wire"
)

// proof is the resource of a verification.
type proof struct {
	Object, ID string
	Status     flow.SignInStatus
	Level      flow.Level
	Session    struct {
		ID  string
		Age [2]int64 `json:"factor_verification_age"`
	}
	First       []map[string]any   `json:"supported_first_factors"`
	Second      []map[string]any   `json:"supported_second_factors"`
	FirstProof  *wire.Verification `json:"first_factor_verification"`
	SecondProof *wire.Verification `json:"second_factor_verification"`
}

func (v visitor) verify(step string, fields ...string) proof {
	v.t.Helper()
	var p proof
	s := v.ok("POST", "/client/sessions/"+v.sessionID+"/verify"+step, fields...)
	if err := json.Unmarshal(s.Response, &p); err != nil {
		v.t.Fatalf("%v in %s", err, s.raw)
	}
	if p.Object != "session_verification" || p.Session.ID != v.sessionID {
		v.t.Errorf("%s", s.Response)
	}
	return p
}

func strategies(factors []map[string]any) []string {
	all := []string{}
	for _, f := range factors {
		name, _ := f["strategy"].(string)
		all = append(all, name)
	}
	return all
}

// TestSessionIsProvenAnew, and then lets its holder do what asks for that.
func TestSessionIsProvenAnew(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	d.Clock.Advance(account.FreshFor)
	v.refused(gatelatch.CodeReverify, "POST", "/me/totp")
	p := v.verify("", "level", "second_factor")
	if p.Status != flow.NeedsFirstFactor || p.Level != flow.LevelFirst || p.FirstProof != nil || len(p.First) != 1 || p.First[0]["email_address_id"] == "" {
		t.Fatalf("%+v", p) // there is no second step to ask for
	}
	id, _ := p.First[0]["email_address_id"].(string)
	p = v.verify("/prepare_first_factor", "strategy", "email_code", "email_address_id", id)
	if p.FirstProof == nil || *p.FirstProof.Status != "unverified" {
		t.Fatalf("%+v", p.FirstProof)
	}
	code := d.Code(p.ID)
	path := "/client/sessions/" + v.sessionID + "/verify"
	if e := v.refused(gatelatch.CodeIncorrect, "POST", path+"/attempt_first_factor", "strategy", "email_code", "code", flowtest.Wrong(code)); e.Meta.ParamName != "code" {
		t.Errorf("at %+v", e.Meta)
	}
	v.refused(gatelatch.CodeReverify, "POST", "/me/totp")
	if p = v.verify("/attempt_first_factor", "strategy", "email_code", "code", code); p.Status != flow.SignInComplete || p.Session.Age != [2]int64{0, -1} {
		t.Fatalf("%+v", p)
	}
	v.ok("GET", path)
	v.ok("POST", "/me/totp")
}

func TestSessionIsProvenAnewByAPassword(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	v.ok("POST", "/me/change_password", "new_password", adaWord)
	d.Clock.Advance(account.FreshFor)
	if p := v.verify("", "level", "first_factor"); strategies(p.First)[0] != "password" {
		t.Fatalf("%+v", p.First)
	}
	path := "/client/sessions/" + v.sessionID + "/verify/attempt_first_factor"
	if e := v.refused(gatelatch.CodePasswordIncorrect, "POST", path, "strategy", "password", "password", "wrong"); e.Meta.ParamName != "password" {
		t.Errorf("at %+v", e.Meta)
	}
	if p := v.verify("/attempt_first_factor", "strategy", "password", "password", adaWord); p.Status != flow.SignInComplete {
		t.Fatalf("%+v", p)
	}
}

// TestSecondStepIsAskedForAnew of whoever takes one.
func TestSecondStepIsAskedForAnew(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	secret := v.ok("POST", "/me/totp").field(t, "secret")
	v.ok("POST", "/me/totp/attempt_verification", "code", totpCode(t, secret, d.Clock.Now()))
	phone := v.proves("/me/phone_numbers", "phone_number", adaPhone)
	v.ok("PATCH", "/me/phone_numbers/"+phone, "reserved_for_second_factor", "true")
	d.Clock.Advance(account.FreshFor)
	p := v.verify("", "level", "second_factor")
	if p.Status != flow.NeedsSecondFactor || p.Level != flow.LevelSecond || strategies(p.Second)[0] != "totp" {
		t.Fatalf("%+v", p)
	}
	p = v.verify("/prepare_second_factor", "strategy", "phone_code", "phone_number_id", phone)
	if p.SecondProof == nil || *p.SecondProof.Strategy != gatelatch.PhoneCode {
		t.Fatalf("%+v", p.SecondProof)
	}
	path := "/client/sessions/" + v.sessionID + "/verify/attempt_second_factor"
	v.refused(gatelatch.CodeIncorrect, "POST", path, "strategy", "totp", "code", "000000")
	if p = v.verify("/attempt_second_factor", "strategy", "totp", "code", totpCode(t, secret, d.Clock.Now())); p.Status != flow.SignInComplete || p.Session.Age[1] != 0 {
		t.Fatalf("%+v", p)
	}
	v.ok("DELETE", "/me/totp")
	d.Clock.Advance(account.FreshFor)
	if p := v.verify("", "level", "multi_factor"); p.Status != flow.NeedsFirstFactor || p.Level != flow.LevelMulti {
		t.Fatalf("%+v", p)
	}
	p = v.verify("/prepare_first_factor", "strategy", "email_code")
	if p = v.verify("/attempt_first_factor", "strategy", "email_code", "code", d.Code(p.ID)); p.Status != flow.NeedsSecondFactor || len(p.Second) == 0 {
		t.Fatalf("%+v", p)
	}
}

// TestPasskeyAsTheOnlySecondStep takes the first one, which is both.
func TestPasskeyAsTheOnlySecondStep(t *testing.T) {
	d := newDesk(t, func(s *flow.Service) { s.Policy.SecondFactor = flow.Required })
	v := d.signedIn(adaMail)
	d.Tx(func(ctx context.Context, tx flow.Tx) error {
		return tx.PutCredentials(ctx, gatelatch.Credentials{UserID: v.userID, Passkeys: []gatelatch.Passkey{{ID: "psk_1", CredentialID: []byte("key")}}})
	})
	d.ChangeUser(v.userID, func(u *gatelatch.User) { u.Factors.Passkey = true })
	p := v.verify("", "level", "second_factor")
	if p.Level != flow.LevelMulti || p.Status != flow.NeedsFirstFactor {
		t.Fatalf("%+v", p)
	}
	p = v.verify("/prepare_first_factor", "strategy", "passkey")
	if p.FirstProof == nil || p.FirstProof.Nonce == nil || !json.Valid([]byte(*p.FirstProof.Nonce)) {
		t.Fatalf("%+v", p.FirstProof)
	}
	v.refused(gatelatch.CodePasskeyInvalid, "POST", "/client/sessions/"+v.sessionID+"/verify/attempt_first_factor", "strategy", "passkey", "public_key_credential", "{}")
}

func TestWhatCannotBeVerified(t *testing.T) {
	d := newDesk(t)
	v, other := d.signedIn(adaMail), d.signedIn(bobMail)
	path := "/client/sessions/" + v.sessionID + "/verify"
	v.refused(gatelatch.CodeValue, "POST", path, "level", "third_factor")
	v.refused(gatelatch.CodeNotFound, "GET", path)
	v.refused(gatelatch.CodeNotFound, "POST", path+"/prepare_first_factor", "strategy", "email_code")
	v.verify("")
	v.refused(gatelatch.CodeMissing, "POST", path+"/prepare_first_factor")
	v.refused(gatelatch.CodeStrategyInvalid, "POST", path+"/prepare_first_factor", "strategy", "passkey")
	v.refused(gatelatch.CodeStrategyInvalid, "POST", path+"/prepare_first_factor", "strategy", "phone_code")
	v.refused(gatelatch.CodeStateInvalid, "POST", path+"/attempt_second_factor", "strategy", "totp", "code", "123456")
	for _, step := range []string{"", "/prepare_first_factor", "/attempt_first_factor", "/prepare_second_factor", "/attempt_second_factor"} {
		other.refused(gatelatch.CodeSignedOut, "POST", path+step, "strategy", "email_code", "code", "123456")
	}
}

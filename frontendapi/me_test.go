// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/wire"
)

// user is the resource of a user in an answer.

func (s said) user(t *testing.T) (u wire.User) {
	t.Helper()
	if err := json.Unmarshal(s.Response, &u); err != nil {
		t.Fatalf("%v in %s", err, s.raw)
	}
	return u
}

// TestEveryChangeBringsTheClientAlong: programs know of it by that alone, and the

// user in its session is the one of the answer.

func TestEveryChangeBringsTheClientAlong(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	s := v.ok("PATCH", "/me", "first_name", "Ada")
	var client struct {
		Sessions []struct{ User json.RawMessage }
	}
	if err := json.Unmarshal(s.Client, &client); err != nil || len(client.Sessions) != 1 {
		t.Fatalf("%v in %s", err, s.raw)
	}
	if !bytes.Equal(client.Sessions[0].User, s.Response) {
		t.Errorf("the client has %s", client.Sessions[0].User)
	}
	if string(v.ok("GET", "/me/email_addresses").Client) != "null" {
		t.Error("a read brings a client")
	}
}

func TestProfileIsChangedWholeOrNotAtAll(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	v.ok("PATCH", "/me", "first_name", "Ada", "unsafe_metadata", `{"theme":"dark","tour":{"step":1,"seen":true}}`)
	u := v.ok("PATCH", "/me/metadata", "unsafe_metadata", `{"theme":null,"tour":{"step":2}}`).user(t)
	if string(u.UnsafeMetadata) != `{"tour":{"seen":true,"step":2}}` || *u.FirstName != "Ada" {
		t.Errorf("merged to %s", u.UnsafeMetadata)
	}
	if e := v.refused(gatelatch.CodeMetadata, "PATCH", "/me", "first_name", "Eve", "unsafe_metadata", "[]"); e.Meta.ParamName != "unsafe_metadata" {
		t.Errorf("at %+v", e.Meta)
	}
	v.refused(gatelatch.CodeNotFound, "PATCH", "/me", "first_name", "Eve", "primary_email_address_id", "idn_none")
	v.refused(gatelatch.CodeUnknownParam, "PATCH", "/me", "first_name", "Eve", "username", "eve")
	v.refused(gatelatch.CodeMissing, "PATCH", "/me/metadata")
	if u := v.ok("PATCH", "/me").user(t); *u.FirstName != "Ada" {
		t.Errorf("named %q", *u.FirstName)
	}
	if u := v.ok("PATCH", "/me", "first_name", "").user(t); u.FirstName != nil {
		t.Errorf("named %q", *u.FirstName)
	}
}

func TestPrimaryAddress(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	id := v.proves("/me/email_addresses", "email_address", newMail)
	if u := v.ok("PATCH", "/me", "primary_email_address_id", id).user(t); *u.PrimaryEmailAddressID != id {
		t.Errorf("primary is %q", *u.PrimaryEmailAddressID)
	}
}

// TestAddressIsAddedStepByStep, with the codes that programs know.

func TestAddressIsAddedStepByStep(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	if e := v.refused(gatelatch.CodeFormat, "POST", "/me/email_addresses", "email_address", "nothing"); e.Meta.ParamName != "email_address" {
		t.Errorf("at %+v", e.Meta)
	}
	v.refused(gatelatch.CodeExists, "POST", "/me/email_addresses", "email_address", adaMail)
	id := v.ok("POST", "/me/email_addresses/", "email_address", newMail).field(t, "id")
	step := "/me/email_addresses/" + id
	v.refused(gatelatch.CodeNotSent, "POST", step+"/attempt_verification", "code", "123456")
	v.refused(gatelatch.CodeStrategyInvalid, "POST", step+"/prepare_verification", "strategy", "email_link")
	v.ok("POST", step+"/prepare_verification", "strategy", "email_code")
	if s := v.do("POST", step+"/prepare_verification"); s.status != http.StatusTooManyRequests || s.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", s.status, s.raw)
	}
	code := d.Code(v.change(id))
	if e := v.refused(gatelatch.CodeIncorrect, "POST", step+"/attempt_verification", "code", flowtest.Wrong(code)); e.Meta.ParamName != "code" {
		t.Errorf("at %+v", e.Meta)
	}
	v.ok("POST", step+"/attempt_verification", "code", code)
	v.refused(gatelatch.CodeAlreadyVerified, "POST", step+"/attempt_verification", "code", code)
	v.refused(gatelatch.CodeAlreadyVerified, "POST", step+"/prepare_verification")
	v.ok("DELETE", step)
	v.refused(gatelatch.CodeNotFound, "GET", step)
	v.refused(gatelatch.CodeLastIdentifier, "DELETE", "/me/email_addresses/"+*v.ok("GET", "/me").user(t).PrimaryEmailAddressID)
}

func TestAddressIsGivenUp(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	id := v.ok("POST", "/me/phone_numbers", "phone_number", adaPhone).field(t, "id")
	v.refused(gatelatch.CodeNotFound, "GET", "/me/email_addresses/"+id) // it is of the other kind
	d.Clock.Advance(account.FreshFor)
	v.ok("DELETE", "/me/phone_numbers/"+id)
	v.refused(gatelatch.CodeNotFound, "DELETE", "/me/phone_numbers/"+id)
}

func TestNumberForTheSecondStep(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	id := v.proves("/me/phone_numbers", "phone_number", adaPhone)
	path := "/me/phone_numbers/" + id
	v.refused(gatelatch.CodeStateInvalid, "PATCH", path, "default_second_factor", "true")
	var n wire.PhoneNumber
	if err := json.Unmarshal(v.ok("PATCH", path, "reserved_for_second_factor", "true").Response, &n); err != nil {
		t.Fatal(err)
	}
	if !n.ReservedForSecondFactor || len(n.BackupCodes) == 0 {
		t.Errorf("%+v", n)
	}
	v.refused(gatelatch.CodeReverify, "PATCH", path, "reserved_for_second_factor", "false")
	v.young()
	v.ok("PATCH", path, "default_second_factor", "true")
	if u := v.ok("GET", "/me").user(t); !u.TwoFactorEnabled || u.PhoneNumbers[0].BackupCodes != nil {
		t.Errorf("two steps %t; backup codes are told again", u.TwoFactorEnabled)
	}
	v.ok("PATCH", path, "reserved_for_second_factor", "false")
	if u := v.ok("GET", "/me").user(t); u.TwoFactorEnabled {
		t.Error("still two steps")
	}
}

func TestAuthenticatorApp(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	s := v.ok("POST", "/me/totp")
	v.refused(gatelatch.CodeIncorrect, "POST", "/me/totp/attempt_verification", "code", "000000")
	shown := totpCode(t, s.field(t, "secret"), d.Clock.Now())
	var app struct {
		ID, Secret  string
		Verified    bool
		BackupCodes []string `json:"backup_codes"`
	}
	if err := json.Unmarshal(v.ok("POST", "/me/totp/attempt_verification", "code", shown).Response, &app); err != nil {
		t.Fatal(err)
	}
	if app.ID != s.field(t, "id") || app.Secret != "" || !app.Verified || len(app.BackupCodes) == 0 {
		t.Errorf("%+v", app)
	}
	v.refused(gatelatch.CodeStateInvalid, "POST", "/me/totp")
	if u := v.ok("GET", "/me").user(t); !u.TOTPEnabled || !u.BackupCodeEnabled {
		t.Error("the user does not know")
	}
	if gone := v.ok("DELETE", "/me/totp").field(t, "id"); gone != app.ID {
		t.Errorf("gone is %q", gone)
	}
	v.refused(gatelatch.CodeNotFound, "DELETE", "/me/totp")
	v.refused(gatelatch.CodeStateInvalid, "POST", "/me/backup_codes")
}

func TestPassword(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	other := d.on(v.userID)
	if e := v.refused(gatelatch.CodeMissing, "POST", "/me/change_password"); e.Meta.ParamName != "new_password" {
		t.Errorf("at %+v", e.Meta)
	}
	if e := v.refused(gatelatch.CodePasswordShort, "POST", "/me/change_password", "new_password", "short"); e.Meta.ParamName != "new_password" {
		t.Errorf("at %+v", e.Meta)
	}
	u := v.ok("POST", "/me/change_password", "new_password", adaWord, "sign_out_of_other_sessions", "false").user(t)
	if !u.PasswordEnabled || u.PasswordLastUpdatedAt == nil {
		t.Error("the user does not know")
	}
	other.ok("GET", "/me")
	d.Clock.Advance(account.FreshFor)
	e := v.refused(gatelatch.CodePasswordIncorrect, "POST", "/me/change_password", "new_password", "another horse, another staple", "current_password", "wrong")
	if e.Meta.ParamName != "current_password" {
		t.Errorf("at %+v", e.Meta)
	}
	v.ok("POST", "/me/change_password", "new_password", "another horse, another staple", "current_password", adaWord)
	other.refused(gatelatch.CodeSignedOut, "GET", "/me")
	if u := v.ok("POST", "/me/remove_password", "current_password", "another horse, another staple").user(t); u.PasswordEnabled {
		t.Error("still there")
	}
}

func TestSessionsOfTheUser(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	d.Clock.Advance(time.Minute)
	other, stranger := d.on(v.userID), d.signedIn(bobMail)
	var all []struct{ ID string }
	if err := json.Unmarshal(v.ok("GET", "/me/sessions/active").raw, &all); err != nil || len(all) != 2 || all[0].ID != v.sessionID {
		t.Fatalf("%v, %+v", err, all)
	}
	v.refused(gatelatch.CodeNotFound, "POST", "/me/sessions/"+stranger.sessionID+"/revoke")
	if s := v.ok("POST", "/me/sessions/"+other.sessionID+"/revoke"); s.field(t, "status") != "revoked" {
		t.Errorf("%s", s.Response)
	}
	other.refused(gatelatch.CodeSignedOut, "GET", "/me")
	v.refused(gatelatch.CodeNotFound, "POST", "/me/sessions/"+other.sessionID+"/revoke")
}

func TestDeletion(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	d.ChangeUser(v.userID, func(u *gatelatch.User) { u.KeepsAccount = true })
	if u := v.ok("GET", "/me").user(t); u.DeleteSelfEnabled {
		t.Error("offered, and not allowed")
	}
	v.refused(gatelatch.CodeForbidden, "DELETE", "/me")
	d.ChangeUser(v.userID, func(u *gatelatch.User) { u.KeepsAccount = false })
	s := v.ok("DELETE", "/me")
	if !strings.Contains(string(s.Client), `"sessions":[]`) {
		t.Errorf("the client is %s", s.Client)
	}
	v.refused(gatelatch.CodeSignedOut, "GET", "/me")
}

// TestWhatAsksForAYoungSession, in the code that SDKs ask the user again for.

// TestWhatBelongsToAnotherIsNotThere: ids of somebody else are like ids of nobody.

// TestAnotherPageCannotAct: a form of another origin reaches nothing.

// TestNobodySignedIn is told so by each call of the user's own.

// TestTasks: a session that owes something can do what it owes, and no more.

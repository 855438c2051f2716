// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
)

func TestWhatAsksForAYoungSession(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	mail := v.proves("/me/email_addresses", "email_address", newMail)
	phone := v.proves("/me/phone_numbers", "phone_number", adaPhone)
	v.ok("POST", "/me/change_password", "new_password", adaWord)
	d.Clock.Advance(account.FreshFor)
	for _, call := range [][]string{
		{"PATCH", "/me", "primary_email_address_id", mail},
		{"DELETE", "/me"},
		{"POST", "/me/email_addresses", "email_address", "third@example.com"},
		{"DELETE", "/me/email_addresses/" + mail},
		{"POST", "/me/phone_numbers", "phone_number", "+12015550199"},
		{"PATCH", "/me/phone_numbers/" + phone, "reserved_for_second_factor", "true"},
		{"POST", "/me/change_password", "new_password", "another horse, another staple"},
		{"POST", "/me/remove_password"},
		{"POST", "/me/totp"},
		{"POST", "/me/backup_codes"},
		{"POST", "/me/passkeys"},
	} {
		v.refused(gatelatch.CodeReverify, call[0], call[1], call[2:]...)
	}
	for _, call := range [][]string{
		{"GET", "/me"}, {"PATCH", "/me", "first_name", "Ada"}, {"GET", "/me/sessions/active"}, {"GET", "/me/passkeys"},
	} {
		v.ok(call[0], call[1], call[2:]...)
	}
}

func TestWhatBelongsToAnotherIsNotThere(t *testing.T) {
	d := newDesk(t)
	victim, v := d.signedIn(bobMail), d.signedIn(adaMail)
	mail := victim.proves("/me/email_addresses", "email_address", newMail)
	begun := victim.ok("POST", "/me/email_addresses", "email_address", "third@example.com").field(t, "id")
	victim.ok("POST", "/me/email_addresses/"+begun+"/prepare_verification")
	code := d.Code(victim.change(begun))
	phone := victim.proves("/me/phone_numbers", "phone_number", adaPhone)
	d.Tx(func(ctx context.Context, tx flow.Tx) error {
		c, err := tx.Credentials(ctx, victim.userID)
		c.Passkeys = []gatelatch.Passkey{{ID: "psk_victim", Name: "Key"}}
		if err != nil {
			return err
		}
		return tx.PutCredentials(ctx, c)
	})
	before := d.User(victim.userID)
	for _, call := range [][]string{
		{"PATCH", "/me", "primary_email_address_id", mail},
		{"GET", "/me/email_addresses/" + mail},
		{"DELETE", "/me/email_addresses/" + mail},
		{"POST", "/me/email_addresses/" + mail + "/prepare_verification"},
		{"GET", "/me/email_addresses/" + begun},
		{"POST", "/me/email_addresses/" + begun + "/prepare_verification"},
		{"POST", "/me/email_addresses/" + begun + "/attempt_verification", "code", code},
		{"DELETE", "/me/email_addresses/" + begun},
		{"PATCH", "/me/phone_numbers/" + phone, "reserved_for_second_factor", "true"},
		{"DELETE", "/me/phone_numbers/" + phone},
		{"PATCH", "/me/passkeys/psk_victim", "name", "Mine"},
		{"DELETE", "/me/passkeys/psk_victim"},
		{"POST", "/me/sessions/" + victim.sessionID + "/revoke"},
		{"DELETE", "/me/email_addresses/" + strings.Repeat("x", 100)},
		{"DELETE", "/me/email_addresses/..%2f..%2fme"},
	} {
		v.refused(gatelatch.CodeNotFound, call[0], call[1], call[2:]...)
	}
	if after := d.User(victim.userID); len(after.Addresses) != len(before.Addresses) || after.UpdatedAt != before.UpdatedAt {
		t.Error("something of the victim has changed")
	}
	victim.ok("GET", "/me")
}

func TestAnotherPageCannotAct(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	for name, spoil := range map[string]func(*http.Request){
		"another origin":                 func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"no origin, and from elsewhere":  func(r *http.Request) { r.Header.Del("Origin"); r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"no origin":                      func(r *http.Request) { r.Header.Del("Origin") },
		"an opaque origin":               func(r *http.Request) { r.Header.Set("Origin", "null") },
		"an origin that only looks like": func(r *http.Request) { r.Header.Set("Origin", deskOrigin+".evil.example") },
	} {
		r := v.request("DELETE", "/me")
		spoil(r)
		if s := v.send(r); s.status != http.StatusBadRequest || s.Errors[0].Code != gatelatch.CodeOriginInvalid {
			t.Errorf("%s: %d %s", name, s.status, s.raw)
		}
	}
	v.ok("GET", "/me")
}

func TestNobodySignedIn(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	stranger := visitor{desk: d, token: d.Tokens.New("client"), sessionID: v.sessionID}
	for _, call := range [][]string{
		{"GET", "/me"},
		{"PATCH", "/me"},
		{"DELETE", "/me"},
		{"GET", "/me/email_addresses"},
		{"POST", "/me/phone_numbers"},
		{"POST", "/me/change_password"},
		{"POST", "/me/totp"},
		{"POST", "/me/backup_codes"},
		{"POST", "/me/passkeys"},
		{"GET", "/me/sessions"},
		{"GET", "/me/organization_memberships"},
		{"POST", "/me/terms"},
		{"POST", "/client/sessions/" + v.sessionID + "/verify"},
		{"GET", "/client/sessions/" + v.sessionID + "/verify"},
	} {
		stranger.refused(gatelatch.CodeSignedOut, call[0], call[1])
	}
}

func TestTasks(t *testing.T) {
	t.Run("a second step", func(t *testing.T) {
		v := newDesk(t, func(s *flow.Service) { s.Policy.SecondFactor = flow.Required }).signedIn(adaMail)
		v.refused(gatelatch.CodeForbidden, "PATCH", "/me", "first_name", "Ada")
		v.refused(gatelatch.CodeForbidden, "POST", "/me/email_addresses", "email_address", newMail)
		id := v.proves("/me/phone_numbers", "phone_number", adaPhone)
		s := v.ok("PATCH", "/me/phone_numbers/"+id, "reserved_for_second_factor", "true")
		if !strings.Contains(string(s.Client), `"status":"active"`) || !strings.Contains(string(s.Client), `"tasks":null`) {
			t.Errorf("still owes: %s", s.Client)
		}
	})
	t.Run("a new password", func(t *testing.T) {
		d := newDesk(t)
		v := d.signedIn(adaMail)
		d.ChangeUser(v.userID, func(u *gatelatch.User) { u.PasswordReset = true })
		v.refused(gatelatch.CodeForbidden, "POST", "/me/totp")
		v.ok("POST", "/me/change_password", "new_password", adaWord, "sign_out_of_other_sessions", "true")
		v.ok("PATCH", "/me", "first_name", "Ada")
	})
	t.Run("the terms", func(t *testing.T) {
		d := newDesk(t, func(s *flow.Service) { s.Policy.Terms = flow.Terms{URL: "https://example.com/terms", Version: "2"} })
		v, w := d.signedIn(adaMail), d.signedIn(bobMail)
		v.refused(gatelatch.CodeForbidden, "PATCH", "/me", "first_name", "Ada")
		v.refused(gatelatch.CodeValue, "POST", "/me/terms", "version", "1")
		if u := v.ok("POST", "/me/terms", "version", "2").user(t); u.LegalAcceptedAt == nil {
			t.Error("not accepted")
		}
		if u := w.ok("PATCH", "/me", "legal_accepted", "true", "first_name", "Bob").user(t); u.LegalAcceptedAt == nil || *u.FirstName != "Bob" {
			t.Error("not accepted")
		}
	})
}

func TestWhatIsNotOffered(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	for _, path := range []string{"/me/external_accounts", "/me/web3_wallets"} {
		v.refused(gatelatch.CodeNotOffered, "POST", path)
	}
	v.refused(gatelatch.CodeNotOffered, "DELETE", "/me/profile_image")
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", "me.png")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(make([]byte, 1<<20))
	_ = m.Close()
	r := v.request("POST", "/me/profile_image")
	picture, _ := http.NewRequest(http.MethodPost, r.URL.String(), &b)
	picture.Header, picture.RemoteAddr = r.Header, r.RemoteAddr
	picture.Header.Set("Content-Type", m.FormDataContentType())
	if s := v.send(picture); s.status != http.StatusForbidden || s.Errors[0].Code != gatelatch.CodeNotOffered {
		t.Errorf("%d %s", s.status, s.raw)
	}
}

// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/wire"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func ada() wire.UserView {
	mail := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "ada@example.com"}
	phone := gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12015550123"}
	return wire.UserView{
		DeleteSelf: true, Now: noon,
		User: gatelatch.User{
			ID: "user_1", FirstName: "Ada", CreatedAt: noon, UpdatedAt: noon,
			Addresses: []gatelatch.Address{
				{ID: "idn_1", Identifier: mail, Display: "Ada@example.com", VerifiedAt: noon, Primary: true},
				{ID: "idn_2", Identifier: phone, Display: "+1 201-555-0123", SecondFactor: true},
			},
			Metadata: gatelatch.Metadata{Private: json.RawMessage(`{"plan":"secret"}`)},
		},
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPrivateMetadataIsForOperators(t *testing.T) {
	if got := text(t, wire.NewUser(ada())); strings.Contains(got, "private") || strings.Contains(got, "secret") {
		t.Errorf("the user is told: %s", got)
	}
	if got := text(t, wire.NewOperatorUser(ada())); !strings.Contains(got, `"private_metadata":{"plan":"secret"}`) {
		t.Errorf("the operator is not told: %s", got)
	}
}

// SDKs walk these lists without looking whether they are there.
func TestListsAreNeverNull(t *testing.T) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text(t, wire.NewUser(wire.UserView{Now: noon}))), &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"email_addresses", "phone_numbers", "passkeys", "web3_wallets", "external_accounts", "enterprise_accounts", "saml_accounts", "organization_memberships",
	} {
		if string(fields[name]) != "[]" {
			t.Errorf("%s is %s", name, fields[name])
		}
	}
	for _, name := range []string{"public_metadata", "unsafe_metadata"} {
		if string(fields[name]) != "{}" {
			t.Errorf("%s is %s", name, fields[name])
		}
	}
	if _, ok := fields["deleted"]; ok {
		t.Error("an SDK takes a user with this field for a deleted one")
	}
}

func TestAddressesOfAUser(t *testing.T) {
	u := wire.NewUser(ada())
	if len(u.EmailAddresses) != 1 || len(u.PhoneNumbers) != 1 {
		t.Fatalf("%+v", u)
	}
	mail, phone := u.EmailAddresses[0], u.PhoneNumbers[0]
	if mail.EmailAddress != "Ada@example.com" || *mail.Verification.Status != "verified" || *mail.Verification.Strategy != gatelatch.EmailCode {
		t.Errorf("mail: %+v", mail)
	}
	if phone.PhoneNumber != "+12015550123" || phone.Verification != nil || !phone.Reserved || !phone.ReservedForSecondFactor {
		t.Errorf("phone: %+v", phone)
	}
	if u.PrimaryEmailAddressID == nil || *u.PrimaryEmailAddressID != "idn_1" || u.PrimaryPhoneNumberID != nil {
		t.Errorf("primary: %v %v", u.PrimaryEmailAddressID, u.PrimaryPhoneNumberID)
	}
}

func TestLock(t *testing.T) {
	for name, row := range map[string]struct {
		until  time.Time
		locked bool
		left   int64
	}{
		"never":          {},
		"over":           {until: noon},
		"half a second":  {until: noon.Add(500 * time.Millisecond), locked: true, left: 1},
		"another minute": {until: noon.Add(time.Minute), locked: true, left: 60},
	} {
		v := ada()
		v.User.LockedUntil = row.until
		u := wire.NewUser(v)
		if u.Locked != row.locked || row.locked != (u.LockoutExpiresInSeconds != nil) {
			t.Errorf("%s: locked %v", name, u.Locked)
		}
		if u.LockoutExpiresInSeconds != nil && *u.LockoutExpiresInSeconds != row.left {
			t.Errorf("%s: %d s left", name, *u.LockoutExpiresInSeconds)
		}
	}
}

func TestDeletionIsOffered(t *testing.T) {
	for name, row := range map[string]struct{ site, keeps, want bool }{
		"site and operator allow": {site: true, want: true},
		"the site does not":       {},
		"the operator does not":   {site: true, keeps: true},
	} {
		v := ada()
		v.DeleteSelf, v.User.KeepsAccount = row.site, row.keeps
		if got := wire.NewUser(v).DeleteSelfEnabled; got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRefusal(t *testing.T) {
	got := text(t, wire.Refuse(gatelatch.Refusal{Code: gatelatch.CodeIncorrect, Param: "code", Message: "That code is incorrect."}, "trace"))
	want := `{"errors":[{"code":"form_code_incorrect","message":"That code is incorrect.","long_message":"That code is incorrect.",` +
		`"meta":{"param_name":"code"}}],"clerk_trace_id":"trace"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

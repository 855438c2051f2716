// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

func TestParseDecidesByTheAt(t *testing.T) {
	both := identifier.Policy{Email: true, Phone: true, Region: "US"}
	for _, c := range []struct {
		name   string
		policy identifier.Policy
		input  string
		kind   gatelatch.IdentifierKind
		value  string
	}{
		{"e-mail", both, " Jo@Example.com ", gatelatch.EmailAddress, "jo@example.com"},
		{"digits before the @", both, "2015550123@example.com", gatelatch.EmailAddress, "2015550123@example.com"},
		{"number", both, "(201) 555-0123", gatelatch.PhoneNumber, "+12015550123"},
		{"e-mail alone", emails, "jo@example.com", gatelatch.EmailAddress, "jo@example.com"},
		{"number alone", fromUS, "201 555 0123", gatelatch.PhoneNumber, "+12015550123"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, no := c.policy.Parse(c.input)
			if no != nil {
				t.Fatalf("refused: %s", no.Message)
			}
			if want := (gatelatch.Identifier{Kind: c.kind, Value: c.value}); got.Identifier != want {
				t.Errorf("got %+v, want %+v", got.Identifier, want)
			}
		})
	}
}

func TestParseRefusesAndSaysWhatToDo(t *testing.T) {
	both := identifier.Policy{Email: true, Phone: true}
	for _, c := range []struct {
		name   string
		policy identifier.Policy
		input  string
		code   gatelatch.Code
		says   string
	}{
		{"nothing", both, " ", gatelatch.CodeMissing, "your email address or phone number"},
		{"nothing, e-mail alone", emails, "", gatelatch.CodeMissing, "your email address"},
		{"nothing, numbers alone", fromUS, "", gatelatch.CodeMissing, "your phone number"},
		{"a name", both, "jane", gatelatch.CodeFormat, "name@example.com, or a phone number"},
		{"a name, e-mail alone", emails, "jane", gatelatch.CodeFormat, "like name@example.com"},
		{"a name, numbers alone", fromUS, "jane", gatelatch.CodeFormat, "in digits"},
		{"full-width @", both, "jo＠example.com", gatelatch.CodeFormat, "name@example.com, or a phone number"},
		{"number where e-mail is wanted", emails, "+12015550123", gatelatch.CodeFormat, "like name@example.com"},
		{"e-mail where a number is wanted", fromUS, "jo@example.com", gatelatch.CodeFormat, "like +1 201"},
		{"number without country code", both, "2015550123", gatelatch.CodeFormat, "country code"},
		{"bad local part", both, "jö@example.com", gatelatch.CodeFormat, "before the @"},
		{"two @", both, "a@b@example.com", gatelatch.CodeFormat, "like name@example.com"},
		{"bad domain", both, "jo@example", gatelatch.CodeFormat, "after the @"},
		{"wrong number", both, "+12015550", gatelatch.CodeFormat, "does not exist"},
		{"country", fromUS, "+447400123456", gatelatch.CodeCountryNotAllowed, "of this country"},
		{"type", both, "+19005550123", gatelatch.CodeCountryNotAllowed, "kind of phone number"},
		{"long", both, strings.Repeat("x", 2000), gatelatch.CodeTooLong, "too long"},
		{"long number", both, strings.Repeat("1", 41), gatelatch.CodeTooLong, "phone number is too long"},
		{"long e-mail", both, strings.Repeat("1", 65) + "@example.com", gatelatch.CodeTooLong, "email address is too long"},
		{"no kind accepted", identifier.Policy{}, "jo@example.com", gatelatch.CodeFormat, "Neither"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, no := c.policy.Parse(c.input)
			wantRefusal(t, got, no, c.code, "identifier")
			if !strings.Contains(no.Message, c.says) {
				t.Errorf("%q does not say %q", no.Message, c.says)
			}
		})
	}
}

func TestKindsNotAcceptedAreRefusedByName(t *testing.T) {
	got, no := fromUS.ParseEmail("jo@example.com")
	wantRefusal(t, got, no, gatelatch.CodeFormat, "email_address")
	got, no = emails.ParsePhone("+12015550123")
	wantRefusal(t, got, no, gatelatch.CodeFormat, "phone_number")
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy identifier.Policy
		names  string
	}{
		{"zero", identifier.Policy{}, ""},
		{"both cases", identifier.Policy{Region: "us", Countries: []string{"DE", "gb", "XK"}}, ""},
		{"region of three letters", identifier.Policy{Region: "USA"}, `"USA"`},
		{"region that is none", identifier.Policy{Region: "ZZ"}, `"ZZ"`},
		{"the world", identifier.Policy{Countries: []string{"001"}}, `"001"`},
		{"UK is GB", identifier.Policy{Countries: []string{"DE", "UK"}}, `"UK"`},
		{"calling code", identifier.Policy{Countries: []string{"44"}}, `"44"`},
		{"empty country", identifier.Policy{Countries: []string{""}}, `""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.policy.Validate()
			if c.names == "" && err != nil {
				t.Fatal(err)
			}
			if c.names != "" && (err == nil || !strings.Contains(err.Error(), c.names)) {
				t.Errorf("got %v, want an error that names %s", err, c.names)
			}
		})
	}
}

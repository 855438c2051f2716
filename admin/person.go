// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Person is a user as an import brings it and an export tells it: one line of
// JSON. What is left out is empty; times that are left out are now. At least one
// address that begins a sign-in is needed.
type Person struct {
	// ID keeps the name that apps know the user by; a new one when empty. It is
	// "user_" and 8 to 48 letters or digits.
	ID string `json:"id,omitempty"`
	// EmailAddresses and PhoneNumbers are taken as proven; the first of each is
	// the primary one. A single one may stand without brackets.
	EmailAddresses list `json:"email_addresses,omitempty"`
	PhoneNumbers   list `json:"phone_numbers,omitempty"`
	// SecondFactorPhoneNumbers are reserved for the second step.
	SecondFactorPhoneNumbers list `json:"second_factor_phone_numbers,omitempty"`
	// UnverifiedEmailAddresses and UnverifiedPhoneNumbers are held for the user, who has
	// not proven them yet: they begin sign-ins, and are never the primary ones.
	UnverifiedEmailAddresses list   `json:"unverified_email_addresses,omitempty"`
	UnverifiedPhoneNumbers   list   `json:"unverified_phone_numbers,omitempty"`
	FirstName                string `json:"first_name,omitempty"`
	LastName                 string `json:"last_name,omitempty"`
	// PasswordHash is argon2, bcrypt, scrypt or PBKDF2, see package password.
	PasswordHash plain `json:"password_hash,omitempty"`
	// TOTPSecret is the secret of an authenticator app, in base32.
	TOTPSecret plain `json:"totp_secret,omitempty"`

	CreatedAt       time.Time `json:"created_at,omitzero"`
	LastSignInAt    time.Time `json:"last_sign_in_at,omitzero"`
	Banned          bool      `json:"banned,omitempty"`
	PasswordReset   bool      `json:"password_reset,omitempty"`
	TermsVersion    string    `json:"terms_version,omitempty"`
	TermsAcceptedAt time.Time `json:"terms_accepted_at,omitzero"`

	// ExternalID is the operator's own name for the user.
	ExternalID   string    `json:"external_id,omitempty"`
	Locale       string    `json:"locale,omitempty"`
	LockedUntil  time.Time `json:"locked_until,omitzero"`
	KeepsAccount bool      `json:"keeps_account,omitempty"`
	// The bags of metadata are JSON objects.
	PublicMetadata  json.RawMessage `json:"public_metadata,omitempty"`
	PrivateMetadata json.RawMessage `json:"private_metadata,omitempty"`
	UnsafeMetadata  json.RawMessage `json:"unsafe_metadata,omitempty"`

	// Email and Phone are other words for the lists of addresses, in imports.
	Email list `json:"email,omitempty"`
	Phone list `json:"phone,omitempty"`
}

// plain is a secret that an export was asked to tell: it goes into JSON as it
// is, and nowhere else.
type plain gatelatch.Secret

func (p plain) secret() gatelatch.Secret { return gatelatch.Secret(p) }

// Format implements [fmt.Formatter] and hides the text, as [gatelatch.Secret]
// does.
func (p plain) Format(f fmt.State, verb rune) { p.secret().Format(f, verb) }

// list is one text or several.
type list []string

// UnmarshalJSON reads a text, or a list of texts.
func (l *list) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var one string
		err := json.Unmarshal(b, &one)
		*l = list{one}
		return err
	}
	var several []string
	err := json.Unmarshal(b, &several)
	*l = several
	return err
}

// newUser is the user that a line tells of.
func (p Person) newUser() NewUser {
	n := NewUser{
		ID: p.ID, Addresses: p.addresses(), FirstName: strings.TrimSpace(p.FirstName), LastName: strings.TrimSpace(p.LastName),
		Locale: p.Locale, ExternalID: p.ExternalID, NoPassword: true, PasswordReset: p.PasswordReset, TOTPSecret: p.TOTPSecret.secret(),
		Bags:      Bags{Public: p.PublicMetadata, Private: p.PrivateMetadata, Unsafe: p.UnsafeMetadata},
		CreatedAt: p.CreatedAt, LastSignInAt: p.LastSignInAt, TermsVersion: p.TermsVersion,
		Banned: p.Banned, LockedUntil: p.LockedUntil, KeepsAccount: p.KeepsAccount, line: true,
	}
	if p.PasswordHash != "" {
		n.Password = &NewPassword{Digest: p.PasswordHash.secret(), line: true}
	}
	if p.TermsVersion != "" {
		n.LegalAcceptedAt = p.TermsAcceptedAt
	}
	return n
}

func (p Person) addresses() []NewAddress {
	var all []NewAddress
	for _, group := range []struct {
		typed list
		one   NewAddress
	}{
		{p.EmailAddresses, NewAddress{Kind: gatelatch.EmailAddress, Verified: true}},
		{p.PhoneNumbers, NewAddress{Kind: gatelatch.PhoneNumber, Verified: true}},
		{p.SecondFactorPhoneNumbers, NewAddress{Kind: gatelatch.PhoneNumber, Verified: true, SecondFactor: true}},
		{p.UnverifiedEmailAddresses, NewAddress{Kind: gatelatch.EmailAddress}},
		{p.UnverifiedPhoneNumbers, NewAddress{Kind: gatelatch.PhoneNumber}},
	} {
		for _, typed := range group.typed {
			one := group.one
			one.Typed, one.VerifiedAt = typed, p.CreatedAt
			all = append(all, one)
		}
	}
	return all
}

// readPerson reads one line. What it says of a wrong one quotes no value.
func readPerson(line []byte) (Person, *gatelatch.Refusal) {
	var p Person
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Person{}, refuse(gatelatch.CodeFormat, "", "%s", wordJSON(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Person{}, refuse(gatelatch.CodeFormat, "", "There is something behind the JSON object.")
	}
	p.EmailAddresses = append(p.EmailAddresses, p.Email...)
	p.PhoneNumbers = append(p.PhoneNumbers, p.Phone...)
	p.Email, p.Phone = nil, nil
	return p, nil
}

func wordJSON(err error) string {
	var kind *json.UnmarshalTypeError
	var at *time.ParseError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return "The field " + kind.Field + " is of another kind: found a " + kind.Value + "."
	case errors.As(err, &kind):
		return "The line is no JSON object, or a field in it is of another kind."
	case errors.As(err, &at):
		return "A time is not of the form 2026-01-31T12:00:00Z."
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return "There is an unknown field " + strings.TrimPrefix(err.Error(), "json: unknown field ") + "."
	}
	return "The line is no JSON object."
}

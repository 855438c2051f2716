// SPDX-License-Identifier: Apache-2.0

package gatelatch

import (
	"strings"
	"time"
)

// IdentifierKind says what sort of address identifies somebody. The values
// are Clerk's attribute names.
type IdentifierKind string

// The two kinds of identifier.
const (
	EmailAddress IdentifierKind = "email_address"
	PhoneNumber  IdentifierKind = "phone_number"
)

// Identifier is a normalised address: Value is the canonical form by which it
// is looked up and limited (a folded e-mail address, an E.164 number). The zero
// value identifies nobody. Package identifier makes them.
type Identifier struct {
	Kind  IdentifierKind `json:"kind"`
	Value string         `json:"value"`
}

// IsZero reports whether i identifies nobody.
func (i Identifier) IsZero() bool { return i.Value == "" }

// Address is an identifier that somebody has proven to hold.
type Address struct {
	// ID names the address on the wire ("idn_...").
	ID string `json:"id"`
	Identifier
	// Display is the address as its owner wrote it when proving it; mail and
	// texts go to this form, never to what a later visitor types.
	Display string `json:"display"`
	// VerifiedAt is when a code sent there was last given back for the first time.
	VerifiedAt time.Time `json:"verified_at"`
	// Primary marks the one address of its kind that stands in identity headers.
	Primary bool `json:"primary"`
	// SecondFactor reserves a number for the second step. Such a number begins
	// no sign-in: one number would else be both steps.
	SecondFactor bool `json:"second_factor"`
	// DefaultSecond marks the reserved number that its owner wants to be asked by
	// first; see [User.SecondNumbers].
	DefaultSecond bool `json:"default_second,omitempty"`
}

// User is somebody with at least one proven address.
type User struct {
	ID           string
	FirstName    string
	LastName     string
	Addresses    []Address
	CreatedAt    time.Time
	UpdatedAt    time.Time
	LastSignInAt time.Time

	// Banned users have no session and get none.
	Banned bool
	// PasswordReset asks for a new password before anything else; an operator or
	// an import has set it.
	PasswordReset bool
	// Factors tells what the user's [Credentials] hold. It is written together
	// with them.
	Factors Factors
	// TermsVersion is the version of the terms the user has accepted, and
	// TermsAcceptedAt when; zero values when none.
	TermsVersion    string
	TermsAcceptedAt time.Time

	// ExternalID is the operator's own name for the user; unique unless empty.
	ExternalID string
	// Locale is the language of the user's browser at sign-up, as BCP 47; or empty.
	Locale string
	// LockedUntil is when an operator's lock ends by itself: until then the user
	// gets no new session, and keeps those there are. Zero for none.
	LockedUntil time.Time
	// KeepsAccount says that an operator has forbidden the user to delete the
	// account.
	KeepsAccount bool
	// LastActiveAt is the last request of any session, to within a minute.
	LastActiveAt time.Time
	Metadata     Metadata
}

// LockedAt reports whether an operator's lock is on at now. The limit is
// exclusive.
func (u User) LockedAt(now time.Time) bool { return now.Before(u.LockedUntil) }

// Factors tells what a user can be recognised by, beside addresses.
type Factors struct {
	Password, TOTP, BackupCodes, Passkey bool
}

// Name returns first and last name, or nothing.
func (u User) Name() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// Primary returns the primary address of a kind, and whether there is one.
func (u User) Primary(kind IdentifierKind) (Address, bool) {
	for _, a := range u.Addresses {
		if a.Kind == kind && a.Primary {
			return a, true
		}
	}
	return Address{}, false
}

// Address returns the user's own record of an identifier, and whether the
// user holds it.
func (u User) Address(id Identifier) (Address, bool) {
	for _, a := range u.Addresses {
		if a.Identifier == id {
			return a, true
		}
	}
	return Address{}, false
}

// ByID returns the user's address of an id, and whether there is one.
func (u User) ByID(addressID string) (Address, bool) {
	for _, a := range u.Addresses {
		if a.ID == addressID {
			return a, true
		}
	}
	return Address{}, false
}

// SecondNumbers returns the numbers that are reserved for the second step, the
// default one first: that which the user has chosen, or else the oldest.
func (u User) SecondNumbers() []Address {
	var numbers []Address
	for _, a := range u.Addresses {
		switch {
		case !a.SecondFactor:
		case a.DefaultSecond:
			numbers = append([]Address{a}, numbers...)
		default:
			numbers = append(numbers, a)
		}
	}
	return numbers
}

// TwoStep reports whether every sign-in of the user takes a second step: an
// authenticator app or a number that is reserved for it was set up.
func (u User) TwoStep() bool {
	if u.Factors.TOTP {
		return true
	}
	for _, a := range u.Addresses {
		if a.SecondFactor {
			return true
		}
	}
	return false
}

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

// SPDX-License-Identifier: Apache-2.0

package gatelatch

import (
	"encoding/json"
	"time"
)

// Invitation lets the holder of an address sign up where not everybody may. It is
// about the address: on pages a code still proves it. A program that brings the
// ticket from the invitation's link has it proven by that, since the link came by a
// message to the address.
type Invitation struct {
	ID string // "inv_..."
	Identifier
	Display   string // where the message goes
	CreatedAt time.Time
	ExpireAt  time.Time
	// AcceptedAt is when a user was made of it, RevokedAt when it was taken
	// back; zero when not.
	AcceptedAt time.Time
	RevokedAt  time.Time
	// PublicMetadata goes to the user that is made of it: a JSON object, or nil.
	PublicMetadata json.RawMessage
	// RedirectURL is where the link leads, after the operator's choice; empty for the
	// sign-up page.
	RedirectURL string
}

// LiveAt reports whether the invitation still lets somebody sign up. The limit
// is exclusive.
func (i Invitation) LiveAt(now time.Time) bool {
	return i.AcceptedAt.IsZero() && i.RevokedAt.IsZero() && now.Before(i.ExpireAt)
}

// WaitlistEntry is a proven address that waits to be let in.
type WaitlistEntry struct {
	ID string // "wle_..."
	Identifier
	Display    string
	CreatedAt  time.Time // when the address was proven
	ApprovedAt time.Time // zero while it waits
	RejectedAt time.Time // zero unless an operator said no; approving takes that back
}

// RestrictionList says which way a restriction goes.
type RestrictionList string

// The two lists.
const (
	AllowList RestrictionList = "allow"
	BlockList RestrictionList = "block"
)

// Restriction is one line of the lists that say whose addresses may sign up.
// Package admission reads patterns.
type Restriction struct {
	ID        string // "rst_..."
	List      RestrictionList
	Pattern   string // normalised
	CreatedAt time.Time
}

// SPDX-License-Identifier: Apache-2.0

// Package admin is what operators do: to users, sessions, invitations, the
// waitlist and the lists of who may sign up. Whoever reaches it is the operator;
// its callers see to that.
package admin

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// Page bounds a listing: at most Limit rows (100 when zero, never more than
// 1,000) whose id comes after After in the order of the listing.
type Page struct {
	After string
	Limit int
}

// UserQuery picks users. The zero value picks all.
type UserQuery struct {
	Page
	// Search finds users who have an address or a name, or from six characters on an
	// id, that contains it, case ignored.
	Search string
	// Banned picks only users who are, or are not, banned.
	Banned *bool

	// IDs, ExternalIDs and Identifiers pick users who are named by any value of any
	// of the three; all users when the three are empty. Identifiers are canonical.
	IDs, ExternalIDs []string
	Identifiers      []gatelatch.Identifier
	// Created, LastActive and LastSignIn pick by time.
	Created, LastActive, LastSignIn Span
	// Order is how the users are sorted; Descending turns it round. Ids break ties. An
	// empty order goes by ids, which sort by age, and is the only one that After goes
	// with. Offset skips users in any order.
	Order      UserOrder
	Descending bool
	Offset     int
}

// Span is a stretch of time: from From, inclusive, to Before, exclusive. A zero
// bound is none.
//
// What has never happened, and has a zero time, lies in no stretch that has a bound.
type Span struct{ From, Before time.Time }

// UserOrder is what users are sorted by.
type UserOrder string

// The orders, in the words of Clerk's Backend API. Addresses are the primary ones;
// users without one come first. Names go by their bytes, the case of ASCII letters
// ignored. ByCreation is the time of creation, which an import may have set.
const (
	ByCreation   UserOrder = "created_at"
	ByUpdate     UserOrder = "updated_at"
	ByEmail      UserOrder = "email_address"
	ByPhone      UserOrder = "phone_number"
	ByFirstName  UserOrder = "first_name"
	ByLastName   UserOrder = "last_name"
	ByLastActive UserOrder = "last_active_at"
	ByLastSignIn UserOrder = "last_sign_in_at"
)

// Slice is a page by numbers: at most Limit rows after the first Offset.
type Slice struct{ Offset, Limit int }

// SessionQuery picks sessions. The zero value, but for Slice, picks all.
type SessionQuery struct {
	Slice
	UserID, ClientID string
	// Status is stored or computed: "expired" is an active session past its absolute
	// limit at Now, "abandoned" one that was not used within Idle (zero for no
	// limit), "active" one that is neither. Empty for any.
	Status gatelatch.SessionStatus
	Now    time.Time
	Idle   time.Duration
}

// InvitationQuery picks invitations.
type InvitationQuery struct {
	Slice
	// Status is pending, accepted, revoked or expired at Now; empty for all but
	// revoked ones.
	Status string
	Now    time.Time
	// Search is part of an address, or from six characters on of an id, case ignored.
	Search string
	// Order is created_at, expires_at or email_address.
	Order      string
	Descending bool
}

// WaitlistQuery picks entries of the waitlist.
type WaitlistQuery struct {
	Slice
	// Status is pending, invited (approved) or rejected; empty for all.
	Status string
	// Search is part of an address, or from six characters on of an id, case ignored.
	Search string
	// Order is created_at, invited_at or email_address.
	Order      string
	Descending bool
}

// Repo is what the operator's operations need of a store, beside transactions.
// Methods are safe for concurrent use.
type Repo interface {
	flow.Repo
	// Users returns users with their addresses, the oldest first. CountUsers counts
	// all that a query picks, its page aside.
	Users(ctx context.Context, q UserQuery) ([]gatelatch.User, error)
	CountUsers(ctx context.Context, q UserQuery) (int, error)
	// LiveSessions returns sessions whose status is active, the newest first; of
	// one user, or of all when userID is empty. A store has no clock: whether they
	// are within their limits is for the caller to see.
	LiveSessions(ctx context.Context, userID string, p Page) ([]gatelatch.Session, error)
	// FindSessions, FindClients, FindInvitations and FindWaiting return a page, and how
	// many rows the query picks in all. Sessions and clients come newest first.
	FindSessions(ctx context.Context, q SessionQuery) ([]gatelatch.Session, int, error)
	FindClients(ctx context.Context, s Slice) ([]gatelatch.Client, int, error)
	FindInvitations(ctx context.Context, q InvitationQuery) ([]gatelatch.Invitation, int, error)
	FindWaiting(ctx context.Context, q WaitlistQuery) ([]gatelatch.WaitlistEntry, int, error)
	// Invitations returns invitations, the newest first.
	Invitations(ctx context.Context, p Page) ([]gatelatch.Invitation, error)
	// WaitlistEntries returns entries, the oldest first; only those who still wait
	// when waiting is set.
	WaitlistEntries(ctx context.Context, waiting bool, p Page) ([]gatelatch.WaitlistEntry, error)
}

// SPDX-License-Identifier: Apache-2.0

// Package admin is what operators do: to users, sessions, invitations, the
// waitlist and the lists of who may sign up. Whoever reaches it is the operator;
// its callers see to that.
package admin

import (
	"context"

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
	// Search finds users whose id is the text, or who have an address or a name
	// that contains it, case ignored.
	Search string
	// Banned picks only users who are, or are not, banned.
	Banned *bool
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
	// Invitations returns invitations, the newest first.
	Invitations(ctx context.Context, p Page) ([]gatelatch.Invitation, error)
	// WaitlistEntries returns entries, the oldest first; only those who still wait
	// when waiting is set.
	WaitlistEntries(ctx context.Context, waiting bool, p Page) ([]gatelatch.WaitlistEntry, error)
}

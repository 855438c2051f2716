// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Queued is a message that waits to be sent. It holds what the code is derived
// from, and not the code.
type Queued struct {
	ID string
	// Site names the site whose senders and words are to be used.
	Site      string
	AttemptID string
	Purpose   string
	// Strategy says what the message is for: to carry a code, a link (and a code,
	// for another device), or, when empty, only to tell something.
	Strategy gatelatch.Strategy
	// Details are what a message that only tells something is about.
	Details Details
	To      gatelatch.Identifier
	Display string
	Nonce   []byte
	AskedAt time.Time
	// NextAt is when the next try is due. A claim moves it into the future, so
	// that a worker that dies leaves the message to another.
	NextAt   time.Time
	ExpireAt time.Time
	// Tries is how often a sender was called.
	Tries int
}

// Details are what a notice tells beside its purpose. They hold no token and no
// full address but the recipient's own.
type Details struct {
	UserAgent string    `json:"user_agent,omitempty"`
	IP        string    `json:"ip,omitempty"`
	At        time.Time `json:"at"`
	// What names the thing that changed: an address as identifier.Mask shows it. A
	// message shows nothing else of it.
	What string `json:"what,omitempty"`
}

// The purposes of notices.
const (
	NoticeNewDevice       = "new_device"
	NoticePasswordChanged = "password_changed"
	NoticePasswordRemoved = "password_removed"
	NoticeAddressAdded    = "address_added"
	NoticeAddressRemoved  = "address_removed"
	NoticePrimaryChanged  = "primary_changed"
	NoticeFactorAdded     = "factor_added"
	NoticeFactorRemoved   = "factor_removed"
	NoticePasskeyAdded    = "passkey_added"
	NoticePasskeyRemoved  = "passkey_removed"
	NoticeBackupCodes     = "backup_codes"
	NoticeDeleted         = "account_deleted"
	NoticeInvitation      = "invitation"
	NoticeApproved        = "waitlist_approved"
)

// Repo is what the queue needs of a store. Rows enter the queue in the
// transaction of the flow that asks for a message. All methods are safe for
// concurrent use, also by several processes on one database.
type Repo interface {
	// ClaimMessages takes at most limit messages with NextAt <= now, oldest
	// first, and moves their NextAt to until. No message is claimed twice before
	// until. It returns rows as they were, Tries not yet raised.
	ClaimMessages(ctx context.Context, now, until time.Time, limit int) ([]Queued, error)
	// DeleteMessages forgets messages that were sent, refused for good, or are
	// too late. Unknown ids are no error.
	DeleteMessages(ctx context.Context, ids []string) error
	// RetryMessage sets when a message is tried next and how often it was.
	RetryMessage(ctx context.Context, id string, nextAt time.Time, tries int) error
	// NextMessageAt returns the earliest NextAt of the queue, and false when the
	// queue is empty.
	NextMessageAt(ctx context.Context) (time.Time, bool, error)
}

// SPDX-License-Identifier: Apache-2.0

// Package store names what a database must offer the gate. The core packages
// declare what they need; this package only puts the pieces together.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/session"
)

// ErrSecret says that the site secret is not the one this database was first
// used with. Starting with it would end every session and void every code.
var ErrSecret = errors.New("the site secret is not the one this database was made with")

// Store keeps everything that must survive. All methods are safe for
// concurrent use. Times are kept to the microsecond and come back in UTC.
type Store interface {
	admin.Repo // and with it flow.Repo
	session.Repo
	delivery.Repo

	// Migrate brings the schema up to date. It is idempotent, also when several
	// processes run it at once. A schema newer than the program is an error.
	Migrate(ctx context.Context) error
	// CheckSecret remembers the check value of the site secret at first use and
	// returns ErrSecret when a later one differs.
	CheckSecret(ctx context.Context, check string) error
	// ReleaseMessages makes every queued message due at now, claimed ones too. It
	// is for the start of a process that knows that nobody else sends: what the
	// process before it had in hand when it died goes out at once.
	ReleaseMessages(ctx context.Context, now time.Time) error
	// Sweep deletes at most limit rows of each kind that mean nothing any more at
	// now, and returns how many it deleted.
	Sweep(ctx context.Context, now time.Time, limit int) (int, error)
	// Shared reports whether other processes may write to the same database, so
	// that what this process remembers of it may be out of date.
	Shared() bool
	// Close waits for transactions under way and lets go of the database. Later
	// calls fail.
	Close() error
}

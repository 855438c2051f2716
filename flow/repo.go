// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
)

// Repo runs transactions.
type Repo interface {
	// InTx runs fn in one transaction and commits it durably when fn returns
	// nil; nobody learns of a result before that. Any error undoes all that fn
	// did and is returned (wrapped; errors.Is sees through). fn may be run again
	// after a conflict between transactions, so it must have no effects but
	// through tx and must not keep results of a run that failed. fn must not
	// start another transaction. A panic in fn undoes the transaction and comes
	// back as an error.
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is the inside of one transaction. Reads of an attempt or a counter lock
// it until the end of the transaction, so two transactions that read the same
// one run one after the other. A missing row is gatelatch.ErrNotFound, but for a
// counter.
type Tx interface {
	ClientByTokenHash(ctx context.Context, hash gatelatch.TokenHash) (gatelatch.Client, error)
	// CreateClient adds a client; gatelatch.ErrConflict when the hash is taken.
	CreateClient(ctx context.Context, c gatelatch.Client) error
	// KeepClient moves a client's ExpireAt forward, never back.
	KeepClient(ctx context.Context, id string, expireAt time.Time) error

	// SignIn and SignUp read and lock an attempt. The Put methods insert or
	// replace it whole.
	SignIn(ctx context.Context, id string) (SignIn, error)
	PutSignIn(ctx context.Context, s SignIn) error
	SignUp(ctx context.Context, id string) (SignUp, error)
	PutSignUp(ctx context.Context, s SignUp) error

	// UserByIdentifier finds the one user who has proven an address.
	UserByIdentifier(ctx context.Context, id gatelatch.Identifier) (gatelatch.User, error)
	// CreateUser adds a user with its addresses; gatelatch.ErrConflict when
	// somebody holds one of them.
	CreateUser(ctx context.Context, u gatelatch.User) error
	// MarkSignIn sets LastSignInAt.
	MarkSignIn(ctx context.Context, userID string, at time.Time) error

	ClientTrust(ctx context.Context, userID, clientID string) (gatelatch.ClientTrust, error)
	PutClientTrust(ctx context.Context, t gatelatch.ClientTrust) error

	Session(ctx context.Context, id string) (gatelatch.Session, error)
	// CreateSession adds a session; gatelatch.ErrConflict when id or token is taken.
	CreateSession(ctx context.Context, s gatelatch.Session) error

	// Counter reads and locks the value under a key, nil when there is none (the
	// key is locked all the same). PutCounter replaces it; rows may be swept
	// after expireAt. DeleteCounter of an unknown key is no error.
	Counter(ctx context.Context, key string) ([]byte, error)
	PutCounter(ctx context.Context, key string, value []byte, expireAt time.Time) error
	DeleteCounter(ctx context.Context, key string) error

	// Enqueue adds a message to the delivery queue.
	Enqueue(ctx context.Context, m delivery.Queued) error
}

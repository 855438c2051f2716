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
	// InReadTx runs fn in one transaction that only reads. All of it sees one
	// moment, nothing is locked, and it does not wait for those who write (but in
	// the memory store). A write in it fails it. Otherwise it is like InTx.
	InReadTx(ctx context.Context, fn func(tx Tx) error) error
}

// MaxTrusts is how many trusts of one user are read at once: whoever makes
// thousands must not make everybody wait.
const MaxTrusts = 200

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

	// Client returns a client by its id.
	Client(ctx context.Context, id string) (gatelatch.Client, error)

	// LatestSignIn returns the newest sign-in of a client that is not past its
	// AbandonAt at now: with again one that asks the holder of a session once more,
	// else one that does not. LatestSignUp is the same for sign-ups. Neither locks.
	LatestSignIn(ctx context.Context, clientID string, again bool, now time.Time) (SignIn, error)
	LatestSignUp(ctx context.Context, clientID string, now time.Time) (SignUp, error)

	// SignIn and SignUp read and lock an attempt. The Put methods insert or
	// replace it whole.
	SignIn(ctx context.Context, id string) (SignIn, error)
	PutSignIn(ctx context.Context, s SignIn) error
	SignUp(ctx context.Context, id string) (SignUp, error)
	PutSignUp(ctx context.Context, s SignUp) error

	// UserByIdentifier finds the one user who has proven an address.
	UserByIdentifier(ctx context.Context, id gatelatch.Identifier) (gatelatch.User, error)
	// UserByExternalID and UserByAddressID find the user with that ExternalID, and
	// the one who has the address of that id.
	UserByExternalID(ctx context.Context, externalID string) (gatelatch.User, error)
	UserByAddressID(ctx context.Context, addressID string) (gatelatch.User, error)
	// User reads and locks a user.
	User(ctx context.Context, id string) (gatelatch.User, error)
	// CreateUser adds a user with its addresses; gatelatch.ErrConflict when
	// somebody holds one of them, or has its ExternalID.
	CreateUser(ctx context.Context, u gatelatch.User) error
	// PutUser replaces all of a user that exists, its set of addresses included;
	// gatelatch.ErrConflict when somebody else holds one of them, or has its
	// ExternalID.
	PutUser(ctx context.Context, u gatelatch.User) error
	// DeleteUser forgets a user and everything that is only theirs: addresses,
	// credentials, trusts, sessions, changes, sign-in tokens. An unknown id is gatelatch.ErrNotFound.
	DeleteUser(ctx context.Context, id string) error
	// MarkSignIn sets LastSignInAt, and moves LastActiveAt forward to it.
	MarkSignIn(ctx context.Context, userID string, at time.Time) error
	// Credentials reads and locks what a user is recognised by; of a user that has
	// none it is a zero value with UserID. PutCredentials replaces it; the user
	// must exist.
	Credentials(ctx context.Context, userID string) (gatelatch.Credentials, error)
	PutCredentials(ctx context.Context, c gatelatch.Credentials) error

	ClientTrust(ctx context.Context, userID, clientID string) (gatelatch.ClientTrust, error)
	// ClientTrusts returns the trusts of a user, the last used first, at most
	// MaxTrusts of them.
	ClientTrusts(ctx context.Context, userID string) ([]gatelatch.ClientTrust, error)
	PutClientTrust(ctx context.Context, t gatelatch.ClientTrust) error
	// DeleteClientTrust forgets one trust; an unknown one is no error.
	DeleteClientTrust(ctx context.Context, userID, clientID string) error
	// DeleteClientTrusts forgets all trusts of a user but that of one client,
	// which may be empty.
	DeleteClientTrusts(ctx context.Context, userID, exceptClientID string) error
	// DeleteTrustsOfClient forgets whoever has trusted a client; an unknown one is no
	// error.
	DeleteTrustsOfClient(ctx context.Context, clientID string) error

	Session(ctx context.Context, id string) (gatelatch.Session, error)
	// Sessions returns the active sessions of a user that are within their absolute
	// limit at now, the newest first, at most limit.
	Sessions(ctx context.Context, userID string, now time.Time, limit int) ([]gatelatch.Session, error)
	// ClientSessions returns the active sessions of a client that are within their
	// absolute limit at now, the newest first, at most limit.
	ClientSessions(ctx context.Context, clientID string, now time.Time, limit int) ([]gatelatch.Session, error)
	// HasSession reports whether a session of a user on a client is known, whatever
	// its status.
	HasSession(ctx context.Context, userID, clientID string) (bool, error)
	// CreateSession adds a session; gatelatch.ErrConflict when id or token is taken.
	CreateSession(ctx context.Context, s gatelatch.Session) error
	// MarkProven replaces Strategy, FirstAt, Second and SecondAt of a session;
	// gatelatch.ErrNotFound when there is none.
	MarkProven(ctx context.Context, s gatelatch.Session) error
	// EndSession gives an active session its last status; one that is over
	// already, or unknown, stays as it is, which is no error.
	EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error
	// EndSessions does that to all active sessions of a user but one, which may be
	// empty, and returns the ids of those it ended.
	EndSessions(ctx context.Context, userID, exceptID string, status gatelatch.SessionStatus, at time.Time) ([]string, error)
	// EndOldest revokes all active sessions of a user but the newest keep, no more
	// than 1000 at once, and returns their ids.
	EndOldest(ctx context.Context, userID string, keep int, at time.Time) ([]string, error)

	// Change reads and locks a change of an account. PutChange inserts or replaces
	// it whole; the user must exist.
	Change(ctx context.Context, id string) (Change, error)
	PutChange(ctx context.Context, c Change) error
	// Changes returns the changes of a user that are open and not past their
	// AbandonAt at now, the newest first, at most limit. DeleteChange of an unknown
	// id is no error.
	Changes(ctx context.Context, userID string, now time.Time, limit int) ([]Change, error)
	DeleteChange(ctx context.Context, id string) error

	// Invitation reads and locks an invitation. InvitationTo returns the newest
	// one to an address. PutInvitation inserts or replaces it.
	Invitation(ctx context.Context, id string) (gatelatch.Invitation, error)
	InvitationTo(ctx context.Context, id gatelatch.Identifier) (gatelatch.Invitation, error)
	PutInvitation(ctx context.Context, i gatelatch.Invitation) error
	// SignInToken reads and locks a sign-in token. PutSignInToken inserts or
	// replaces it; the user must exist.
	SignInToken(ctx context.Context, id string) (gatelatch.SignInToken, error)
	PutSignInToken(ctx context.Context, t gatelatch.SignInToken) error
	// Waiting returns the entry of an address in the waitlist. PutWaiting inserts
	// or replaces an entry by its address, DeleteWaiting forgets it.
	Waiting(ctx context.Context, id gatelatch.Identifier) (gatelatch.WaitlistEntry, error)
	WaitingByID(ctx context.Context, id string) (gatelatch.WaitlistEntry, error)
	PutWaiting(ctx context.Context, e gatelatch.WaitlistEntry) error
	DeleteWaiting(ctx context.Context, id gatelatch.Identifier) error
	// Restrictions returns all lines of both lists, in the order in which they
	// were made. PutRestriction adds one; gatelatch.ErrConflict when the list has
	// that pattern. DeleteRestriction of an unknown id is gatelatch.ErrNotFound.
	Restrictions(ctx context.Context) ([]gatelatch.Restriction, error)
	PutRestriction(ctx context.Context, r gatelatch.Restriction) error
	DeleteRestriction(ctx context.Context, id string) error
	// Settings returns what operators have changed at run time, a zero value when
	// nothing. PutSettings replaces it.
	Settings(ctx context.Context) (Settings, error)
	PutSettings(ctx context.Context, s Settings) error

	// Counter reads and locks the value under a key, nil when there is none (the
	// key is locked all the same). PutCounter replaces it; rows may be swept
	// after expireAt. DeleteCounter of an unknown key is no error.
	Counter(ctx context.Context, key string) ([]byte, error)
	PutCounter(ctx context.Context, key string, value []byte, expireAt time.Time) error
	DeleteCounter(ctx context.Context, key string) error

	// Enqueue adds a message to the delivery queue.
	Enqueue(ctx context.Context, m delivery.Queued) error
}

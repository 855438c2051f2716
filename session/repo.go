// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Principal is who a request comes from.
type Principal struct {
	User    gatelatch.User
	Session gatelatch.Session
	Client  gatelatch.Client
}

// Touch says that a session was used at a moment.
type Touch struct {
	SessionID string
	At        time.Time
}

// StoredKey is a signing key as the store holds it: the private half is
// encrypted with a key that is not in the database.
type StoredKey struct {
	ID        string // "kid"
	Algorithm string // "ES256" or "RS256"
	Sealed    []byte
	CreatedAt time.Time
}

// Repo is what sessions need of a store. Methods are safe for concurrent use.
type Repo interface {
	// PrincipalByTokenHash returns the session with that token, its user and its
	// client, whatever the session's status, or gatelatch.ErrNotFound.
	PrincipalByTokenHash(ctx context.Context, hash gatelatch.TokenHash) (Principal, error)
	// PrincipalsByClient returns the client with that token and its active sessions
	// with their users, the newest first, at most limit; gatelatch.ErrNotFound when
	// there is no such client. A session past a limit is among them.
	PrincipalsByClient(ctx context.Context, hash gatelatch.TokenHash, limit int) (gatelatch.Client, []Principal, error)
	// TouchSessions moves LastActiveAt of active sessions forward, never back, and
	// LastUsedAt of the trusts of their users and clients and LastActiveAt of the users
	// with it.
	TouchSessions(ctx context.Context, touches []Touch) error
	// EndSession gives an active session its last status; one that is over
	// already, or unknown, stays as it is, which is no error.
	EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error
	// SigningKeys returns all signing keys, newest first.
	SigningKeys(ctx context.Context) ([]StoredKey, error)
	// PutSigningKey adds a key; gatelatch.ErrConflict when the id is taken.
	PutSigningKey(ctx context.Context, k StoredKey) error
	// DeleteSigningKeys forgets keys made before a moment.
	DeleteSigningKeys(ctx context.Context, before time.Time) error
}

// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
)

// maxHeld bounds how many sessions of a client are looked at.
const maxHeld = 64

// Held is what one client holds: its live sessions, the newest first.
type Held struct {
	// Client is a zero value when the gate has no record of it.
	Client     gatelatch.Client
	Principals []Principal
}

// UpdatedAt returns when the newest session began, in Unix seconds, rounded down; 0
// without a session. It is what the cookie __client_uat says: tokens of these
// sessions are never older.
func (h Held) UpdatedAt() int64 {
	var newest int64
	for _, p := range h.Principals {
		newest = max(newest, p.Session.CreatedAt.Unix())
	}
	return newest
}

// OfClient returns the live sessions of a client, by its token alone. What of it a
// browser may see says [Held.SeenBy]. Sessions past a limit, and of banned users, are left out. It
// asks the store each time, so what has ended anywhere is gone at once. idle is
// the site's idle limit; zero means none.
func (m *Manager) OfClient(ctx context.Context, client Token, idle time.Duration, now time.Time) (Held, error) {
	c, all, err := m.Repo.PrincipalsByClient(ctx, client.Hash(), maxHeld)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return Held{}, nil
	}
	if err != nil {
		return Held{}, fmt.Errorf("looking up the sessions of a client: %w", err)
	}
	held := Held{Client: c}
	for _, p := range all {
		p.Session.LastActiveAt = m.lastActive(p.Session)
		if !p.User.Banned && p.Session.LiveAt(now, idle) {
			held.Principals = append(held.Principals, p)
		}
	}
	return held, nil
}

// BySession returns the live session that a signed token has named, nil when it is
// over, or another user's. Like Authenticate it answers from the cache where it can,
// and returns an error when the question could not be answered. The claims must come
// from [Minter.Verify]: ids are no secrets.
//
// The session counts as used when the token was signed, and not now: whoever has got
// hold of a token must not keep the session alive with it.
func (m *Manager) BySession(ctx context.Context, c Claims, idle time.Duration, now time.Time) (*Live, error) {
	key := idKey(c.SessionID)
	l := m.keptAt(&key, idle, now)
	if l == nil {
		var err error
		if l, err = m.find(ctx, m.Tokens.ForSession(c.SessionID).Hash(), nil, key, idle, now); l == nil || err != nil {
			return nil, err
		}
	}
	if l.Value(UserID) != c.UserID {
		return nil, nil
	}
	m.seen(l, idle, c.IssuedAt)
	return l, nil
}

// idLabel is longer than what [pairKey] hashes, so that no pair of cookies has
// the key of an id.
const idLabel = "the session of this id, which a signed token has named: "

func idKey(id string) cacheKey { return sha256.Sum256([]byte(idLabel + id)) }

// Touch writes down at once that a session was used, for callers that find
// sessions by [Manager.OfClient]. One that is over stays so, which is no error.
func (m *Manager) Touch(ctx context.Context, sessionID string, now time.Time) error {
	if err := m.Repo.TouchSessions(ctx, []Touch{{SessionID: sessionID, At: now}}); err != nil {
		return fmt.Errorf("noting that a session was used: %w", err)
	}
	return nil
}

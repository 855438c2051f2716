// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectSession = `SELECT id, user_id, client_id, token_hash, status, strategy, created_at, last_active_at, expire_at
FROM sessions WHERE id = $1`
	insertSession = `INSERT INTO sessions
(id, user_id, client_id, token_hash, status, strategy, created_at, last_active_at, expire_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`

	// One query, so that the three belong to one moment without a transaction.
	selectPrincipal = `SELECT
s.id, s.user_id, s.client_id, s.token_hash, s.status, s.strategy, s.created_at, s.last_active_at, s.expire_at,
c.id, c.token_hash, c.created_at, c.expire_at, ` + userColumns + `
FROM sessions s JOIN users u ON u.id = s.user_id JOIN clients c ON c.id = s.client_id
LEFT JOIN addresses a ON a.user_id = u.id
WHERE s.token_hash = $1 ORDER BY a.verified_at, a.id`

	touchSession = `UPDATE sessions SET last_active_at = $2
WHERE id = $1 AND status = 'active' AND last_active_at < $2`
	endSession = `UPDATE sessions SET status = $2, ended_at = $3 WHERE id = $1 AND status = 'active'`
)

// touchesAtOnce bounds how long one transaction of touches keeps others waiting.
const touchesAtOnce = 200

// Session implements [flow.Tx].
func (u *unit) Session(ctx context.Context, id string) (gatelatch.Session, error) {
	if !findable(id) {
		return gatelatch.Session{}, gatelatch.ErrNotFound
	}
	var r sessionRow
	if err := u.row(ctx, r.dest(), selectSession, id); err != nil {
		return gatelatch.Session{}, step("reading a session", err)
	}
	return r.session(), nil
}

// CreateSession implements [flow.Tx].
func (u *unit) CreateSession(ctx context.Context, s gatelatch.Session) error {
	_, err := u.exec(ctx, insertSession,
		s.ID, s.UserID, s.ClientID, s.TokenHash[:], string(s.Status), string(s.Strategy),
		stored.Micros(s.CreatedAt), stored.Micros(s.LastActiveAt), stored.Micros(s.ExpireAt))
	return step("adding a session", err)
}

// PrincipalByTokenHash implements [session.Repo].
func (s *Store) PrincipalByTokenHash(ctx context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	var p session.Principal
	err := s.read(ctx, func(u *unit) (err error) {
		p, err = u.principal(ctx, h)
		return err
	})
	return p, step("reading who a session belongs to", err)
}

func (u *unit) principal(ctx context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	var (
		row             sessionRow
		user            userRow
		client          gatelatch.Client
		created, expire int64
	)
	dest := append(row.dest(), &client.ID, hash{&client.TokenHash}, &created, &expire)
	err := u.rows(ctx, func(rows *sql.Rows) error {
		return user.scan(rows, dest...)
	}, selectPrincipal, h[:])
	if err == nil && user.user.ID == "" {
		err = gatelatch.ErrNotFound
	}
	if err != nil {
		return session.Principal{}, err
	}
	client.CreatedAt, client.ExpireAt = stored.Time(created), stored.Time(expire)
	return session.Principal{User: user.user, Session: row.session(), Client: client}, nil
}

// TouchSessions implements [session.Repo]. The order of the rows is fixed, so
// that two processes do not wait for each other in a circle.
func (s *Store) TouchSessions(ctx context.Context, touches []session.Touch) error {
	touches = slices.Clone(touches)
	slices.SortFunc(touches, func(a, b session.Touch) int { return cmp.Compare(a.SessionID, b.SessionID) })
	for some := range slices.Chunk(touches, touchesAtOnce) {
		err := s.write(ctx, func(u *unit) error {
			return each(some, func(t session.Touch) error {
				_, err := u.exec(ctx, touchSession, t.SessionID, stored.Micros(t.At))
				return err
			})
		})
		if err != nil {
			return step("touching sessions", err)
		}
	}
	return nil
}

// EndSession implements [session.Repo].
func (s *Store) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error {
	err := s.write(ctx, func(u *unit) error {
		_, err := u.exec(ctx, endSession, id, string(status), stored.Micros(at))
		return err
	})
	return step("ending a session", err)
}

// sessionRow scans a session.
type sessionRow struct {
	s                       gatelatch.Session
	status, strategy        string
	created, active, expire int64
}

func (r *sessionRow) dest() []any {
	d := make([]any, 0, 32) // leaves room for the columns of a principal
	return append(d, &r.s.ID, &r.s.UserID, &r.s.ClientID, hash{&r.s.TokenHash}, &r.status, &r.strategy,
		&r.created, &r.active, &r.expire)
}

func (r *sessionRow) session() gatelatch.Session {
	s := r.s
	s.Status, s.Strategy = gatelatch.SessionStatus(r.status), gatelatch.Strategy(r.strategy)
	s.CreatedAt, s.LastActiveAt, s.ExpireAt = stored.Time(r.created), stored.Time(r.active), stored.Time(r.expire)
	return s
}

// each calls fn for every item until one fails.
func each[T any](items []T, fn func(T) error) error {
	for _, it := range items {
		if err := fn(it); err != nil {
			return err
		}
	}
	return nil
}

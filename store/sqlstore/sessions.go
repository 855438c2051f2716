// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	// sessionColumns are what [sessionRow] scans.
	sessionColumns = `s.id, s.user_id, s.client_id, s.token_hash, s.status, s.strategy, s.first_at, s.second, s.second_at,
s.user_agent, s.ip, s.created_at, s.last_active_at, s.expire_at, s.ended_at`

	selectSession  = `SELECT ` + sessionColumns + ` FROM sessions s WHERE s.id = $1`
	selectSessions = `SELECT ` + sessionColumns + ` FROM sessions s
WHERE s.user_id = $1 AND s.status = 'active' AND s.expire_at > $2 ORDER BY s.created_at DESC, s.id DESC LIMIT $3`
	selectClientSessions = `SELECT ` + sessionColumns + ` FROM sessions s
WHERE s.client_id = $1 AND s.status = 'active' AND s.expire_at > $2 ORDER BY s.created_at DESC, s.id DESC LIMIT $3`
	selectHasSession = `SELECT s.id FROM sessions s WHERE s.client_id = $2 AND s.user_id = $1 LIMIT 1`
	insertSession    = `INSERT INTO sessions (id, user_id, client_id, token_hash, status, strategy, first_at, second, second_at,
user_agent, ip, created_at, last_active_at, expire_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

	// One query, so that the three belong to one moment without a transaction.
	selectPrincipal = `SELECT ` + sessionColumns + `,
c.id, c.token_hash, c.created_at, c.expire_at, ` + userColumns + `
FROM sessions s JOIN users u ON u.id = s.user_id JOIN clients c ON c.id = s.client_id
LEFT JOIN addresses a ON a.user_id = u.id
WHERE s.token_hash = $1 ORDER BY a.verified_at, a.id`

	// The same for all sessions of a client, with whoever is signed in.
	selectPrincipals = `SELECT ` + sessionColumns + `,
c.id, c.token_hash, c.created_at, c.expire_at, ` + userColumns + `
FROM (SELECT s.* FROM sessions s WHERE s.client_id = (SELECT k.id FROM clients k WHERE k.token_hash = $1) AND s.status = 'active'
ORDER BY s.created_at DESC, s.id DESC LIMIT $2) s
JOIN users u ON u.id = s.user_id JOIN clients c ON c.id = s.client_id
LEFT JOIN addresses a ON a.user_id = u.id
ORDER BY s.created_at DESC, s.id DESC, a.verified_at, a.id`

	selectActiveUsers = `SELECT id, user_id FROM sessions WHERE status = 'active' AND id IN (SELECT value FROM `

	touchUser    = `UPDATE users SET last_active_at = $2 WHERE id = $1 AND last_active_at < $2`
	touchSession = `UPDATE sessions SET last_active_at = $2
WHERE id = $1 AND status = 'active' AND last_active_at < $2`
	touchTrust = `UPDATE client_trusts SET last_used_at = $2
WHERE (user_id, client_id) = (SELECT user_id, client_id FROM sessions WHERE id = $1 AND status = 'active') AND last_used_at < $2`
	markProven  = `UPDATE sessions SET strategy = $2, first_at = $3, second = $4, second_at = $5 WHERE id = $1`
	endSession  = `UPDATE sessions SET status = $2, ended_at = $3 WHERE id = $1 AND status = 'active'`
	endSessions = `UPDATE sessions SET status = $3, ended_at = $4
WHERE user_id = $1 AND id <> $2 AND status = 'active' RETURNING id`
	endOldest = `UPDATE sessions SET status = 'revoked', ended_at = $4 WHERE status = 'active' AND id IN (
SELECT s.id FROM sessions s WHERE s.user_id = $1 AND s.status = 'active'
ORDER BY s.created_at DESC, s.id DESC LIMIT $3 OFFSET $2) RETURNING id`
)

// Session implements [flow.Tx].
func (u *unit) Session(ctx context.Context, id string) (gatelatch.Session, error) {
	if !stored.Findable(id) {
		return gatelatch.Session{}, gatelatch.ErrNotFound
	}
	sess, err := one(ctx, u, scanSession, selectSession, id)
	return sess, step("reading a session", err)
}

// Sessions implements [flow.Tx].
func (u *unit) Sessions(ctx context.Context, userID string, now time.Time, limit int) ([]gatelatch.Session, error) {
	all, err := many(ctx, u, scanSession, selectSessions, userID, stored.Micros(now), max(limit, 0))
	return all, step("reading a user's sessions", err)
}

// ClientSessions implements [flow.Tx].
func (u *unit) ClientSessions(ctx context.Context, clientID string, now time.Time, limit int) ([]gatelatch.Session, error) {
	all, err := many(ctx, u, scanSession, selectClientSessions, clientID, stored.Micros(now), max(limit, 0))
	return all, step("reading a client's sessions", err)
}

// HasSession implements [flow.Tx].
func (u *unit) HasSession(ctx context.Context, userID, clientID string) (bool, error) {
	ids, err := many(ctx, u, scanID, selectHasSession, userID, clientID)
	return len(ids) > 0, step("looking for a session", err)
}

// EndOldest implements [flow.Tx].
func (u *unit) EndOldest(ctx context.Context, userID string, keep int, at time.Time) ([]string, error) {
	ended, err := many(ctx, u, scanID, endOldest, userID, keep, stored.EndedAtOnce, stored.Micros(at))
	slices.Sort(ended)
	return ended, step("ending the oldest sessions", err)
}

func scanID(rows *sql.Rows) (id string, err error) {
	err = rows.Scan(&id)
	return id, err
}

// CreateSession implements [flow.Tx].
func (u *unit) CreateSession(ctx context.Context, s gatelatch.Session) error {
	_, err := u.exec(ctx, insertSession,
		s.ID, s.UserID, s.ClientID, s.TokenHash[:], string(s.Status),
		string(s.Strategy), stored.Micros(s.FirstAt), string(s.Second), stored.Micros(s.SecondAt), s.UserAgent, s.IP,
		stored.Micros(s.CreatedAt), stored.Micros(s.LastActiveAt), stored.Micros(s.ExpireAt), stored.Micros(s.EndedAt))
	return step("adding a session", err)
}

// MarkProven implements [flow.Tx].
func (u *unit) MarkProven(ctx context.Context, s gatelatch.Session) error {
	if !stored.Findable(s.ID) {
		return gatelatch.ErrNotFound
	}
	n, err := u.exec(ctx, markProven, s.ID,
		string(s.Strategy), stored.Micros(s.FirstAt), string(s.Second), stored.Micros(s.SecondAt))
	if err == nil && n == 0 {
		err = gatelatch.ErrNotFound
	}
	return step("marking what a session has proven", err)
}

// EndSession implements [flow.Tx].
func (u *unit) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error {
	if !stored.Findable(id) {
		return nil
	}
	_, err := u.exec(ctx, endSession, id, string(status), stored.Micros(at))
	return step("ending a session", err)
}

// EndSessions implements [flow.Tx].
func (u *unit) EndSessions(ctx context.Context, userID, exceptID string, status gatelatch.SessionStatus, at time.Time) ([]string, error) {
	ended, err := many(ctx, u, scanID, endSessions, userID, exceptID, string(status), stored.Micros(at))
	slices.Sort(ended)
	return ended, step("ending sessions", err)
}

// EndSession implements [session.Repo].
func (s *Store) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error {
	return s.write(ctx, func(u *unit) error { return u.EndSession(ctx, id, status, at) })
}

// sessionRow scans a session.
type sessionRow struct {
	s                        gatelatch.Session
	status, strategy, second string
	firstAt, secondAt        int64
	created, active, expire  int64
	ended                    int64
}

func (r *sessionRow) dest() []any {
	d := make([]any, 0, 48) // leaves room for the columns of a principal
	return append(d, &r.s.ID, &r.s.UserID, &r.s.ClientID, hash{&r.s.TokenHash}, &r.status,
		&r.strategy, &r.firstAt, &r.second, &r.secondAt, &r.s.UserAgent, &r.s.IP, &r.created, &r.active, &r.expire, &r.ended)
}

func (r *sessionRow) session() gatelatch.Session {
	s := r.s
	s.Status = gatelatch.SessionStatus(r.status)
	s.Strategy, s.FirstAt = gatelatch.Strategy(r.strategy), stored.Time(r.firstAt)
	s.Second, s.SecondAt = gatelatch.Strategy(r.second), stored.Time(r.secondAt)
	s.CreatedAt, s.LastActiveAt, s.ExpireAt = stored.Time(r.created), stored.Time(r.active), stored.Time(r.expire)
	s.EndedAt = stored.Time(r.ended)
	return s
}

func scanSession(rows *sql.Rows) (gatelatch.Session, error) {
	var r sessionRow
	err := rows.Scan(r.dest()...)
	return r.session(), err
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

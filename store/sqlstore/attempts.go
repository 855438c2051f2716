// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectSignIn = `SELECT data FROM sign_ins WHERE id = $1`
	selectSignUp = `SELECT data FROM sign_ups WHERE id = $1`

	selectChange = `SELECT data FROM changes WHERE id = $1`

	// An attempt keeps its place among those of its client, or of its user. Ids sort
	// by age too, but not within a millisecond. Two attempts that are made at the same
	// time may get the same place; their ids decide then.
	upsertSignIn = `INSERT INTO sign_ins (id, client_id, abandon_at, data, again, nth) VALUES ($1, $2, $3, $4, $5,
(SELECT COALESCE(MAX(t.nth), 0) + 1 FROM sign_ins t WHERE t.client_id = $2 AND t.again = $5))
ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, abandon_at = excluded.abandon_at, data = excluded.data,
again = excluded.again`
	upsertSignUp = `INSERT INTO sign_ups (id, client_id, abandon_at, data, nth) VALUES ($1, $2, $3, $4,
(SELECT COALESCE(MAX(t.nth), 0) + 1 FROM sign_ups t WHERE t.client_id = $2))
ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, abandon_at = excluded.abandon_at, data = excluded.data`
	upsertChange = `INSERT INTO changes (id, client_id, abandon_at, data, user_id, open, nth) VALUES ($1, $2, $3, $4, $5, $6,
(SELECT COALESCE(MAX(t.nth), 0) + 1 FROM changes t WHERE t.user_id = $5))
ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, abandon_at = excluded.abandon_at, data = excluded.data,
user_id = excluded.user_id, open = excluded.open`

	selectLatestSignIn = `SELECT data FROM sign_ins WHERE client_id = $1 AND again = $3 AND abandon_at > $2
ORDER BY nth DESC, id DESC LIMIT 1`
	selectLatestSignUp = `SELECT data FROM sign_ups WHERE client_id = $1 AND abandon_at > $2 ORDER BY nth DESC, id DESC LIMIT 1`
	selectChanges      = `SELECT data FROM changes WHERE user_id = $1 AND open = 1 AND abandon_at > $2
ORDER BY nth DESC, id DESC LIMIT $3`
	deleteChange = `DELETE FROM changes WHERE id = $1`
)

// SignIn implements [flow.Tx].
func (u *unit) SignIn(ctx context.Context, id string) (flow.SignIn, error) {
	var s flow.SignIn
	if err := u.attempt(ctx, u.text.signIn, id, &s); err != nil {
		return flow.SignIn{}, step("reading a sign-in", err)
	}
	return s, nil
}

// SignUp implements [flow.Tx].
func (u *unit) SignUp(ctx context.Context, id string) (flow.SignUp, error) {
	var s flow.SignUp
	if err := u.attempt(ctx, u.text.signUp, id, &s); err != nil {
		return flow.SignUp{}, step("reading a sign-up", err)
	}
	return s, nil
}

// PutSignIn implements [flow.Tx].
func (u *unit) PutSignIn(ctx context.Context, s flow.SignIn) error {
	return step("saving a sign-in", u.putAttempt(ctx, upsertSignIn, s.ID, s.ClientID, s.AbandonAt, s, flag(s.Again != nil)))
}

// PutSignUp implements [flow.Tx].
func (u *unit) PutSignUp(ctx context.Context, s flow.SignUp) error {
	return step("saving a sign-up", u.putAttempt(ctx, upsertSignUp, s.ID, s.ClientID, s.AbandonAt, s))
}

// Change implements [flow.Tx].
func (u *unit) Change(ctx context.Context, id string) (flow.Change, error) {
	var c flow.Change
	if err := u.attempt(ctx, u.text.change, id, &c); err != nil {
		return flow.Change{}, step("reading a change", err)
	}
	return c, nil
}

// PutChange implements [flow.Tx].
func (u *unit) PutChange(ctx context.Context, c flow.Change) error {
	return step("saving a change", u.putAttempt(ctx, upsertChange, c.ID, c.ClientID, c.AbandonAt, c, c.UserID, flag(c.Status == flow.ChangeOpen)))
}

// DeleteChange implements [flow.Tx].
func (u *unit) DeleteChange(ctx context.Context, id string) error {
	if !stored.Findable(id) {
		return nil
	}
	_, err := u.exec(ctx, deleteChange, id)
	return step("deleting a change", err)
}

// LatestSignIn implements [flow.Tx].
func (u *unit) LatestSignIn(ctx context.Context, clientID string, again bool, now time.Time) (flow.SignIn, error) {
	s, err := one(ctx, u, scanDocument[flow.SignIn], selectLatestSignIn, clientID, stored.Micros(now), flag(again))
	return s, step("reading a client's sign-in", err)
}

// LatestSignUp implements [flow.Tx].
func (u *unit) LatestSignUp(ctx context.Context, clientID string, now time.Time) (flow.SignUp, error) {
	s, err := one(ctx, u, scanDocument[flow.SignUp], selectLatestSignUp, clientID, stored.Micros(now))
	return s, step("reading a client's sign-up", err)
}

// Changes implements [flow.Tx].
func (u *unit) Changes(ctx context.Context, userID string, now time.Time, limit int) ([]flow.Change, error) {
	all, err := many(ctx, u, scanDocument[flow.Change], selectChanges, userID, stored.Micros(now), max(limit, 0))
	return all, step("reading a user's changes", err)
}

func scanDocument[T any](rows *sql.Rows) (T, error) {
	var (
		data []byte
		v    T
	)
	err := rows.Scan(&data)
	if err == nil {
		err = stored.Decode(data, &v)
	}
	return v, err
}

func (u *unit) attempt(ctx context.Context, query, id string, to any) error {
	if !stored.Findable(id) {
		return gatelatch.ErrNotFound
	}
	return u.document(ctx, query, id, to)
}

// document reads the one document that a query finds.
func (u *unit) document(ctx context.Context, query, key string, to any) error {
	var data []byte
	if err := u.row(ctx, []any{&data}, query, key); err != nil {
		return err
	}
	return u.fail(stored.Decode(data, to))
}

func (u *unit) putAttempt(ctx context.Context, query, id, clientID string, abandonAt time.Time, v any, more ...any) error {
	data, err := stored.Encode(v)
	if err != nil {
		return u.fail(err)
	}
	_, err = u.exec(ctx, query, append([]any{id, clientID, stored.Micros(abandonAt), data}, more...)...)
	return err
}

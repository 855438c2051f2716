// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectSignIn = `SELECT data FROM sign_ins WHERE id = $1`
	selectSignUp = `SELECT data FROM sign_ups WHERE id = $1`

	selectChange = `SELECT data FROM changes WHERE id = $1`

	upsertSignIn = `INSERT INTO sign_ins (id, client_id, abandon_at, data) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, abandon_at = excluded.abandon_at, data = excluded.data`
	upsertSignUp = `INSERT INTO sign_ups (id, client_id, abandon_at, data) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, abandon_at = excluded.abandon_at, data = excluded.data`
	upsertChange = `INSERT INTO changes (id, client_id, abandon_at, data, user_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, abandon_at = excluded.abandon_at, data = excluded.data,
user_id = excluded.user_id`
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
	return step("saving a sign-in", u.putAttempt(ctx, upsertSignIn, s.ID, s.ClientID, s.AbandonAt, s))
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
	return step("saving a change", u.putAttempt(ctx, upsertChange, c.ID, c.ClientID, c.AbandonAt, c, c.UserID))
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

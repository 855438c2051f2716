// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// attempt is a sign-in, sign-up or change as the document it is everywhere else too,
// so that nobody shares a pointer with the store.
type attempt struct {
	data      string
	abandonAt time.Time
	userID    string // whose change it is; empty for the others
}

type counter struct {
	value    []byte
	expireAt time.Time
}

// SignIn implements [flow.Tx].
func (t *tx) SignIn(ctx context.Context, id string) (flow.SignIn, error) {
	var s flow.SignIn
	err := t.attempt(ctx, t.m.signIns, id, &s)
	return s, err
}

// SignUp implements [flow.Tx].
func (t *tx) SignUp(ctx context.Context, id string) (flow.SignUp, error) {
	var s flow.SignUp
	err := t.attempt(ctx, t.m.signUps, id, &s)
	return s, err
}

// PutSignIn implements [flow.Tx].
func (t *tx) PutSignIn(ctx context.Context, s flow.SignIn) error {
	return t.putAttempt(ctx, t.m.signIns, s.ID, s.AbandonAt, s)
}

// PutSignUp implements [flow.Tx].
func (t *tx) PutSignUp(ctx context.Context, s flow.SignUp) error {
	return t.putAttempt(ctx, t.m.signUps, s.ID, s.AbandonAt, s)
}

// Change implements [flow.Tx].
func (t *tx) Change(ctx context.Context, id string) (flow.Change, error) {
	var c flow.Change
	err := t.attempt(ctx, t.m.changes, id, &c)
	return c, err
}

// PutChange implements [flow.Tx].
func (t *tx) PutChange(ctx context.Context, c flow.Change) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if !t.m.users.has(c.UserID) {
		return t.missing("user")
	}
	if err := t.putAttempt(ctx, t.m.changes, c.ID, c.AbandonAt, c); err != nil {
		return err
	}
	a := t.m.changes[c.ID]
	a.userID = c.UserID
	t.m.changes.put(t.m, c.ID, a)
	return nil
}

func (t *tx) attempt(ctx context.Context, from table[string, attempt], id string, to any) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	a, ok := from[id]
	if !ok {
		return gatelatch.ErrNotFound
	}
	return t.fail(stored.Decode([]byte(a.data), to))
}

func (t *tx) putAttempt(ctx context.Context, to table[string, attempt], id string, abandonAt time.Time, v any) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	data, err := stored.Encode(v)
	if err != nil {
		return t.fail(err)
	}
	to.put(t.m, id, attempt{data: data, abandonAt: stored.Moment(abandonAt)})
	return nil
}

// Counter implements [flow.Tx].
func (t *tx) Counter(ctx context.Context, key string) ([]byte, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	c, ok := t.m.counters[key]
	if !ok {
		return nil, nil
	}
	return append([]byte{}, c.value...), nil
}

// PutCounter implements [flow.Tx].
func (t *tx) PutCounter(ctx context.Context, key string, value []byte, expireAt time.Time) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	t.m.counters.put(t.m, key, counter{value: bytes.Clone(value), expireAt: stored.Moment(expireAt)})
	return nil
}

// DeleteCounter implements [flow.Tx].
func (t *tx) DeleteCounter(ctx context.Context, key string) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	t.m.counters.remove(t.m, key)
	return nil
}

// Enqueue implements [flow.Tx].
func (t *tx) Enqueue(ctx context.Context, q delivery.Queued) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if _, taken := t.m.messages[q.ID]; taken {
		return t.conflict("a message")
	}
	q.Nonce = nonceOf(q)
	q.AskedAt, q.NextAt = stored.Moment(q.AskedAt), stored.Moment(q.NextAt)
	q.ExpireAt, q.Details.At = stored.Moment(q.ExpireAt), stored.Moment(q.Details.At)
	t.m.messages.put(t.m, q.ID, q)
	return nil
}

// nonceOf returns a copy; there is no difference between none and an empty one.
func nonceOf(q delivery.Queued) []byte {
	if len(q.Nonce) == 0 {
		return nil
	}
	return bytes.Clone(q.Nonce)
}

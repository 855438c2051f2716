// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"context"
	"slices"
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
	of        string // the client of a sign-in or a sign-up, the user of a change
	kind      string // of attempts among which the newest is asked for
	nth       int    // in the order of their making
}

// The kinds of attempts.
const (
	fresh  = "fresh"
	again  = "again"  // of a sign-in: asks the holder of a session once more
	closed = "closed" // of a change: it is complete
)

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
	kind := fresh
	if s.Again != nil {
		kind = again
	}
	return t.putAttempt(ctx, t.m.signIns, s.ID, attempt{abandonAt: s.AbandonAt, of: s.ClientID, kind: kind}, s)
}

// PutSignUp implements [flow.Tx].
func (t *tx) PutSignUp(ctx context.Context, s flow.SignUp) error {
	return t.putAttempt(ctx, t.m.signUps, s.ID, attempt{abandonAt: s.AbandonAt, of: s.ClientID, kind: fresh}, s)
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
	kind := fresh
	if c.Status != flow.ChangeOpen {
		kind = closed
	}
	return t.putAttempt(ctx, t.m.changes, c.ID, attempt{abandonAt: c.AbandonAt, of: c.UserID, kind: kind}, c)
}

// DeleteChange implements [flow.Tx].
func (t *tx) DeleteChange(ctx context.Context, id string) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	t.m.changes.remove(t.m, id)
	return nil
}

// LatestSignIn implements [flow.Tx].
func (t *tx) LatestSignIn(ctx context.Context, clientID string, once bool, now time.Time) (flow.SignIn, error) {
	kind := fresh
	if once {
		kind = again
	}
	return latest[flow.SignIn](ctx, t, t.m.signIns, clientID, kind, now)
}

// LatestSignUp implements [flow.Tx].
func (t *tx) LatestSignUp(ctx context.Context, clientID string, now time.Time) (flow.SignUp, error) {
	return latest[flow.SignUp](ctx, t, t.m.signUps, clientID, fresh, now)
}

// Changes implements [flow.Tx].
func (t *tx) Changes(ctx context.Context, userID string, now time.Time, limit int) ([]flow.Change, error) {
	return newestOf[flow.Change](ctx, t, t.m.changes, userID, fresh, now, limit)
}

func latest[T any](ctx context.Context, t *tx, from table[string, attempt], of, kind string, now time.Time) (T, error) {
	var none T
	all, err := newestOf[T](ctx, t, from, of, kind, now, 1)
	if err == nil && len(all) == 0 {
		err = gatelatch.ErrNotFound
	}
	if err != nil {
		return none, err
	}
	return all[0], nil
}

// newestOf returns attempts that are not over at now, the newest first.
func newestOf[T any](ctx context.Context, t *tx, from table[string, attempt], of, kind string, now time.Time, limit int) ([]T, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	var found []attempt
	for _, a := range from {
		if a.of == of && a.kind == kind && a.abandonAt.After(stored.Moment(now)) {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b attempt) int { return b.nth - a.nth })
	var all []T
	for _, a := range found[:min(len(found), max(limit, 0))] {
		var v T
		if err := stored.Decode([]byte(a.data), &v); err != nil {
			return nil, t.fail(err)
		}
		all = append(all, v)
	}
	return all, nil
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

func (t *tx) putAttempt(ctx context.Context, to table[string, attempt], id string, a attempt, v any) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	data, err := stored.Encode(v)
	if err != nil {
		return t.fail(err)
	}
	a.data, a.abandonAt, a.nth = data, stored.Moment(a.abandonAt), to[id].nth
	if a.nth == 0 {
		t.m.made++
		a.nth = t.m.made
	}
	to.put(t.m, id, a)
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

// SPDX-License-Identifier: Apache-2.0

package flowtest

import (
	"context"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// Write is one committed write. Value is the row that was written; for
// counters it is the text, and nil for one that was deleted.
type Write struct {
	What  string
	Key   string
	Value any
}

// Recorder is a store that remembers what the flows have written and
// committed. It is safe for concurrent use.
type Recorder struct {
	store.Store
	mu     sync.Mutex
	writes []Write
}

// NewRecorder wraps a store.
func NewRecorder(st store.Store) *Recorder { return &Recorder{Store: st} }

// Writes returns everything written so far, in the order of the commits.
func (r *Recorder) Writes() []Write {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Write(nil), r.writes...)
}

// Mark returns how many writes there were, for [Recorder.Since].
func (r *Recorder) Mark() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.writes)
}

// Since returns what was written after a mark.
func (r *Recorder) Since(mark int) []Write {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Write(nil), r.writes[mark:]...)
}

// Count returns how many writes of a name there were.
func (r *Recorder) Count(what string) int {
	n := 0
	for _, w := range r.Writes() {
		if w.What == what {
			n++
		}
	}
	return n
}

// InTx implements [flow.Repo].
func (r *Recorder) InTx(ctx context.Context, fn func(tx flow.Tx) error) error {
	var done []Write
	err := r.Store.InTx(ctx, func(tx flow.Tx) error {
		t := &recordingTx{Tx: tx}
		err := fn(t)
		done = t.writes
		return err
	})
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.writes = append(r.writes, done...)
	}
	return err
}

type recordingTx struct {
	flow.Tx
	writes []Write
}

func (t *recordingTx) note(what, key string, value any) {
	t.writes = append(t.writes, Write{what, key, value})
}

func (t *recordingTx) CreateClient(ctx context.Context, c gatelatch.Client) error {
	t.note("CreateClient", c.ID, c)
	return t.Tx.CreateClient(ctx, c)
}

func (t *recordingTx) PutSignIn(ctx context.Context, s flow.SignIn) error {
	t.note("PutSignIn", s.ID, s)
	return t.Tx.PutSignIn(ctx, s)
}

func (t *recordingTx) PutSignUp(ctx context.Context, s flow.SignUp) error {
	t.note("PutSignUp", s.ID, s)
	return t.Tx.PutSignUp(ctx, s)
}

func (t *recordingTx) CreateUser(ctx context.Context, u gatelatch.User) error {
	t.note("CreateUser", u.ID, u)
	return t.Tx.CreateUser(ctx, u)
}

func (t *recordingTx) MarkSignIn(ctx context.Context, userID string, at time.Time) error {
	t.note("MarkSignIn", userID, at)
	return t.Tx.MarkSignIn(ctx, userID, at)
}

func (t *recordingTx) PutClientTrust(ctx context.Context, c gatelatch.ClientTrust) error {
	t.note("PutClientTrust", c.UserID+" "+c.ClientID, c)
	return t.Tx.PutClientTrust(ctx, c)
}

func (t *recordingTx) CreateSession(ctx context.Context, s gatelatch.Session) error {
	t.note("CreateSession", s.ID, s)
	return t.Tx.CreateSession(ctx, s)
}

func (t *recordingTx) PutCounter(ctx context.Context, key string, value []byte, expireAt time.Time) error {
	t.note("PutCounter", key, string(value))
	return t.Tx.PutCounter(ctx, key, value, expireAt)
}

func (t *recordingTx) DeleteCounter(ctx context.Context, key string) error {
	t.note("DeleteCounter", key, nil)
	return t.Tx.DeleteCounter(ctx, key)
}

func (t *recordingTx) Enqueue(ctx context.Context, m delivery.Queued) error {
	t.note("Enqueue", m.ID, m)
	return t.Tx.Enqueue(ctx, m)
}

func (t *recordingTx) PutUser(ctx context.Context, u gatelatch.User) error {
	t.note("PutUser", u.ID, u)
	return t.Tx.PutUser(ctx, u)
}

func (t *recordingTx) PutCredentials(ctx context.Context, c gatelatch.Credentials) error {
	t.note("PutCredentials", c.UserID, c)
	return t.Tx.PutCredentials(ctx, c)
}

func (t *recordingTx) MarkProven(ctx context.Context, s gatelatch.Session) error {
	t.note("MarkProven", s.ID, s)
	return t.Tx.MarkProven(ctx, s)
}

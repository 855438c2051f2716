// SPDX-License-Identifier: Apache-2.0

// Package memory is the store in plain Go: what the others must do, in a form
// that can be read in one go, and fast enough for any test. Nothing of it
// survives the process.
package memory

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/sqlstore/txn"
)

// errClosed says that a store was used after its Close.
var errClosed = errors.New("the store is closed")

// New returns an empty store.
func New() store.Store {
	return &memory{
		clients:  table[string, gatelatch.Client]{},
		users:    table[string, gatelatch.User]{},
		owners:   table[gatelatch.Identifier, string]{},
		trusts:   table[trustKey, gatelatch.ClientTrust]{},
		signIns:  table[string, attempt]{},
		signUps:  table[string, attempt]{},
		sessions: table[string, gatelatch.Session]{},
		counters: table[string, counter]{},
		messages: table[string, delivery.Queued]{},
		keys:     table[string, session.StoredKey]{},

		credentials:  table[string, string]{},
		changes:      table[string, attempt]{},
		invitations:  table[string, gatelatch.Invitation]{},
		waitlist:     table[gatelatch.Identifier, gatelatch.WaitlistEntry]{},
		restrictions: table[string, gatelatch.Restriction]{},
		settings:     table[string, flow.Settings]{},
		signInTokens: table[string, gatelatch.SignInToken]{},

		clientHashes:  table[gatelatch.TokenHash, string]{},
		sessionHashes: table[gatelatch.TokenHash, string]{},
		addressIDs:    table[string, string]{},
		externalIDs:   table[string, string]{},
	}
}

// memory implements [store.Store]. One mutex makes all transactions run one
// after another; an undo list takes back what a failed one did.
type memory struct {
	mu     sync.Mutex
	closed bool
	undo   []func()
	check  string
	made   int // attempts ever made

	clients  table[string, gatelatch.Client]
	users    table[string, gatelatch.User]
	owners   table[gatelatch.Identifier, string] // user by address
	trusts   table[trustKey, gatelatch.ClientTrust]
	signIns  table[string, attempt]
	signUps  table[string, attempt]
	sessions table[string, gatelatch.Session]
	counters table[string, counter]
	messages table[string, delivery.Queued]
	keys     table[string, session.StoredKey]

	credentials  table[string, string] // documents by user
	changes      table[string, attempt]
	invitations  table[string, gatelatch.Invitation]
	waitlist     table[gatelatch.Identifier, gatelatch.WaitlistEntry]
	restrictions table[string, gatelatch.Restriction]
	settings     table[string, flow.Settings] // one row
	signInTokens table[string, gatelatch.SignInToken]

	// What must be unique beside the primary keys, and whose it is.
	clientHashes  table[gatelatch.TokenHash, string]
	sessionHashes table[gatelatch.TokenHash, string]
	addressIDs    table[string, string]
	externalIDs   table[string, string]
}

type trustKey struct{ user, client string }

// table is rows by their primary key. A write leaves its reversal in the undo
// list.
type table[K comparable, V any] map[K]V

func (t table[K, V]) put(m *memory, k K, v V) {
	t.remember(m, k)
	t[k] = v
}

func (t table[K, V]) remove(m *memory, k K) {
	t.remember(m, k)
	delete(t, k)
}

func (t table[K, V]) has(k K) bool {
	_, ok := t[k]
	return ok
}

func (t table[K, V]) remember(m *memory, k K) {
	old, had := t[k]
	m.undo = append(m.undo, func() {
		if had {
			t[k] = old
			return
		}
		delete(t, k)
	})
}

// InTx implements [flow.Repo].
func (m *memory) InTx(ctx context.Context, fn func(tx flow.Tx) error) error {
	return m.write(ctx, func(t *tx) error { return fn(t) })
}

// errReadOnly says that a transaction that only reads has written.
var errReadOnly = errors.New("a write in a transaction that only reads")

// InReadTx implements [flow.Repo].
func (m *memory) InReadTx(ctx context.Context, fn func(tx flow.Tx) error) error {
	return m.write(ctx, func(t *tx) error {
		if err := fn(t); err != nil {
			return err
		}
		if len(m.undo) > 0 {
			return errReadOnly
		}
		return nil
	})
}

// write runs fn under the lock, and undoes it unless it and all its steps
// went well.
func (m *memory) write(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed
	}
	kept := false
	defer func() { m.settle(kept) }()
	err := txn.Run(func() error {
		t := &tx{m: m}
		if err := fn(t); err != nil {
			return err
		}
		return t.failed
	})
	kept = err == nil
	return err
}

func (m *memory) settle(kept bool) {
	for i := len(m.undo) - 1; i >= 0 && !kept; i-- {
		m.undo[i]()
	}
	m.undo = nil
}

// Migrate implements [store.Store].
func (m *memory) Migrate(ctx context.Context) error {
	return m.write(ctx, func(*tx) error { return nil })
}

// CheckSecret implements [store.Store].
func (m *memory) CheckSecret(ctx context.Context, check string) error {
	return m.write(ctx, func(*tx) error {
		if m.check == "" {
			m.check = check
		}
		if m.check != check {
			return store.ErrSecret
		}
		return nil
	})
}

// Shared implements [store.Store].
func (m *memory) Shared() bool { return false }

// Close implements [store.Store].
func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// tx implements [flow.Tx]. After a step that failed it does nothing more.
type tx struct {
	m      *memory
	failed error
}

// ready says why a step cannot be taken.
func (t *tx) ready(ctx context.Context) error {
	if t.failed != nil {
		return t.failed
	}
	return t.fail(ctx.Err())
}

func (t *tx) fail(err error) error {
	if err != nil {
		t.failed = err
	}
	return err
}

// conflict fails with gatelatch.ErrConflict.
func (t *tx) conflict(what string) error {
	return t.fail(fmt.Errorf("adding %s: %w", what, gatelatch.ErrConflict))
}

// missing fails because a row refers to one that does not exist.
func (t *tx) missing(what string) error {
	return t.fail(fmt.Errorf("the row refers to an unknown %s", what))
}

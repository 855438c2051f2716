// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// ErrClosed says that a store was used after its Close.
var ErrClosed = errors.New("the store is closed")

// Store implements [store.Store] on an SQL database.
type Store struct {
	engine  Engine
	dialect Dialect
	text    text
	reading text // for transactions that only read: nothing is locked
}

// text holds the queries whose end depends on the dialect, put together once.
type text struct {
	signIn, signUp, change            string
	lockUser                          string // empty where there is nothing to lock
	invitation, invitationTo, waiting string
	waitingByID, signInToken          string
	activeUsers                       string
	counter, claim                    string
	sweeps                            []sweep
}

// New returns a store that runs its queries on an engine.
func New(e Engine, d Dialect) *Store {
	return &Store{engine: e, dialect: d, text: texts(d), reading: texts(Dialect{Counter: SelectCounter, Texts: d.Texts})}
}

func texts(d Dialect) text {
	t := text{
		signIn:       selectSignIn + d.ForUpdate,
		signUp:       selectSignUp + d.ForUpdate,
		change:       selectChange + d.ForUpdate,
		invitation:   selectInvitation + d.ForUpdate,
		invitationTo: selectInvitationTo + d.ForUpdate,
		waiting:      selectWaiting + d.ForUpdate,
		waitingByID:  selectWaitingByID + d.ForUpdate,
		signInToken:  selectSignInToken + d.ForUpdate,
		activeUsers:  selectActiveUsers + d.Texts("$1") + ")",
		counter:      d.Counter,
		claim:        selectDue + d.SkipLocked,
		sweeps:       sweeps(d),
	}
	if d.ForChange != "" {
		t.lockUser = lockUser + d.ForChange
	}
	return t
}

// InTx implements [flow.Repo].
func (s *Store) InTx(ctx context.Context, fn func(tx flow.Tx) error) error {
	return s.write(ctx, func(u *unit) error { return fn(u) })
}

// InReadTx implements [flow.Repo].
func (s *Store) InReadTx(ctx context.Context, fn func(tx flow.Tx) error) error {
	return s.readTx(ctx, func(u *unit) error { return fn(u) })
}

// readTx runs fn in one transaction that only reads.
func (s *Store) readTx(ctx context.Context, fn func(*unit) error) error {
	err := s.engine.ReadTx(ctx, func(c Conn) error {
		return (&unit{conn: c, dialect: &s.dialect, text: &s.reading}).run(fn)
	})
	return s.dialect.Err(err)
}

// Migrate implements [store.Store].
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.engine.Migrate(ctx); err != nil {
		return fmt.Errorf("migrating the database: %w", s.dialect.Err(err))
	}
	return nil
}

// Shared implements [store.Store].
func (s *Store) Shared() bool { return s.dialect.Shared }

// Close implements [store.Store].
func (s *Store) Close() error { return s.engine.Close() }

const (
	insertMeta = `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`
	selectMeta = `SELECT value FROM meta WHERE key = $1`

	metaSecret = "secret_check"
)

// CheckSecret implements [store.Store].
func (s *Store) CheckSecret(ctx context.Context, check string) error {
	var known string
	err := s.write(ctx, func(u *unit) error {
		if _, err := u.exec(ctx, insertMeta, metaSecret, check); err != nil {
			return err
		}
		return u.row(ctx, []any{&known}, selectMeta, metaSecret)
	})
	if err != nil {
		return fmt.Errorf("checking the site secret: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(known), []byte(check)) != 1 {
		return store.ErrSecret
	}
	return nil
}

// write runs fn in one transaction. A statement that failed fails the whole
// transaction, even when fn makes nothing of it: PostgreSQL would undo it all
// in silence.
func (s *Store) write(ctx context.Context, fn func(*unit) error) error {
	err := s.engine.Write(ctx, func(c Conn) error {
		return (&unit{conn: c, dialect: &s.dialect, text: &s.text}).run(fn)
	})
	return s.dialect.Err(err)
}

func (s *Store) read(ctx context.Context, fn func(*unit) error) error {
	err := s.engine.Read(ctx, func(c Conn) error {
		return fn(&unit{conn: c, dialect: &s.dialect, text: &s.text})
	})
	return s.dialect.Err(err)
}

var (
	_ store.Store = (*Store)(nil)
	_ flow.Tx     = (*unit)(nil)
)

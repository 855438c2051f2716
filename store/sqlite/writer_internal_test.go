// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/store/sqlstore"
	"github.com/gatelatch/gatelatch/store/sqlstore/txn"
)

// desk is a writer on a database with a table of words and one of words that
// must stand in the first when the transaction is committed.
type desk struct {
	*writer
	reader *reader
}

func newDesk(t *testing.T) desk {
	t.Helper()
	path, o := filepath.Join(t.TempDir(), "test.db"), Options{BusyTimeout: time.Second}
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	w, err := newWriter(path, o, func() {})
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReader(path, o)
	if err != nil {
		t.Fatal(err)
	}
	d := desk{w, r}
	t.Cleanup(func() {
		if err := errors.Join(r.close(), w.close()); err != nil {
			t.Error(err)
		}
	})
	for _, table := range []string{
		`CREATE TABLE words (word TEXT PRIMARY KEY) STRICT`,
		`CREATE TABLE echoes (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED) STRICT`,
	} {
		if err := w.write(t.Context(), statement(t, table)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func statement(t *testing.T, query string) func(sqlstore.Conn) error {
	return func(c sqlstore.Conn) error {
		_, err := c.Exec(t.Context(), query)
		return err
	}
}

func say(t *testing.T, word string) func(sqlstore.Conn) error {
	return func(c sqlstore.Conn) error {
		_, err := c.Exec(t.Context(), `INSERT INTO words VALUES ($1)`, word)
		return err
	}
}

// words are what others can read now.
func (d desk) words(t *testing.T) string {
	t.Helper()
	var words []string
	err := d.reader.read(func(c sqlstore.Conn) error {
		rows, err := c.Query(t.Context(), `SELECT word FROM words ORDER BY word`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w string
			if err := rows.Scan(&w); err != nil {
				return err
			}
			words = append(words, w)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(words, " ")
}

// share puts jobs into one batch: the first waits until all are in the queue.
// It returns the fate of each.
func (d desk) share(t *testing.T, fns ...func(sqlstore.Conn) error) []error {
	t.Helper()
	type fate struct {
		i   int
		err error
	}
	var (
		fates = make(chan fate, len(fns))
		open  = make(chan struct{})
		first = fns[0]
	)
	fns = slices.Clone(fns)
	fns[0] = func(c sqlstore.Conn) error {
		<-open
		return first(c)
	}
	for i, fn := range fns {
		go func() { fates <- fate{i, d.write(t.Context(), fn)} }()
		for i > 0 && len(d.jobs) < i || i == 0 && !d.busy() {
			runtime.Gosched()
		}
	}
	close(open)
	errs := make([]error, len(fns))
	for range fns {
		f := <-fates
		errs[f.i] = f.err
	}
	return errs
}

// busy reports whether a transaction has begun: another writer is refused.
func (d desk) busy() bool {
	db, err := pool(d.conn.path, []string{"busy_timeout(0)"}, 1)
	if err != nil {
		return false
	}
	defer db.Close()
	tx, err := db.Begin()
	if err == nil {
		_ = tx.Rollback()
	}
	return isBusy(err)
}

// TestOneThatFailsTakesNobodyAlong: those that share a commit do not share
// their errors.
func TestOneThatFailsTakesNobodyAlong(t *testing.T) {
	d := newDesk(t)
	failure := errors.New("the machine failed")
	errs := d.share(t,
		say(t, "one"),
		func(c sqlstore.Conn) error { return errors.Join(say(t, "error")(c), failure) },
		func(c sqlstore.Conn) error {
			_ = say(t, "panic")(c)
			panic("a test")
		},
		say(t, "one"), // a conflict
		say(t, "two"),
	)
	for i, want := range []error{nil, failure, txn.ErrPanic, nil, nil} {
		if i != 3 && !errors.Is(errs[i], want) {
			t.Errorf("job %d: got error %v, want %v", i, errs[i], want)
		}
	}
	if errs[3] == nil {
		t.Error("the conflict was not noticed")
	}
	if got := d.words(t); got != "one two" {
		t.Errorf("kept %q", got)
	}
}

// TestNobodyHearsBeforeTheCommit: while a later job of the batch still runs,
// the first has no answer and nobody reads what it wrote.
func TestNobodyHearsBeforeTheCommit(t *testing.T) {
	d := newDesk(t)
	first := &job{ctx: t.Context(), fn: say(t, "one"), done: make(chan struct{})}
	errs := d.share(t,
		func(sqlstore.Conn) error { return d.submit(first) }, // comes last
		func(sqlstore.Conn) error { return nil },
		func(sqlstore.Conn) error {
			return d.submit(&job{ctx: t.Context(), done: make(chan struct{}), fn: func(sqlstore.Conn) error {
				select {
				case <-first.done:
					t.Error("the first has its answer before the commit")
				default:
				}
				if got := d.words(t); got != "" {
					t.Errorf("others read %q before the commit", got)
				}
				return nil
			}})
		},
	)
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	<-first.done
	if got := d.words(t); first.err != nil || got != "one" {
		t.Errorf("after the commit others read %q, %v", got, first.err)
	}
}

// TestFailedCommitKeepsNothing: everybody is told, and the next batch works.
func TestFailedCommitKeepsNothing(t *testing.T) {
	d := newDesk(t)
	errs := d.share(t, say(t, "one"), statement(t, `INSERT INTO echoes VALUES ('nobody said this')`), say(t, "two"))
	for i, err := range errs {
		if err == nil {
			t.Errorf("job %d was told that all is well", i)
		}
	}
	if d.busy() {
		t.Error("the transaction is still open")
	}
	if err := d.write(t.Context(), say(t, "after")); err != nil {
		t.Errorf("after a failed commit: %v", err)
	}
	if got := d.words(t); got != "after" {
		t.Errorf("kept %q", got)
	}
}

// TestLostTransactionKeepsNothing: SQLite may undo a whole transaction of its
// own accord. The jobs that follow must not begin one without noticing.
func TestLostTransactionKeepsNothing(t *testing.T) {
	for name, result := range map[string]error{"noticed": errors.New("full"), "unnoticed": nil} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			errs := d.share(t, say(t, "one"), func(c sqlstore.Conn) error {
				return errors.Join(statement(t, `ROLLBACK`)(c), result)
			}, say(t, "two"))
			if errs[0] == nil || errs[1] == nil {
				t.Errorf("told of success: %v", errs)
			}
			want := ""
			if errs[2] == nil {
				want = "two" // in a transaction of its own
			}
			if got := d.words(t); got != want {
				t.Errorf("kept %q, want %q", got, want)
			}
		})
	}
}

// TestImpatientCaller: whoever leaves before the turn is not run.
func TestImpatientCaller(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	var gone error
	errs := d.share(t, func(c sqlstore.Conn) error {
		answer := make(chan error)
		go func() { answer <- d.write(ctx, say(t, "gone")) }()
		for len(d.jobs) < 2 {
			runtime.Gosched()
		}
		cancel()
		gone = <-answer
		return say(t, "one")(c)
	}, say(t, "two"))
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if !errors.Is(gone, context.Canceled) {
		t.Errorf("whoever left got %v", gone)
	}
	if got := d.words(t); got != "one two" {
		t.Errorf("kept %q", got)
	}
}

// TestNobodyLeavesDuringTheTurn: a caller whose context ends while its
// function runs waits for the outcome, as the function may still use what is
// the caller's.
func TestNobodyLeavesDuringTheTurn(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := false // the race detector watches it too
	err := d.write(ctx, func(c sqlstore.Conn) error {
		cancel()
		for range 10000 {
			runtime.Gosched()
		}
		ended = true
		return say(t, "one")(c)
	})
	if err != nil || !ended {
		t.Errorf("left with %v, the function had ended: %v", err, ended)
	}
}

// TestCloseFinishesTheQueue: what was accepted is done.
func TestCloseFinishesTheQueue(t *testing.T) {
	d := newDesk(t)
	closed := make(chan error, 1)
	errs := d.share(t, func(c sqlstore.Conn) error {
		go func() { closed <- d.close() }()
		for !d.isClosed() {
			runtime.Gosched()
		}
		return say(t, "one")(c)
	}, say(t, "two"))
	if err := errors.Join(append(errs, <-closed)...); err != nil {
		t.Error(err)
	}
	if got := d.words(t); got != "one two" {
		t.Errorf("kept %q", got)
	}
	if err := d.write(t.Context(), say(t, "late")); !errors.Is(err, sqlstore.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

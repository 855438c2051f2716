// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gatelatch/gatelatch/store/sqlstore/txn"
)

// maxBatch bounds how many jobs share a commit, and so how long the first of
// them waits for the others.
const maxBatch = 128

// errLost is the fate of all jobs of a transaction that SQLite gave up.
var errLost = errors.New("sqlite: the transaction was lost")

// batch is one transaction of the database with several jobs in it, each
// inside a savepoint of its own: one that fails takes nothing of another with
// it. Nobody hears of a result before the commit of all.
type batch struct {
	conn *writeConn
	jobs []*job  // taken, in the order of their turn
	errs []error // of each job; nil for those that want to be committed
	over bool    // committed or rolled back
}

// serve runs first, and whoever else waits, in one transaction.
func (w *writer) serve(first *job) {
	if err := w.conn.begin(); err != nil {
		w.refuse(first, err)
		return
	}
	b := &batch{conn: &w.conn}
	defer b.abandon()
	for j := first; j != nil; j = w.next(b) {
		if err := b.run(j); err != nil {
			b.end(err)
			return
		}
	}
	b.end(b.commit())
}

// refuse fails all that wait: what stopped the first would stop each of them,
// after the same wait.
func (w *writer) refuse(first *job, err error) {
	for j := first; j != nil; j = w.waiting() {
		if j.take() {
			j.finish(err)
		}
	}
}

// next returns a job that waits, or nil when none does or the batch is full.
func (w *writer) next(b *batch) *job {
	if len(b.jobs) >= maxBatch {
		return nil
	}
	return w.waiting()
}

func (w *writer) waiting() *job {
	select {
	case j := <-w.jobs: // nil when closed and empty
		return j
	default:
		return nil
	}
}

// run runs a job inside a savepoint. What it returns is not the error of the
// job, which is kept for later, but that of the whole transaction.
func (b *batch) run(j *job) error {
	if !j.take() {
		return nil
	}
	b.jobs, b.errs = append(b.jobs, j), append(b.errs, errLost)
	if err := j.ctx.Err(); err != nil {
		b.errs[len(b.errs)-1] = err
		return nil
	}
	if err := b.conn.control("SAVEPOINT job"); err != nil {
		return err
	}
	err := txn.Run(func() error { return j.fn(b.conn) })
	b.errs[len(b.errs)-1] = err
	if err != nil {
		// SQLite may have undone the whole transaction, for example when the disk
		// is full. Then there is no savepoint to go back to, and this fails.
		if undo := b.conn.control("ROLLBACK TO job"); undo != nil {
			return fmt.Errorf("%w: %w", errLost, err)
		}
	}
	return b.conn.control("RELEASE job")
}

func (b *batch) commit() error {
	if !slices.Contains(b.errs, nil) {
		return b.conn.control("ROLLBACK") // nothing to keep
	}
	if err := b.conn.control("COMMIT"); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// end tells everybody. With an error nothing is kept.
func (b *batch) end(err error) {
	b.over = true
	if err != nil {
		b.conn.undo()
	}
	for i, j := range b.jobs {
		if b.errs[i] == nil {
			j.finish(err)
			continue
		}
		j.finish(b.errs[i])
	}
}

// abandon ends a batch one of whose jobs has ended the goroutine.
func (b *batch) abandon() {
	if !b.over {
		b.end(errLost)
	}
}

// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/gatelatch/gatelatch/store/sqlstore"
)

// queueLength is how many transactions wait before callers have to wait to be
// let into the queue. They all hold their own context while they do.
const queueLength = 256

// writer runs every transaction that writes, one after another, on one
// connection and in one goroutine. Those that wait share a durable commit
// (see [batch]): the disk is asked once for all of them.
type writer struct {
	jobs  chan *job
	ended chan struct{} // closed when the goroutine has ended
	start sync.Once
	conn  writeConn // used by the goroutine alone

	mu     sync.RWMutex // held for reading while a job is handed over
	closed bool
}

// newWriter returns a writer; its goroutine begins with the first job. moved is
// called when the file turns out to be another one than before.
func newWriter(path string, o Options, moved func()) (*writer, error) {
	db, err := pool(path, writerPragmas(o), 1)
	return &writer{
		jobs:  make(chan *job, queueLength),
		ended: make(chan struct{}),
		conn:  writeConn{path: path, db: db, moved: moved},
	}, err
}

// The states of a job: its caller may leave before its turn, not after.
const (
	waiting int32 = iota
	taken
	left
)

// job is one transaction that somebody waits for.
type job struct {
	ctx   context.Context //nolint:containedctx // the job is the caller's own
	fn    func(sqlstore.Conn) error
	state atomic.Int32
	err   error // set before done is closed
	done  chan struct{}
}

func (j *job) take() bool  { return j.state.CompareAndSwap(waiting, taken) }
func (j *job) leave() bool { return j.state.CompareAndSwap(waiting, left) }

func (j *job) finish(err error) {
	j.err = err
	close(j.done)
}

// write runs fn in a transaction and returns after its durable commit. When
// ctx ends before fn's turn, fn is not run; after that ctx decides nothing but
// what fn makes of it.
func (w *writer) write(ctx context.Context, fn func(sqlstore.Conn) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := w.submit(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.leave() {
			return ctx.Err()
		}
		<-j.done
	}
	return j.err
}

func (w *writer) submit(j *job) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return sqlstore.ErrClosed
	}
	w.start.Do(func() { go w.run() })
	select {
	case w.jobs <- j:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// run serves jobs until the writer is closed. A job that ends its goroutine
// (runtime.Goexit) ends only this one: another takes over.
func (w *writer) run() {
	finished := false
	defer func() {
		if !finished {
			go w.run()
		}
	}()
	for j := range w.jobs {
		w.serve(j)
	}
	w.conn.drop()
	finished = true
	close(w.ended)
}

func (w *writer) isClosed() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.closed
}

// close lets the jobs in the queue finish.
func (w *writer) close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	w.mu.Unlock()
	close(w.jobs)
	w.start.Do(func() { close(w.ended) })
	<-w.ended
	return w.conn.db.Close()
}

// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/gatelatch/gatelatch/store/sqlstore"
	"github.com/gatelatch/gatelatch/store/sqlstore/txn"
)

// readers is how many reads run at once, and readTxs how many transactions that
// only read. A read takes microseconds, and the hot path does not read at all.
// The two do not share their places: a transaction may need a connection more,
// to parse a query, and must find one that no transaction holds.
const (
	readers = 4
	readTxs = 4
)

// reader runs queries beside the writer. In WAL mode neither waits for the
// other, and a lock held by another process does not matter here.
type reader struct {
	open func() (*sql.DB, error)
	txs  chan struct{} // holds a place for each transaction

	mu     sync.RWMutex // held for reading by every read
	closed bool
	db     *sql.DB
	stmts  *sync.Map // query to *sql.Stmt: parsing is the dearest part of a query
}

func newReader(path string, o Options) (*reader, error) {
	r := &reader{
		open: func() (*sql.DB, error) { return pool(path, readerPragmas(o), readers+readTxs) },
		txs:  make(chan struct{}, readTxs),
	}
	db, err := r.open()
	r.db, r.stmts = db, &sync.Map{}
	return r, err
}

func (r *reader) read(fn func(sqlstore.Conn) error) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return sqlstore.ErrClosed
	}
	return fn(r)
}

// Query implements [sqlstore.Conn]. A context that can end would cost two
// goroutines for every query, which is more than the query itself; so it is
// looked at before and not during.
func (r *reader) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	st, err := r.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// Exec implements [sqlstore.Conn]; the connections refuse to write.
func (r *reader) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := r.db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// readTx runs fn in one transaction, which sees what was committed before its
// first query and keeps no writer waiting.
func (r *reader) readTx(ctx context.Context, fn func(sqlstore.Conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case r.txs <- struct{}{}:
		defer func() { <-r.txs }()
	case <-ctx.Done():
		return ctx.Err()
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return sqlstore.ErrClosed
	}
	tx, err := r.db.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to keep
	return txn.Run(func() error { return fn(readTx{r, tx}) })
}

// readTx implements [sqlstore.Conn] on one connection.
type readTx struct {
	r  *reader
	tx *sql.Tx
}

// Query implements [sqlstore.Conn]; see [reader.Query] about the context.
func (c readTx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	st, err := c.r.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return c.tx.StmtContext(ctx, st).QueryContext(ctx, args...)
}

// Exec implements [sqlstore.Conn]; the connection refuses to write.
func (c readTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := c.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (r *reader) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := r.stmts.Load(query); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if old, raced := r.stmts.LoadOrStore(query, st); raced {
		_ = st.Close()
		return old.(*sql.Stmt), nil
	}
	return st, nil
}

// forget waits for reads under way and drops all connections, because the
// file they read is not the database any more.
func (r *reader) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if db, err := r.open(); err == nil {
		_ = r.db.Close()
		r.db, r.stmts = db, &sync.Map{}
	}
}

func (r *reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	return r.db.Close()
}

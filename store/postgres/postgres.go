// SPDX-License-Identifier: Apache-2.0

// Package postgres keeps everything in a PostgreSQL database, which several
// processes may share. It wants a database, or a schema on the search path,
// for itself.
//
// Transactions run at READ COMMITTED: attempts and users are locked as rows, counters by
// an advisory lock on their key, and what must be unique by constraints.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/sqlstore"
	"github.com/gatelatch/gatelatch/store/sqlstore/txn"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options are what may be changed about a store; the zero value is right.
type Options struct {
	// MaxConns bounds the connections of this process; 4 per core and at least
	// 8 when zero.
	MaxConns int
	// Timeout bounds one transaction or read, 15 seconds when zero. It also ends
	// the wait for a server that does not answer at all.
	Timeout time.Duration
}

// The pool lets go of connections, so that it follows a fail-over.
const (
	maxIdleTime = 5 * time.Minute
	maxLifetime = time.Hour
)

// Open returns the store in the database that a DSN names, in either of the
// forms of libpq. It connects to nothing. The DSN may hold a password and
// never stands in an error.
func Open(dsn string) (store.Store, error) { return OpenWith(dsn, Options{}) }

// OpenWith is [Open] with options.
func OpenWith(dsn string, o Options) (store.Store, error) {
	cfg, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	if o.MaxConns <= 0 {
		o.MaxConns = max(8, 4*runtime.GOMAXPROCS(0))
	}
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	db := stdlib.OpenDB(*withTimeouts(cfg))
	db.SetMaxOpenConns(o.MaxConns)
	db.SetMaxIdleConns(o.MaxConns)
	db.SetConnMaxIdleTime(maxIdleTime)
	db.SetConnMaxLifetime(maxLifetime)
	e := &engine{cfg: cfg, db: db, options: o, again: make(chan struct{}, 1)}
	return sqlstore.New(e, sqlstore.Dialect{
		ForUpdate:  " FOR UPDATE",
		ForChange:  " FOR NO KEY UPDATE",
		SkipLocked: " FOR UPDATE SKIP LOCKED",
		Counter:    "SELECT value FROM gatelatch_counter($1)",
		Texts:      func(parameter string) string { return "json_array_elements_text(CAST(" + parameter + " AS json))" },
		Shared:     true,
		Err:        mapError,
	}), nil
}

// engine implements [sqlstore.Engine].
type engine struct {
	cfg     *pgx.ConnConfig
	db      *sql.DB
	options Options
	again   chan struct{} // holds a place for whoever runs a transaction again

	mu     sync.RWMutex // held for reading by whatever is under way
	closed bool
}

// tries is how often a transaction is run that the server undid because of
// another one.
const tries = 20

// Write implements [sqlstore.Engine]. Transactions that got in each other's
// way are run again one at a time, or a crowd of them would do so again.
func (e *engine) Write(ctx context.Context, fn func(sqlstore.Conn) error) error {
	return e.use(ctx, func(ctx context.Context) error {
		o := &sql.TxOptions{Isolation: sql.LevelReadCommitted}
		err := e.once(ctx, o, fn)
		if !isConflict(err) {
			return err
		}
		select {
		case e.again <- struct{}{}:
			defer func() { <-e.again }()
		case <-ctx.Done():
			return err
		}
		for try := 1; try < tries && isConflict(err) && ctx.Err() == nil; try++ {
			err = e.once(ctx, o, fn)
		}
		return err
	})
}

// once runs one transaction. A panic and a goroutine that ends undo it too.
func (e *engine) once(ctx context.Context, o *sql.TxOptions, fn func(sqlstore.Conn) error) error {
	tx, err := e.begin(ctx, o)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := txn.Run(func() error { return fn(conn{ctx, tx}) }); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// begin tries a second time when the connection it got turns out to be dead,
// as all are after the server was started anew: nothing has happened yet.
func (e *engine) begin(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error) {
	tx, err := e.db.BeginTx(ctx, o)
	if err == nil || !isConnection(err) || ctx.Err() != nil {
		return tx, err
	}
	e.forget()
	return e.db.BeginTx(ctx, o)
}

// Read implements [sqlstore.Engine].
func (e *engine) Read(ctx context.Context, fn func(sqlstore.Conn) error) error {
	return e.use(ctx, func(ctx context.Context) error {
		err := fn(conn{ctx, e.db})
		if err == nil || !isConnection(err) || ctx.Err() != nil {
			return err
		}
		e.forget()
		return fn(conn{ctx, e.db})
	})
}

// ReadTx implements [sqlstore.Engine].
func (e *engine) ReadTx(ctx context.Context, fn func(sqlstore.Conn) error) error {
	return e.use(ctx, func(ctx context.Context) error {
		return e.once(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
	})
}

// forget drops idle connections, which are likely as dead as the one that
// failed.
func (e *engine) forget() {
	e.db.SetMaxIdleConns(-1)
	e.db.SetMaxIdleConns(e.options.MaxConns)
}

// use runs fn with a deadline, unless the store is closed.
func (e *engine) use(ctx context.Context, fn func(context.Context) error) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return sqlstore.ErrClosed
	}
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	return fn(ctx)
}

// Close implements [sqlstore.Engine].
func (e *engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	return e.db.Close()
}

// migrationLock is the key of the advisory lock under which migrations run,
// one process at a time: the first eight bytes of "gatelatch migrate".
const migrationLock = 0x676174656c617463

// Migrate implements [sqlstore.Engine]. It has a connection of its own without
// time limits, as a migration may take long.
func (e *engine) Migrate(ctx context.Context) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return sqlstore.ErrClosed
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*e.cfg)
	defer db.Close()
	return locked(ctx, db, func() error { return sqlstore.Up(ctx, db, goose.DialectPostgres, dir) })
}

// locked runs fn while one connection holds the migration lock. The lock ends
// with the connection, whatever happens.
func locked(ctx context.Context, db *sql.DB, fn func() error) error {
	holder, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer holder.Close()
	if _, err := holder.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("waiting for another process to migrate: %w", err)
	}
	return fn()
}

// querier is what a transaction and a pool have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// conn implements [sqlstore.Conn]. Statements run under the context of the
// whole transaction, which has the deadline and ends when the caller's does.
type conn struct {
	ctx context.Context //nolint:containedctx // lives as long as the transaction
	q   querier
}

// Exec implements [sqlstore.Conn].
func (c conn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	res, err := c.q.ExecContext(c.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query implements [sqlstore.Conn].
func (c conn) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.q.QueryContext(c.ctx, query, args...)
}

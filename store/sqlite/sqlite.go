// SPDX-License-Identifier: Apache-2.0

// Package sqlite keeps everything in one SQLite file: the store of a single
// machine. Many transactions that arrive together share one durable commit.
//
// The file belongs to one process at a time as far as writing goes; others may
// read it, and a lock that another process holds for a while is waited for.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/sqlstore"
	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options are what may be changed about a store; the zero value is right.
type Options struct {
	// BusyTimeout is how long a transaction waits for a write lock that another
	// process holds, 5 seconds when zero.
	BusyTimeout time.Duration
	// Exclusive makes Migrate take the database for this process alone, and fail
	// with ErrInUse when another one holds it. What a process remembers of its
	// sessions is right only as long as nobody else ends them.
	Exclusive bool
	// pragmas are run on the writer's connection after all others.
	pragmas []string
}

// Open returns the store in the file at path. It touches nothing on disk:
// Migrate makes the file, with mode 0600, and the directory it lies in, with
// mode 0700.
func Open(path string) (store.Store, error) { return OpenWith(path, Options{}) }

// OpenWith is [Open] with options.
func OpenWith(path string, o Options) (store.Store, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = 5 * time.Second
	}
	r, err := newReader(abs, o)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	w, err := newWriter(abs, o, r.forget)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	e := &engine{path: abs, options: o, reader: r, writer: w}
	return sqlstore.New(e, sqlstore.Dialect{
		Counter: sqlstore.SelectCounter,
		Texts:   func(parameter string) string { return "json_each(" + parameter + ")" },
		Err:     mapError,
	}), nil
}

// engine implements [sqlstore.Engine].
type engine struct {
	path    string
	options Options
	writer  *writer
	reader  *reader
	migrate sync.Mutex
	held    *os.File // the lock, when Exclusive
}

// Write implements [sqlstore.Engine].
func (e *engine) Write(ctx context.Context, fn func(sqlstore.Conn) error) error {
	return e.writer.write(ctx, fn)
}

// Read implements [sqlstore.Engine].
func (e *engine) Read(_ context.Context, fn func(sqlstore.Conn) error) error {
	return e.reader.read(fn)
}

// ReadTx implements [sqlstore.Engine].
func (e *engine) ReadTx(ctx context.Context, fn func(sqlstore.Conn) error) error {
	return e.reader.readTx(ctx, fn)
}

// Close implements [sqlstore.Engine]. The writer goes last: the last
// connection folds the log into the database.
func (e *engine) Close() error {
	err := errors.Join(e.reader.close(), e.writer.close())
	e.migrate.Lock()
	defer e.migrate.Unlock()
	if e.held != nil {
		err = errors.Join(err, e.held.Close())
		e.held = nil
	}
	return err
}

// triesToMigrate is how often migrations are tried: another process may have
// applied the very same ones first.
const triesToMigrate = 3

// Migrate implements [sqlstore.Engine].
func (e *engine) Migrate(ctx context.Context) error {
	e.migrate.Lock()
	defer e.migrate.Unlock()
	if e.writer.isClosed() {
		return sqlstore.ErrClosed
	}
	err := create(e.path)
	if err != nil {
		return err
	}
	if e.options.Exclusive && e.held == nil {
		if e.held, err = lock(ctx, e.path); err != nil {
			return err
		}
	}
	for range triesToMigrate {
		err = e.up(ctx)
		if err == nil || errors.Is(err, sqlstore.ErrNewerSchema) || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return err
	}
	return e.writable(ctx)
}

func (e *engine) up(ctx context.Context) error {
	db, err := pool(e.path, writerPragmas(e.options), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqlstore.Up(ctx, db, goose.DialectSQLite3, dir)
}

// writable finds a read-only file or disk at the start rather than at the
// first sign-in. A lock that somebody holds at this moment is no obstacle.
func (e *engine) writable(ctx context.Context) error {
	err := e.writer.write(ctx, func(sqlstore.Conn) error { return nil })
	if isBusy(err) {
		return nil
	}
	return err
}

// create makes the directory and an empty file that only the owner may read;
// SQLite gives the log and its index the mode of the file.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator's own path
	if err != nil {
		return err
	}
	return f.Close()
}

// pool returns at most size connections to the file, none of them made yet.
func pool(path string, pragmas []string, size int) (*sql.DB, error) {
	c, err := driver.NewConnector(dsn(path, pragmas))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// dsn names a file that must exist: a connection made later must never begin
// an empty database in the place of a lost one.
func dsn(path string, pragmas []string) string {
	slashed := filepath.ToSlash(path)
	if slashed[0] != '/' {
		slashed = "/" + slashed // a drive letter
	}
	q := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_dqs": {"0"}, "_defensive": {"1"}, "_pragma": pragmas}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}).String()
}

func writerPragmas(o Options) []string {
	return append([]string{
		fmt.Sprintf("busy_timeout(%d)", o.BusyTimeout.Milliseconds()),
		"journal_mode(WAL)",
		"synchronous(FULL)", // a commit is on the disk before anybody hears of it
		"fullfsync(1)",      // also on macOS
		"foreign_keys(1)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"cache_size(-16384)",           // 16 MiB
		"journal_size_limit(67108864)", // the log shrinks again after a burst
	}, o.pragmas...)
}

func readerPragmas(o Options) []string {
	return []string{
		fmt.Sprintf("busy_timeout(%d)", o.BusyTimeout.Milliseconds()),
		"query_only(1)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"cache_size(-8192)",
	}
}

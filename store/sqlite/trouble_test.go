// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/sqlite"
	"github.com/gatelatch/gatelatch/store/sqlstore"
	"go.uber.org/goleak"
)

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// opened returns a migrated store at path, closed at the end of the test.
func opened(t testing.TB, path string, o sqlite.Options) store.Store {
	t.Helper()
	s, err := sqlite.OpenWith(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// other is a connection of somebody else to the same file.
func other(t testing.TB, path string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), db.Close() })
	return c
}

func run(t testing.TB, c *sql.Conn, query string) {
	t.Helper()
	if _, err := c.ExecContext(context.WithoutCancel(t.Context()), query); err != nil {
		t.Fatal(err)
	}
}

func put(ctx context.Context, s store.Store, key string, value []byte) error {
	return s.InTx(ctx, func(tx flow.Tx) error { return tx.PutCounter(ctx, key, value, at) })
}

func value(t testing.TB, s store.Store, key string) []byte {
	t.Helper()
	var v []byte
	err := s.InTx(t.Context(), func(tx flow.Tx) (err error) {
		v, err = tx.Counter(t.Context(), key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// reads reports a read that fails, of a token that nobody has.
func reads(t testing.TB, s store.Store) {
	t.Helper()
	_, err := s.PrincipalByTokenHash(t.Context(), gatelatch.TokenHash{1})
	if !errors.Is(err, gatelatch.ErrNotFound) {
		t.Errorf("a read: %v", err)
	}
	if _, err := s.SigningKeys(t.Context()); err != nil {
		t.Errorf("a read of the keys: %v", err)
	}
}

// TestLockedByAnother: a write fails after the timeout, reads go on, and when
// the lock is gone all works again.
func TestLockedByAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := opened(t, path, sqlite.Options{BusyTimeout: 20 * time.Millisecond})
	holder := other(t, path)
	for round := range 3 {
		run(t, holder, "BEGIN IMMEDIATE")
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				if err := put(t.Context(), s, fmt.Sprintf("%d-%d", round, i), nil); err == nil {
					t.Error("written in spite of the lock")
				}
			})
		}
		wg.Wait()
		reads(t, s)
		run(t, holder, "COMMIT")
		if err := put(t.Context(), s, "free", []byte{byte(round)}); err != nil {
			t.Errorf("after the lock was gone: %v", err)
		}
	}
	if v := value(t, s, "0-0"); v != nil {
		t.Error("a write that was refused was done")
	}
}

// TestStartWhileLocked: a lock is no reason not to start.
func TestStartWhileLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	if err := opened(t, path, sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	run(t, other(t, path), "BEGIN IMMEDIATE")
	reads(t, opened(t, path, sqlite.Options{BusyTimeout: 20 * time.Millisecond}))
}

// TestImpatientBehindALock: a caller's deadline counts also while the store
// waits for a lock.
func TestImpatientBehindALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := opened(t, path, sqlite.Options{BusyTimeout: time.Hour})
	holder := other(t, path)
	run(t, holder, "BEGIN IMMEDIATE")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := put(ctx, s, "k", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	run(t, holder, "ROLLBACK")
	if err := put(t.Context(), s, "k", nil); err != nil {
		t.Error(err)
	}
}

// fill writes until the disk is full, and returns how many rows it wrote.
func fill(t *testing.T, s store.Store) int {
	t.Helper()
	for i := range 10000 {
		err := put(t.Context(), s, fmt.Sprintf("fill%d", i), make([]byte, 4000))
		if err != nil {
			t.Logf("full after %d rows: %v", i, err)
			return i
		}
	}
	t.Fatal("the disk is never full")
	return 0
}

// survives checks what a full disk must leave alone: rows that were
// acknowledged, and reads.
func survives(t *testing.T, s store.Store, path string, rows int) {
	t.Helper()
	reads(t, s)
	for i := range rows {
		if len(value(t, s, fmt.Sprintf("fill%d", i))) != 4000 {
			t.Errorf("row %d is lost", i)
		}
	}
	if v := value(t, s, fmt.Sprintf("fill%d", rows)); v != nil {
		t.Error("the row that failed is there")
	}
	intact(t, path)
}

func intact(t *testing.T, path string) {
	t.Helper()
	var verdict string
	err := other(t, path).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict)
	if err != nil || verdict != "ok" {
		t.Errorf("the database is broken: %s, %v", verdict, err)
	}
}

// TestFullDatabase: SQLite's own limit stands in for a full disk.
func TestFullDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := opened(t, path, sqlite.WithPragmas(sqlite.Options{}, "max_page_count(80)"))
	n := fill(t, s)
	survives(t, s, path, n)
	err := s.InTx(t.Context(), func(tx flow.Tx) error { return tx.DeleteCounter(t.Context(), "fill0") })
	if err != nil {
		t.Fatalf("making room: %v", err)
	}
	if err := put(t.Context(), s, "after", make([]byte, 1000)); err != nil {
		t.Errorf("after there was room again: %v", err)
	}
}

// TestFullDisk does the same on a file system of its own.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t)
	path, ballast := filepath.Join(dir, "test.db"), filepath.Join(dir, "ballast")
	s := opened(t, path, sqlite.Options{})
	for round := range 5 {
		narrow(t, dir, ballast, 1<<20)
		n := fill(t, s)
		reads(t, s)
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		survives(t, s, path, n)
		if err := put(t.Context(), s, "after", []byte{byte(round)}); err != nil {
			t.Errorf("after there was room again: %v", err)
		}
		if _, err := s.Sweep(t.Context(), at, 10000); err != nil {
			t.Errorf("sweeping: %v", err)
		}
	}
}

// TestMovedFile: a store does not write on into a file that is gone, makes no
// new one in its place, and goes on when it is back.
func TestMovedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := opened(t, path, sqlite.Options{})
	if err := put(t.Context(), s, "k", []byte("1")); err != nil {
		t.Fatal(err)
	}
	reads(t, s)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), s, "k", []byte("2")); err == nil {
		t.Error("written into a file that is gone")
	}
	if _, err := s.SigningKeys(t.Context()); err == nil {
		t.Error("read from a file that is gone")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was made in the place of the lost one: %v", err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	reads(t, s)
	if v := value(t, s, "k"); string(v) != "1" {
		t.Errorf("after the file was back: %q", v)
	}
}

// TestFiles: Open touches nothing, and only the owner may look at the files.
func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	path := filepath.Join(dir, "test.db")
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open touched the disk: %v", err)
	}
	if err := put(t.Context(), s, "k", nil); err == nil {
		t.Error("written before Migrate")
	}
	if err := errors.Join(s.Migrate(t.Context()), put(t.Context(), s, "k", nil)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, "test.db": 0o600, "test.db-wal": 0o600, "test.db-shm": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has mode %o, want %o", name, got, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Close left the log beside the database: %v", err)
	}
}

// TestCloseLeavesNothing: no goroutine outlives a store, used or not.
func TestCloseLeavesNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, used := range []bool{true, false} {
		s, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"))
		if err != nil {
			t.Fatal(err)
		}
		if used {
			if err := errors.Join(s.Migrate(t.Context()), put(t.Context(), s, "k", nil)); err != nil {
				t.Fatal(err)
			}
			reads(t, s)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestUnusable: what cannot be a database is an error at the start.
func TestUnusable(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte("this is not a database, whatever its name says. "+string(make([]byte, 4096))), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{"a directory": dir, "garbage": garbage, "a file as a directory": filepath.Join(garbage, "x.db")} {
		s, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(t.Context()); err == nil {
			t.Errorf("%s was taken for a database", what)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing %s: %v", what, err)
		}
	}
}

// TestMigrateTogether: several processes may start on one new file.
func TestMigrateTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	var wg sync.WaitGroup
	for range 4 {
		s, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		wg.Go(func() {
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestNewerSchema: an older program keeps its hands off.
func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := opened(t, path, sqlite.Options{})
	run(t, other(t, path), "INSERT INTO "+sqlstore.VersionTable+" (version_id, is_applied) VALUES (999, 1)")
	if err := s.Migrate(t.Context()); !errors.Is(err, sqlstore.ErrNewerSchema) {
		t.Errorf("got %v", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlstore"
	"github.com/gatelatch/gatelatch/store/storetest"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestConformance gives every test a schema of its own: that is quicker than
// a database, and shows that a schema on the search path is enough.
func TestConformance(t *testing.T) {
	dsn, n := pgtest.Start(t), 0
	admin := pool(t, dsn)
	storetest.Run(t, func(t testing.TB) store.Store {
		n++
		if _, err := admin.ExecContext(t.Context(), fmt.Sprintf("CREATE SCHEMA s%d", n)); err != nil {
			t.Fatal(err)
		}
		s, err := postgres.Open(pgtest.With(dsn, "search_path", fmt.Sprintf("s%d", n)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(t testing.TB) store.Store { return at(t, pgtest.Start(t), postgres.Options{}) })
}

// at opens the store in the database that a DSN names.
func at(t testing.TB, dsn string, o postgres.Options) store.Store {
	t.Helper()
	s, err := postgres.OpenWith(dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// pool is the database as the administrator sees it.
func pool(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func put(ctx context.Context, s store.Store, key string) error {
	return s.InTx(ctx, func(tx flow.Tx) error { return tx.PutCounter(ctx, key, []byte("1"), time.Now()) })
}

// TestPasswordStaysSecret: no DSN, however broken, puts its password into an
// error, and neither does a server that does not answer or refuses.
func TestPasswordStaysSecret(t *testing.T) {
	const password = "s3cr3t"
	for _, dsn := range []string{
		"postgres://u:" + password + "@host:port/db",
		"postgres://u:" + password + "@[::1/db",
		"postgres://u:" + password + "%zz@host/db",
		"postgres://u:" + password + "@host/db?sslmode=perhaps",
		"postgres://u:" + password + "@host/db?connect_timeout=soon",
		"postgres://u@host/db?password=" + password + "&sslrootcert=/does/not/exist&sslmode=verify-full",
		"host=h password=" + password + " port=x",
		"host=h password='" + password,
		"password=" + password + " = =",
		password,
		"\x00" + password,
	} {
		_, err := postgres.Open(dsn)
		if err == nil {
			t.Errorf("a malformed DSN was accepted: %q", dsn)
		}
		hides(t, err, password)
	}
	for _, dsn := range []string{
		"postgres://u:" + password + "@127.0.0.1:1/db?sslmode=disable",
		"host=127.0.0.1 port=1 user=u dbname=db sslmode=disable password=" + password,
	} {
		s := at(t, dsn, postgres.Options{})
		_, read := s.SigningKeys(t.Context())
		for what, err := range map[string]error{"Migrate": s.Migrate(t.Context()), "a write": put(t.Context(), s, "k"), "a read": read} {
			if err == nil {
				t.Errorf("%s works without a server", what)
			}
			hides(t, err, password)
		}
	}
}

// hides reports an error that shows text, or whose parts do.
func hides(t *testing.T, err error, text string) {
	t.Helper()
	for _, format := range []string{"%v", "%+v", "%#v", "%q"} {
		if shown := fmt.Sprintf(format, err); strings.Contains(shown, text) {
			t.Errorf("the error shows %q: %s", text, shown)
		}
	}
	if ce, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		t.Errorf("the error carries the configuration: %v", ce)
	}
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		t.Errorf("the error carries what the server said in full: %v", pe)
	}
}

// TestConflictStaysSecret: the server says which address is taken; we do not.
func TestConflictStaysSecret(t *testing.T) {
	s := at(t, pgtest.Start(t), postgres.Options{})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	add := func(id string) error {
		a := gatelatch.Address{ID: "idn_" + id, Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "ada@example.com"}}
		u := gatelatch.User{ID: "user_" + id, Addresses: []gatelatch.Address{a}}
		return s.InTx(t.Context(), func(tx flow.Tx) error { return tx.CreateUser(t.Context(), u) })
	}
	if err := add("1"); err != nil {
		t.Fatal(err)
	}
	err := add("2")
	if !errors.Is(err, gatelatch.ErrConflict) {
		t.Errorf("got %v", err)
	}
	hides(t, err, "ada@")
}

// TestServerComesBack: connections that the server dropped cost nobody an
// error.
func TestServerComesBack(t *testing.T) {
	dsn := pgtest.Start(t)
	s := at(t, dsn, postgres.Options{MaxConns: 4})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	admin := pool(t, dsn)
	for round := range 3 {
		var wg sync.WaitGroup
		for i := range 16 { // fill the pool
			wg.Go(func() {
				if err := put(t.Context(), s, fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		_, err := admin.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		if err != nil {
			t.Fatal(err)
		}
		if round%2 == 0 {
			if _, err := s.SigningKeys(t.Context()); err != nil {
				t.Errorf("a read after the connections were dropped: %v", err)
			}
		}
		if err := put(t.Context(), s, "after"); err != nil {
			t.Errorf("a write after the connections were dropped: %v", err)
		}
	}
}

// TestNetworkComesBack: the same when the network broke without a word. While
// it is down everything fails, and nothing hangs.
func TestNetworkComesBack(t *testing.T) {
	dsn := pgtest.Start(t)
	n := newNetwork(t, dsn)
	s := at(t, n.dsn, postgres.Options{MaxConns: 4})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := put(t.Context(), s, "before"); err != nil {
			t.Fatal(err)
		}
		n.cut()
		if err := put(t.Context(), s, "after"); err != nil {
			t.Errorf("a write after the network broke: %v", err)
		}
		n.cut()
		if _, err := s.SigningKeys(t.Context()); err != nil {
			t.Errorf("a read after the network broke: %v", err)
		}
	}
	n.down(true)
	if err := put(t.Context(), s, "down"); err == nil {
		t.Error("written while the server was out of reach")
	}
	if _, err := s.SigningKeys(t.Context()); err == nil {
		t.Error("read while the server was out of reach")
	}
	n.down(false)
	if err := put(t.Context(), s, "up"); err != nil {
		t.Errorf("a write after the server was back: %v", err)
	}
}

// TestTimeLimit: a transaction that waits for a lock does not wait for ever.
func TestTimeLimit(t *testing.T) {
	dsn := pgtest.Start(t)
	s := at(t, dsn, postgres.Options{Timeout: 100 * time.Millisecond})
	if err := at(t, dsn, postgres.Options{}).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	holder, err := pool(t, dsn).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.ExecContext(t.Context(), "LOCK TABLE counters, signing_keys IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), s, "k"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a write behind a lock: %v", err)
	}
	if _, err := s.SigningKeys(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a read behind a lock: %v", err)
	}
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), at(t, dsn, postgres.Options{}), "k"); err != nil {
		t.Errorf("after the lock was gone: %v", err)
	}
}

// TestLimitsOfTheServer: they hold unless the DSN says otherwise.
func TestLimitsOfTheServer(t *testing.T) {
	dsn := pgtest.Start(t)
	s := at(t, pgtest.With(dsn, "lock_timeout", "123"), postgres.Options{Timeout: time.Minute})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	holder, err := pool(t, dsn).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback() }()
	if _, err := holder.ExecContext(t.Context(), "LOCK TABLE counters IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), s, "k"); err == nil || !strings.Contains(err.Error(), "55P03") {
		t.Errorf("a write behind a lock: %v", err)
	}
}

// bare takes a database back to where only the list of migrations exists.
const bare = `DO $$
DECLARE t RECORD;
BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '` + sqlstore.VersionTable + `' LOOP
        EXECUTE 'DROP TABLE ' || t.tablename || ' CASCADE';
    END LOOP;
    DROP FUNCTION IF EXISTS gatelatch_counter;
    DELETE FROM ` + sqlstore.VersionTable + ` WHERE version_id > 0;
END
$$`

// TestMigrateTogether: several nodes may start on one database, new or old.
func TestMigrateTogether(t *testing.T) {
	dsn := pgtest.Start(t)
	nodes := make([]store.Store, 6)
	for i := range nodes {
		nodes[i] = at(t, dsn, postgres.Options{})
	}
	for range 3 {
		var (
			wg    sync.WaitGroup
			begin = make(chan struct{})
		)
		for _, s := range nodes {
			wg.Go(func() {
				<-begin
				if err := s.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		wg.Wait()
		if _, err := pool(t, dsn).ExecContext(t.Context(), bare); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTwoNodes: what one writes the other sees, and they lock each other out.
func TestTwoNodes(t *testing.T) {
	dsn := pgtest.Start(t)
	nodes := []store.Store{at(t, dsn, postgres.Options{}), at(t, dsn, postgres.Options{})}
	if err := nodes[0].Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const each = 50
	var wg sync.WaitGroup
	for _, s := range nodes {
		if !s.Shared() {
			t.Error("a node believes to be alone")
		}
		for range each {
			wg.Go(func() {
				err := s.InTx(t.Context(), func(tx flow.Tx) error {
					v, err := tx.Counter(t.Context(), "k")
					if err != nil {
						return err
					}
					return tx.PutCounter(t.Context(), "k", append(v, 'x'), time.Now())
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	err := nodes[1].InTx(t.Context(), func(tx flow.Tx) error {
		v, err := tx.Counter(t.Context(), "k")
		if len(v) != 2*each {
			t.Errorf("counted %d of %d", len(v), 2*each)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestNewerSchema: an older program keeps its hands off.
func TestNewerSchema(t *testing.T) {
	dsn := pgtest.Start(t)
	s := at(t, dsn, postgres.Options{})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := pool(t, dsn).ExecContext(t.Context(), "INSERT INTO "+sqlstore.VersionTable+" (version_id, is_applied) VALUES (999, true)")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); !errors.Is(err, sqlstore.ErrNewerSchema) {
		t.Errorf("got %v", err)
	}
}

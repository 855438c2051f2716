// SPDX-License-Identifier: Apache-2.0

// Package pgtest gives tests a PostgreSQL server of their own, started from
// the binaries that are installed, and a fresh database for every call. The
// server and its files go with the test binary, however that ends.
//
// GATELATCH_TEST_POSTGRES_DSN names a server to use instead; its user must be
// allowed to create databases.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// variable names a server to use instead of a throw-away one.
const variable = "GATELATCH_TEST_POSTGRES_DSN"

// errNoServer says that there is nothing to start.
var errNoServer = errors.New("no PostgreSQL server binaries found (on Debian: apt-get install postgresql) and no " + variable)

// shared is the one cluster of a test binary.
var shared struct {
	sync.Mutex
	cluster *cluster
	err     error
}

// Main runs the tests of a package and then stops the server, if one was
// started. It returns the exit code: use os.Exit(pgtest.Main(m)) in TestMain.
func Main(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster != nil {
		shared.cluster.stop()
	}
	return code
}

// Start returns the DSN of an empty database that lives as long as the test.
// Where no server can be found the test is skipped, or fails with CI=true.
func Start(t testing.TB) string {
	t.Helper()
	server := os.Getenv(variable)
	if server == "" {
		server = throwAway(t)
	}
	return database(t, server)
}

func throwAway(t testing.TB) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil && shared.err == nil {
		shared.cluster, shared.err = startTwice()
	}
	switch {
	case errors.Is(shared.err, errNoServer) && os.Getenv("CI") != "true":
		t.Skip(shared.err)
	case shared.err != nil:
		t.Fatal(shared.err)
	}
	return shared.cluster.dsn()
}

// startTwice tries again once: on a busy machine somebody else may take the
// port, or the first start may be too slow.
func startTwice() (*cluster, error) {
	c, err := start()
	if err == nil || errors.Is(err, errNoServer) {
		return c, err
	}
	c, again := start()
	if again != nil {
		return nil, errors.Join(err, again)
	}
	return c, nil
}

// database makes a database on a server and returns its DSN.
func database(t testing.TB, server string) string {
	t.Helper()
	name := "gatelatch_test_" + strings.ToLower(rand.Text()[:16])
	if err := execute(server, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		t.Fatalf("creating a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Logf("dropping the test database: %v", err)
		}
	})
	return withDatabase(server, name)
}

func execute(dsn, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	_, err = c.Exec(ctx, statement)
	return err
}

// With returns a DSN with one more parameter, in both forms of libpq.
func With(dsn, key, value string) string {
	u, ok := parse(dsn)
	if !ok {
		return fmt.Sprintf("%s %s='%s'", dsn, key, value)
	}
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// withDatabase changes the database of a DSN, in both forms of libpq.
func withDatabase(dsn, name string) string {
	u, ok := parse(dsn)
	if !ok {
		return With(dsn, "dbname", name)
	}
	u.Path = "/" + name
	return u.String()
}

// parse returns false for a DSN of the form key=value.
func parse(dsn string) (*url.URL, bool) {
	u, err := url.Parse(dsn)
	return u, err == nil && strings.HasPrefix(u.Scheme, "postgres")
}

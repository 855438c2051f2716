// SPDX-License-Identifier: Apache-2.0

package pgtest_test

import (
	"context"
	"os"
	"testing"

	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestEveryCallGetsADatabaseOfItsOwn(t *testing.T) {
	first, second := connect(t, pgtest.Start(t)), connect(t, pgtest.Start(t))
	if _, err := first.Exec(t.Context(), "CREATE TABLE mine (x INT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Exec(t.Context(), "CREATE TABLE mine (x INT)"); err != nil {
		t.Errorf("the second database is not empty: %v", err)
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlstore"
	"github.com/gatelatch/gatelatch/store/storetest"
	"github.com/pressly/goose/v3"
)

// TestUpgrade starts from every schema there was before.
func TestUpgrade(t *testing.T) {
	for _, c := range []struct {
		from       string
		migrations []string
		check      func(*testing.T, *sql.DB, store.Store)
	}{
		{"schema 1", []string{"00001_init.sql"}, storetest.Upgrade},
		{"schema 2", []string{"00001_init.sql", "00002_accounts.sql"}, storetest.Upgrade2},
	} {
		t.Run(c.from, func(t *testing.T) {
			dsn := pgtest.Start(t)
			old := pool(t, dsn)
			if err := sqlstore.Up(t.Context(), old, goose.DialectPostgres, files(t, c.migrations)); err != nil {
				t.Fatal(err)
			}
			c.check(t, old, at(t, dsn, postgres.Options{}))
		})
	}
}

// files are the migrations of an older program.
func files(t *testing.T, names []string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: text}
	}
	return all
}

// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlstore"
	"github.com/gatelatch/gatelatch/store/storetest"
	"github.com/pressly/goose/v3"
)

// TestUpgrade starts from the schema of the first release.
func TestUpgrade(t *testing.T) {
	const first = "00001_init.sql"
	text, err := os.ReadFile(filepath.Join("migrations", first))
	if err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Start(t)
	old := pool(t, dsn)
	migrations := fstest.MapFS{first: &fstest.MapFile{Data: text}}
	if err := sqlstore.Up(t.Context(), old, goose.DialectPostgres, migrations); err != nil {
		t.Fatal(err)
	}
	storetest.Upgrade(t, old, at(t, dsn, postgres.Options{}))
}

// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/gatelatch/gatelatch/store/sqlite"
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
	path := filepath.Join(t.TempDir(), "gatelatch.db")
	old, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = old.Close() })
	migrations := fstest.MapFS{first: &fstest.MapFile{Data: text}}
	if err := sqlstore.Up(t.Context(), old, goose.DialectSQLite3, migrations); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	storetest.Upgrade(t, old, s)
}

// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// VersionTable is where a database remembers which migrations it has had.
const VersionTable = "gatelatch_schema"

// ErrNewerSchema says that the database was last used by a newer program. An
// older one must not touch it: it does not know what the columns mean now.
var ErrNewerSchema = errors.New("the database was made by a newer version of the program")

// Up applies the migrations in fsys that a database lacks, each in a
// transaction of its own together with the note that it was applied. There is
// no way down. Calls on one database from several processes must not overlap,
// or be repeated when one fails.
func Up(ctx context.Context, db *sql.DB, dialect goose.Dialect, fsys fs.FS) error {
	p, err := goose.NewProvider(dialect, db, fsys,
		goose.WithTableName(VersionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("reading the schema version: %w", err)
	case have > want:
		return fmt.Errorf("%w: its schema has version %d, this program knows up to %d", ErrNewerSchema, have, want)
	case have == want:
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("from version %d to %d: %w", have, want, err)
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// mapError turns a violated unique constraint into gatelatch.ErrConflict. The
// driver's texts name tables and columns, and no values.
func mapError(err error) error {
	if errors.Is(err, gatelatch.ErrConflict) {
		return err
	}
	switch code(err) {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", gatelatch.ErrConflict, err)
	}
	return err
}

// isBusy reports whether somebody else held the lock for too long.
func isBusy(err error) bool { return code(err)&0xff == lib.SQLITE_BUSY }

// code returns SQLite's extended result code, or 0 for another error.
func code(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code()
	}
	return 0
}

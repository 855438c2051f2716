// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// unit is one unit of work: a transaction, or a read outside of one. It
// implements [flow.Tx]. It is used by one goroutine.
type unit struct {
	conn    Conn
	dialect *Dialect
	text    *text
	failed  error // of the first statement that failed; nothing runs after it
}

// run runs fn and fails when a statement did, whatever fn makes of that.
func (u *unit) run(fn func(*unit) error) error {
	if err := fn(u); err != nil {
		return err
	}
	return u.failed
}

// exec runs a statement and returns how many rows it touched.
func (u *unit) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if u.failed != nil {
		return 0, u.failed
	}
	n, err := u.conn.Exec(ctx, query, args...)
	return n, u.fail(err)
}

// rows calls scan for every row of a query.
func (u *unit) rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	if u.failed != nil {
		return u.failed
	}
	rows, err := u.conn.Query(ctx, query, args...)
	if err != nil {
		return u.fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return u.fail(err)
		}
	}
	return u.fail(rows.Err())
}

// row reads one row into dest; gatelatch.ErrNotFound when there is none.
func (u *unit) row(ctx context.Context, dest []any, query string, args ...any) error {
	found := false
	err := u.rows(ctx, func(r *sql.Rows) error {
		found = true
		return r.Scan(dest...)
	}, query, args...)
	if err == nil && !found {
		return gatelatch.ErrNotFound
	}
	return err
}

// one reads one row; gatelatch.ErrNotFound when there is none.
func one[T any](ctx context.Context, u *unit, scan func(*sql.Rows) (T, error), query string, args ...any) (T, error) {
	all, err := many(ctx, u, scan, query, args...)
	if err == nil && len(all) == 0 {
		err = gatelatch.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// many reads all rows, in their order.
func many[T any](ctx context.Context, u *unit, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := u.rows(ctx, func(rows *sql.Rows) error {
		v, err := scan(rows)
		all = append(all, v)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (u *unit) fail(err error) error {
	if err == nil {
		return nil
	}
	u.failed = u.dialect.Err(err)
	return u.failed
}

// step says in an error what was being done.
func step(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// hash scans a token hash.
type hash struct{ to *gatelatch.TokenHash }

// Scan implements [sql.Scanner].
func (h hash) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(h.to) {
		return fmt.Errorf("a stored token hash is not %d bytes long", len(h.to))
	}
	copy(h.to[:], b)
	return nil
}

// flag is a truth value as it stands in the database.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// truth scans what [flag] makes.
type truth struct{ to *bool }

// Scan implements [sql.Scanner].
func (t truth) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a stored truth value is a %T", v)
	}
	*t.to = n != 0
	return nil
}

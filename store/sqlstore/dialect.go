// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
)

// Dialect holds all that differs between the engines in the text of queries.
// A zero field adds nothing to a query.
type Dialect struct {
	// ForUpdate ends a query whose rows stay locked until the transaction ends.
	ForUpdate string
	// ForChange does the same for a row that others may still refer to meanwhile:
	// a session is begun while its user is being read.
	ForChange string
	// SkipLocked ends a query that takes rows nobody else has locked.
	SkipLocked string
	// Counter is the query that reads the value under the key $1 and locks the
	// key, also when there is no such row.
	Counter string
	// Texts is the table of the texts in a JSON array, a column named value, that
	// stands in a parameter.
	Texts func(parameter string) string
	// Shared reports whether other processes may write to the same database.
	Shared bool
	// Err turns an error of the driver into one that may be shown: a violated
	// unique constraint into gatelatch.ErrConflict, and anything that could quote
	// a stored value into something that does not.
	Err func(error) error
}

// Conn runs statements, in a transaction or outside of one.
type Conn interface {
	// Exec runs a statement and returns how many rows it touched.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Query runs a query. The caller closes the rows before the next statement.
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Engine runs transactions on one kind of database. All methods are safe for
// concurrent use.
type Engine interface {
	// Write runs fn in one transaction and commits it durably when fn returns
	// nil. An error or a panic of fn undoes what it did and is returned. fn may
	// be run again after a conflict between transactions.
	Write(ctx context.Context, fn func(Conn) error) error
	// Read runs fn outside of any transaction; each query of it sees what was
	// committed before. fn may be run again after a lost connection.
	Read(ctx context.Context, fn func(Conn) error) error
	// ReadTx runs fn in one transaction that cannot write and keeps nobody from
	// writing: all its queries see the same moment. fn is not run again.
	ReadTx(ctx context.Context, fn func(Conn) error) error
	// Migrate brings the schema up to date.
	Migrate(ctx context.Context) error
	// Close waits for what is under way. Later calls fail; Close itself may be
	// called again.
	Close() error
}

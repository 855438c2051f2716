// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
)

// writeConn is the one connection that writes, opened when first needed and
// again after trouble. It is used by one goroutine.
type writeConn struct {
	path  string
	db    *sql.DB
	moved func()

	conn  *sql.Conn
	file  os.FileInfo          // of the file that is open
	stmts map[string]*sql.Stmt // parsing is the dearest part of a statement
}

// begin opens a transaction that holds the write lock. A connection that
// fails for another reason than a lock is replaced once.
func (c *writeConn) begin() error {
	c.checkFile()
	err := c.tryBegin()
	if err != nil && !isBusy(err) {
		c.drop()
		err = c.tryBegin()
	}
	if err != nil && !isBusy(err) {
		c.drop()
	}
	return err
}

func (c *writeConn) tryBegin() error {
	if err := c.connect(); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if err := c.control("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	return nil
}

func (c *writeConn) connect() error {
	if c.conn != nil {
		return nil
	}
	file, err := os.Stat(c.path)
	if err != nil {
		return err
	}
	conn, err := c.db.Conn(context.Background())
	if err != nil {
		return err
	}
	c.conn, c.file, c.stmts = conn, file, map[string]*sql.Stmt{}
	return nil
}

// checkFile drops the connections when the file is not the one they opened:
// to write on would put acknowledged sign-ins where nobody finds them again.
func (c *writeConn) checkFile() {
	if c.conn == nil {
		return
	}
	now, err := os.Stat(c.path)
	if err == nil && os.SameFile(c.file, now) {
		return
	}
	c.drop()
	c.moved()
}

// drop closes the connection for good; database/sql must not offer it again.
func (c *writeConn) drop() {
	if c.conn == nil {
		return
	}
	for _, st := range c.stmts {
		_ = st.Close()
	}
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.conn.Close()
	c.conn, c.stmts = nil, nil
}

// undo ends a transaction that cannot be committed. When not even that works,
// closing the connection does it.
func (c *writeConn) undo() {
	_ = c.control("ROLLBACK") // fails when SQLite has done so already
	c.drop()
}

// control runs a statement that controls the transaction.
func (c *writeConn) control(statement string) error {
	_, err := c.Exec(context.Background(), statement)
	return err
}

// Exec implements [sqlstore.Conn]. The context is looked at before, and not
// during a statement: to interrupt one would undo the whole transaction and
// with it the work of others.
func (c *writeConn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	st, err := c.prepared(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query implements [sqlstore.Conn]; see Exec about the context.
func (c *writeConn) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.Background(), args...)
}

func (c *writeConn) prepared(query string) (*sql.Stmt, error) {
	if st := c.stmts[query]; st != nil {
		return st, nil
	}
	st, err := c.conn.PrepareContext(context.Background(), query)
	if err == nil {
		c.stmts[query] = st
	}
	return st, err
}

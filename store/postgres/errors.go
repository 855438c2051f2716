// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/jackc/pgx/v5/pgconn"
)

// The codes of PostgreSQL that mean something here (appendix A of its manual).
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	adminShutdown        = "57P01"
	crashShutdown        = "57P02"
	cannotConnectNow     = "57P03"
	classDataException   = "22" // its messages quote values
)

// serverError is an error of the server without the parts that quote what is
// stored: its detail, hint, query and position.
type serverError struct{ code, message string }

// Error implements error.
func (e *serverError) Error() string {
	if strings.HasPrefix(e.code, classDataException) {
		return fmt.Sprintf("postgres: a value was refused (SQLSTATE %s)", e.code)
	}
	return fmt.Sprintf("postgres: %s (SQLSTATE %s)", e.message, e.code)
}

// connectError is a failed connection without the configuration that the
// driver's own error carries, password and all.
type connectError struct{ cause error }

// Error implements error, on one line.
func (e *connectError) Error() string {
	return "postgres: connecting: " + strings.Join(strings.Fields(e.cause.Error()), " ")
}

// Unwrap returns what went wrong on the network.
func (e *connectError) Unwrap() error { return e.cause }

// mapError turns a violated unique constraint into gatelatch.ErrConflict and
// strips every other error of the server.
func mapError(err error) error {
	if ce, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return &connectError{errors.Unwrap(ce)}
	}
	pe, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	stripped := &serverError{pe.Code, pe.Message}
	if pe.Code == uniqueViolation {
		return fmt.Errorf("%w: %w", gatelatch.ErrConflict, stripped)
	}
	return stripped
}

// sqlState returns the server's code for an error, mapped or not.
func sqlState(err error) string {
	if e, ok := errors.AsType[*serverError](err); ok {
		return e.code
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// isConflict reports whether the server undid a transaction because of
// another one. Run again it has every chance.
func isConflict(err error) bool {
	s := sqlState(err)
	return s == serializationFailure || s == deadlockDetected
}

// isConnection reports whether the connection was lost, and not the server's
// answer to a statement.
func isConnection(err error) bool {
	switch sqlState(err) {
	case adminShutdown, crashShutdown, cannotConnectNow:
		return true
	case "":
	default:
		return false
	}
	var ne net.Error
	return pgconn.SafeToRetry(err) || errors.As(err, &ne) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

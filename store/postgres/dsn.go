// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrDSN says that a DSN cannot be read. What is wrong with it is not said,
// because any part of it may turn out to be the password.
var ErrDSN = errors.New("the PostgreSQL DSN is malformed: " +
	"expected postgres://user@host:5432/database or host=... user=... dbname=...")

// connectTimeout replaces the driver's two minutes: a visitor is waiting.
const connectTimeout = 5 * time.Second

// driverConnectTimeout is what the driver assumes when the DSN says nothing.
const driverConnectTimeout = 2 * time.Minute

func parse(dsn string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("reading a file that the PostgreSQL DSN names: %w", pe)
	}
	if err != nil {
		return nil, ErrDSN
	}
	if cfg.ConnectTimeout == 0 || cfg.ConnectTimeout == driverConnectTimeout {
		cfg.ConnectTimeout = connectTimeout
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "gatelatch"
	}
	return cfg, nil
}

// withTimeouts returns cfg with limits for statements of the server's own, so
// that nothing holds a lock for long when this process is gone. What the DSN
// says comes first.
func withTimeouts(cfg *pgx.ConnConfig) *pgx.ConnConfig {
	c := cfg.Copy()
	params := map[string]string{
		"statement_timeout":                   "10s",
		"lock_timeout":                        "5s",
		"idle_in_transaction_session_timeout": "30s",
	}
	maps.Copy(params, c.RuntimeParams)
	c.RuntimeParams = params
	return c
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlite"
)

const (
	storeNamespace = "gatelatch.stores"
	driverSQLite   = "sqlite"
	driverPostgres = "postgres"
)

func init() {
	caddy.RegisterModule(new(SQLite))
	caddy.RegisterModule(new(Postgres))
}

// storeGuest is a module that knows where a database is. It owns nothing.
type storeGuest interface {
	// key names the database, without secrets.
	key() string
	// label names the database for people, without secrets.
	label() string
	// open returns the store. It touches nothing.
	open() (store.Store, error)
	// needsSecret reports whether the site secret must be given, since processes
	// that share the database need not share Caddy's storage.
	needsSecret() bool
}

// SQLite keeps everything in one file: the store of a single machine.
type SQLite struct {
	// Path of the file. It is made at the first start, with mode 0600. Default:
	// gatelatch/gatelatch.db in Caddy's data directory
	Path string `json:"path,omitempty"`

	file string
}

// CaddyModule returns the Caddy module information.
func (*SQLite) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: storeNamespace + "." + driverSQLite, New: func() caddy.Module { return new(SQLite) }}
}

// Provision finds the file's one name, so that two sites share it.
func (s *SQLite) Provision(caddy.Context) error {
	if s.Path == "" {
		s.file = canonical(filepath.Join(dataDir(), "gatelatch.db"))
		return nil
	}
	path, err := resolve("store sqlite", s.Path)
	if err != nil {
		return err
	}
	s.file = canonical(path)
	return nil
}

// dataDir is where the gate keeps its files unless told otherwise.
func dataDir() string { return filepath.Join(caddy.AppDataDir(), "gatelatch") }

// canonical returns the one name of a file that need not exist yet: absolute,
// with the symbolic links of what does exist resolved.
func canonical(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = filepath.Clean(path)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real
	}
	dir := filepath.Dir(abs)
	if dir == abs {
		return abs
	}
	return filepath.Join(canonical(dir), filepath.Base(abs))
}

// UnmarshalCaddyfile reads
//
//	sqlite [<file>]
func (s *SQLite) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the name of the module
	if d.NextArg() {
		s.Path = d.Val()
	}
	return nothingLeft(d, "store sqlite")
}

func (s *SQLite) key() string   { return driverSQLite + " " + s.file }
func (s *SQLite) label() string { return driverSQLite + " " + s.file }
func (s *SQLite) open() (store.Store, error) {
	return sqlite.OpenWith(s.file, sqlite.Options{Exclusive: true})
}
func (s *SQLite) needsSecret() bool { return false }

// Postgres keeps everything in a PostgreSQL database, which several processes
// may share. All of them need the same site secret.
type Postgres struct {
	// DSN says how to connect: postgres://user@host:5432/database, or host=...
	// user=... dbname=... Placeholders such as {env.DATABASE_URL} are resolved.
	DSN string `json:"dsn,omitempty"`

	dsn gatelatch.Secret
}

// CaddyModule returns the Caddy module information.
func (*Postgres) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: storeNamespace + "." + driverPostgres, New: func() caddy.Module { return new(Postgres) }}
}

var errNoDSN = errors.New("store postgres needs a DSN, for example store postgres {env.DATABASE_URL}")

// Provision resolves the DSN.
func (p *Postgres) Provision(caddy.Context) error {
	if p.DSN == "" {
		return errNoDSN
	}
	var err error
	p.dsn, err = resolveSecret("store postgres", p.DSN)
	return err
}

// UnmarshalCaddyfile reads
//
//	postgres <dsn>
func (p *Postgres) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the name of the module
	if !d.NextArg() {
		return d.WrapErr(errNoDSN)
	}
	p.DSN = d.Val()
	if d.NextArg() {
		return d.Err("store postgres takes one DSN; put it in quotes when it holds spaces")
	}
	return nothingLeft(d, "store postgres")
}

// key is a hash, since the DSN may hold a password.
func (p *Postgres) key() string {
	sum := sha256.Sum256([]byte(p.dsn.Reveal()))
	return driverPostgres + " " + hex.EncodeToString(sum[:])
}

func (p *Postgres) label() string              { return driverPostgres }
func (p *Postgres) open() (store.Store, error) { return postgres.Open(p.dsn.Reveal()) }
func (p *Postgres) needsSecret() bool          { return true }

// loadStore returns the guest of a configuration, SQLite when none is named.
func (g *Gate) loadStore(ctx caddy.Context) (storeGuest, error) {
	var module any
	var err error
	if g.StoreRaw == nil {
		module, err = ctx.LoadModuleByID(storeNamespace+"."+driverSQLite, nil)
	} else {
		module, err = ctx.LoadModule(g, "StoreRaw")
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	guest, ok := module.(storeGuest)
	if !ok {
		return nil, fmt.Errorf("store: %T is no store", module)
	}
	return guest, nil
}

// Interface guards.
var (
	_ storeGuest            = (*SQLite)(nil)
	_ storeGuest            = (*Postgres)(nil)
	_ caddyfile.Unmarshaler = (*SQLite)(nil)
	_ caddyfile.Unmarshaler = (*Postgres)(nil)
)

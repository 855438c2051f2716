// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/sqlite"
	"github.com/gatelatch/gatelatch/store/sqlstore"
)

// explained runs queries, and keeps what SQLite means to do for each.
type explained struct {
	sqlstore.Engine
	db    *sql.DB
	plans []string
}

// Read implements [sqlstore.Engine].
func (e *explained) Read(_ context.Context, fn func(sqlstore.Conn) error) error { return fn(e) }

// ReadTx implements [sqlstore.Engine].
func (e *explained) ReadTx(_ context.Context, fn func(sqlstore.Conn) error) error { return fn(e) }

// Write implements [sqlstore.Engine].
func (e *explained) Write(_ context.Context, fn func(sqlstore.Conn) error) error { return fn(e) }

// Query implements [sqlstore.Conn].
func (e *explained) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if !strings.HasPrefix(query, "SELECT COUNT") { // goes through all by its nature
		if err := e.explain(ctx, query, args); err != nil {
			return nil, err
		}
	}
	return e.db.QueryContext(ctx, query, args...)
}

// Exec implements [sqlstore.Conn].
func (e *explained) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return 0, e.explain(ctx, query, args)
}

func (e *explained) explain(ctx context.Context, query string, args []any) error {
	rows, err := e.db.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			a, b, c int
			step    string
		)
		if err := rows.Scan(&a, &b, &c, &step); err != nil {
			return err
		}
		e.plans = append(e.plans, step)
	}
	return rows.Err()
}

// TestPlans: what visitors wait for, and what operators page through, neither goes
// through whole tables nor sorts them. SQLite plans by the schema alone, here and
// later: nobody runs ANALYZE.
func TestPlans(t *testing.T) {
	e := planner(t)
	s := sqlstore.New(e, sqlstore.Dialect{
		Counter: sqlstore.SelectCounter, Err: func(err error) error { return err },
		Texts: func(parameter string) string { return "json_each(" + parameter + ")" },
	})
	ctx, now := t.Context(), time.Now()
	in := func(fn func(tx flow.Tx) error) func() error { return func() error { return s.InTx(ctx, fn) } }
	users := func(q admin.UserQuery) func() error { return func() error { _, err := s.Users(ctx, q); return err } }
	found := func(q admin.SessionQuery) func() error {
		return func() error { _, _, err := s.FindSessions(ctx, q); return err }
	}
	const few = true // the rows of one user or client are sorted
	for _, c := range []struct {
		what string
		sort bool
		call func() error
	}{
		{"principals of a client", false, func() error { _, _, err := s.PrincipalsByClient(ctx, browser, 9); return err }},
		{"a touch", false, func() error { return s.TouchSessions(ctx, []session.Touch{{SessionID: "sess_1", At: now}}) }},
		{"the newest sign-in", false, in(func(tx flow.Tx) error { _, err := tx.LatestSignIn(ctx, "client_a", true, now); return err })},
		{"the newest sign-up", false, in(func(tx flow.Tx) error { _, err := tx.LatestSignUp(ctx, "client_a", now); return err })},
		{"changes", false, in(func(tx flow.Tx) error { _, err := tx.Changes(ctx, "user_x", now, 9); return err })},
		{"a sign-in", false, in(func(tx flow.Tx) error { return tx.PutSignIn(ctx, flow.SignIn{}) })},
		{"a sign-up", false, in(func(tx flow.Tx) error { return tx.PutSignUp(ctx, flow.SignUp{}) })},
		{"a change", false, in(func(tx flow.Tx) error { return tx.PutChange(ctx, flow.Change{}) })},
		{"sessions of a client", false, in(func(tx flow.Tx) error { _, err := tx.ClientSessions(ctx, "client_a", now, 9); return err })},
		{"a user by external id", few, in(func(tx flow.Tx) error { _, err := tx.UserByExternalID(ctx, "ext"); return err })},
		{"a user by address", few, in(func(tx flow.Tx) error { _, err := tx.UserByAddressID(ctx, "idn_1"); return err })},
		{"users", false, users(admin.UserQuery{})},
		{"users by age", false, users(admin.UserQuery{Order: admin.ByCreation, Descending: true})},
		{"users since", false, users(admin.UserQuery{Order: admin.ByCreation, Created: admin.Span{From: now}})},
		{"users by name", few, users(admin.UserQuery{IDs: []string{"user_x"}, Order: admin.ByCreation})},
		{"sessions", false, found(admin.SessionQuery{})},
		{"live sessions", false, found(admin.SessionQuery{Status: gatelatch.SessionActive})},
		{"sessions of a user", few, found(admin.SessionQuery{UserID: "user_x"})},
		{"sessions on a client", few, found(admin.SessionQuery{ClientID: "client_a"})},
		{"clients", false, func() error { _, _, err := s.FindClients(ctx, admin.Slice{}); return err }},
		{"invitations", false, func() error { _, _, err := s.FindInvitations(ctx, admin.InvitationQuery{Descending: true}); return err }},
		{"the waitlist", false, func() error { _, _, err := s.FindWaiting(ctx, admin.WaitlistQuery{Descending: true}); return err }},
	} {
		e.plans = nil
		if err := c.call(); err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
			t.Errorf("%s: %v", c.what, err)
		}
		if len(e.plans) == 0 {
			t.Errorf("%s: nothing was planned", c.what)
		}
		if step := costly(e.plans, c.sort); step != "" {
			t.Errorf("%s: %q in\n\t%s", c.what, step, strings.Join(e.plans, "\n\t"))
		}
	}
}

// costly returns a step that goes through a table in no useful order, or that sorts
// all that it has found. A subquery is gone through once, under its own name.
func costly(plan []string, sort bool) string {
	subqueries := map[string]bool{}
	for _, step := range plan {
		if name, is := strings.CutPrefix(step, "CO-ROUTINE "); is {
			subqueries[name] = true
		}
		name, scan := strings.CutPrefix(step, "SCAN ")
		switch {
		case scan && subqueries[name]:
			delete(subqueries, name)
		case scan && !strings.Contains(name, "USING INDEX") && !strings.HasPrefix(name, "json_each "):
			return step
		case step == "USE TEMP B-TREE FOR ORDER BY" && !sort:
			return step
		}
	}
	return ""
}

var browser = gatelatch.TokenHash{1}

// planner is a database with one row of each kind that a listing counts.
func planner(t *testing.T) *explained {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatelatch.db")
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	populate(t, s)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &explained{db: db}
}

func populate(t *testing.T, s store.Store) {
	t.Helper()
	ctx, end := t.Context(), time.Now().Add(time.Hour)
	id := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "a@example.com"}
	err := s.InTx(ctx, func(tx flow.Tx) error {
		return errors.Join(
			tx.CreateClient(ctx, gatelatch.Client{ID: "client_a", TokenHash: browser}),
			tx.CreateUser(ctx, gatelatch.User{ID: "user_x"}),
			tx.CreateSession(ctx, gatelatch.Session{
				ID: "sess_1", UserID: "user_x", ClientID: "client_a", Status: gatelatch.SessionActive, ExpireAt: end,
			}),
			tx.PutInvitation(ctx, gatelatch.Invitation{ID: "inv_1", Identifier: id, ExpireAt: end}),
			tx.PutWaiting(ctx, gatelatch.WaitlistEntry{ID: "wle_1", Identifier: id}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

// row is what an older program has written.
type row struct {
	query string
	args  []any
}

// Upgrade checks what becomes of a database that the first release has made.
// old is such a database, with its first migration applied and nothing in it; s
// is a store in the same database, not yet migrated.
func Upgrade(t *testing.T, old *sql.DB, s store.Store) {
	micros := now.UnixMicro()
	token, browser := hashOf("session 1"), hashOf("client a")
	written(t, old, []row{
		{`INSERT INTO meta (key, value) VALUES ('secret_check', 'check')`, nil},
		{
			`INSERT INTO clients (id, token_hash, created_at, expire_at) VALUES ('client_a', $1, $2, $3)`,
			[]any{browser[:], micros, clientOf("a").ExpireAt.UnixMicro()},
		},
		{`INSERT INTO users (id, first_name, last_name, created_at, updated_at, last_sign_in_at)
VALUES ('user_x', 'Ada', 'Lovelace', $1, $1, 0), ('user_y', '', '', $1, $1, 0)`, []any{micros}},
		{
			`INSERT INTO addresses (id, user_id, kind, value, display, verified_at, is_primary)
VALUES ('idn_x_0', 'user_x', 'email_address', 'user1@example.com', 'Shown user1@example.com', $1, 1),
('idn_x_1', 'user_x', 'email_address', 'user2@example.com', 'Shown user2@example.com', $2, 0)`,
			[]any{micros, micros + time.Second.Microseconds()},
		},
		{`INSERT INTO client_trusts (user_id, client_id, trusted_at) VALUES ('user_x', 'client_a', $1)`, []any{micros}},
		{
			`INSERT INTO sessions (id, user_id, client_id, token_hash, status, strategy, created_at, last_active_at, expire_at, ended_at)
VALUES ('sess_1', 'user_x', 'client_a', $1, 'active', 'email_code', $2, $3, $4, 0)`,
			[]any{token[:], micros, micros + time.Minute.Microseconds(), sessionOf("1", "x", "a").ExpireAt.UnixMicro()},
		},
		{
			`INSERT INTO sign_ins (id, client_id, abandon_at, data) VALUES ('sia_1', 'client_a', $1, $2)`,
			[]any{micros, `{"id":"sia_1","client_id":"client_a","status":"needs_identifier"}`},
		},
		{`INSERT INTO counters (key, value, expire_at) VALUES ('k', $1, $2)`, []any{[]byte("1"), micros}},
		{
			`INSERT INTO messages
(id, site, attempt_id, purpose, strategy, kind, value, display, nonce, asked_at, next_at, expire_at, tries)
VALUES ('msg_000', 'site', 'sia_1', 'sign-in', 'email_code', 'email_address', 'user0@example.com', 'Shown', $1, $2, $2, $3, 0)`,
			[]any{messageOf(0).Nonce, micros, messageOf(0).ExpireAt.UnixMicro()},
		},
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	upgraded(t, s)
	upgradedWorks(t, s)
}

func written(t *testing.T, old *sql.DB, rows []row) {
	t.Helper()
	for _, r := range rows {
		if _, err := old.ExecContext(t.Context(), r.query, r.args...); err != nil {
			t.Fatalf("%s: %v", r.query, err)
		}
	}
}

// upgraded: everybody is signed in still, and what is new has sensible values.
func upgraded(t *testing.T, s store.Store) {
	wantErr(t, "the secret", s.CheckSecret(t.Context(), "check"), nil)
	user, sess := userOf("x", email(1), email(2)), sessionOf("1", "x", "a")
	sess.FirstAt, sess.LastActiveAt = sess.CreatedAt, now.Add(time.Minute)
	user.LastActiveAt = sess.LastActiveAt
	p, err := s.PrincipalByTokenHash(t.Context(), hashOf("session 1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the principal", p, settled(session.Principal{User: user, Session: sess, Client: clientOf("a")}))
	trust := gatelatch.ClientTrust{UserID: "user_x", ClientID: "client_a", TrustedAt: now, LastUsedAt: now}
	same(t, "the trusts", trustsOf(t, s, "x"), settled([]gatelatch.ClientTrust{trust}))
	same(t, "the credentials", readCredentials(t, s, "user_x"), gatelatch.Credentials{UserID: "user_x"})
	message := messageOf(0)
	message.NextAt = now
	same(t, "the message", claim(t, s, now, now.Add(time.Hour), 9), settled([]delivery.Queued{message}))
	for search, want := range map[string]string{
		"": "x y", "LOVELACE": "x", "ada love": "x", "user2@example.com": "x", "shown user1": "x", "user_y": "y", "nobody": "",
	} {
		same(t, "a search for "+search, findUsers(t, s, admin.UserQuery{Search: search}), want)
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		a, err := tx.SignIn(ctx, "sia_1")
		same(t, "the sign-in", a.Status, flow.NeedsIdentifier)
		if err != nil {
			return err
		}
		_, missing := tx.LatestSignIn(ctx, "client_a", false, now) // over at that very moment
		wantErr(t, "a sign-in that is over", missing, gatelatch.ErrNotFound)
		a, err = tx.LatestSignIn(ctx, "client_a", false, now.Add(-time.Second))
		same(t, "the newest sign-in", a.ID, "sia_1")
		return err
	})
}

// upgradedWorks: and goes on as any other database does.
func upgradedWorks(t *testing.T, s store.Store) {
	u := changed(userOf("x", email(2), email(3)))
	must(t, s, putUser(u), putCredentials(credentialsOf("user_x")), putTrust(trustOf("x", "a", now)),
		putChange(changeOf("1", "user_x")), begin(sessionOf("2", "x", "a")))
	same(t, "the user", readUser(t, s, "user_x"), settled(u))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		ended, err := tx.EndSessions(ctx, "user_x", "sess_2", gatelatch.SessionRevoked, now)
		same(t, "the sessions that were ended", ended, []string{"sess_1"})
		if err != nil {
			return err
		}
		return tx.DeleteUser(ctx, "user_x")
	})
	same(t, "the users that are left", findUsers(t, s, admin.UserQuery{}), "y")
}

// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// Upgrade2 does what [Upgrade] does for a database with the second schema: with
// accounts, and before programs.
func Upgrade2(t *testing.T, old *sql.DB, s store.Store) {
	at := func(d time.Duration) int64 { return now.Add(d).UnixMicro() }
	end := at(7 * 24 * time.Hour)
	token := func(name string) []byte { h := hashOf("session " + name); return h[:] }
	browser := func(name string) []byte { h := hashOf("client " + name); return h[:] }
	written(t, old, []row{
		{
			`INSERT INTO clients (id, token_hash, created_at, expire_at) VALUES ('client_a', $1, $3, $4), ('client_b', $2, $3, $4)`,
			[]any{browser("a"), browser("b"), at(0), clientOf("a").ExpireAt.UnixMicro()},
		},
		{
			`INSERT INTO users (id, first_name, last_name, created_at, updated_at, last_sign_in_at, banned, search)
VALUES ('user_x', 'bea', 'Zuse', $1, $1, $2, 0, 'bea zuse'), ('user_y', 'Ada', '', $1, $1, 0, 1, 'ada'), ('user_z', '', '', $1, $1, $3, 0, '')`,
			[]any{at(0), at(time.Minute), at(2 * time.Hour)},
		},
		{
			`INSERT INTO addresses (id, user_id, kind, value, display, verified_at, is_primary, second_factor)
VALUES ('idn_x_0', 'user_x', 'email_address', 'user1@example.com', 'Shown user1@example.com', $1, 1, 0)`, []any{at(0)},
		},
		{
			`INSERT INTO sessions (id, user_id, client_id, token_hash, status, strategy, first_at, created_at, last_active_at, expire_at, ended_at)
VALUES ('sess_1', 'user_x', 'client_a', $1, 'active', 'password', $3, $3, $4, $5, 0),
('sess_2', 'user_x', 'client_a', $2, 'ended', 'email_code', $3, $3, $3, $5, $3)`,
			[]any{token("1"), token("2"), at(0), at(time.Hour), end},
		},
		{
			`INSERT INTO sign_ins (id, client_id, abandon_at, data)
VALUES ('sia_1', 'client_a', $1, $2), ('sia_3', 'client_a', $1, $3), ('sia_2', 'client_b', $1, $4), ('sia_4', 'client_a', $1, $5)`,
			[]any{
				end, `{"id":"sia_1","status":"complete"}`, `{"id":"sia_3","status":"complete"}`, `{"id":"sia_2","status":"complete"}`,
				`{"id":"sia_4","status":"complete","again":{"session_id":"sess_1","level":"first_factor"}}`,
			},
		},
		{
			`INSERT INTO sign_ups (id, client_id, abandon_at, data) VALUES ('sua_1', 'client_a', $1, $2), ('sua_2', 'client_a', $1, $3)`,
			[]any{end, `{"id":"sua_1"}`, `{"id":"sua_2"}`},
		},
		{
			`INSERT INTO changes (id, user_id, client_id, abandon_at, data)
VALUES ('chg_1', 'user_x', 'client_a', $1, $2), ('chg_2', 'user_x', 'client_a', $1, $3), ('chg_3', 'user_x', 'client_a', $1, $4)`,
			[]any{end, `{"id":"chg_1","status":"open"}`, `{"id":"chg_2","status":"open"}`, `{"id":"chg_3","status":"complete"}`},
		},
		{
			`INSERT INTO invitations (id, kind, value, display, created_at, expire_at, accepted_at, revoked_at, over_at)
VALUES ('inv_1', 'email_address', 'user1@example.com', 'Shown user1@example.com', $1, $2, 0, 0, $2)`, []any{at(0), end},
		},
		{
			`INSERT INTO waitlist (id, kind, value, display, created_at, approved_at)
VALUES ('wle_1', 'email_address', 'user1@example.com', 'Shown user1@example.com', $1, 0),
('wle_2', 'email_address', 'user2@example.com', 'Shown user2@example.com', $1, $2)`, []any{at(0), at(time.Hour)},
		},
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	upgraded2(t, s)
	upgraded2Attempts(t, s)
	upgraded2Works(t, s)
}

// upgraded2: what is new has sensible values.
func upgraded2(t *testing.T, s store.Store) {
	x := userOf("x", email(1))
	x.FirstName, x.LastName, x.LastSignInAt, x.LastActiveAt = "bea", "Zuse", now.Add(time.Minute), now.Add(time.Hour)
	same(t, "a user", readUser(t, s, "user_x"), settled(x))
	same(t, "when somebody without a session was active", readUser(t, s, "user_z").LastActiveAt, micro(now.Add(2*time.Hour)))
	same(t, "when somebody was active who never signed in", readUser(t, s, "user_y").LastActiveAt, time.Time{})
	listedUsers(t, s, "users by name", admin.UserQuery{Order: admin.ByFirstName}, "z y x")
	c, principals, err := s.PrincipalsByClient(t.Context(), clientOf("a").TokenHash, 9)
	if err != nil || len(principals) != 1 {
		t.Fatalf("%d principals, %v", len(principals), err)
	}
	same(t, "the client", c, settled(clientOf("a")))
	same(t, "who is signed in", principals[0].User, settled(x))
	found(t, "invitations", func(i gatelatch.Invitation) string { return i.ID },
		func(page admin.Slice) ([]gatelatch.Invitation, int, error) {
			return s.FindInvitations(t.Context(), admin.InvitationQuery{Slice: page, Now: now, Search: "shown USER1"})
		}, "1")
	found(t, "the waitlist", func(e gatelatch.WaitlistEntry) string { return e.ID },
		func(page admin.Slice) ([]gatelatch.WaitlistEntry, int, error) {
			return s.FindWaiting(t.Context(), admin.WaitlistQuery{Slice: page, Search: "SHOWN user", Descending: true})
		}, "2 1")
}

// upgraded2Attempts: attempts are in the order of their ids, and new ones come
// after them.
func upgraded2Attempts(t *testing.T, s store.Store) {
	same(t, "the newest sign-in", latestSignIn(t, s, "a", false, now), "sia_3")
	same(t, "the newest that asks once more", latestSignIn(t, s, "a", true, now), "sia_4")
	same(t, "the newest of another client", latestSignIn(t, s, "b", false, now), "sia_2")
	must(t, s, putSignIn(signInOf("0", "a", time.Hour, false)), putChange(changeOf("0", "user_x")), putSignUp(flow.NewSignUp("sua_0", "client_a", now)))
	same(t, "a new sign-in", latestSignIn(t, s, "a", false, now), "sia_0")
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		up, err := tx.LatestSignUp(ctx, "client_a", now)
		same(t, "a new sign-up", up.ID, "sua_0")
		if err != nil {
			return err
		}
		up, err = tx.LatestSignUp(ctx, "client_a", up.AbandonAt)
		same(t, "the newest sign-up before", up.ID, "sua_2")
		if err != nil {
			return err
		}
		changes, err := tx.Changes(ctx, "user_x", now, 9)
		var ids string
		for _, c := range changes {
			ids += c.ID + " "
		}
		same(t, "the open changes", ids, "chg_0 chg_2 chg_1 ")
		return err
	})
}

func upgraded2Works(t *testing.T, s store.Store) {
	x := changed(userOf("x", email(1)))
	x.Metadata.Public = []byte(`{}`)
	must(t, s, putUser(x), putSignInToken(tokenOf("1", "x")))
	same(t, "the user", readUser(t, s, "user_x"), settled(x))
	must(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.DeleteUser(ctx, "user_x") })
	same(t, "the users that are left", findUsers(t, s, admin.UserQuery{}), "y z")
}

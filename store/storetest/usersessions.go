// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

func sessionsOf(t testing.TB, s store.Store, userID string) []gatelatch.Session {
	t.Helper()
	var all []gatelatch.Session
	tx(t, s, func(ctx context.Context, tx flow.Tx) (err error) {
		all, err = tx.Sessions(ctx, userID, now, 200)
		return err
	})
	return all
}

func sessionsOfUser(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, create(clientOf("b")), join(userOf("y", email(8))))
	over, one, two, three := sessionOf("3", "x", "b"), sessionOf("1", "x", "a"), sessionOf("2", "x", "a"), sessionOf("5", "x", "a")
	over.Status = gatelatch.SessionRevoked
	one.ExpireAt, three.CreatedAt = now.Add(time.Hour), now.Add(time.Minute)
	must(t, s, begin(over), begin(three), begin(one), begin(two), begin(sessionOf("4", "y", "a")))
	list := func(what, userID string, at time.Time, limit int, want ...gatelatch.Session) {
		t.Helper()
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.Sessions(ctx, userID, at, limit)
			if len(want) == 0 {
				same(t, what, len(got), 0)
			} else {
				same(t, what, got, settled(want))
			}
			return err
		})
	}
	list("the live sessions of a user", "user_x", now, 200, three, two, one)
	list("the newest two", "user_x", now, 2, three, two)
	list("none", "user_x", now, 0)
	list("at the end of one", "user_x", one.ExpireAt, 200, three, two)
	list("just before", "user_x", one.ExpireAt.Add(-time.Microsecond), 200, three, two, one)
	list("the sessions of nobody", "user_z", now, 200)
	for _, c := range []struct {
		user, client string
		want         bool
	}{{"x", "a", true}, {"x", "b", true}, {"y", "a", true}, {"y", "b", false}, {"x", "z", false}, {"z", "a", false}} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.HasSession(ctx, "user_"+c.user, "client_"+c.client)
			same(t, c.user+" was on "+c.client, got, c.want)
			return err
		})
	}
}

func endOldest(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, join(userOf("y", email(8))))
	over := sessionOf("9", "x", "a")
	over.Status, over.CreatedAt = gatelatch.SessionEnded, now.Add(time.Hour) // takes nobody's place
	must(t, s, begin(over), begin(sessionOf("0", "y", "a")))
	for i, name := range []string{"4", "1", "3", "2", "5"} {
		live := sessionOf(name, "x", "a")
		live.CreatedAt = now.Add(time.Duration(i/2) * time.Minute) // 4 and 1 are the oldest, then 3 and 2
		must(t, s, begin(live))
	}
	for _, c := range []struct {
		keep int
		want []string
	}{{5, nil}, {3, []string{"sess_1", "sess_4"}}, {3, nil}, {2, []string{"sess_2"}}, {0, []string{"sess_3", "sess_5"}}} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.EndOldest(ctx, "user_x", c.keep, now)
			same(t, fmt.Sprintf("ended but for %d", c.keep), got, c.want)
			return err
		})
	}
	for name, want := range map[string]gatelatch.SessionStatus{
		"0": gatelatch.SessionActive, "1": gatelatch.SessionRevoked, "5": gatelatch.SessionRevoked, "9": gatelatch.SessionEnded,
	} {
		same(t, "session "+name, principalSession(t, s, name).Status, want)
	}
}

func markProven(t *testing.T, s store.Store) {
	household(t, s)
	one := sessionOf("1", "x", "a")
	must(t, s, begin(one), begin(sessionOf("2", "x", "a")))
	proven := gatelatch.Session{
		ID: "sess_1", UserID: "user_y", Status: gatelatch.SessionEnded, ExpireAt: now.Add(time.Hour), // of no effect
		Strategy: gatelatch.PasswordStrategy, FirstAt: now.Add(time.Hour), Second: gatelatch.TOTPCode, SecondAt: now.Add(time.Minute),
	}
	one.Strategy, one.FirstAt, one.Second, one.SecondAt = proven.Strategy, proven.FirstAt, proven.Second, proven.SecondAt
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		wantErr(t, "an unknown session", tx.MarkProven(ctx, gatelatch.Session{ID: "sess_9"}), gatelatch.ErrNotFound)
		return tx.MarkProven(ctx, proven)
	})
	same(t, "a session that was proven again", principalSession(t, s, "1"), settled(one))
	same(t, "another session", principalSession(t, s, "2"), settled(sessionOf("2", "x", "a")))
}

// endSessionInTx: the end of a session shares the fate of its transaction.
func endSessionInTx(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, begin(sessionOf("1", "x", "a")))
	end := func(ctx context.Context, tx flow.Tx, status gatelatch.SessionStatus) error {
		if err := tx.EndSession(ctx, "sess_9", status, now); err != nil {
			return err
		}
		return tx.EndSession(ctx, "sess_1", status, now)
	}
	err := s.InTx(t.Context(), func(tx flow.Tx) error {
		if err := end(t.Context(), tx, gatelatch.SessionEnded); err != nil {
			return err
		}
		return errSpent
	})
	wantErr(t, "the transaction", err, errSpent)
	same(t, "a session whose end was undone", principalSession(t, s, "1").Status, gatelatch.SessionActive)
	for range 2 {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error { return end(ctx, tx, gatelatch.SessionRevoked) })
		same(t, "a session that was revoked", principalSession(t, s, "1").Status, gatelatch.SessionRevoked)
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error { return end(ctx, tx, gatelatch.SessionEnded) })
	same(t, "a session that was over already", principalSession(t, s, "1").Status, gatelatch.SessionRevoked)
}

func endSessions(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, join(userOf("y", email(8))))
	over := sessionOf("4", "x", "a")
	over.Status = gatelatch.SessionEnded
	must(t, s, begin(sessionOf("3", "x", "a")), begin(sessionOf("1", "x", "a")), begin(sessionOf("2", "x", "a")),
		begin(over), begin(sessionOf("5", "y", "a")))
	for _, c := range []struct {
		except string
		want   []string
	}{
		{"sess_2", []string{"sess_1", "sess_3"}},
		{"sess_5", []string{"sess_2"}}, // somebody else's
		{"", nil},
	} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.EndSessions(ctx, "user_x", c.except, gatelatch.SessionRevoked, now)
			same(t, "the sessions ended but for "+c.except, got, c.want)
			return err
		})
	}
	for name, want := range map[string]gatelatch.SessionStatus{
		"1": gatelatch.SessionRevoked, "2": gatelatch.SessionRevoked, "3": gatelatch.SessionRevoked,
		"4": gatelatch.SessionEnded, "5": gatelatch.SessionActive,
	} {
		same(t, "session "+name, principalSession(t, s, name).Status, want)
	}
}

// principalBanned: the row says that a user is banned, and comes all the same.
func principalBanned(t *testing.T, s store.Store) {
	u := userOf("x", email(1))
	u.Banned = true
	must(t, s, create(clientOf("a")), join(u), begin(sessionOf("1", "x", "a")))
	p, err := s.PrincipalByTokenHash(t.Context(), hashOf("session 1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a banned user", p.User, settled(u))
}

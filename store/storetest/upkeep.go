// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

func sweep(t testing.TB, s store.Store, at time.Time, limit int) int {
	t.Helper()
	n, err := s.Sweep(t.Context(), at, limit)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sweepInstant: a row is over at the very instant of its limit, and not a
// microsecond before. What has no limit stays.
func sweepInstant(t *testing.T, s store.Store) {
	end := now.Add(time.Hour)
	household(t, s)
	in, up := flow.NewSignIn("sia_1", "client_a", now), flow.NewSignUp("sua_1", "client_a", now)
	in.AbandonAt, up.AbandonAt = end, end
	c, sess := clientOf("b"), sessionOf("1", "x", "a")
	c.ExpireAt, sess.ExpireAt, sess.Status = end, end, gatelatch.SessionEnded
	must(t, s, putSignIn(in), create(c), begin(sess), putCounter("k", "1", end),
		func(ctx context.Context, tx flow.Tx) error { return tx.PutSignUp(ctx, up) },
		func(ctx context.Context, tx flow.Tx) error {
			return tx.PutClientTrust(ctx, gatelatch.ClientTrust{UserID: "user_x", ClientID: "client_b", TrustedAt: now})
		},
		putChange(flow.Change{ID: "chg_1", UserID: "user_x", AbandonAt: end}),
		func(ctx context.Context, tx flow.Tx) error {
			return tx.Enqueue(ctx, delivery.Queued{ID: "msg_1", NextAt: now, ExpireAt: end})
		})
	if err := s.PutSigningKey(t.Context(), session.StoredKey{ID: "k", CreatedAt: now}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		at   time.Time
		want int
		left bool
	}{
		{"a microsecond before", end.Add(-time.Microsecond), 0, true},
		{"at the instant", end, 7, false},
		{"a second time", end, 0, false},
	} {
		if n := sweep(t, s, c.at, 100); n != c.want {
			t.Errorf("%s %d rows were swept, want %d", c.what, n, c.want)
		}
		present(t, s, c.what, c.left)
	}
}

// present looks for the rows of sweepInstant that have a limit, and for those
// that must stay.
func present(t *testing.T, s store.Store, when string, want bool) {
	t.Helper()
	check := func(what string, err error) {
		if (err == nil) != want {
			t.Errorf("%s the %s: %v, want it present: %v", when, what, err, want)
		}
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.SignIn(ctx, "sia_1")
		check("sign-in", err)
		_, err = tx.SignUp(ctx, "sua_1")
		check("sign-up", err)
		_, err = tx.Change(ctx, "chg_1")
		check("change", err)
		_, err = tx.Session(ctx, "sess_1")
		check("session", err)
		_, err = tx.ClientByTokenHash(ctx, clientOf("b").TokenHash)
		check("client", err)
		_, err = tx.ClientTrust(ctx, "user_x", "client_b")
		check("trust", err)
		value, err := tx.Counter(ctx, "k")
		if err != nil || (value != nil) != want {
			t.Errorf("%s the counter: %v, %v", when, value, err)
		}
		_, user := tx.UserByIdentifier(ctx, email(1))
		wantErr(t, "a user, who has no limit", user, nil)
		_, client := tx.ClientByTokenHash(ctx, clientOf("a").TokenHash)
		wantErr(t, "a live client", client, nil)
		return nil
	})
	if _, found := next(t, s); found != want {
		t.Errorf("%s there is a message: %v", when, found)
	}
	if keys, err := s.SigningKeys(t.Context()); err != nil || len(keys) != 1 {
		t.Errorf("%s the signing keys: %v, %v", when, keys, err)
	}
}

// sweepBounds: at most limit rows of each kind go at a time.
func sweepBounds(t *testing.T, s store.Store) {
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for i := range 10 {
			in := flow.NewSignIn(fmt.Sprintf("sia_%d", i), "client_a", now)
			in.AbandonAt = now.Add(-time.Duration(i) * time.Second)
			if err := tx.PutSignIn(ctx, in); err != nil {
				return err
			}
			if err := tx.PutCounter(ctx, fmt.Sprintf("k%d", i), nil, now); err != nil {
				return err
			}
		}
		return tx.PutCounter(ctx, "alive", nil, now.Add(time.Second))
	})
	for _, c := range []struct{ limit, want int }{{0, 0}, {4, 8}, {4, 8}, {4, 4}, {4, 0}} {
		if n := sweep(t, s, now, c.limit); n != c.want {
			t.Errorf("with a limit of %d rows of each kind %d were swept, want %d", c.limit, n, c.want)
		}
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		value, err := tx.Counter(ctx, "alive")
		if value == nil {
			t.Error("a live counter was swept")
		}
		return err
	})
}

// sweepInvitations: one that is over can be listed for 30 days more.
func sweepInvitations(t *testing.T, s store.Store) {
	const kept = 30 * 24 * time.Hour
	lapsed, taken, back := invitationOf("lapsed", email(1), now), invitationOf("taken", email(1), now), invitationOf("back", email(1), now)
	lapsed.ExpireAt = now.Add(time.Hour)
	taken.AcceptedAt, back.RevokedAt = now.Add(time.Minute), now.Add(2*time.Minute)
	late := invitationOf("late", email(1), now) // revoked long after it had lapsed
	late.ExpireAt, late.RevokedAt = now.Add(3*time.Minute), now.Add(time.Hour)
	must(t, s, putInvitation(lapsed), putInvitation(taken), putInvitation(back), putInvitation(late), putWaiting(entryOf("1", email(1))))
	for _, at := range []time.Time{now.Add(time.Minute), now.Add(2 * time.Minute), now.Add(3 * time.Minute), now.Add(time.Hour)} {
		if n := sweep(t, s, at.Add(kept-time.Microsecond), 10); n != 0 {
			t.Errorf("%d invitations went a microsecond too early", n)
		}
		if n := sweep(t, s, at.Add(kept), 10); n != 1 {
			t.Errorf("%d invitations went at the instant, want 1", n)
		}
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.InvitationTo(ctx, email(1))
		wantErr(t, "an invitation long over", err, gatelatch.ErrNotFound)
		_, err = tx.Waiting(ctx, email(1)) // has no limit
		return err
	})
}

// sweepSignInTokens: so can a sign-in token.
func sweepSignInTokens(t *testing.T, s store.Store) {
	const kept = 30 * 24 * time.Hour
	lapsed, used, back, live := tokenOf("lapsed", "x"), tokenOf("used", "x"), tokenOf("back", "x"), tokenOf("live", "x")
	lapsed.ExpireAt, live.ExpireAt = now.Add(time.Hour), now.Add(365*24*time.Hour)
	used.AcceptedAt, back.RevokedAt = now.Add(time.Minute), now.Add(2*time.Minute)
	must(t, s, join(userOf("x")), putSignInToken(lapsed), putSignInToken(used), putSignInToken(back), putSignInToken(live))
	for _, at := range []time.Time{now.Add(time.Minute), now.Add(2 * time.Minute), now.Add(time.Hour)} {
		if n := sweep(t, s, at.Add(kept-time.Microsecond), 10); n != 0 {
			t.Errorf("%d sign-in tokens went a microsecond too early", n)
		}
		if n := sweep(t, s, at.Add(kept), 10); n != 1 {
			t.Errorf("%d sign-in tokens went at the instant, want 1", n)
		}
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.SignInToken(ctx, "sit_used")
		wantErr(t, "a sign-in token long over", err, gatelatch.ErrNotFound)
		_, err = tx.SignInToken(ctx, "sit_live")
		return err
	})
}

// sweepClients: a client goes after its last session.
func sweepClients(t *testing.T, s store.Store) {
	c := clientOf("b")
	c.ExpireAt = now
	household(t, s)
	must(t, s, create(c), begin(sessionOf("1", "x", "b")))
	end := sessionOf("1", "x", "b").ExpireAt
	if n := sweep(t, s, now, 10); n != 0 {
		t.Errorf("%d rows were swept while the session lives", n)
	}
	principalSession(t, s, "1")
	if n := sweep(t, s, end, 10); n != 2 {
		t.Errorf("%d rows were swept after the session, want session and client", n)
	}
}

func secret(t *testing.T, s store.Store) {
	for _, c := range []struct {
		check string
		want  error
	}{{"first", nil}, {"first", nil}, {"other", store.ErrSecret}, {"", store.ErrSecret}, {"first", nil}} {
		wantErr(t, "the secret "+c.check, s.CheckSecret(t.Context(), c.check), c.want)
	}
}

func migrations(t *testing.T, s store.Store) {
	household(t, s)
	all(t, together(8, func(int) error { return s.Migrate(t.Context()) }))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.UserByIdentifier(ctx, email(1))
		return err
	})
}

func afterClose(t *testing.T, s store.Store) {
	household(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, principal := s.PrincipalByTokenHash(ctx, hashOf("session 1"))
	_, claimed := s.ClaimMessages(ctx, now, now, 1)
	_, _, nextAt := s.NextMessageAt(ctx)
	_, keys := s.SigningKeys(ctx)
	_, swept := s.Sweep(ctx, now, 1)
	_, users := s.Users(ctx, admin.UserQuery{})
	_, counted := s.CountUsers(ctx, admin.UserQuery{})
	_, live := s.LiveSessions(ctx, "", admin.Page{})
	_, invited := s.Invitations(ctx, admin.Page{})
	_, waiting := s.WaitlistEntries(ctx, false, admin.Page{})
	_, _, principals := s.PrincipalsByClient(ctx, clientOf("a").TokenHash, 1)
	_, _, findSessions := s.FindSessions(ctx, admin.SessionQuery{})
	_, _, findClients := s.FindClients(ctx, admin.Slice{})
	_, _, findInvitations := s.FindInvitations(ctx, admin.InvitationQuery{})
	_, _, findWaiting := s.FindWaiting(ctx, admin.WaitlistQuery{})
	for what, err := range map[string]error{
		"InTx":                 s.InTx(ctx, func(flow.Tx) error { return nil }),
		"InReadTx":             s.InReadTx(ctx, func(flow.Tx) error { return nil }),
		"PrincipalByTokenHash": principal,
		"ClaimMessages":        claimed,
		"NextMessageAt":        nextAt,
		"SigningKeys":          keys,
		"Sweep":                swept,
		"Users":                users,
		"CountUsers":           counted,
		"LiveSessions":         live,
		"Invitations":          invited,
		"WaitlistEntries":      waiting,
		"PrincipalsByClient":   principals,
		"FindSessions":         findSessions,
		"FindClients":          findClients,
		"FindInvitations":      findInvitations,
		"FindWaiting":          findWaiting,
		"EndSession":           s.EndSession(ctx, "sess_1", gatelatch.SessionEnded, now),
		"Migrate":              s.Migrate(ctx),
		"CheckSecret":          s.CheckSecret(ctx, "x"),
	} {
		if err == nil {
			t.Errorf("%s works after Close", what)
		}
	}
}

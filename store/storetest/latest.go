// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

func signInOf(name, client string, over time.Duration, again bool) flow.SignIn {
	a := flow.NewSignIn("sia_"+name, "client_"+client, now)
	a.AbandonAt = now.Add(over)
	if again {
		a.Again = &flow.Again{SessionID: "sess_1", Level: flow.LevelFirst}
	}
	return a
}

func putSignUp(a flow.SignUp) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutSignUp(ctx, a) }
}

// latestSignIn is the id of the newest sign-in of a client, or nothing.
func latestSignIn(t testing.TB, s store.Store, client string, again bool, at time.Time) string {
	t.Helper()
	var id string
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		a, err := tx.LatestSignIn(ctx, "client_"+client, again, at)
		if id = a.ID; id == "" {
			wantErr(t, "no sign-in", err, gatelatch.ErrNotFound)
			return nil
		}
		return err
	})
	return id
}

// latestSignIns: the newest is the one that was begun last, whatever its id and
// whichever was saved since.
func latestSignIns(t *testing.T, s store.Store) {
	first, second := signInOf("9", "a", 3*time.Hour, false), signInOf("5", "a", 2*time.Hour, false)
	third, asked := signInOf("7", "a", time.Hour, false), signInOf("1", "a", 2*time.Hour, true)
	must(t, s, putSignIn(first), putSignIn(asked))
	must(t, s, putSignIn(second))
	must(t, s, putSignIn(third), putSignIn(signInOf("8", "b", time.Hour, false)))
	first.Status, second.Status = flow.SignInComplete, flow.NeedsFirstFactor
	must(t, s, putSignIn(second), putSignIn(first))
	for _, c := range []struct {
		what, client string
		again        bool
		at           time.Time
		want         string
	}{
		{"the newest", "a", false, now, "sia_7"},
		{"just before its end", "a", false, now.Add(time.Hour - time.Microsecond), "sia_7"},
		{"at its end", "a", false, now.Add(time.Hour), "sia_5"},
		{"later", "a", false, now.Add(2 * time.Hour), "sia_9"},
		{"after all", "a", false, now.Add(3 * time.Hour), ""},
		{"one that asks once more", "a", true, now, "sia_1"},
		{"at the end of that", "a", true, now.Add(2 * time.Hour), ""},
		{"another client", "b", false, now, "sia_8"},
		{"another client, once more", "b", true, now, ""},
		{"an unknown client", "c", false, now, ""},
	} {
		same(t, c.what, latestSignIn(t, s, c.client, c.again, c.at), c.want)
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.LatestSignIn(ctx, "client_a", false, now.Add(time.Hour))
		same(t, "the whole of it", got, settled(second))
		return err
	})
}

func latestSignUps(t *testing.T, s store.Store) {
	first, second := flow.NewSignUp("sua_9", "client_a", now), flow.NewSignUp("sua_5", "client_a", now)
	first.AbandonAt, second.AbandonAt = now.Add(2*time.Hour), now.Add(time.Hour)
	must(t, s, putSignUp(first))
	must(t, s, putSignUp(second), putSignUp(flow.NewSignUp("sua_7", "client_b", now)))
	first.FirstName = "Grace"
	must(t, s, putSignUp(first))
	for _, c := range []struct {
		what, client string
		at           time.Time
		want         flow.SignUp
	}{
		{"the newest", "client_a", now, second},
		{"just before its end", "client_a", now.Add(time.Hour - time.Microsecond), second},
		{"at its end", "client_a", now.Add(time.Hour), first},
		{"after all", "client_a", now.Add(2 * time.Hour), flow.SignUp{}},
		{"an unknown client", "client_c", now, flow.SignUp{}},
	} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.LatestSignUp(ctx, c.client, c.at)
			same(t, c.what, got, settled(c.want))
			if c.want.ID == "" {
				wantErr(t, c.what, err, gatelatch.ErrNotFound)
				return nil
			}
			return err
		})
	}
}

// latestBesideOthers: an attempt that was found as the newest, and read again to
// lock it, loses nothing.
func latestBesideOthers(t *testing.T, s store.Store) {
	must(t, s, putSignIn(signInOf("1", "a", time.Hour, false)))
	all(t, together(crowd, func(int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			a, err := tx.LatestSignIn(t.Context(), "client_a", false, now)
			if err != nil {
				return err
			}
			if a, err = tx.SignIn(t.Context(), a.ID); err != nil {
				return err
			}
			a.Tries++
			return tx.PutSignIn(t.Context(), a)
		})
	}))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		a, err := tx.SignIn(ctx, "sia_1")
		same(t, "tries", a.Tries, crowd)
		return err
	})
}

func changesOfUser(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1))), join(userOf("y", email(2))))
	one, two, three, done := changeOf("9", "user_x"), changeOf("5", "user_x"), changeOf("7", "user_x"), changeOf("6", "user_x")
	two.AbandonAt = now.Add(time.Minute)
	done.Status = flow.ChangeComplete
	must(t, s, putChange(one), putChange(two))
	must(t, s, putChange(three), putChange(done), putChange(changeOf("8", "user_y")))
	one.SessionID = "sess_2"
	must(t, s, putChange(one)) // keeps its place
	list := func(what, user string, at time.Time, limit int, want ...flow.Change) {
		t.Helper()
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.Changes(ctx, user, at, limit)
			same(t, what, got, settled(want))
			return err
		})
	}
	list("the open changes", "user_x", now, 9, three, two, one)
	list("the newest two", "user_x", now, 2, three, two)
	list("none of them", "user_x", now, 0)
	list("just before one is over", "user_x", now.Add(time.Minute-time.Microsecond), 9, three, two, one)
	list("when one is over", "user_x", now.Add(time.Minute), 9, three, one)
	list("when all are over", "user_x", now.Add(flow.ChangeLifetime), 9)
	list("the changes of nobody", "user_z", now, 9)
	three.Status = flow.ChangeComplete
	must(t, s, putChange(three))
	list("when one is complete", "user_x", now, 9, two, one)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for range 2 {
			if err := tx.DeleteChange(ctx, "chg_5"); err != nil {
				return err
			}
		}
		_, err := tx.Change(ctx, "chg_5")
		wantErr(t, "a deleted change", err, gatelatch.ErrNotFound)
		return nil
	})
	list("when one is deleted", "user_x", now, 9, one)
	list("somebody else's", "user_y", now, 9, changeOf("8", "user_y"))
}

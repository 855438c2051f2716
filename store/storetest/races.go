// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// crowd is how many do the same thing at once.
const crowd = 32

var errSpent = errors.New("somebody else was first")

// oneWinner: many spend one attempt at once, and one gets a session.
func oneWinner(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, putSignIn(flow.NewSignIn("sia_1", "client_a", now)))
	errs := together(crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			a, err := tx.SignIn(t.Context(), "sia_1")
			if err != nil {
				return err
			}
			if a.Status == flow.SignInComplete {
				return errSpent
			}
			sess := sessionOf(strconv.Itoa(i), "x", "a")
			a.Status, a.SessionID = flow.SignInComplete, sess.ID
			return errors.Join(tx.PutSignIn(t.Context(), a), tx.CreateSession(t.Context(), sess))
		})
	})
	winner := only(t, errs, errSpent)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		a, err := tx.SignIn(ctx, "sia_1")
		if a.SessionID != fmt.Sprintf("sess_%d", winner) {
			t.Errorf("the attempt belongs to %s, the winner was %d", a.SessionID, winner)
		}
		for i := range crowd {
			_, err := tx.Session(ctx, fmt.Sprintf("sess_%d", i))
			if (err == nil) != (i == winner) {
				t.Errorf("session %d: %v, the winner was %d", i, err, winner)
			}
		}
		return err
	})
}

// only returns the index of the one nil among errors that are all lost
// otherwise.
func only(t testing.TB, errs []error, lost error) int {
	t.Helper()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner < 0:
			winner = i
		case err == nil:
			t.Errorf("both %d and %d won", winner, i)
		case !errors.Is(err, lost):
			t.Errorf("number %d failed otherwise than by losing: %v", i, err)
		}
	}
	if winner < 0 {
		t.Error("nobody won")
	}
	return winner
}

// all reports every error.
func all(t testing.TB, errs []error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Errorf("number %d: %v", i, err)
		}
	}
}

// noLostAttempt: what is read stays locked until it is written.
func noLostAttempt(t *testing.T, s store.Store) {
	const rounds = 5
	in, up := flow.NewSignIn("sia_1", "client_a", now), flow.NewSignUp("sua_1", "client_a", now)
	in.First, up.EmailProof = &flow.Verification{}, &flow.Verification{}
	must(t, s, putSignIn(in), func(ctx context.Context, tx flow.Tx) error { return tx.PutSignUp(ctx, up) })
	all(t, together(crowd, func(int) error {
		for range rounds {
			err := s.InTx(t.Context(), func(tx flow.Tx) error { return raiseBoth(t.Context(), tx) })
			if err != nil {
				return err
			}
		}
		return nil
	}))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		in, err := tx.SignIn(ctx, "sia_1")
		if err != nil {
			return err
		}
		up, err := tx.SignUp(ctx, "sua_1")
		if err != nil {
			return err
		}
		if in.First.Attempts != crowd*rounds || up.EmailProof.Attempts != crowd*rounds {
			t.Errorf("counted %d and %d of %d", in.First.Attempts, up.EmailProof.Attempts, crowd*rounds)
		}
		return nil
	})
}

func raiseBoth(ctx context.Context, tx flow.Tx) error {
	in, err := tx.SignIn(ctx, "sia_1")
	if err != nil {
		return err
	}
	in.First.Attempts++
	if err := tx.PutSignIn(ctx, in); err != nil {
		return err
	}
	up, err := tx.SignUp(ctx, "sua_1")
	if err != nil {
		return err
	}
	up.EmailProof.Attempts++
	return tx.PutSignUp(ctx, up)
}

// noLostCounter: so does a counter, also one that does not exist yet, and one
// that is deleted at times. Half of the crowd takes the two keys in the other
// order: transactions that block each other are run again.
func noLostCounter(t *testing.T, s store.Store) {
	var runs atomic.Int64
	all(t, together(crowd, func(i int) error {
		first, second := "one", "two"
		if i%2 == 1 {
			first, second = second, first
		}
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			runs.Add(1)
			if err := raise(t.Context(), tx, first); err != nil {
				return err
			}
			return raise(t.Context(), tx, second)
		})
	}))
	t.Logf("%d runs for %d transactions", runs.Load(), crowd)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for _, key := range []string{"one", "two"} {
			got, err := tx.Counter(ctx, key)
			if err != nil || string(got) != strconv.Itoa(crowd) {
				t.Errorf("counter %s: got %s, %v, want %d", key, got, err, crowd)
			}
		}
		return nil
	})
}

// raise adds one to a counter. It deletes the row on the way, which must not
// let anybody in between.
func raise(ctx context.Context, tx flow.Tx, key string) error {
	value, err := tx.Counter(ctx, key)
	if err != nil {
		return err
	}
	n := 0
	if value != nil {
		if n, err = strconv.Atoi(string(value)); err != nil {
			return err
		}
	}
	if err := tx.DeleteCounter(ctx, key); err != nil {
		return err
	}
	return tx.PutCounter(ctx, key, []byte(strconv.Itoa(n+1)), now)
}

func oneUser(t *testing.T, s store.Store) {
	errs := together(crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			return tx.CreateUser(t.Context(), userOf(strconv.Itoa(i), email(100+i), email(1)))
		})
	})
	winner := only(t, errs, gatelatch.ErrConflict)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for i := range crowd {
			u, err := tx.UserByIdentifier(ctx, email(100+i))
			if (err == nil) != (i == winner) {
				t.Errorf("user %d: %q, %v, the winner was %d", i, u.ID, err, winner)
			}
		}
		return nil
	})
}

func oneClient(t *testing.T, s store.Store) {
	errs := together(crowd, func(i int) error {
		c := clientOf(strconv.Itoa(i))
		c.TokenHash = hashOf("the same")
		return s.InTx(t.Context(), func(tx flow.Tx) error { return tx.CreateClient(t.Context(), c) })
	})
	winner := only(t, errs, gatelatch.ErrConflict)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		c, err := tx.ClientByTokenHash(ctx, hashOf("the same"))
		if c.ID != fmt.Sprintf("client_%d", winner) {
			t.Errorf("the client is %s, the winner was %d", c.ID, winner)
		}
		return err
	})
}

// oneEnd: a session that many end keeps the first status it got.
func oneEnd(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, begin(sessionOf("1", "x", "a")))
	seen := make([]gatelatch.SessionStatus, crowd)
	all(t, together(crowd, func(i int) error {
		status := gatelatch.SessionEnded
		if i%2 == 1 {
			status = gatelatch.SessionRevoked
		}
		if err := s.EndSession(t.Context(), "sess_1", status, now); err != nil {
			return err
		}
		p, err := s.PrincipalByTokenHash(t.Context(), hashOf("session 1"))
		seen[i] = p.Session.Status
		return err
	}))
	for i, status := range seen {
		if status != seen[0] || status == gatelatch.SessionActive {
			t.Errorf("after its end number %d saw %q and number 0 %q", i, status, seen[0])
		}
	}
}

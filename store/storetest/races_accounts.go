// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// oneUse: many use the same backup codes at once. Each code opens for one.
func oneUse(t *testing.T, s store.Store) {
	const codes = 10
	must(t, s, join(userOf("x", email(1))))
	c := gatelatch.Credentials{UserID: "user_x"}
	for i := range codes {
		c.BackupCodes = append(c.BackupCodes, gatelatch.BackupHash{Hash: []byte{byte(i)}})
	}
	must(t, s, putCredentials(c))
	errs := together(2*crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error { return useCode(t.Context(), tx, i%codes) })
	})
	won := 0
	for i, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, errSpent):
			t.Errorf("number %d failed otherwise than by losing: %v", i, err)
		}
	}
	if won != codes {
		t.Errorf("%d codes opened %d times", codes, won)
	}
	for i, code := range readCredentials(t, s, "user_x").BackupCodes {
		if code.UsedAt.IsZero() {
			t.Errorf("the use of code %d was lost", i)
		}
	}
}

func useCode(ctx context.Context, tx flow.Tx, i int) error {
	c, err := tx.Credentials(ctx, "user_x")
	if err != nil {
		return err
	}
	if !c.BackupCodes[i].UsedAt.IsZero() {
		return errSpent
	}
	if _, err := tx.UserByIdentifier(ctx, email(1)); err != nil { // as flows read more in between
		return err
	}
	c.BackupCodes[i].UsedAt = now
	return tx.PutCredentials(ctx, c)
}

// noLostCredentials: the lock holds also while there is nothing to lock. Half
// of the crowd reads the user first, as flows do, and the others begin a session.
func noLostCredentials(t *testing.T, s store.Store) {
	household(t, s)
	all(t, together(crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			first := func() error { _, err := tx.User(t.Context(), "user_x"); return err }
			if i%2 == 1 {
				first = func() error { return tx.CreateSession(t.Context(), sessionOf(strconv.Itoa(i), "x", "a")) }
			}
			if err := first(); err != nil {
				return err
			}
			c, err := tx.Credentials(t.Context(), "user_x")
			if err != nil {
				return err
			}
			c.Passkeys = append(c.Passkeys, gatelatch.Passkey{ID: strconv.Itoa(i)})
			return tx.PutCredentials(t.Context(), c)
		})
	}))
	seen := map[string]bool{}
	for _, p := range readCredentials(t, s, "user_x").Passkeys {
		seen[p.ID] = true
	}
	if len(seen) != crowd {
		t.Errorf("%d of %d passkeys were kept", len(seen), crowd)
	}
}

// noLostUser: who reads a user sees all addresses that were added before.
func noLostUser(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1))))
	all(t, together(crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			u, err := tx.User(t.Context(), "user_x")
			if err != nil {
				return err
			}
			u.Addresses = append(u.Addresses, userOf(strconv.Itoa(i), email(100+i)).Addresses...)
			return tx.PutUser(t.Context(), u)
		})
	}))
	if got := len(readUser(t, s, "user_x").Addresses); got != 1+crowd {
		t.Errorf("%d of %d addresses were kept", got, 1+crowd)
	}
}

// oneOwner: an address that many users take at once goes to one of them.
func oneOwner(t *testing.T, s store.Store) {
	for i := range crowd {
		must(t, s, join(userOf(strconv.Itoa(i), email(100+i))))
	}
	errs := together(crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			return tx.PutUser(t.Context(), userOf(strconv.Itoa(i), email(100+i), email(1)))
		})
	})
	winner := only(t, errs, gatelatch.ErrConflict)
	same(t, "the owner", byAddress(t, s, email(1)).ID, "user_"+strconv.Itoa(winner))
	for i := range crowd {
		want := 1
		if i == winner {
			want = 2
		}
		if got := len(readUser(t, s, "user_"+strconv.Itoa(i)).Addresses); got != want {
			t.Errorf("user %d has %d addresses, want %d", i, got, want)
		}
	}
}

// oneAcceptance: an invitation makes one user. Half of the crowd has its id,
// half the address.
func oneAcceptance(t *testing.T, s store.Store) {
	must(t, s, putInvitation(invitationOf("1", email(1), now)))
	errs := together(crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			inv, err := tx.InvitationTo(t.Context(), email(1))
			if i%2 == 1 {
				inv, err = tx.Invitation(t.Context(), "inv_1")
			}
			if err != nil {
				return err
			}
			if !inv.LiveAt(now) {
				return errSpent
			}
			inv.AcceptedAt = now.Add(time.Duration(i) * time.Second)
			return tx.PutInvitation(t.Context(), inv)
		})
	})
	winner := only(t, errs, errSpent)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		inv, err := tx.Invitation(ctx, "inv_1")
		same(t, "when it was accepted", inv.AcceptedAt, micro(now.Add(time.Duration(winner)*time.Second)))
		return err
	})
}

func noLostChange(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1))))
	c := changeOf("1", "user_x")
	c.Proof = &flow.Verification{}
	must(t, s, putChange(c))
	all(t, together(crowd, func(int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			c, err := tx.Change(t.Context(), "chg_1")
			if err != nil {
				return err
			}
			c.Proof.Attempts++
			return tx.PutChange(t.Context(), c)
		})
	}))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		c, err := tx.Change(ctx, "chg_1")
		if c.Proof == nil || c.Proof.Attempts != crowd {
			t.Errorf("counted %+v of %d", c.Proof, crowd)
		}
		return err
	})
}

// deletedMeanwhile: of those who write to a user who is being deleted each
// comes before or after, and nothing of them is left.
func deletedMeanwhile(t *testing.T, s store.Store) {
	household(t, s)
	errs := together(crowd, func(i int) error {
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			if i == crowd/2 {
				return tx.DeleteUser(t.Context(), "user_x")
			}
			if _, err := tx.User(t.Context(), "user_x"); err != nil {
				return err
			}
			c := credentialsOf("user_x")
			return errors.Join(tx.CreateSession(t.Context(), sessionOf(strconv.Itoa(i), "x", "a")), tx.PutCredentials(t.Context(), c))
		})
	})
	for i, err := range errs {
		if err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
			t.Errorf("number %d: %v", i, err)
		}
	}
	same(t, "the sessions of nobody", sessionsOf(t, s, "user_x"), []gatelatch.Session(nil))
	same(t, "the credentials of nobody", readCredentials(t, s, "user_x"), gatelatch.Credentials{UserID: "user_x"})
}

// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// readAll does one of everything that reads, and wants to find all that before
// and writeAll have put there.
func readAll(ctx context.Context, tx flow.Tx) error {
	var errs []error
	for _, read := range []func() error{
		func() error { _, err := tx.ClientByTokenHash(ctx, clientOf("new").TokenHash); return err },
		func() error { _, err := tx.SignIn(ctx, "sia_new"); return err },
		func() error { _, err := tx.SignUp(ctx, "sua_new"); return err },
		func() error { _, err := tx.UserByIdentifier(ctx, email(7)); return err },
		func() error { _, err := tx.User(ctx, "user_new"); return err },
		func() error { _, err := tx.Credentials(ctx, "user_x"); return err },
		func() error { _, err := tx.ClientTrust(ctx, "user_new", "client_new"); return err },
		func() error { _, err := tx.ClientTrusts(ctx, "user_new"); return err },
		func() error { _, err := tx.Session(ctx, "sess_new"); return err },
		func() error { _, err := tx.Sessions(ctx, "user_new", now, 200); return err },
		func() error { _, err := tx.HasSession(ctx, "user_new", "client_new"); return err },
		func() error { _, err := tx.Change(ctx, "chg_new"); return err },
		func() error { _, err := tx.Changes(ctx, "user_x", now, 9); return err },
		func() error { _, err := tx.Client(ctx, "client_new"); return err },
		func() error { _, err := tx.ClientSessions(ctx, "client_new", now, 9); return err },
		func() error { _, err := tx.LatestSignIn(ctx, "client_new", false, now); return err },
		func() error { _, err := tx.LatestSignUp(ctx, "client_new", now); return err },
		func() error { _, err := tx.UserByAddressID(ctx, "idn_new_0"); return err },
		func() error { _, err := tx.UserByExternalID(ctx, "ext"); return err },
		func() error { _, err := tx.SignInToken(ctx, "sit_new"); return err },
		func() error { _, err := tx.WaitingByID(ctx, "wle_new"); return err },
		func() error { _, err := tx.Invitation(ctx, "inv_new"); return err },
		func() error { _, err := tx.InvitationTo(ctx, email(7)); return err },
		func() error { _, err := tx.Waiting(ctx, email(7)); return err },
		func() error { _, err := tx.Restrictions(ctx); return err },
		func() error { _, err := tx.Settings(ctx); return err },
		func() error { _, err := tx.Counter(ctx, "new"); return err },
	} {
		errs = append(errs, read())
	}
	return errors.Join(errs...)
}

func reading(t *testing.T, s store.Store) {
	before(t, s)
	must(t, s, writeAll)
	for range 2 { // the second time queries are known
		if err := s.InReadTx(t.Context(), func(tx flow.Tx) error { return readAll(t.Context(), tx) }); err != nil {
			t.Error(err)
		}
	}
	err := s.InReadTx(t.Context(), func(tx flow.Tx) error {
		_, err := tx.User(t.Context(), "user_nobody")
		wantErr(t, "nobody", err, gatelatch.ErrNotFound)
		c, err := tx.Credentials(t.Context(), "user_nobody")
		same(t, "the credentials of nobody", c, gatelatch.Credentials{UserID: "user_nobody"})
		return errors.Join(err, errSpent)
	})
	wantErr(t, "what the function returned", err, errSpent)
	err = s.InReadTx(t.Context(), func(flow.Tx) error { panic("at the disco") })
	if err == nil {
		t.Error("a panic went by")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err = s.InReadTx(ended, func(flow.Tx) error {
		t.Error("the function was run after its context had ended")
		return nil
	})
	wantErr(t, "a context that had ended", err, context.Canceled)
}

func readingCannotWrite(t *testing.T, s store.Store) {
	before(t, s)
	for what, fn := range map[string]func(context.Context, flow.Tx) error{
		"a counter":    putCounter("new", "1", now),
		"a user":       putUser(changed(userOf("x", email(2)))),
		"a new client": create(clientOf("new")),
	} {
		for _, shrug := range []bool{false, true} {
			err := s.InReadTx(t.Context(), func(tx flow.Tx) error {
				if err := fn(t.Context(), tx); !shrug {
					return err
				}
				return nil
			})
			if err == nil {
				t.Errorf("%s was written in a transaction that only reads", what)
			}
		}
	}
	undoneAccounts(t, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.InReadTx(t.Context(), func(flow.Tx) error {
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	must(t, s, create(clientOf("new")))
}

// readingBesideWriters: a reader sees one moment. Writers move two counters
// together, and many more read than there are connections.
func readingBesideWriters(t *testing.T, s store.Store) {
	all(t, together(2*crowd, func(i int) error {
		if i%2 == 0 {
			return s.InTx(t.Context(), func(tx flow.Tx) error {
				return errors.Join(raise(t.Context(), tx, "one"), raise(t.Context(), tx, "two"))
			})
		}
		return s.InReadTx(t.Context(), func(tx flow.Tx) error {
			one, err := tx.Counter(t.Context(), "one")
			if err != nil {
				return err
			}
			if _, err := tx.Counter(t.Context(), "other "+strconv.Itoa(i)); err != nil {
				return err
			}
			two, err := tx.Counter(t.Context(), "two")
			if err == nil && string(one) != string(two) {
				err = fmt.Errorf("saw %q and %q, which were never there together", one, two)
			}
			return err
		})
	}))
}

// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// refusalsSaved: a wrong guess is counted, because a refusal is no error.
func refusalsSaved(t *testing.T, s store.Store) {
	a := flow.NewSignIn("sia_1", "client_a", now)
	a.First = &flow.Verification{Status: flow.Unverified}
	must(t, s, putSignIn(a))
	var refused *gatelatch.Refusal
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.SignIn(ctx, "sia_1")
		if err != nil {
			return err
		}
		got.First.Attempts++
		refused = &gatelatch.Refusal{Code: gatelatch.CodeIncorrect}
		return tx.PutSignIn(ctx, got)
	})
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.SignIn(ctx, "sia_1")
		if refused == nil || got.First == nil || got.First.Attempts != 1 {
			t.Error("a refused guess was not counted")
		}
		return err
	})
}

// writeAll does one of everything a transaction can do.
func writeAll(ctx context.Context, tx flow.Tx) error {
	return errors.Join(
		tx.CreateClient(ctx, clientOf("new")),
		tx.CreateUser(ctx, userOf("new", email(7))),
		tx.PutClientTrust(ctx, gatelatch.ClientTrust{UserID: "user_new", ClientID: "client_new", TrustedAt: now}),
		tx.CreateSession(ctx, sessionOf("new", "new", "new")),
		tx.PutSignIn(ctx, flow.NewSignIn("sia_new", "client_new", now)),
		tx.PutSignUp(ctx, flow.NewSignUp("sua_new", "client_new", now)),
		tx.MarkSignIn(ctx, "user_x", now.Add(time.Hour)),
		tx.PutCounter(ctx, "new", []byte("1"), now),
		tx.PutCounter(ctx, "changed", []byte("2"), now),
		tx.DeleteCounter(ctx, "deleted"),
		tx.PutUser(ctx, changed(userOf("x", email(2), email(6)))),
		tx.DeleteUser(ctx, "user_gone"),
		tx.PutCredentials(ctx, credentialsOf("user_x")),
		tx.PutChange(ctx, changeOf("new", "user_x")),
		tx.DeleteChange(ctx, "chg_old"),
		tx.PutSignInToken(ctx, tokenOf("new", "x")),
		tx.MarkProven(ctx, gatelatch.Session{ID: "sess_x", Second: gatelatch.TOTPCode}),
		tx.EndSession(ctx, "sess_x", gatelatch.SessionEnded, now),
		tx.DeleteClientTrust(ctx, "user_x", "client_a"),
		tx.PutInvitation(ctx, invitationOf("new", email(7), now)),
		tx.PutWaiting(ctx, entryOf("new", email(7))),
		tx.PutRestriction(ctx, restrictionOf("new", gatelatch.AllowList, "phone US")),
		tx.PutSettings(ctx, flow.Settings{SignUp: flow.SignUpClosed}),
		tx.Enqueue(ctx, delivery.Queued{ID: "msg_new", AskedAt: now, NextAt: now, ExpireAt: now.Add(time.Hour)}),
	)
}

// changed is a user of whom every column differs from before.
func changed(u gatelatch.User) gatelatch.User {
	u.FirstName, u.Banned, u.TermsVersion, u.ExternalID = "Other", true, "2", "ext"
	return u
}

// before puts in what writeAll changes.
func before(t *testing.T, s store.Store) {
	t.Helper()
	household(t, s)
	must(t, s, putCounter("changed", "1", now), putCounter("deleted", "1", now), join(userOf("gone", email(9))),
		begin(sessionOf("x", "x", "a")), begin(sessionOf("gone", "gone", "a")), putChange(changeOf("old", "user_x")), putTrust(trustOf("x", "a", now)))
}

// undone runs a transaction that must fail, and looks whether it left a trace.
func undone(t *testing.T, s store.Store, fn func(context.Context, flow.Tx) error) error {
	t.Helper()
	before(t, s)
	err := s.InTx(t.Context(), func(tx flow.Tx) error { return fn(t.Context(), tx) })
	if err == nil {
		t.Fatal("the transaction did not fail")
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, client := tx.ClientByTokenHash(ctx, clientOf("new").TokenHash)
		wantErr(t, "the client", client, gatelatch.ErrNotFound)
		_, user := tx.UserByIdentifier(ctx, email(7))
		wantErr(t, "the user", user, gatelatch.ErrNotFound)
		_, trust := tx.ClientTrust(ctx, "user_new", "client_new")
		wantErr(t, "the trust", trust, gatelatch.ErrNotFound)
		_, sess := tx.Session(ctx, "sess_new")
		wantErr(t, "the session", sess, gatelatch.ErrNotFound)
		_, signIn := tx.SignIn(ctx, "sia_new")
		wantErr(t, "the sign-in", signIn, gatelatch.ErrNotFound)
		_, signUp := tx.SignUp(ctx, "sua_new")
		wantErr(t, "the sign-up", signUp, gatelatch.ErrNotFound)
		x, err := tx.UserByIdentifier(ctx, email(1))
		if !x.LastSignInAt.IsZero() {
			t.Error("the sign-in of a user is still marked")
		}
		return err
	})
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for key, want := range map[string]string{"new": "", "changed": "1", "deleted": "1"} {
			got, err := tx.Counter(ctx, key)
			if err != nil || string(got) != want {
				t.Errorf("counter %q: got %q, %v, want %q", key, got, err, want)
			}
		}
		return nil
	})
	undoneAccounts(t, s)
	if _, queued, _ := s.NextMessageAt(t.Context()); queued {
		t.Error("the message is still in the queue")
	}
	must(t, s, writeAll) // nothing stands in its way
	return err
}

// undoneAccounts looks for traces in what belongs to accounts and to who may
// sign up.
func undoneAccounts(t *testing.T, s store.Store) {
	t.Helper()
	same(t, "a user", readUser(t, s, "user_x"), settled(userOf("x", email(1), email(2))))
	same(t, "a user's address", byAddress(t, s, email(1)).ID, "user_x")
	same(t, "a user who is there still", byAddress(t, s, email(9)), settled(userOf("gone", email(9))))
	same(t, "credentials", readCredentials(t, s, "user_x"), gatelatch.Credentials{UserID: "user_x"})
	same(t, "a session", principalSession(t, s, "x"), settled(sessionOf("x", "x", "a")))
	same(t, "a session of who is there still", principalSession(t, s, "gone"), settled(sessionOf("gone", "gone", "a")))
	same(t, "trusts", trustsOf(t, s, "x"), settled([]gatelatch.ClientTrust{trustOf("x", "a", now)}))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, user := tx.UserByIdentifier(ctx, email(6))
		_, change := tx.Change(ctx, "chg_new")
		_, inv := tx.Invitation(ctx, "inv_new")
		_, wait := tx.Waiting(ctx, email(7))
		_, token := tx.SignInToken(ctx, "sit_new")
		_, named := tx.UserByExternalID(ctx, "ext")
		for what, err := range map[string]error{
			"an address": user, "a change": change, "an invitation": inv, "an entry": wait, "a sign-in token": token, "a name": named,
		} {
			wantErr(t, what+" that was undone", err, gatelatch.ErrNotFound)
		}
		_, old := tx.Change(ctx, "chg_old")
		wantErr(t, "a change whose deletion was undone", old, nil)
		lines, err := tx.Restrictions(ctx)
		same(t, "restrictions", lines, []gatelatch.Restriction(nil))
		if err != nil {
			return err
		}
		set, err := tx.Settings(ctx)
		same(t, "settings", set, flow.Settings{})
		return err
	})
}

func errorUndoes(t *testing.T, s store.Store) {
	failure := errors.New("the machine failed")
	err := undone(t, s, func(ctx context.Context, tx flow.Tx) error {
		if err := writeAll(ctx, tx); err != nil {
			return err
		}
		return failure
	})
	wantErr(t, "what the function returned", err, failure)
}

func panicUndoes(t *testing.T, s store.Store) {
	err := undone(t, s, func(ctx context.Context, tx flow.Tx) error {
		if err := writeAll(ctx, tx); err != nil {
			return err
		}
		var none *gatelatch.Refusal
		return errors.New(none.Message)
	})
	if !strings.Contains(err.Error(), "nil pointer") || !strings.Contains(err.Error(), "transactions.go:") {
		t.Errorf("the error says neither what happened nor where: %v", err)
	}
}

// failedStepUndoes: a conflict undoes the transaction also when the function
// shrugs it off, and the steps after it do nothing.
func failedStepUndoes(t *testing.T, s store.Store) {
	err := undone(t, s, func(ctx context.Context, tx flow.Tx) error {
		if err := writeAll(ctx, tx); err != nil {
			return err
		}
		wantErr(t, "a second client", tx.CreateClient(ctx, clientOf("new")), gatelatch.ErrConflict)
		_, _ = tx.Session(ctx, "sess_new")
		_ = tx.PutCounter(ctx, "changed", []byte("3"), now)
		return nil
	})
	wantErr(t, "the transaction", err, gatelatch.ErrConflict)
}

// goexitUndoes: so does a function that ends its goroutine, as t.FailNow does.
// The store goes on.
func goexitUndoes(t *testing.T, s store.Store) {
	before(t, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.InTx(t.Context(), func(tx flow.Tx) error {
			if err := writeAll(t.Context(), tx); err != nil {
				t.Error(err)
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	must(t, s, writeAll)
}

// danglingReferences: a session belongs to a user and a client that exist.
func danglingReferences(t *testing.T, s store.Store) {
	household(t, s)
	for what, fn := range map[string]func(context.Context, flow.Tx) error{
		"a session of nobody":   begin(sessionOf("1", "nobody", "a")),
		"a session of nowhere":  begin(sessionOf("1", "x", "nowhere")),
		"credentials of nobody": putCredentials(credentialsOf("user_nobody")),
		"a change of nobody":    putChange(changeOf("1", "user_nobody")),
		"a token of nobody":     putSignInToken(tokenOf("1", "nobody")),
		"a trust of nobody": func(ctx context.Context, tx flow.Tx) error {
			return tx.PutClientTrust(ctx, gatelatch.ClientTrust{UserID: "user_nobody", ClientID: "client_a"})
		},
		"a trust of nowhere": func(ctx context.Context, tx flow.Tx) error {
			return tx.PutClientTrust(ctx, gatelatch.ClientTrust{UserID: "user_x", ClientID: "client_nowhere"})
		},
	} {
		err := s.InTx(t.Context(), func(tx flow.Tx) error { return fn(t.Context(), tx) })
		if err == nil || errors.Is(err, gatelatch.ErrConflict) || errors.Is(err, gatelatch.ErrNotFound) {
			t.Errorf("%s: got error %v, want a fault", what, err)
		}
	}
}

func contexts(t *testing.T, s store.Store) {
	household(t, s)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.InTx(ended, func(flow.Tx) error {
		t.Error("the function was run after its context had ended")
		return nil
	})
	wantErr(t, "a context that ended before", err, context.Canceled)
	_, err = s.PrincipalByTokenHash(ended, hashOf("session 1"))
	wantErr(t, "a read", err, context.Canceled)
	wantErr(t, "a write", s.EndSession(ended, "sess_1", gatelatch.SessionEnded, now), context.Canceled)

	during, cancel := context.WithCancel(t.Context())
	err = s.InTx(during, func(tx flow.Tx) error {
		if err := tx.PutCounter(during, "k", []byte("1"), now); err != nil {
			return err
		}
		cancel()
		return tx.PutCounter(during, "k", []byte("2"), now)
	})
	wantErr(t, "a context that ended during it", err, context.Canceled)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.Counter(ctx, "k")
		if got != nil {
			t.Error("a cancelled transaction left a counter")
		}
		return err
	})
}

// SPDX-License-Identifier: Apache-2.0

// Package storetest is the suite that every store must pass: what the comments
// of the interfaces promise, as tests.
package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// Run runs the suite. open returns an empty store that nobody else uses, not
// yet migrated; the suite closes it.
func Run(t *testing.T, open func(testing.TB) store.Store) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"clients", clients},
		{"clients are kept", clientsKept},
		{"client conflicts", clientConflicts},
		{"client trust", clientTrust},
		{"sign-ins", signIns},
		{"sign-ups", signUps},
		{"every field of an attempt", attemptFields},
		{"every field of a row", rowFields},
		{"every field of an admission", admissionFields},
		{"ids that are no text", noText},
		{"users", users},
		{"user conflicts", userConflicts},
		{"addresses are found exactly", addressesExact},
		{"users by id", usersByID},
		{"users are replaced", usersReplaced},
		{"users are replaced in conflict", usersReplacedInConflict},
		{"users are deleted", usersDeleted},
		{"credentials", credentials},
		{"changes", changes},
		{"client trusts", clientTrusts},
		{"sessions", sessions},
		{"session conflicts", sessionConflicts},
		{"principal", principal},
		{"principal of a banned user", principalBanned},
		{"touch", touch},
		{"touch keeps a trust", touchTrust},
		{"end session", endSession},
		{"end session in a transaction", endSessionInTx},
		{"end sessions", endSessions},
		{"sessions of a user", sessionsOfUser},
		{"end the oldest sessions", endOldest},
		{"mark proven", markProven},
		{"signing keys", signingKeys},
		{"counters", counters},
		{"times", times},
		{"invitations", invitations},
		{"waitlist", waitlist},
		{"restrictions", restrictions},
		{"settings", settings},
		{"sign-in tokens", signInTokens},
		{"the newest sign-in", latestSignIns},
		{"the newest sign-up", latestSignUps},
		{"changes of a user", changesOfUser},
		{"clients by id", clientsByID},
		{"sessions of a client", sessionsOfClient},
		{"principals of a client", principalsByClient},
		{"principals are copies", principalsAreCopies},
		{"touch moves users", touchUsers},
		{"users by other names", usersByName},
		{"one external id", oneExternalID},

		{"users are found", usersFound},
		{"users are found again", usersFoundAgain},
		{"pages of users", pagesOfUsers},
		{"pages of sessions", pagesOfSessions},
		{"pages of invitations", pagesOfInvitations},
		{"pages of the waitlist", pagesOfWaitlist},
		{"bounds of a page", pageBounds},
		{"users in order", usersSorted},
		{"users by any name", usersNamed},
		{"users by time", usersInTime},
		{"users after another", usersAfter},
		{"sessions are found", findSessions},
		{"clients are found", findClients},
		{"invitations are found", findInvitations},
		{"the waitlist is found", findWaiting},

		{"refusals are saved", refusalsSaved},
		{"an error undoes all", errorUndoes},
		{"a panic undoes all", panicUndoes},
		{"a failed step undoes all", failedStepUndoes},
		{"an ended goroutine undoes all", goexitUndoes},
		{"dangling references", danglingReferences},
		{"contexts", contexts},
		{"reading", reading},
		{"reading cannot write", readingCannotWrite},
		{"many read and write", readingBesideWriters},

		{"one attempt, one winner", oneWinner},
		{"no lost update of an attempt", noLostAttempt},
		{"no lost update of a counter", noLostCounter},
		{"one user for an address", oneUser},
		{"one client for a token", oneClient},
		{"one end for a session", oneEnd},
		{"one use of a backup code", oneUse},
		{"no lost credentials", noLostCredentials},
		{"no lost update of a user", noLostUser},
		{"one owner for an address", oneOwner},
		{"one acceptance of an invitation", oneAcceptance},
		{"one use of a sign-in token", oneUseOfAToken},
		{"no lost update of the newest sign-in", latestBesideOthers},
		{"touched while others end them", touchAndEnd},
		{"no lost update of a change", noLostChange},
		{"deleted while others write", deletedMeanwhile},

		{"queue", queue},
		{"claims lapse", claimsLapse},
		{"claims are released", claimsReleased},
		{"no message claimed twice", noDoubleClaim},
		{"retry and delete", retryAndDelete},

		{"sweep at the exact instant", sweepInstant},
		{"sweep beside neighbours", sweepNeighbours},
		{"when a session was ended", endedAt},
		{"sweep bounds", sweepBounds},
		{"sweep keeps clients in use", sweepClients},
		{"sweep of invitations", sweepInvitations},
		{"sweep of sign-in tokens", sweepSignInTokens},

		{"secret", secret},
		{"migrations", migrations},
		{"after close", afterClose},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatalf("Migrate: %v", err)
			}
			c.run(t, s)
		})
	}
}

// now is the moment at which the tests play; it has all digits of a
// microsecond and a zone that is not UTC.
var now = time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.FixedZone("", 2*60*60))

// tx runs fn in a transaction that must succeed. fn reports with t.Error, as
// it may run in another goroutine.
func tx(t testing.TB, s store.Store, fn func(context.Context, flow.Tx) error) {
	t.Helper()
	if err := s.InTx(t.Context(), func(tx flow.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Errorf("InTx: %v", err)
		t.FailNow()
	}
}

// must runs single steps of a transaction that must succeed.
func must(t testing.TB, s store.Store, steps ...func(context.Context, flow.Tx) error) {
	t.Helper()
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for _, step := range steps {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// together calls fn n times at once, waits, and returns the errors in order.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var (
		begin = make(chan struct{})
		wg    sync.WaitGroup
	)
	for i := range n {
		wg.Go(func() {
			<-begin
			errs[i] = fn(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

func hashOf(s string) gatelatch.TokenHash { return sha256.Sum256([]byte(s)) }

func email(i int) gatelatch.Identifier {
	return gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: fmt.Sprintf("user%d@example.com", i)}
}

func clientOf(name string) gatelatch.Client {
	return gatelatch.Client{
		ID: "client_" + name, TokenHash: hashOf("client " + name),
		CreatedAt: now, ExpireAt: now.Add(400 * 24 * time.Hour),
	}
}

func userOf(name string, ids ...gatelatch.Identifier) gatelatch.User {
	u := gatelatch.User{ID: "user_" + name, FirstName: "Ada", LastName: "Lovelace", CreatedAt: now, UpdatedAt: now}
	for i, id := range ids {
		u.Addresses = append(u.Addresses, gatelatch.Address{
			ID: fmt.Sprintf("idn_%s_%d", name, i), Identifier: id, Display: "Shown " + id.Value,
			VerifiedAt: now.Add(time.Duration(i) * time.Second), Primary: i == 0,
		})
	}
	return u
}

func sessionOf(name, user, client string) gatelatch.Session {
	return gatelatch.Session{
		ID: "sess_" + name, UserID: "user_" + user, ClientID: "client_" + client,
		TokenHash: hashOf("session " + name), Status: gatelatch.SessionActive, Strategy: gatelatch.EmailCode,
		CreatedAt: now, LastActiveAt: now, ExpireAt: now.Add(7 * 24 * time.Hour),
	}
}

// The steps below are for [must].

func create(c gatelatch.Client) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.CreateClient(ctx, c) }
}

func join(u gatelatch.User) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.CreateUser(ctx, u) }
}

func begin(s gatelatch.Session) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.CreateSession(ctx, s) }
}

func putSignIn(a flow.SignIn) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutSignIn(ctx, a) }
}

func putCounter(key, value string, expireAt time.Time) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutCounter(ctx, key, []byte(value), expireAt) }
}

// micro is a time as a store gives it back.
func micro(t time.Time) time.Time { return t.Truncate(time.Microsecond).UTC() }

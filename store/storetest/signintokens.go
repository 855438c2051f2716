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

func tokenOf(name, user string) gatelatch.SignInToken {
	return gatelatch.SignInToken{ID: "sit_" + name, UserID: "user_" + user, CreatedAt: now, ExpireAt: now.Add(time.Hour)}
}

func putSignInToken(token gatelatch.SignInToken) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutSignInToken(ctx, token) }
}

func signInTokens(t *testing.T, s store.Store) {
	one, other := tokenOf("1", "x"), tokenOf("2", "x")
	must(t, s, join(userOf("x")), putSignInToken(one), putSignInToken(other))
	one.RevokedAt, one.ExpireAt = now.Add(time.Minute), now.Add(2*time.Hour)
	must(t, s, putSignInToken(one))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.SignInToken(ctx, "sit_1")
		same(t, "a sign-in token", got, settled(one))
		wantErr(t, "a sign-in token", err, nil)
		got, err = tx.SignInToken(ctx, "sit_2")
		same(t, "another", got, settled(other))
		_, missing := tx.SignInToken(ctx, "sit_3")
		wantErr(t, "an unknown one", missing, gatelatch.ErrNotFound)
		return err
	})
}

// oneUseOfAToken: of many who have the same token at once, one signs in. Half of
// the crowd reads the user first. The first round may find connections that are
// still being made, and its crowd come one after the other.
func oneUseOfAToken(t *testing.T, s store.Store) {
	const many, rounds = 50, 5
	household(t, s)
	var want []gatelatch.Session
	for round := range rounds {
		token := tokenOf(name(round), "x")
		must(t, s, putSignInToken(token))
		errs := together(many, func(i int) error {
			return s.InTx(t.Context(), func(tx flow.Tx) error { return useToken(t.Context(), tx, token.ID, round*many+i) })
		})
		winner := round*many + only(t, errs, errSpent)
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			token, err := tx.SignInToken(ctx, token.ID)
			same(t, "when it was used", token.AcceptedAt, micro(now.Add(time.Duration(winner)*time.Second)))
			return err
		})
		want = append([]gatelatch.Session{sessionOf(name(winner), "x", "a")}, want...)
	}
	same(t, "the sessions", sessionsOf(t, s, "user_x"), settled(want))
}

func useToken(ctx context.Context, tx flow.Tx, id string, i int) error {
	if i%2 == 0 {
		if _, err := tx.User(ctx, "user_x"); err != nil {
			return err
		}
	}
	token, err := tx.SignInToken(ctx, id)
	if err != nil {
		return err
	}
	if !token.LiveAt(now) {
		return errSpent
	}
	token.AcceptedAt = now.Add(time.Duration(i) * time.Second)
	if err := tx.PutSignInToken(ctx, token); err != nil {
		return err
	}
	return tx.CreateSession(ctx, sessionOf(name(i), "x", "a"))
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// known sweeps the store, and reports whether a client is still remembered.
func known(t *testing.T, g *flowtest.Gate, who flow.Caller) bool {
	t.Helper()
	if _, err := g.Store.Sweep(ctx(), g.Clock.Now(), 100); err != nil {
		t.Fatal(err)
	}
	found := true
	g.Tx(func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.ClientByTokenHash(ctx, who.Client.Hash())
		if errors.Is(err, gatelatch.ErrNotFound) {
			found, err = false, nil
		}
		return err
	})
	return found
}

// wantKnownFor fails unless a client is remembered until then, and not after it.
func wantKnownFor(t *testing.T, g *flowtest.Gate, who flow.Caller, d time.Duration) {
	t.Helper()
	g.Clock.Advance(d - time.Second)
	if !known(t, g, who) {
		t.Fatalf("forgotten before its attempt, which had %s", d)
	}
	g.Clock.Advance(time.Second)
	if known(t, g, who) {
		t.Errorf("remembered after %s, for nothing", d)
	}
}

// TestAClientWithoutASessionLivesAsLongAsItsAttempts: strangers leave as little
// behind as can be.
func TestAClientWithoutASessionLivesAsLongAsItsAttempts(t *testing.T) {
	for _, c := range []struct {
		name  string
		does  func(t *testing.T, g *flowtest.Gate, who flow.Caller)
		lives time.Duration
	}{
		{"a sign-in", func(t *testing.T, g *flowtest.Gate, who flow.Caller) { startSignIn(t, g, who, ada) }, flow.SignInLifetime},
		{"a sign-up", func(t *testing.T, g *flowtest.Gate, who flow.Caller) { nameless(t, g, who) }, flow.SignUpLifetime},
		{"a sign-in beside a sign-up", func(t *testing.T, g *flowtest.Gate, who flow.Caller) {
			nameless(t, g, who)
			startSignIn(t, g, who, "bob@example.com")
		}, flow.SignUpLifetime},
		{"two sign-ins", func(t *testing.T, g *flowtest.Gate, who flow.Caller) {
			startSignIn(t, g, who, ada)
			g.Clock.Advance(flow.SignInLifetime - time.Second)
			startSignIn(t, g, who, ada)
		}, flow.SignInLifetime},
		{"a sign-in that leads to a sign-up", func(t *testing.T, g *flowtest.Gate, who flow.Caller) {
			id := proven(t, g, who, ada)
			g.Clock.Advance(flow.SignInLifetime - time.Second)
			wantCode(t, check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{})), "")
		}, flow.SignUpLifetime},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGate(t, withNames)
			who := g.Browser()
			c.does(t, g, who)
			wantKnownFor(t, g, who, c.lives)
		})
	}
}

// TestAForgottenClientBeginsAnew with the same cookie.
func TestAForgottenClientBeginsAnew(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	old := startSignIn(t, g, who, ada)
	g.Clock.Advance(flow.SignInLifetime)
	if known(t, g, who) {
		t.Fatal("remembered")
	}
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, old, "", "123456")), gatelatch.CodeNotFound)
	g.AddUser(ada)
	id := startSignIn(t, g, who, ada)
	if out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id))); out.Issued == nil {
		t.Fatal("not signed in")
	}
	g.Clock.Advance(30 * 24 * time.Hour)
	if !known(t, g, who) {
		t.Error("a browser that has signed in is forgotten")
	}
}

// nameless begins a sign-up for which a name is wanted in the end.
func nameless(t *testing.T, g *flowtest.Gate, who flow.Caller) {
	t.Helper()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada)}))
	if out.SignUp == nil {
		t.Fatal(out.Refusal.Message)
	}
}

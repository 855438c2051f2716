// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"os"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/store/memory"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const ada = "ada@example.com"

// newGate is a gate on an empty store in memory.
func newGate(t flowtest.TB, options ...func(*flow.Service)) *flowtest.Gate {
	t.Helper()
	return flowtest.New(t, memory.New(), options...)
}

// closed is the policy of a gate that takes no new users.
func closed(s *flow.Service) { s.Policy.SignUp = flow.SignUpClosed }

// withNames asks for a first name as well.
func withNames(s *flow.Service) { s.Policy.Fields.FirstName = flow.Required }

// both asks for an e-mail address and a phone number.
func both(s *flow.Service) { s.Policy.Fields.Phone = flow.Required }

// fatal is what check needs of a test.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// check gives back an outcome and fails the test on an error: no machine fails
// here.
func check(t fatal) func(flow.Outcome, error) flow.Outcome {
	return func(out flow.Outcome, err error) flow.Outcome {
		t.Helper()
		if err != nil {
			t.Fatalf("a machine failed: %v", err)
		}
		return out
	}
}

// startSignIn begins a sign-in with its code on the way.
func startSignIn(t fatal, g *flowtest.Gate, who flow.Caller, address string) string {
	t.Helper()
	out := check(t)(g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: address, Prepare: true}))
	if out.Refusal != nil {
		t.Fatalf("beginning a sign-in: %s", out.Refusal.Message)
	}
	return out.SignIn.ID
}

// startSignUp begins a sign-up with an e-mail address and its code on the way.
func startSignUp(t fatal, g *flowtest.Gate, who flow.Caller, address string) string {
	t.Helper()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: &address, Prepare: true}))
	if out.Refusal != nil {
		t.Fatalf("beginning a sign-up: %s", out.Refusal.Message)
	}
	return out.SignUp.ID
}

// signUp makes a user by the front door.
func signUp(t fatal, g *flowtest.Gate, who flow.Caller, address string) flow.Outcome {
	t.Helper()
	id := startSignUp(t, g, who, address)
	out := check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	if out.Issued == nil {
		t.Fatalf("signing up: %+v", out.Refusal)
	}
	return out
}

// signIn signs somebody in by the front door.
func signIn(t fatal, g *flowtest.Gate, who flow.Caller, address string) flow.Outcome {
	t.Helper()
	id := startSignIn(t, g, who, address)
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id)))
	if out.Issued == nil {
		t.Fatalf("signing in: %+v", out.Refusal)
	}
	return out
}

// proven begins a sign-in with an address that nobody holds, and proves it.
func proven(t fatal, g *flowtest.Gate, who flow.Caller, address string) string {
	t.Helper()
	id := startSignIn(t, g, who, address)
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id)))
	if out.Refusal != nil || !out.SignIn.Transferable() {
		t.Fatalf("proving an address: %+v", out.Refusal)
	}
	return id
}

func ctx() context.Context { return context.Background() }

// code returns why something was refused; empty when it was not.
func code(r *gatelatch.Refusal) gatelatch.Code {
	if r == nil {
		return ""
	}
	return r.Code
}

// wantCode fails unless the refusal is the one expected; empty means none.
func wantCode(t fatal, out flow.Outcome, want gatelatch.Code) {
	t.Helper()
	if got := code(out.Refusal); got != want {
		t.Fatalf("refused with %q, want %q", got, want)
	}
}

func ptr[T any](v T) *T { return &v }

func contextWithCancel() (context.Context, context.CancelFunc) {
	return context.WithCancel(context.Background())
}

func mode(open bool) flow.SignUpMode {
	if open {
		return flow.SignUpOpen
	}
	return flow.SignUpClosed
}

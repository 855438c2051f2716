// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/limit"
)

// spent fails unless an operation is refused because a budget is spent: with
// 429, a wait in whole seconds, and nothing written but the start and the
// client of the visitor. It returns the wait.
func spent(t *testing.T, g *flowtest.Gate, do func() (flow.Outcome, error)) time.Duration {
	t.Helper()
	mark := g.Store.Mark()
	out := check(t)(do())
	wantCode(t, out, gatelatch.CodeTooManyRequests)
	if out.Refusal.Status() != 429 || out.Issued != nil {
		t.Fatalf("status %d, issued %v", out.Refusal.Status(), out.Issued)
	}
	if wait := out.Refusal.RetryAfter; wait <= 0 || wait%time.Second != 0 {
		t.Fatalf("retry after %s", wait)
	}
	for _, w := range g.Store.Since(mark) {
		if w.What != "PutCounter" || w.Key[:6] != "starts" {
			t.Fatalf("refused, and yet %s %s", w.What, w.Key)
		}
	}
	return out.Refusal.RetryAfter
}

// guess gives wrong codes and counts those that were looked at.
func guess(t *testing.T, g *flowtest.Gate, who flow.Caller, id string, n int) (judged int) {
	t.Helper()
	v := check(t)(g.SignIn(ctx(), who, id)).SignIn.First
	wrong := flowtest.Wrong(g.Codes.Code(id, flow.PurposeSignIn, *v).Reveal())
	for range n {
		check(t)(g.AttemptFirstFactor(ctx(), who, id, "", wrong))
	}
	return check(t)(g.SignIn(ctx(), who, id)).SignIn.First.Attempts - v.Attempts
}

func TestFiveGuessesInAnAttemptWhateverTheResends(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	judged := 0
	for range 4 { // a message, two guesses, and after the third message the code has expired once
		judged += guess(t, g, who, id, 2)
		g.Clock.Advance(5 * time.Minute)
		g.Restart()
		check(t)(g.PrepareFirstFactor(ctx(), who, id, "", ""))
	}
	if judged != 5 {
		t.Fatalf("%d guesses judged", judged)
	}
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id)))
	wantCode(t, out, gatelatch.CodeFailed)
	if out := check(t)(g.PrepareFirstFactor(ctx(), who, id, "", "")); code(out.Refusal) != gatelatch.CodeFailed {
		t.Fatalf("another code after the last guess: %v", out.Refusal)
	}
}

func TestTenGuessesAtAnAddressInAnHour(t *testing.T) {
	for _, p := range []struct {
		name  string
		setUp func(*flowtest.Gate)
	}{
		{"of a user", func(g *flowtest.Gate) { g.AddUser(ada) }},
		{"of nobody", func(*flowtest.Gate) {}},
		{"of nobody, where sign-up is closed", func(g *flowtest.Gate) { closed(g.Service) }},
	} {
		t.Run(p.name, func(t *testing.T) {
			g := newGate(t)
			p.setUp(g)
			judged := 0
			for range 4 {
				who := g.Browser()
				judged += guess(t, g, who, startSignIn(t, g, who, ada), 6)
			}
			if judged != 10 {
				t.Fatalf("%d guesses judged", judged)
			}
			who := g.Browser()
			id := startSignIn(t, g, who, ada)
			v := check(t)(g.SignIn(ctx(), who, id)).SignIn.First
			right := g.Codes.Code(id, flow.PurposeSignIn, *v).Reveal()
			wait := spent(t, g, func() (flow.Outcome, error) { return g.AttemptFirstFactor(ctx(), who, id, "", right) })
			if wait < 59*time.Minute || wait > 61*time.Minute {
				t.Errorf("wait %s", wait)
			}
			g.Clock.Advance(wait)
			next := g.Browser()
			if n := guess(t, g, next, startSignIn(t, g, next, ada), 1); n != 1 {
				t.Error("waited as told, and still not judged")
			}
		})
	}
}

func TestGuessesAtSignUpDrawOnTheSameBudget(t *testing.T) {
	g := newGate(t)
	for range 2 {
		who := g.Browser()
		guess(t, g, who, startSignIn(t, g, who, ada), 5)
	}
	who := g.Browser()
	id := startSignUp(t, g, who, ada)
	spent(t, g, func() (flow.Outcome, error) { return g.AttemptVerification(ctx(), who, id, "", g.Code(id)) })
}

// fails spends the public budget of failures in a row, ten an hour.
func fails(t *testing.T, g *flowtest.Gate, address string, n int) {
	t.Helper()
	for n > 0 {
		who := g.Browser()
		judged := guess(t, g, who, startSignIn(t, g, who, address), min(n, 5))
		if judged == 0 {
			t.Fatalf("closed with %d failures to go", n)
		}
		n -= judged
		g.Clock.Advance(61 * time.Minute / 2)
	}
}

// sendsOff lets guesses be tested alone.
func sendsOff(s *flow.Service) {
	off := []limit.Rate{{}}
	s.Limits.SendsPerIdentifier, s.Limits.SendsPerNetwork = off, off
}

func TestAHundredFailuresCloseAnAccount(t *testing.T) {
	g := newGate(t, sendsOff)
	own := g.Browser()
	signUp(t, g, own, ada)
	fails(t, g, ada, 100)

	g.Clock.Advance(24 * time.Hour)
	g.Restart()
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	mark := g.Store.Mark()
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id)))
	wantCode(t, out, gatelatch.CodeTooManyRequests)
	if out.Issued != nil || len(g.Store.Since(mark)) > 0 {
		t.Fatal("judged after a hundred failures")
	}
	if out.Refusal.RetryAfter != 0 {
		t.Error("told to wait, which does not help")
	}

	signIn(t, g, own, ada) // the owner's own browser still gets in
	g.Clock.Advance(time.Minute)
	signIn(t, g, g.Browser(), ada) // and with that the account is open again
}

func TestNinetyNineFailuresDoNot(t *testing.T) {
	g := newGate(t, sendsOff)
	g.AddUser(ada)
	fails(t, g, ada, 99)
	g.Clock.Advance(time.Hour)
	signIn(t, g, g.Browser(), ada)
	fails(t, g, ada, 99) // the success has ended the row
	g.Clock.Advance(time.Hour)
	signIn(t, g, g.Browser(), ada)
}

func TestAStrangerCannotLockTheOwnerOut(t *testing.T) {
	g := newGate(t)
	own := g.Browser()
	signUp(t, g, own, ada)
	g.Clock.Advance(time.Hour)
	for range 5 { // all messages of ten minutes, all guesses of an hour
		who := g.Browser()
		guess(t, g, who, startSignIn(t, g, who, ada), 5)
	}
	spent(t, g, func() (flow.Outcome, error) {
		return g.CreateSignIn(ctx(), g.Browser(), flow.SignInParams{Identifier: ada, Prepare: true})
	})
	signIn(t, g, own, ada)
}

func TestTheOwnersBrowserHasABudgetToo(t *testing.T) {
	g := newGate(t)
	own := g.Browser()
	signUp(t, g, own, ada)
	judged := 0
	for range 3 {
		judged += guess(t, g, own, startSignIn(t, g, own, ada), 5)
	}
	if judged != 10 {
		t.Fatalf("%d guesses judged in a trusted browser", judged)
	}
	signIn(t, g, g.Browser(), ada) // and what it spent was its own
}

func TestTrustInOneUserHelpsWithNoOther(t *testing.T) {
	g := newGate(t)
	mallory := g.Browser()
	signUp(t, g, mallory, "mallory@example.com")
	g.AddUser(ada)
	judged := 0
	for range 3 {
		judged += guess(t, g, mallory, startSignIn(t, g, mallory, ada), 5)
	}
	for range 2 {
		who := g.Browser()
		judged += guess(t, g, who, startSignIn(t, g, who, ada), 5)
	}
	if judged != 10 {
		t.Fatalf("%d guesses judged", judged)
	}
}

// What the address grammar refuses costs nothing and stores nothing.
func TestNonsenseDrawsOnNoBudget(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	for _, typed := range []string{"", "ada", "a@b", "ada@example.com\r\nBcc: x@example.com", "a\x00@example.com", "+1 900 555 0123", "\xff@example.com"} {
		if out := check(t)(g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: typed, Prepare: true})); out.Refusal == nil || out.Refusal.Status() != 422 {
			t.Errorf("%q: %+v", typed, out.Refusal)
		}
	}
	if n := g.Store.Mark(); n != 0 {
		t.Errorf("%d rows written", n)
	}
	id := startSignIn(t, g, who, ada)
	mark := g.Store.Mark()
	for _, typed := range []string{"", "12345", "1234567", "abcdef", "12 34 5x"} {
		check(t)(g.AttemptFirstFactor(ctx(), who, id, "", typed))
	}
	if n := len(g.Store.Since(mark)); n != 0 {
		t.Errorf("malformed codes wrote %d rows", n)
	}
}

// The names of budgets must not tell who is limited to somebody who reads the
// database.
func TestBudgetsDoNotNameAnybody(t *testing.T) {
	g := newGate(t)
	who := g.BrowserAt("192.0.2.77")
	guess(t, g, who, startSignIn(t, g, who, ada), 1)
	n := 0
	for _, w := range g.Store.Writes() {
		if w.What != "PutCounter" {
			continue
		}
		n++
		for _, private := range []string{"ada", "example.com", "192.0.2.77"} {
			if strings.Contains(w.Key, private) || strings.Contains(w.Value.(string), private) {
				t.Errorf("the budget %q holds %q", w.Key, private)
			}
		}
	}
	if n == 0 {
		t.Fatal("nothing was counted")
	}
}

func TestLimitsCanBeChangedAndSwitchedOff(t *testing.T) {
	off := []limit.Rate{{}}
	g := newGate(t, func(s *flow.Service) {
		s.Limits = limit.Policy{GuessesPerIdentifier: []limit.Rate{{Count: 2, Window: time.Hour}}, SendsPerIdentifier: off, SendsPerNetwork: off}
	})
	who := g.BrowserAt("192.0.2.1")
	for range 20 {
		startSignIn(t, g, who, ada)
	}
	if n := guess(t, g, who, startSignIn(t, g, who, ada), 5); n != 2 {
		t.Errorf("%d guesses judged", n)
	}
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

func TestExpiryIsComputedAndExclusive(t *testing.T) {
	end := flowtest.Noon()
	for _, c := range []struct {
		name   string
		stored flow.VerificationStatus
		now    time.Time
		want   flow.VerificationStatus
	}{
		{"a moment before its end", flow.Unverified, end.Add(-1), flow.Unverified},
		{"at its very end", flow.Unverified, end, flow.Expired},
		{"long after", flow.Unverified, end.AddDate(1, 0, 0), flow.Expired},
		{"proven stays proven", flow.Verified, end.AddDate(1, 0, 0), flow.Verified},
		{"transferable stays so", flow.Transferable, end, flow.Transferable},
		{"failed stays failed", flow.Failed, end, flow.Failed},
	} {
		if got := (flow.Verification{Status: c.stored, ExpireAt: end}).StatusAt(c.now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestProven(t *testing.T) {
	for status, want := range map[flow.VerificationStatus]bool{
		flow.Unverified: false, flow.Verified: true, flow.Transferable: true, flow.Failed: false, flow.Expired: false,
	} {
		if got := (&flow.Verification{Status: status}).Proven(); got != want {
			t.Errorf("%s: %t", status, got)
		}
	}
	if (*flow.Verification)(nil).Proven() {
		t.Error("nothing is proven by no challenge")
	}
}

// TestTheLifeOfOneChallenge tells one sign-in by its minutes.
func TestTheLifeOfOneChallenge(t *testing.T) {
	const m, s = time.Minute, time.Second
	right, wrong := flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true, Owner: user1}, flow.Attempt{Strategy: gatelatch.EmailCode, Owner: user1}
	ask := flow.Prepare{Strategy: gatelatch.EmailCode}
	si := knownSignIn()
	for _, c := range []struct {
		at       time.Duration
		input    flow.SignInInput
		refusal  gatelatch.Code
		wait     time.Duration
		sent     bool
		attempts int
	}{
		{0, right, gatelatch.CodeNotSent, 0, false, 0},
		{0, ask, "", 0, true, 0},
		{0, ask, gatelatch.CodeResendTooSoon, 30 * s, false, 0},
		{20 * s, ask, gatelatch.CodeResendTooSoon, 10 * s, false, 0},
		{30 * s, wrong, gatelatch.CodeIncorrect, 0, false, 1},
		{30 * s, ask, "", 0, true, 1},
		{1 * m, wrong, gatelatch.CodeIncorrect, 0, false, 2},
		{10 * m, right, gatelatch.CodeExpired, 0, false, 2},
		{10 * m, ask, "", 0, true, 2},
		{11 * m, wrong, gatelatch.CodeIncorrect, 0, false, 3},
		{12 * m, wrong, gatelatch.CodeIncorrect, 0, false, 4},
		{13 * m, wrong, gatelatch.CodeFailed, 0, false, 5},
		{13 * m, right, gatelatch.CodeFailed, 0, false, 5},
		{30 * m, ask, gatelatch.CodeFailed, 0, false, 5},
		{60 * m, ask, gatelatch.CodeNotFound, 0, false, 5},
	} {
		step := flow.AdvanceSignIn(si, c.input, at(c.at))
		if code(step.Refusal) != c.refusal {
			t.Fatalf("at %s: %q, want %q", c.at, code(step.Refusal), c.refusal)
		}
		if step.Refusal != nil && step.Refusal.RetryAfter != c.wait {
			t.Errorf("at %s: wait %s, want %s", c.at, step.Refusal.RetryAfter, c.wait)
		}
		if sent := len(step.Effects) == 1; sent != c.sent {
			t.Errorf("at %s: sent %t, want %t", c.at, sent, c.sent)
		}
		si = step.Next
		if si.First != nil && si.First.Attempts != c.attempts {
			t.Errorf("at %s: %d guesses, want %d", c.at, si.First.Attempts, c.attempts)
		}
	}
}

// Every reason has words of its own, so that people know what to do next.
func TestEveryReasonHasItsOwnSentence(t *testing.T) {
	right, ask := flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true, Owner: user1}, flow.Prepare{Strategy: gatelatch.EmailCode}
	wrong := flow.Attempt{Strategy: gatelatch.EmailCode, Owner: user1}
	steps := map[string]flow.Step[flow.SignIn]{
		"not sent":      flow.AdvanceSignIn(knownSignIn(), right, at(0)),
		"four left":     flow.AdvanceSignIn(sent(knownSignIn()), wrong, at(0)),
		"one left":      flow.AdvanceSignIn(guessed(sent(knownSignIn()), 3), wrong, at(0)),
		"spent":         flow.AdvanceSignIn(guessed(sent(knownSignIn()), 4), wrong, at(0)),
		"expired":       flow.AdvanceSignIn(sent(knownSignIn()), right, at(time.Hour/2)),
		"too soon":      flow.AdvanceSignIn(sent(knownSignIn()), ask, at(0)),
		"no such way":   flow.AdvanceSignIn(knownSignIn(), flow.Prepare{Strategy: gatelatch.PhoneCode}, at(0)),
		"does not fit":  flow.AdvanceSignIn(freshSignIn(), ask, at(0)),
		"proven before": flow.AdvanceSignIn(transferableSignIn(), ask, at(0)),
		"over":          flow.AdvanceSignIn(knownSignIn(), ask, at(time.Hour)),
	}
	seen := map[string]string{}
	for name, step := range steps {
		if step.Refusal == nil {
			t.Fatalf("%s: not refused", name)
		}
		if other, twice := seen[step.Refusal.Message]; twice {
			t.Errorf("%s and %s have the same words: %s", name, other, step.Refusal.Message)
		}
		seen[step.Refusal.Message] = name
	}
}

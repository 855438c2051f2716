// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"pgregory.net/rapid"
)

// The properties of the two pure machines, under any sequence of inputs, sane
// or not, with any waits between them and any policy. The other half, with a
// store, several visitors and restarts, is in service_property_test.go.

var (
	addresses  = rapid.SampledFrom([]flow.Factor{emailFactor(ada), emailFactor("bob@example.com"), phoneFactor(number)})
	strategies = rapid.SampledFrom([]gatelatch.Strategy{
		gatelatch.EmailCode, gatelatch.EmailCode, gatelatch.PhoneCode, "", "password", gatelatch.EmailLink, gatelatch.ResetByEmail,
		gatelatch.TOTPCode, gatelatch.BackupCode, gatelatch.PasskeyStrategy,
	})
	owners = rapid.SampledFrom([]string{"", "user_1", "user_2"})
	needs  = rapid.SampledFrom([]flow.Need{flow.Off, flow.Optional, flow.Required})
	waits  = rapid.SampledFrom([]time.Duration{
		0, 0, 1, time.Second, 29 * time.Second, 30 * time.Second,
		5 * time.Minute, 10*time.Minute - 1, 10 * time.Minute, 45 * time.Minute, 23 * time.Hour,
	})
	policies = rapid.Custom(func(t *rapid.T) flow.Policy {
		p := flow.DefaultPolicy()
		p.SignUp = mode(rapid.IntRange(0, 3).Draw(t, "open") > 0)
		p.Fields = flow.Fields{
			Email: needs.Draw(t, "email"), Phone: needs.Draw(t, "phone"),
			FirstName: needs.Draw(t, "first"), LastName: needs.Draw(t, "last"),
		}
		p.Password, p.SecondFactor = needs.Draw(t, "password"), needs.Draw(t, "second factor")
		p.ClientTrust = rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "trust")
		p.Code.Attempts = rapid.IntRange(1, 6).Draw(t, "attempts")
		p.Terms.Version = rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "terms")
		return p
	})
	proofs = rapid.Custom(func(t *rapid.T) flow.Verification {
		v := provenEmail()
		v.Factor = addresses.Draw(t, "proven address")
		v.Status = rapid.SampledFrom([]flow.VerificationStatus{flow.Transferable, flow.Verified, flow.Unverified, flow.Failed}).Draw(t, "proof")
		return v
	})
)

func prepares(t *rapid.T) flow.Prepare {
	return flow.Prepare{Strategy: strategies.Draw(t, "prepare"), Owner: drawOwner(t)}
}

func tries(t *rapid.T) flow.Attempt {
	return flow.Attempt{
		Strategy: strategies.Draw(t, "attempt"), Correct: rapid.IntRange(0, 3).Draw(t, "right") == 0, Owner: drawOwner(t),
	}
}

// course is what has happened to one attempt, as seen from outside.
type course struct {
	now      time.Time
	policy   flow.Policy
	step     int
	sessions int
	users    int
	lastSend map[string]time.Time // by nonce and address: when a code was last sent
}

func newCourse(t *rapid.T) *course {
	return &course{now: flowtest.Noon(), policy: policies.Draw(t, "policy"), lastSend: map[string]time.Time{}}
}

// env draws the wait before a step, and now and then a policy that the operator
// has changed meanwhile, and makes fresh values.
func (c *course) env(t *rapid.T) flow.Env {
	c.now = c.now.Add(waits.Draw(t, "wait"))
	if rapid.IntRange(0, 15).Draw(t, "reload") == 0 {
		attempts := c.policy.Code.Attempts
		c.policy = policies.Draw(t, "new policy")
		c.policy.Code.Attempts = attempts
	}
	c.step++
	admit := admits(c.policy.SignUp)
	if admit != flow.Refused {
		admit = rapid.SampledFrom([]flow.Admission{flow.Admitted, flow.Admitted, flow.Waits, flow.Refused}).Draw(t, "admission")
	}
	nonce := []byte{byte(c.step), byte(c.step >> 8)}
	return flow.Env{Now: c.now, Policy: c.policy, Admit: admit, Fresh: flow.Fresh{
		Nonce: nonce, UserID: "user_new", SessionID: "sess_" + string(nonce), EmailID: "idn_1", PhoneID: "idn_2",
	}}
}

// effects counts what a step has caused, and checks invariants 1 and 5.
func (c *course) effects(t *rapid.T, effects []flow.Effect, complete bool) {
	for _, e := range effects {
		switch e := e.(type) {
		case flow.IssueSession:
			c.sessions++
			if e.UserID == "" || e.SessionID == "" || e.Strategy == "" {
				t.Fatalf("a session of nobody: %+v", e)
			}
		case flow.MarkProven:
			c.sessions++ // it ends an attempt, too
		case flow.CreateUser:
			c.users++
			if len(e.User.Addresses) == 0 {
				t.Fatal("a user without a proven address")
			}
		case flow.SendCode:
			c.sent(t, e.Verification)
		}
	}
	if c.sessions > 1 || c.users > 1 || complete != (c.sessions == 1) {
		t.Fatalf("complete is %t with %d sessions and %d users", complete, c.sessions, c.users)
	}
}

func (c *course) sent(t *rapid.T, v flow.Verification) {
	who := string(v.Nonce) + v.To.Value
	if last, ok := c.lastSend[who]; ok && c.now.Before(last.Add(c.policy.Code.ResendAfter)) {
		t.Fatalf("two messages within %s", c.now.Sub(last))
	}
	c.lastSend[who] = c.now
	if !v.SentAt.Equal(c.now) || !v.ExpireAt.After(c.now) || v.ExpireAt.After(c.now.Add(c.policy.Code.Lifetime)) || len(v.Nonce) == 0 {
		t.Fatalf("sent a code that is not good for its lifetime: %+v", v)
	}
}

// judge checks invariant 4: a challenge may lose at most its budget of guesses,
// and the count never goes back.
func (c *course) judge(t *rapid.T, before, after *flow.Verification) {
	if before == nil || after == nil || before.To != after.To {
		return
	}
	if after.Attempts < before.Attempts || after.Attempts > before.Attempts+1 {
		t.Fatalf("the count of guesses went from %d to %d", before.Attempts, after.Attempts)
	}
	if after.Attempts > c.policy.Code.Attempts {
		t.Fatalf("%d guesses judged of %d", after.Attempts, c.policy.Code.Attempts)
	}
}

// proved checks invariant 2 of one challenge: it became proven by a right,
// unexpired answer to a code that had been sent, or came proven.
func (c *course) proved(t *rapid.T, before, after *flow.Verification, in any) {
	if !after.Proven() || before.Proven() {
		return
	}
	switch in := in.(type) {
	case flow.Adopt:
		if in.Proven.Proven() {
			return
		}
	case flow.AdoptProof:
		if in.Proven.Proven() {
			return
		}
	case flow.Details: // a ticket, whose proof opens no account that there is
		if in.Invited != nil && in.Invited.Factor.To == after.To && after.Status == flow.Verified && !after.ExpireAt.After(c.now) {
			return
		}
	case flow.Attempt:
		if in.Correct && before != nil && in.Strategy == before.Strategy && c.now.Before(before.ExpireAt) &&
			before.Status == flow.Unverified && before.Attempts < c.policy.Code.Attempts && bytes.Equal(before.Nonce, after.Nonce) {
			return
		}
	}
	t.Fatalf("proven by %T %+v, before %+v", in, in, before)
}

// clone makes a deep copy.
func clone[T any](t *rapid.T, v T) T {
	var c T
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		t.Fatalf("copying: %v", err)
	}
	return c
}

// TestSignInProperties checks invariants 1, 2 and 4 to 8 of the sign-in machine.
func TestSignInProperties(t *testing.T) { rapid.Check(t, signInProperties) }

func FuzzSignInProperties(f *testing.F) { f.Fuzz(rapid.MakeFuzz(signInProperties)) }

func signInProperties(t *rapid.T) {
	c, l := newCourse(t), &ledger{}
	s := freshSignIn()
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		in, env := drawSignInInput(t, s), c.env(t)
		before := clone(t, s)
		step := flow.AdvanceSignIn(s, in, env)
		if !reflect.DeepEqual(before, s) {
			t.Fatalf("the step changed its own input from %+v to %+v", before, s)
		}
		if again := flow.AdvanceSignIn(clone(t, s), in, env); !reflect.DeepEqual(again, step) {
			t.Fatalf("the same input gave %+v, then %+v", step, again)
		}
		next := step.Next
		c.effects(t, step.Effects, next.Status == flow.SignInComplete)
		c.judge(t, before.First, next.First)
		c.judge(t, before.Second, next.Second)
		c.proved(t, before.First, next.First, in)
		c.proved(t, before.Second, next.Second, in)
		checkSignInStep(t, before, in, step)
		l.enter(t, before, in, step, env)
		s = next
	}
}

func checkSignInStep(t *rapid.T, before flow.SignIn, in flow.SignInInput, step flow.Step[flow.SignIn]) {
	next := step.Next
	if !slices.Contains(flow.SignInStatuses(), next.Status) {
		t.Fatalf("unknown status %q", next.Status)
	}
	if before.Status == flow.SignInComplete && (step.Refusal == nil || !reflect.DeepEqual(before, next)) {
		t.Fatalf("complete and yet moved by %T", in)
	}
	if next.Status == flow.SignInComplete && (next.FirstBy == "" && next.SecondBy == "" || next.UserID == "" || next.Decoy || len(next.NewPassword) > 0) {
		t.Fatalf("complete without proof, user, or as a decoy: %+v", next)
	}
	if next.Decoy && len(step.Effects) > 0 {
		t.Fatalf("a decoy caused %v", step.Effects)
	}
	if step.Refusal != nil {
		if len(step.Effects) > 0 {
			t.Fatal("refused, and yet something was done")
		}
		next.First, next.Second = uncounted(before.First, next.First), uncounted(before.Second, next.Second)
		next.Tries, next.SecondTries = before.Tries, before.SecondTries
		if !reflect.DeepEqual(before, next) {
			t.Fatalf("refused with %s, and yet changed from %+v to %+v", step.Refusal.Code, before, next)
		}
	}
	if before.ClientID != next.ClientID || before.ID != next.ID || !before.AbandonAt.Equal(next.AbandonAt) {
		t.Fatal("moved to another client, or its end was put off")
	}
}

// withoutCounters takes the count of guesses back, which a refusal may change.
func withoutCounters(before, after flow.Verification) flow.Verification {
	if after.Status == flow.Failed && after.Attempts > before.Attempts {
		after.Status = before.Status
	}
	after.Attempts = before.Attempts
	return after
}

func uncounted(before, after *flow.Verification) *flow.Verification {
	if before == nil || after == nil {
		return after
	}
	return ptr(withoutCounters(*before, *after))
}

// TestTimeOnlyClosesDoors is invariant 6: a code or a transfer that is accepted
// later would have been accepted earlier.
func TestTimeOnlyClosesDoors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCourse(t)
		s := freshSignIn()
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			s = flow.AdvanceSignIn(s, drawSignInInput(t, s), c.env(t)).Next
		}
		in := drawSignInInput(t, s)
		if _, resend := in.(flow.Prepare); resend {
			return // a pause ends, and a new code follows an expired one
		}
		early, late := c.env(t), c.env(t)
		early.Policy = late.Policy
		if flow.AdvanceSignIn(s, in, late).Refusal == nil && flow.AdvanceSignIn(s, in, early).Refusal != nil {
			t.Fatalf("%T was refused at %s and accepted at %s", in, early.Now, late.Now)
		}
	})
}

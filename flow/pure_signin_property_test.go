// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"pgregory.net/rapid"
)

// drawOwner draws whoever may hold an address, mostly the same person.
func drawOwner(t *rapid.T) flow.Owner {
	o := flow.Owner{ID: rapid.SampledFrom([]string{"user_1", "user_1", "user_1", "user_1", "user_2", ""}).Draw(t, "owner")}
	rare := func(label string) bool { return rapid.IntRange(0, 9).Draw(t, label) == 9 }
	o.Banned, o.Reserved, o.Trusted = rare("banned"), rare("reserved"), rapid.Bool().Draw(t, "trusted")
	o.Locked = rare("locked")
	if rare("unproven") {
		o = unproven(o)
	}
	o.Trust = stranger().Trust
	switch rapid.IntRange(0, 3).Draw(t, "second") {
	case 0:
		o.TwoStep, o.Second = true, twoStep().Second
	case 1:
		o.Second = []flow.Factor{{Strategy: gatelatch.PasskeyStrategy}}
	}
	return o
}

// drawSignInInput draws an input: any at all, or one that carries an attempt in
// that state forward.
func drawSignInInput(t *rapid.T, s flow.SignIn) flow.SignInInput {
	if rapid.IntRange(0, 2).Draw(t, "sane") > 0 {
		if in := drawFitting(t, s); in != nil {
			return in
		}
	}
	right := rapid.Bool().Draw(t, "believed")
	return rapid.SampledFrom([]func() flow.SignInInput{
		func() flow.SignInInput { return nil },
		func() flow.SignInInput { return drawIdentify(t) },
		func() flow.SignInInput { return flow.Adopt{Proven: proofs.Draw(t, "adopted"), Owner: drawOwner(t)} },
		func() flow.SignInInput { return prepares(t) },
		func() flow.SignInInput { return tries(t) },
		func() flow.SignInInput { return flow.CountGuess{} },
		func() flow.SignInInput { return flow.JudgeGuess{Correct: right, Owner: drawOwner(t)} },
		func() flow.SignInInput { return drawPassword(t) },
		func() flow.SignInInput { return flow.ShowPasskey{Owner: drawOwner(t)} },
		func() flow.SignInInput { return flow.ShowTicket{Owner: drawOwner(t)} },
		func() flow.SignInInput { return drawAsk(t) },
	}).Draw(t, "input")()
}

func drawIdentify(t *rapid.T) flow.Identify {
	in := flow.Identify{Factor: addresses.Draw(t, "address")}
	if rapid.Bool().Draw(t, "known") {
		in.User = holder()
	}
	return in
}

func drawPassword(t *rapid.T) flow.SetPassword {
	return flow.SetPassword{Hash: gatelatch.Sealed("sealed"), EndOthers: rapid.Bool().Draw(t, "others"), Owner: drawOwner(t)}
}

func drawAsk(t *rapid.T) flow.AskOnce {
	return flow.AskOnce{
		Again: flow.Again{
			SessionID: rapid.SampledFrom([]string{"sess_0", ""}).Draw(t, "session"),
			Level:     rapid.SampledFrom([]flow.Level{flow.LevelFirst, flow.LevelSecond, flow.LevelMulti}).Draw(t, "level"),
		},
		Owner: drawOwner(t), Factors: []flow.Factor{{Strategy: gatelatch.PasswordStrategy}, {Strategy: gatelatch.PasskeyStrategy}, emailFactor(ada)},
	}
}

// drawFitting draws something that may go on: nil when the attempt is over.
func drawFitting(t *rapid.T, s flow.SignIn) flow.SignInInput {
	pick := func(inputs ...flow.SignInInput) flow.SignInInput { return rapid.SampledFrom(inputs).Draw(t, "fitting") }
	ways, challenge := s.Factors, s.First
	if s.Status != flow.NeedsFirstFactor {
		ways, challenge = s.SecondFactors, s.Second
	}
	switch s.Status {
	case flow.NeedsIdentifier:
		return pick(drawIdentify(t), drawIdentify(t), drawAsk(t), flow.ShowTicket{Owner: drawOwner(t)})
	case flow.NeedsNewPassword:
		return drawPassword(t)
	case flow.SignInComplete:
		return nil
	}
	if len(ways) == 0 {
		return nil
	}
	way := rapid.SampledFrom(ways).Draw(t, "way")
	if challenge != nil && rapid.Bool().Draw(t, "go on") {
		way = challenge.Factor
	}
	give := flow.Attempt{Strategy: way.Strategy, Correct: rapid.IntRange(0, 2).Draw(t, "right") > 0, Owner: drawOwner(t)}
	if way.Strategy == gatelatch.PasswordStrategy {
		return pick(flow.CountGuess{}, flow.JudgeGuess{Correct: give.Correct, Owner: give.Owner})
	}
	return pick(flow.Prepare{Strategy: way.Strategy, AddressID: way.AddressID, Owner: give.Owner}, give, give)
}

// ledger keeps, beside the machine and without asking it, what has been proven
// in one attempt, and holds every end against it: no order of inputs reaches a
// session without the steps that it takes.
type ledger struct {
	first  gatelatch.Strategy // what took the first step
	second gatelatch.Strategy // what took the second
	device bool               // a code has proven an address on a new device
	reset  bool               // a new password was given
	// counted and judged are the guesses at the password.
	counted, judged int
}

func (l *ledger) enter(t *rapid.T, before flow.SignIn, in flow.SignInInput, step flow.Step[flow.SignIn], env flow.Env) {
	l.guesses(t, in, step)
	owner := l.learn(t, before, in, step)
	for _, e := range step.Effects {
		switch e := e.(type) {
		case flow.IssueSession:
			l.session(t, e, owner, step, env.Policy)
		case flow.MarkProven:
			l.marked(t, before, e)
		case flow.MarkVerified:
			l.verified(t, before, step.Next, owner, e)
		case flow.ReplacePassword:
			if !l.reset || e.UserID != owner.ID {
				t.Fatalf("a password was replaced that nobody gave, or somebody else's")
			}
		}
	}
}

// guesses checks that no password is looked at that was not counted before.
func (l *ledger) guesses(t *rapid.T, in flow.SignInInput, step flow.Step[flow.SignIn]) {
	if _, ok := in.(flow.CountGuess); ok && step.Refusal == nil {
		l.counted++
	}
	guess, ok := in.(flow.JudgeGuess)
	if !ok || step.Refusal != nil || !guess.Correct {
		return
	}
	if l.judged++; l.judged > l.counted {
		t.Fatalf("%d passwords were believed of %d counted", l.judged, l.counted)
	}
}

// learn writes down what an accepted input has proven, and for whom.
func (l *ledger) learn(t *rapid.T, before flow.SignIn, in flow.SignInInput, step flow.Step[flow.SignIn]) flow.Owner {
	if step.Refusal != nil {
		return flow.Owner{}
	}
	switch in := in.(type) {
	case flow.Attempt:
		if !in.Correct {
			t.Fatalf("a wrong %s was accepted", in.Strategy)
		}
		l.attempt(before, in)
		return in.Owner
	case flow.JudgeGuess:
		if !in.Correct {
			t.Fatal("a wrong password was accepted")
		}
		l.first = gatelatch.PasswordStrategy
		return in.Owner
	case flow.Adopt:
		l.first = in.Proven.Strategy
		return in.Owner
	case flow.ShowPasskey:
		l.first, l.second = gatelatch.PasskeyStrategy, gatelatch.PasskeyStrategy
		return in.Owner
	case flow.ShowTicket:
		l.first = gatelatch.Ticket
		return in.Owner
	case flow.SetPassword:
		l.reset = true
		return in.Owner
	}
	return flow.Owner{}
}

func (l *ledger) attempt(before flow.SignIn, in flow.Attempt) {
	switch before.Status {
	case flow.NeedsFirstFactor:
		l.first = in.Strategy
		if in.Strategy == gatelatch.PasskeyStrategy {
			l.second = in.Strategy
		}
	case flow.NeedsClientTrust:
		l.device = true
	case flow.NeedsSecondFactor:
		l.second = in.Strategy
	}
}

func (l *ledger) session(t *rapid.T, e flow.IssueSession, o flow.Owner, step flow.Step[flow.SignIn], p flow.Policy) {
	switch next := step.Next; {
	case l.first == "" || e.Strategy == "" || o.ID == "" || o.ID != e.UserID || o.Banned || o.Locked || next.Again != nil:
		t.Fatalf("a session without a first step, of somebody else, or of a barred user: %+v", e)
	case l.second == "" && (o.TwoStep || p.SecondFactor == flow.Required && len(o.Second) > 0):
		t.Fatalf("a session without the second step: %+v", e)
	case l.first == gatelatch.PasswordStrategy && l.second == "" && !l.device && !o.Trusted && p.ClientTrust > 0:
		t.Fatalf("a session for a bare password on a new device: %+v", e)
	case e.Second != l.second:
		t.Fatalf("the session remembers %q as its second step, which was %q", e.Second, l.second)
	case e.Bare != ((l.first == gatelatch.PasswordStrategy || l.first == gatelatch.Ticket) && l.second == "" && !l.device):
		t.Fatalf("bare is %t after %+v", e.Bare, l)
	case l.reset != hasEffect[flow.ReplacePassword](step.Effects):
		t.Fatal("a new password was lost, or made up")
	case !o.Trusted != newDevice(step.Effects):
		t.Fatal("a new device was not told of, or an old one was")
	}
}

// verified: an address counts as proven when a message to it was answered in this
// very step, by whoever the operator has given it to.
func (l *ledger) verified(t *rapid.T, before, next flow.SignIn, o flow.Owner, e flow.MarkVerified) {
	if e.UserID != o.ID || !slices.Contains(o.Unproven, e.To) {
		t.Fatalf("an address of somebody else, or proven before: %+v", e)
	}
	for _, pair := range [][2]*flow.Verification{{before.First, next.First}, {before.Second, next.Second}} {
		if is := pair[1]; is.Proven() && is.To == e.To && !pair[0].Proven() {
			return
		}
	}
	t.Fatalf("marked without a proof: %+v", e)
}

func newDevice(effects []flow.Effect) bool {
	for _, e := range effects {
		if n, ok := e.(flow.Notify); ok && n.Purpose == "new_device" {
			return true
		}
	}
	return false
}

func hasEffect[E flow.Effect](effects []flow.Effect) bool {
	for _, e := range effects {
		if _, ok := e.(E); ok {
			return true
		}
	}
	return false
}

func (l *ledger) marked(t *rapid.T, before flow.SignIn, e flow.MarkProven) {
	a := before.Again
	switch {
	case a == nil || e.SessionID != a.SessionID || e.UserID != before.UserID:
		t.Fatalf("a proof was written on another session: %+v", e)
	case e.First != l.first || e.Second != l.second:
		t.Fatalf("the session remembers %q and %q, proven were %q and %q", e.First, e.Second, l.first, l.second)
	case a.Level != flow.LevelSecond && l.first == "" || a.Level != flow.LevelFirst && l.second == "":
		t.Fatalf("asked for %s, and got %q and %q", a.Level, l.first, l.second)
	}
}

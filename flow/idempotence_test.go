// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// finished is an attempt that has led to a session, and how to give its code
// once more.
type finished struct {
	g     *flowtest.Gate
	who   flow.Caller
	first flow.Outcome
	again func(who flow.Caller) flow.Outcome
	// life is how long the request may be repeated: with the code, as long as the
	// code lives; without one, as long as a double click takes.
	life time.Duration
}

const (
	codeLife    = 10 * time.Minute
	doubleClick = 10 * time.Second
)

// endings are the ways in which an attempt comes to a session.
func endings() map[string]func(t *testing.T) finished {
	return map[string]func(t *testing.T) finished{
		"sign-in": func(t *testing.T) finished {
			g := newGate(t)
			g.AddUser(ada)
			who := g.Browser()
			id := startSignIn(t, g, who, ada)
			right := g.Code(id)
			again := func(who flow.Caller) flow.Outcome { return check(t)(g.AttemptFirstFactor(ctx(), who, id, "", right)) }
			return finished{g, who, again(who), again, codeLife}
		},
		"sign-up": func(t *testing.T) finished {
			g := newGate(t)
			who := g.Browser()
			id := startSignUp(t, g, who, ada)
			right := g.Code(id)
			again := func(who flow.Caller) flow.Outcome {
				return check(t)(g.AttemptVerification(ctx(), who, id, "", right))
			}
			return finished{g, who, again(who), again, codeLife}
		},
		"transfer to sign-up": func(t *testing.T) finished {
			g := newGate(t)
			who := g.Browser()
			id := proven(t, g, who, ada)
			again := func(who flow.Caller) flow.Outcome {
				return check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
			}
			return finished{g, who, again(who), again, doubleClick}
		},
		"transfer to a sign-up that was taken": func(t *testing.T) finished {
			g := newGate(t)
			who := g.Browser()
			id := proven(t, g, who, ada)
			g.AddUser(ada)
			again := func(who flow.Caller) flow.Outcome {
				return check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
			}
			return finished{g, who, again(who), again, doubleClick}
		},
		"transfer to sign-in": func(t *testing.T) finished {
			g := newGate(t)
			g.AddUser(ada)
			who := g.Browser()
			id := startSignUp(t, g, who, ada)
			check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
			again := func(who flow.Caller) flow.Outcome { return check(t)(g.TransferToSignIn(ctx(), who, id)) }
			return finished{g, who, again(who), again, doubleClick}
		},
	}
}

// each runs a test for every ending, after the first answer.
func each(t *testing.T, fn func(t *testing.T, f finished)) {
	t.Helper()
	for name, ending := range endings() {
		t.Run(name, func(t *testing.T) {
			f := ending(t)
			if f.first.Issued == nil || f.first.Refusal != nil {
				t.Fatalf("no session: %+v", f.first.Refusal)
			}
			fn(t, f)
			if n := f.g.Store.Count("CreateSession"); n != 1 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

// Browsers repeat requests, and abandon the first one.
func TestARepeatedCodeIsAnsweredWithTheSameSession(t *testing.T) {
	each(t, func(t *testing.T, f finished) {
		f.g.Restart()
		mark := f.g.Store.Mark()
		for range 3 {
			f.g.Clock.Advance(f.life * 3 / 10)
			out := f.again(f.who)
			if out.Issued == nil || out.Issued.Token.Reveal() != f.first.Issued.Token.Reveal() {
				t.Fatalf("another session, or none: %+v", out.Refusal)
			}
			wantCode(t, out, gatelatch.CodeAlreadyVerified)
			if out.Issued.Session != f.first.Issued.Session {
				t.Errorf("%+v, then %+v", f.first.Issued.Session, out.Issued.Session)
			}
		}
		if n := len(f.g.Store.Since(mark)); n != 0 {
			t.Errorf("%d writes", n)
		}
	})
}

func TestAnotherClientGetsNothingForARepeatedCode(t *testing.T) {
	each(t, func(t *testing.T, f finished) {
		other := f.g.Browser()
		for range 2 { // unknown to the gate, then known
			out := f.again(other)
			wantCode(t, out, gatelatch.CodeNotFound)
			if out.Issued != nil || out.SignIn != nil || out.SignUp != nil {
				t.Fatal("another client was shown the attempt")
			}
			startSignIn(t, f.g, other, "other@example.com")
		}
	})
}

func TestNoSessionComesBackAfterSignOut(t *testing.T) {
	for _, how := range []gatelatch.SessionStatus{gatelatch.SessionEnded, gatelatch.SessionRevoked} {
		each(t, func(t *testing.T, f finished) {
			if err := f.g.Store.EndSession(ctx(), f.first.Issued.Session.ID, how, f.g.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			if out := f.again(f.who); out.Issued != nil || out.Refusal == nil {
				t.Fatal("a session came back")
			}
		})
	}
}

func TestNoSessionComesBackTooLate(t *testing.T) {
	each(t, func(t *testing.T, f finished) {
		f.g.Clock.Advance(f.life - time.Microsecond)
		if out := f.again(f.who); out.Issued == nil {
			t.Error("too early")
		}
		f.g.Clock.Advance(time.Microsecond)
		if out := f.again(f.who); out.Issued != nil || out.Refusal == nil {
			t.Fatal("a session came back")
		}
	})
}

func TestACodeIsWorthNothingAnywhereElse(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	in, other, up := startSignIn(t, g, who, ada), startSignIn(t, g, who, ada), startSignUp(t, g, who, ada)
	right := g.Code(in)
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, other, "", right)), gatelatch.CodeIncorrect)
	wantCode(t, check(t)(g.AttemptVerification(ctx(), who, up, "", right)), gatelatch.CodeIncorrect)
	wantCode(t, check(t)(g.AttemptVerification(ctx(), who, in, "", right)), gatelatch.CodeNotFound)
	stranger := g.Browser()
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), stranger, in, "", right)), gatelatch.CodeNotFound)
	startSignIn(t, g, stranger, "stranger@example.com")
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), stranger, in, "", right)), gatelatch.CodeNotFound)
	if out := check(t)(g.AttemptFirstFactor(ctx(), who, in, "", right)); out.Issued == nil {
		t.Fatal("the code was spent by others")
	}
}

func TestAnOldCodeIsWorthNothingOnceANewOneIsOut(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	old := g.Code(id)
	g.Clock.Advance(10 * time.Minute)
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, id, "", old)), gatelatch.CodeExpired)
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, "", "")), "")
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, id, "", old)), gatelatch.CodeIncorrect)
	if out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id))); out.Issued == nil {
		t.Fatal("the new code is not taken")
	}
}

// A visitor's browser that gave up waiting must not undo what is done.
func TestAnAttemptOutlivesTheRequest(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	gone, leave := contextWithCancel()
	leave()
	out, err := g.AttemptFirstFactor(gone, who, id, "", g.Code(id))
	if err != nil || out.Issued == nil {
		t.Fatalf("not finished: %v", err)
	}
}

// Pre-hijacking: nobody leaves anything in the name of an address by signing
// up with it and waiting.
func TestNothingExistsBeforeTheProof(t *testing.T) {
	g := newGate(t, withNames)
	mallory, owner := g.Browser(), g.Browser()
	id := check(t)(g.CreateSignUp(ctx(), mallory, flow.SignUpParams{Email: ptr(ada), FirstName: ptr("Mallory"), Prepare: true})).SignUp.ID
	out := check(t)(g.CreateSignUp(ctx(), owner, flow.SignUpParams{Email: ptr(ada), FirstName: ptr("Ada"), Prepare: true}))
	done := check(t)(g.AttemptVerification(ctx(), owner, out.SignUp.ID, "", g.Code(out.SignUp.ID)))
	if done.Issued == nil {
		t.Fatalf("the owner has no account: %+v", done.Refusal)
	}
	for _, w := range g.Store.Writes() {
		if u, ok := w.Value.(gatelatch.User); ok && (u.FirstName != "Ada" || len(u.Addresses) != 1) {
			t.Errorf("the account holds what a stranger typed: %+v", u)
		}
	}
	wantCode(t, check(t)(g.TransferToSignIn(ctx(), mallory, id)), gatelatch.CodeStateInvalid)
}

// Whoever knows a browser's client cookie must not get the session of somebody
// who types the code there.
func TestACompleteAttemptAnswersTheRightCodeAlone(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	signIn, signUp := startSignIn(t, g, who, ada), startSignUp(t, g, who, "new@example.com")
	right := map[string]string{signIn: g.Code(signIn), signUp: g.Code(signUp)}
	give := map[string]func(typed string) flow.Outcome{
		signIn: func(typed string) flow.Outcome { return check(t)(g.AttemptFirstFactor(ctx(), who, signIn, "", typed)) },
		signUp: func(typed string) flow.Outcome { return check(t)(g.AttemptVerification(ctx(), who, signUp, "", typed)) },
	}
	for id, attempt := range give {
		if attempt(right[id]).Issued == nil {
			t.Fatal("no session")
		}
		for _, typed := range []string{"", "x", other(right[id]), right[id] + "0"} {
			if out := attempt(typed); out.Issued != nil || out.Refusal == nil {
				t.Errorf("%q got the session", typed)
			}
		}
	}
}

// other is a code that differs from one in its first digit.
func other(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func TestAnOldProofOpensNobodysAccount(t *testing.T) {
	for name, transfer := range map[string]func(t *testing.T, g *flowtest.Gate, who flow.Caller) flow.Outcome{
		"sign-up": func(t *testing.T, g *flowtest.Gate, who flow.Caller) flow.Outcome {
			g.AddUser(ada)
			id := startSignUp(t, g, who, ada)
			check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
			g.Clock.Advance(codeLife)
			return check(t)(g.TransferToSignIn(ctx(), who, id))
		},
		"sign-in": func(t *testing.T, g *flowtest.Gate, who flow.Caller) flow.Outcome {
			id := proven(t, g, who, ada)
			g.AddUser(ada)
			g.Clock.Advance(codeLife)
			return check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			out := transfer(t, g, g.Browser())
			wantCode(t, out, gatelatch.CodeNotFound)
			if out.Issued != nil || g.Store.Count("CreateSession") != 0 {
				t.Error("a session for an old proof")
			}
		})
	}
}

func TestARefusedStartLeavesNoClient(t *testing.T) {
	g := newGate(t, closed)
	for range 3 {
		wantCode(t, check(t)(g.CreateSignUp(ctx(), g.Browser(), flow.SignUpParams{Email: ptr(ada), Prepare: true})), gatelatch.CodeSignUpClosed)
	}
	if n := g.Store.Count("CreateClient"); n != 0 {
		t.Errorf("%d clients", n)
	}
}

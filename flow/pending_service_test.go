// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// underWay returns the ids of what a client has under way.
func underWay(t fatal, g *flowtest.Gate, who flow.Caller) (in, up string) {
	t.Helper()
	a, err := g.Pending(ctx(), who)
	if err != nil {
		t.Fatalf("a machine failed: %v", err)
	}
	if a.SignIn != nil {
		in = a.SignIn.ID
	}
	if a.SignUp != nil {
		up = a.SignUp.ID
	}
	return in, up
}

func wantPending(t fatal, g *flowtest.Gate, who flow.Caller, in, up string) {
	t.Helper()
	if gotIn, gotUp := underWay(t, g, who); gotIn != in || gotUp != up {
		t.Fatalf("under way are %q and %q, want %q and %q", gotIn, gotUp, in, up)
	}
}

func TestWhatAClientHasUnderWay(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	wantPending(t, g, who, "", "")
	first := startSignIn(t, g, who, ada)
	up := startSignUp(t, g, who, "new@example.com")
	wantPending(t, g, who, first, up)
	g.Clock.Advance(time.Second)
	second := startSignIn(t, g, who, ada)
	wantPending(t, g, who, second, up)
	wantPending(t, g, g.Browser(), "", "")
	if out := check(t)(g.AttemptFirstFactor(ctx(), who, second, "", g.Code(second))); out.Issued == nil {
		t.Fatal("not signed in")
	}
	wantPending(t, g, who, "", up) // the older one does not come back
	g.Clock.Advance(flow.SignUpLifetime)
	wantPending(t, g, who, "", "")
}

func TestAnAttemptThatWasTakenOverIsNotUnderWay(t *testing.T) {
	g := newGate(t, withNames)
	who := g.Browser()
	in := proven(t, g, who, ada)
	wantPending(t, g, who, in, "")
	su := check(t)(g.TransferToSignUp(ctx(), who, in, flow.SignUpParams{})).SignUp
	wantPending(t, g, who, "", su.ID)
	g.AddUser(ada)
	a, err := g.Pending(ctx(), who)
	if err != nil || !a.SignUp.Transferable() {
		t.Fatalf("the address was taken, and the sign-up does not say so: %v", err)
	}
	moved := check(t)(g.TransferToSignIn(ctx(), who, su.ID))
	if moved.Issued == nil {
		t.Fatalf("not moved: %+v", moved.Refusal)
	}
	wantPending(t, g, who, "", "")
}

func TestASessionThatIsAskedOnceMore(t *testing.T) {
	p := newPerson(t)
	held := signIn(t, p.Gate, p.home, ada).Issued.Session
	again := func(sessionID string) *flow.SignIn {
		si, err := p.PendingAgain(ctx(), p.home, sessionID)
		if err != nil {
			t.Fatal(err)
		}
		return si
	}
	if again(held.ID) != nil {
		t.Fatal("nobody has asked")
	}
	id := askAgain(t, p.Gate, p.home, held.ID, flow.LevelFirst).SignIn.ID
	wantPending(t, p.Gate, p.home, "", "")
	if si := again(held.ID); si == nil || si.ID != id {
		t.Fatalf("asked by %+v", si)
	}
	if again("sess_other") != nil {
		t.Error("another session was asked")
	}
	wantCode(t, p.give(t, p.home, id, secretWords), "")
	if si := again(held.ID); si == nil || si.Status != flow.SignInComplete {
		t.Fatalf("asked by %+v", si)
	}
	if err := p.Store.EndSession(ctx(), held.ID, gatelatch.SessionEnded, p.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if again(held.ID) != nil {
		t.Error("a session that is over is still asked")
	}
}

// A program that asks where it stands finds out that the link in a mail was
// followed in another tab, and by which session it is signed in.
func TestPollingForALink(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	id := begin(t, p.Gate, who, ada)
	wantStatus(t, p.give(t, who, id, secretWords), flow.NeedsClientTrust)
	link := check(t)(p.PrepareSecondFactor(ctx(), who, id, gatelatch.EmailLink, "")).SignIn
	if link.SecondFactors[1].Strategy != gatelatch.EmailLink {
		t.Fatalf("offered are %+v", link.SecondFactors)
	}
	poll := func() *flow.SignIn {
		out := check(t)(p.SignIn(ctx(), who, id))
		wantCode(t, out, "")
		return out.SignIn
	}
	if si := poll(); si.Status != flow.NeedsClientTrust || si.Second.StatusAt(p.Clock.Now()) != flow.Unverified {
		t.Fatalf("stands as %+v", si)
	}
	sent := p.Fetch()
	done := check(t)(p.AttemptLink(ctx(), who, id, p.LinkToken(sent[len(sent)-1])))
	wantStatus(t, done, flow.SignInComplete)
	if si := poll(); si.Status != flow.SignInComplete || si.SessionID != done.Issued.Session.ID || si.Second.Status != flow.Verified {
		t.Fatalf("stands as %+v", si)
	}
}

func TestAnAddressIdPicksTheFactor(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	si := check(t)(g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: ada})).SignIn
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, si.ID, gatelatch.EmailCode, "idn_made_up")), gatelatch.CodeStrategyInvalid)
	out := check(t)(g.PrepareFirstFactor(ctx(), who, si.ID, gatelatch.EmailCode, si.Factors[0].AddressID))
	wantCode(t, out, "")
	if len(g.Fetch()) != 1 || out.SignIn.First.AddressID != si.Factors[0].AddressID {
		t.Errorf("sent as %+v", out.SignIn.First)
	}
	link := check(t)(g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: ada, Prepare: true, Strategy: gatelatch.EmailLink}))
	if link.SignIn.First.Strategy != gatelatch.EmailLink {
		t.Errorf("asked for %s", link.SignIn.First.Strategy)
	}
}

// What programs are told to do next about an address of a sign-up.
func TestNextActions(t *testing.T) {
	g := newGate(t, withNames)
	who, mail := g.Browser(), gatelatch.EmailAddress
	next := func(su *flow.SignUp) flow.NextAction { return su.NextActionOf(mail, g.Clock.Now()) }
	su := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{FirstName: ptr("Ada")})).SignUp
	if got := next(su); got != "" {
		t.Errorf("no address: %q", got)
	}
	id := su.ID
	if got := next(check(t)(g.UpdateSignUp(ctx(), who, id, flow.SignUpParams{Email: ptr(ada), FirstName: ptr("")})).SignUp); got != flow.NeedsPrepare {
		t.Errorf("no code: %q", got)
	}
	if got := next(check(t)(g.PrepareVerification(ctx(), who, id, "")).SignUp); got != flow.NeedsAttempt {
		t.Errorf("a code: %q", got)
	}
	g.Clock.Advance(codeLife)
	if got := next(check(t)(g.SignUp(ctx(), who, id)).SignUp); got != flow.NeedsPrepare {
		t.Errorf("an old code: %q", got)
	}
	check(t)(g.PrepareVerification(ctx(), who, id, ""))
	out := check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	if got := next(out.SignUp); got != "" || !out.SignUp.ProofOf(mail).Proven() || !out.SignUp.OpenAt(g.Clock.Now()) {
		t.Errorf("proven: %q", got)
	}
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func TestAnUnknownAddressAtSignInIsProvenAndThenOfferedAnAccount(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := proven(t, g, who, ada)
	if n := g.Store.Count("CreateUser") + g.Store.Count("CreateSession"); n != 0 {
		t.Fatal("a user or a session before the visitor agreed to an account")
	}
	out := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
	wantCode(t, out, "")
	if out.SignUp == nil || out.SignUp.Status != flow.SignUpComplete || out.Issued == nil {
		t.Fatalf("the account is not made: %+v", out.SignUp)
	}
}

func TestAProvenAddressOfAUserAtSignUpSignsTheUserIn(t *testing.T) {
	g := newGate(t)
	owner := g.AddUser(ada)
	who := g.Browser()
	id := startSignUp(t, g, who, ada)
	out := check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	if out.Refusal != nil || !out.SignUp.Transferable() || out.Issued != nil {
		t.Fatalf("not offered to sign in: %+v", out)
	}
	first := check(t)(g.TransferToSignIn(ctx(), who, id))
	if first.Issued == nil || first.Issued.Session.UserID != owner.ID {
		t.Fatalf("not signed in as the owner: %+v", first.Refusal)
	}
	again := check(t)(g.TransferToSignIn(ctx(), who, id))
	if again.Issued == nil || again.Issued.Token.Reveal() != first.Issued.Token.Reveal() {
		t.Fatal("the repeated request is not answered with the same session")
	}
	if n := g.Store.Count("CreateSession"); n != 1 {
		t.Fatalf("%d sessions from one proof", n)
	}
}

// One proof leads to one session, however often the visitor, or whoever sits
// at the browser after the visitor has left, asks for the transfer again.
func TestATransferToSignUpCannotBeReplayed(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := proven(t, g, who, ada)
	first := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
	if first.Issued == nil {
		t.Fatalf("no account: %+v", first.Refusal)
	}
	if err := g.Store.EndSession(ctx(), first.Issued.Session.ID, gatelatch.SessionEnded, g.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if again := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{})); again.Issued != nil {
		t.Error("a session after sign-out, from a code that was spent")
	}
	g.Clock.Advance(20 * time.Minute)
	if again := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{})); again.Issued != nil {
		t.Error("a session after the code's life, from a code that was spent")
	}
	if n := g.Store.Count("CreateSession"); n != 1 {
		t.Errorf("%d sessions from one proof", n)
	}
}

// Somebody proves an address, is still asked for a name, and meanwhile the
// same mailbox makes a user elsewhere: the slower sign-up yields to that user.
func TestAnAddressTakenBetweenProofAndCompletionIsTransferable(t *testing.T) {
	g := newGate(t, withNames)
	slow, quick := g.Browser(), g.Browser()
	slowID := proven(t, g, slow, ada)
	out := check(t)(g.TransferToSignUp(ctx(), slow, slowID, flow.SignUpParams{}))
	wantCode(t, out, "")
	slowUp := out.SignUp.ID

	quickUp := check(t)(g.CreateSignUp(ctx(), quick, flow.SignUpParams{Email: ptr(ada), FirstName: ptr("Ada"), Prepare: true})).SignUp.ID
	if out := check(t)(g.AttemptVerification(ctx(), quick, quickUp, "", g.Code(quickUp))); out.Issued == nil {
		t.Fatalf("the quick one has no account: %+v", out.Refusal)
	}

	out = check(t)(g.UpdateSignUp(ctx(), slow, slowUp, flow.SignUpParams{FirstName: ptr("Augusta")}))
	if out.Issued != nil || out.SignUp == nil || !out.SignUp.Transferable() {
		t.Fatalf("the slow one is not transferable: %+v", out)
	}
	out = check(t)(g.TransferToSignIn(ctx(), slow, slowUp))
	if out.Issued == nil || g.Store.Count("CreateUser") != 1 {
		t.Fatalf("the slow one is not signed in as the one user: %+v", out.Refusal)
	}
}

// The operator closes sign-up while somebody is between proof and transfer:
// the owner of an account gets in all the same, and once.
func TestClosingSignUpDoesNotKeepAnOwnerOut(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	id := startSignUp(t, g, who, ada)
	check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	closed(g.Service)
	for range 3 {
		if out := check(t)(g.TransferToSignIn(ctx(), who, id)); out.Issued == nil {
			t.Fatalf("kept out: %+v", out.Refusal)
		}
	}
	if n := g.Store.Count("CreateSession"); n != 1 {
		t.Fatalf("%d sessions from one proof", n)
	}
}

// A double click on "create an account" goes on with the one sign-up.
func TestARepeatedTransferGoesOnWithTheSameSignUp(t *testing.T) {
	g := newGate(t, withNames)
	who := g.Browser()
	id := proven(t, g, who, ada)
	first, again := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{})), check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
	if first.SignUp == nil || again.SignUp == nil || first.SignUp.ID != again.SignUp.ID || again.Refusal != nil {
		t.Fatalf("%+v, then %+v", first, again)
	}
	if out := check(t)(g.UpdateSignUp(ctx(), who, again.SignUp.ID, flow.SignUpParams{FirstName: ptr("Ada")})); out.Issued == nil {
		t.Fatalf("no account: %+v", out.Refusal)
	}
}

func TestNoTransferWithoutProof(t *testing.T) {
	g := newGate(t)
	g.AddUser(ada)
	who := g.Browser()
	in, up := startSignIn(t, g, who, "new@example.com"), startSignUp(t, g, who, ada)
	wantCode(t, check(t)(g.TransferToSignUp(ctx(), who, in, flow.SignUpParams{})), gatelatch.CodeStateInvalid)
	wantCode(t, check(t)(g.TransferToSignIn(ctx(), who, up)), gatelatch.CodeStateInvalid)
	if g.Store.Count("CreateSession")+g.Store.Count("PutClientTrust") != 0 {
		t.Fatal("a session without a proof")
	}
}

func TestNoTransferByAnotherClient(t *testing.T) {
	g := newGate(t)
	who, other := g.Browser(), g.Browser()
	startSignIn(t, g, other, "other@example.com")
	id := proven(t, g, who, ada)
	wantCode(t, check(t)(g.TransferToSignUp(ctx(), other, id, flow.SignUpParams{})), gatelatch.CodeNotFound)
	if g.Store.Count("CreateSession") != 0 {
		t.Fatal("a session for somebody else's proof")
	}
}

func TestAProvenSignInIsOverAfterItsLife(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := proven(t, g, who, ada)
	g.Clock.Advance(flow.SignInLifetime)
	wantCode(t, check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{})), gatelatch.CodeStateInvalid)
	if g.Store.Count("CreateUser") != 0 {
		t.Fatal("an account from an attempt that is over")
	}
}

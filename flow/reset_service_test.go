// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

const otherWords = "seven purple bicycles hum"

// forgot goes to the new password by a code.
func forgot(t fatal, g *flowtest.Gate, who flow.Caller, address string) string {
	t.Helper()
	id := begin(t, g, who, address)
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, gatelatch.ResetByEmail, "")), "")
	wantStatus(t, check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id))), flow.NeedsNewPassword)
	return id
}

func TestForgotPassword(t *testing.T) {
	p := newPerson(t)
	p.AddAddress(p.user.ID, "+1 201 555 0123", false)
	p.ChangeUser(p.user.ID, func(u *gatelatch.User) { u.PasswordReset = true })
	elsewhere := signIn(t, p.Gate, p.home, ada).Issued.Session
	p.Fetch()
	who := p.Browser()
	id := forgot(t, p.Gate, who, ada)
	if m := p.Inbox[len(p.Inbox)-1]; m.Purpose != string(flow.PurposeReset) || m.Strategy != gatelatch.ResetByEmail {
		t.Fatalf("the message is %+v", m)
	}
	if p.Store.Count("CreateSession") != 1 {
		t.Fatal("a code for a new password made a session")
	}
	wantCode(t, check(t)(p.ResetPassword(ctx(), who, id, "short", true)), gatelatch.CodePasswordShort)
	wantCode(t, check(t)(p.ResetPassword(ctx(), who, id, "ada@example.com", true)), gatelatch.CodePasswordWeak)
	wantCode(t, p.give(t, who, id, secretWords), gatelatch.CodeStateInvalid)
	p.Clock.Advance(time.Second)
	out := check(t)(p.ResetPassword(ctx(), who, id, otherWords, true))
	wantStatus(t, out, flow.SignInComplete)
	s := out.Issued.Session
	if s.Strategy != gatelatch.EmailCode || len(out.SignIn.NewPassword) != 0 {
		t.Errorf("session %+v", s)
	}
	again := check(t)(p.ResetPassword(ctx(), who, id, otherWords, true))
	if again.Issued == nil || again.Issued.Session.ID != s.ID {
		t.Errorf("a click that came twice is not answered: %+v", again.Refusal)
	}
	p.tellsOfTheNewPassword(t)
	p.endsTheOthers(t, elsewhere, s)
	wantCode(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), gatelatch.CodePasswordIncorrect)
	wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), otherWords), flow.SignInComplete)
	wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), otherWords), flow.NeedsClientTrust)
	if u := p.User(p.user.ID); u.PasswordReset || !u.Factors.Password {
		t.Errorf("the user is %+v", u)
	}
}

func (p person) tellsOfTheNewPassword(t *testing.T) {
	t.Helper()
	told := map[string]int{}
	for _, m := range p.Fetch() {
		told[m.Purpose]++
	}
	if told[delivery.NoticePasswordChanged] != 1 || told[delivery.NoticeNewDevice] != 1 {
		t.Errorf("told %v", told)
	}
}

func (p person) endsTheOthers(t *testing.T, other, mine gatelatch.Session) {
	t.Helper()
	p.Tx(func(ctx context.Context, tx flow.Tx) error {
		a, err := tx.Session(ctx, other.ID)
		b, err2 := tx.Session(ctx, mine.ID)
		trusts, err3 := tx.ClientTrusts(ctx, p.user.ID)
		if a.Status != gatelatch.SessionRevoked || b.Status != gatelatch.SessionActive || len(trusts) != 1 || trusts[0].ClientID != mine.ClientID {
			t.Errorf("the other session is %s, this one %s, trusts %v", a.Status, b.Status, trusts)
		}
		return errors.Join(err, err2, err3)
	})
	if got := p.Heard.Forgotten(); len(got) != 1 || got[0] != other.ID {
		t.Errorf("forgotten %v", got)
	}
	if got := p.Heard.Refreshed(); len(got) != 1 || got[0] != p.user.ID {
		t.Errorf("looked up again: %v", got)
	}
}

// TestForgotPasswordDoesNotGoAroundTheSecondStep: the new password is worth
// nothing before it is taken.
func TestForgotPasswordDoesNotGoAroundTheSecondStep(t *testing.T) {
	p := newCareful(t)
	who := p.Browser()
	id := forgot(t, p.Gate, who, ada)
	wantStatus(t, check(t)(p.ResetPassword(ctx(), who, id, otherWords, true)), flow.NeedsSecondFactor)
	wantStatus(t, check(t)(p.ResetPassword(ctx(), who, id, "yet another one here", true)), flow.NeedsSecondFactor)
	wantCode(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), otherWords), gatelatch.CodePasswordIncorrect)
	p.toSecond(t, p.home)
	wantStatus(t, p.second(t, who, id, gatelatch.TOTPCode, p.AppCode(p.app)), flow.SignInComplete)
	wantCode(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), gatelatch.CodePasswordIncorrect)
	wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), otherWords), flow.NeedsSecondFactor)
}

// TestSomebodyWithoutAPasswordMayForgetIt: and has one then.
func TestSomebodyWithoutAPasswordMayForgetIt(t *testing.T) {
	g := newGate(t, takesPasswords)
	u, who := g.AddUser("Ada@Example.com"), g.Browser()
	id := forgot(t, g, who, ada)
	wantStatus(t, check(t)(g.ResetPassword(ctx(), who, id, otherWords, false)), flow.SignInComplete)
	if !g.User(u.ID).Factors.Password {
		t.Error("no password")
	}
}

// TestNobodyForgetsAPassword: who has no account proves the address, and may make
// one.
func TestNobodyForgetsAPassword(t *testing.T) {
	g := newGate(t, takesPasswords)
	who := g.Browser()
	id := begin(t, g, who, ada)
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, gatelatch.ResetByEmail, "")), "")
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id)))
	wantCode(t, out, "")
	if !out.SignIn.Transferable() {
		t.Fatalf("stands at %s", out.SignIn.Status)
	}
	wantCode(t, check(t)(g.ResetPassword(ctx(), who, id, otherWords, true)), gatelatch.CodeStateInvalid)
	if up := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{})); up.Issued == nil {
		t.Errorf("no account: %+v", up.Refusal)
	}
}

// TestACodeIsForOnePurpose: the code of a sign-in sets no password, and the
// other way round.
func TestACodeIsForOnePurpose(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	id := startSignIn(t, p.Gate, who, ada)
	signInCode := p.Code(id)
	wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), who, id, gatelatch.ResetByEmail, "")), "")
	wantCode(t, check(t)(p.AttemptFirstFactor(ctx(), who, id, "", signInCode)), gatelatch.CodeIncorrect)
	wantCode(t, check(t)(p.AttemptFirstFactor(ctx(), who, id, gatelatch.EmailCode, p.Code(id))), gatelatch.CodeStrategyInvalid)
	wantStatus(t, check(t)(p.AttemptFirstFactor(ctx(), who, id, gatelatch.ResetByEmail, p.Code(id))), flow.NeedsNewPassword)
	wantCode(t, check(t)(p.ResetPassword(ctx(), p.Browser(), id, otherWords, true)), gatelatch.CodeNotFound)
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// storedSession returns a session as stored.
func storedSession(g *flowtest.Gate, id string) (s gatelatch.Session) {
	g.Tx(func(ctx context.Context, tx flow.Tx) (err error) {
		s, err = tx.Session(ctx, id)
		return err
	})
	return s
}

func askAgain(t fatal, g *flowtest.Gate, who flow.Caller, sessionID string, l flow.Level) flow.Outcome {
	t.Helper()
	return check(t)(g.AskAgain(ctx(), who, sessionID, l, "/vault"))
}

func TestAskingAgain(t *testing.T) {
	p := newPerson(t)
	held := p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords).Issued.Session
	for _, st := range []gatelatch.Strategy{gatelatch.PasswordStrategy, gatelatch.EmailCode} {
		p.Clock.Advance(time.Hour)
		out := askAgain(t, p.Gate, p.home, held.ID, flow.LevelFirst)
		if out.SignIn.Status != flow.NeedsFirstFactor || out.SignIn.ReturnTo != "/vault" || len(out.SignIn.Factors) != 2 || out.SignIn.Identifier.Value != ada {
			t.Fatalf("asked as %+v", out.SignIn)
		}
		id := out.SignIn.ID
		if st == gatelatch.PasswordStrategy {
			out = p.give(t, p.home, id, secretWords)
		} else {
			wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, "", "")), "")
			out = check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id)))
		}
		wantCode(t, out, "")
		s := storedSession(p.Gate, held.ID)
		if out.SignIn.Status != flow.SignInComplete || out.Issued != nil || s.Strategy != st || !s.FirstAt.Equal(p.Clock.Now()) || !s.SecondAt.IsZero() {
			t.Fatalf("%s, session %+v", out.SignIn.Status, s)
		}
		again := p.give(t, p.home, id, secretWords)
		if st == gatelatch.EmailCode {
			again = check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id)))
		}
		if again.Issued != nil || again.SignIn.Status != flow.SignInComplete {
			t.Errorf("a cookie was handed out, or the click that came twice was lost: %+v", again.Refusal)
		}
	}
	if got := p.Heard.Refreshed(); len(got) != 2 || p.Store.Count("CreateSession") != 1 {
		t.Errorf("looked up again %v, %d sessions", got, p.Store.Count("CreateSession"))
	}
}

func TestAskingForTheSecondStep(t *testing.T) {
	p := newCareful(t)
	out := p.second(t, p.home, p.toSecond(t, p.home), gatelatch.BackupCode, p.backup[0].Reveal())
	held := out.Issued.Session
	p.Clock.Advance(time.Hour)
	only := askAgain(t, p.Gate, p.home, held.ID, flow.LevelSecond)
	if only.SignIn.Status != flow.NeedsSecondFactor {
		t.Fatalf("asked as %s", only.SignIn.Status)
	}
	done := p.second(t, p.home, only.SignIn.ID, gatelatch.TOTPCode, p.AppCode(p.app))
	s := storedSession(p.Gate, held.ID)
	if code(done.Refusal) != "" || done.Issued != nil || s.Second != gatelatch.TOTPCode || !s.SecondAt.Equal(p.Clock.Now()) || !s.FirstAt.Equal(held.FirstAt) || s.Strategy != held.Strategy {
		t.Fatalf("session %+v", s)
	}
	p.Clock.Advance(time.Hour)
	both := askAgain(t, p.Gate, p.home, held.ID, flow.LevelMulti).SignIn.ID
	if out := p.give(t, p.home, both, secretWords); out.SignIn.Status != flow.NeedsSecondFactor || !storedSession(p.Gate, held.ID).FirstAt.Equal(held.FirstAt) {
		t.Fatalf("half a proof counts: %s", out.SignIn.Status)
	}
	p.second(t, p.home, both, gatelatch.TOTPCode, p.AppCode(p.app))
	if s := storedSession(p.Gate, held.ID); !s.FirstAt.Equal(p.Clock.Now()) || !s.SecondAt.Equal(p.Clock.Now()) {
		t.Fatalf("session %+v", s)
	}
}

func TestWhoIsNotAskedAgain(t *testing.T) {
	p := newPerson(t)
	held := p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords).Issued.Session
	wantCode(t, askAgain(t, p.Gate, p.home, held.ID, flow.LevelSecond), gatelatch.CodeStrategyInvalid)
	wantCode(t, askAgain(t, p.Gate, p.Browser(), held.ID, flow.LevelFirst), gatelatch.CodeNotFound)
	wantCode(t, askAgain(t, p.Gate, p.home, "sess_0", flow.LevelFirst), gatelatch.CodeNotFound)
	id := askAgain(t, p.Gate, p.home, held.ID, flow.LevelFirst).SignIn.ID
	p.Tx(func(ctx context.Context, tx flow.Tx) error {
		return tx.EndSession(ctx, held.ID, gatelatch.SessionRevoked, p.Clock.Now())
	})
	wantCode(t, p.give(t, p.home, id, secretWords), gatelatch.CodeNotFound)
	wantCode(t, askAgain(t, p.Gate, p.home, held.ID, flow.LevelFirst), gatelatch.CodeNotFound)
}

// TestAnotherUsersProofIsNone: the address of an attempt that asks once more has
// gone to somebody else meanwhile.
func TestAnotherUsersProofIsNone(t *testing.T) {
	p := newPerson(t)
	held := p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords).Issued.Session
	id := askAgain(t, p.Gate, p.home, held.ID, flow.LevelFirst).SignIn.ID
	wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, "", "")), "")
	p.AddAddress(p.user.ID, "+1 201 555 0123", false)
	p.ChangeUser(p.user.ID, func(u *gatelatch.User) {
		for _, a := range u.Addresses {
			if a.Kind == gatelatch.PhoneNumber {
				u.Addresses = []gatelatch.Address{a}
				return
			}
		}
	})
	p.AddUser(ada)
	before := storedSession(p.Gate, held.ID)
	wantCode(t, check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id))), gatelatch.CodeNotFound)
	if after := storedSession(p.Gate, held.ID); !after.FirstAt.Equal(before.FirstAt) || after.Strategy != before.Strategy {
		t.Error("somebody else's proof was written down")
	}
}

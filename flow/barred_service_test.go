// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// lockFor locks a user from now on.
func lockFor(g *flowtest.Gate, userID string, d time.Duration) {
	g.ChangeUser(userID, func(u *gatelatch.User) { u.LockedUntil = g.Clock.Now().Add(d) })
}

// waysIn are the ways to a session of a user who has a password; each returns the
// outcome of the step that proves something. Passkeys and tickets are with theirs.
func waysIn() map[string]func(t *testing.T, p person) flow.Outcome {
	return map[string]func(t *testing.T, p person) flow.Outcome{
		"a code": func(t *testing.T, p person) flow.Outcome {
			id := startSignIn(t, p.Gate, p.home, ada)
			return check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id)))
		},
		"a password": func(t *testing.T, p person) flow.Outcome {
			return p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords)
		},
		"a link": func(t *testing.T, p person) flow.Outcome {
			id := begin(t, p.Gate, p.home, ada)
			wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, gatelatch.EmailLink, "")), "")
			sent := p.Fetch()
			return check(t)(p.AttemptLink(ctx(), p.home, id, p.LinkToken(sent[len(sent)-1])))
		},
		"a forgotten password": func(t *testing.T, p person) flow.Outcome {
			id := begin(t, p.Gate, p.home, ada)
			wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, gatelatch.ResetByEmail, "")), "")
			return check(t)(p.AttemptFirstFactor(ctx(), p.home, id, gatelatch.ResetByEmail, p.Code(id)))
		},
		"a sign-up": func(t *testing.T, p person) flow.Outcome {
			id := startSignUp(t, p.Gate, p.home, ada)
			wantCode(t, check(t)(p.AttemptVerification(ctx(), p.home, id, "", p.Code(id))), "")
			return check(t)(p.TransferToSignIn(ctx(), p.home, id))
		},
	}
}

// TestALockedUserHearsSoOnceSomethingWasProven, and gets no session by anything.
func TestALockedUserHearsSoOnceSomethingWasProven(t *testing.T) {
	for name, way := range waysIn() {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t)
			lockFor(p.Gate, p.user.ID, time.Hour)
			out := way(t, p)
			wantCode(t, out, gatelatch.CodeUserLocked)
			if out.Issued != nil || out.Refusal.Status() != 403 || p.Store.Count("CreateSession") != 0 {
				t.Errorf("a session, or answered with %d", out.Refusal.Status())
			}
			p.Clock.Advance(time.Hour) // at the very instant the lock is off
			if out = way(t, p); out.Refusal != nil {
				t.Errorf("after the lock: %+v", out.Refusal)
			}
		})
	}
}

// A wrong code, or password, is answered as for anybody: only a right one tells.
func TestALockIsNotSeenFromOutside(t *testing.T) {
	p := newPerson(t)
	lockFor(p.Gate, p.user.ID, time.Hour)
	id := startSignIn(t, p.Gate, p.home, ada)
	wantCode(t, check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", flowtest.Wrong(p.Code(id)))), gatelatch.CodeIncorrect)
	wantCode(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), otherWords), gatelatch.CodePasswordIncorrect)
}

func TestALockThatComesBetweenTheSteps(t *testing.T) {
	p := newCareful(t)
	id := p.toSecond(t, p.home)
	lockFor(p.Gate, p.user.ID, time.Hour)
	wantCode(t, p.second(t, p.home, id, gatelatch.TOTPCode, p.AppCode(p.app)), gatelatch.CodeUserLocked)
	forgot := newPerson(t)
	id = begin(t, forgot.Gate, forgot.home, ada)
	wantCode(t, check(t)(forgot.PrepareFirstFactor(ctx(), forgot.home, id, gatelatch.ResetByEmail, "")), "")
	wantCode(t, check(t)(forgot.AttemptFirstFactor(ctx(), forgot.home, id, gatelatch.ResetByEmail, forgot.Code(id))), "")
	lockFor(forgot.Gate, forgot.user.ID, time.Hour)
	wantCode(t, check(t)(forgot.ResetPassword(ctx(), forgot.home, id, otherWords, false)), gatelatch.CodeUserLocked)
	id = begin(t, forgot.Gate, forgot.home, ada)
	wantCode(t, forgot.give(t, forgot.home, id, otherWords), gatelatch.CodePasswordIncorrect)
}

// addUnproven puts a user into the store whom an operator has made.
func addUnproven(g *flowtest.Gate, address string) gatelatch.User {
	u := g.AddUser(address)
	g.ChangeUser(u.ID, func(u *gatelatch.User) { u.Addresses[0].VerifiedAt = time.Time{} })
	return g.User(u.ID)
}

// An address that an operator has given begins a sign-in, and is proven by the
// first code that comes back from there.
func TestAnAddressThatAnOperatorHasGiven(t *testing.T) {
	for name, way := range waysIn() {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t)
			p.ChangeUser(p.user.ID, func(u *gatelatch.User) { u.Addresses[0].VerifiedAt = time.Time{} })
			p.Clock.Advance(time.Hour)
			wantCode(t, way(t, p), "")
			u := p.User(p.user.ID)
			want := p.Clock.Now()
			if name == "a password" {
				want = time.Time{} // it proves no address
			}
			if got := u.Addresses[0].VerifiedAt; !got.Equal(want) {
				t.Errorf("proven at %s", got)
			}
			if p.Clock.Advance(time.Hour); name != "a password" {
				wantCode(t, way(t, p), "")
				if got := p.User(p.user.ID).Addresses[0].VerifiedAt; !got.Equal(want) {
					t.Errorf("proven again at %s", got)
				}
			}
		})
	}
}

func TestACodeOnANewDeviceProvesTheAddress(t *testing.T) {
	g := newGate(t, takesPasswords)
	u := addUnproven(g, ada)
	g.AddPassword(u.ID, secretWords)
	p, who := person{Gate: g, user: u}, g.Browser()
	id := begin(t, g, who, ada)
	wantStatus(t, p.give(t, who, id, secretWords), flow.NeedsClientTrust)
	wantCode(t, check(t)(g.PrepareSecondFactor(ctx(), who, id, "", "")), "")
	wantCode(t, check(t)(g.AttemptSecondFactor(ctx(), who, id, "", flowtest.Wrong(g.Code(id)))), gatelatch.CodeIncorrect)
	if !g.User(u.ID).Addresses[0].VerifiedAt.IsZero() {
		t.Error("proven by a wrong code")
	}
	wantStatus(t, check(t)(g.AttemptSecondFactor(ctx(), who, id, "", g.Code(id))), flow.SignInComplete)
	if g.User(u.ID).Addresses[0].VerifiedAt.IsZero() {
		t.Error("not proven by a right code")
	}
}

// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
)

func passwordWithOld(t *testing.T, w *world) {
	const next = gatelatch.Secret("another horse, another staple")
	p := w.person(t, ada)
	elsewhere := w.signIn(t, p.id)
	r, err := w.ChangePassword(ctx(), p.Actor, account.PasswordChange{New: good, KeepOthers: true, Current: "ignored: there is none"})
	p.fine(r, err)
	if elsewhere.session().Status != gatelatch.SessionActive || len(p.devices()) != 1 {
		t.Error("the other session has ended, or the other device is trusted still")
	}
	w.g.Clock.Advance(account.FreshFor)
	r, err = w.ChangePassword(ctx(), p.Actor, account.PasswordChange{New: next})
	p.wants(gatelatch.CodeReverify, r, err)
	r, err = w.ChangePassword(ctx(), p.Actor, account.PasswordChange{New: next, Current: "wrong"})
	if p.wants(gatelatch.CodePasswordIncorrect, r, err); r.Param != account.FieldCurrentPassword {
		t.Errorf("at %q", r.Param)
	}
	if p.holds(next) {
		t.Fatal("a wrong password was enough")
	}
	r, err = w.ChangePassword(ctx(), p.Actor, account.PasswordChange{New: next, Current: good})
	p.fine(r, err)
	if !p.holds(next) || elsewhere.session().Status == gatelatch.SessionActive {
		t.Error("not set, or the other session lives")
	}
	w.g.Clock.Advance(account.FreshFor)
	r, err = w.RemovePasswordWith(ctx(), p.Actor, good)
	p.wants(gatelatch.CodePasswordIncorrect, r, err)
	r, err = w.RemovePasswordWith(ctx(), p.Actor, next)
	p.fine(r, err)
	if p.credentials().Password != nil {
		t.Error("still there")
	}
}

func (p person) devices() (all []gatelatch.ClientTrust) {
	p.test.Helper()
	p.tx(func(tx flow.Tx) (err error) {
		all, err = tx.ClientTrusts(ctx(), p.id)
		return err
	})
	return all
}

func TestAnAskedForPasswordEndsTheOthers(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	elsewhere := w.signIn(t, p.id)
	p.alter(func(u *gatelatch.User) { u.PasswordReset = true })
	r, err := w.ChangePassword(ctx(), p.Actor, account.PasswordChange{New: good, KeepOthers: true})
	p.fine(r, err)
	if elsewhere.session().Status == gatelatch.SessionActive {
		t.Error("who knows the old password is still in")
	}
}

func TestThePasswordAloneDoesNotMakeTwoStepsYoung(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	r, err := w.SetPassword(ctx(), p.Actor, good)
	p.fine(r, err)
	p.app()
	w.g.Clock.Advance(account.FreshFor)
	r, err = w.ChangePassword(ctx(), p.Actor, account.PasswordChange{New: "another horse, another staple", Current: good})
	p.wants(gatelatch.CodeReverify, r, err)
}

// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"reflect"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

// same fails the test when two values differ. They are not printed: they hold
// what must not be.
func same(t *testing.T, what string, before, after any) {
	t.Helper()
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%s: changed", what)
	}
}

func TestMakePrimary(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddAddress, fresh)
	p.add(flow.AddAddress, number)
	p.add(flow.AddAddress, other)
	w.notices()
	r, err := w.MakePrimary(ctx(), p.Actor, p.address(fresh))
	p.fine(r, err)
	w.told(t, delivery.NoticePrimaryChanged, ada, fresh)
	r, err = w.MakePrimary(ctx(), p.Actor, p.address(other))
	p.fine(r, err)
	w.told(t, delivery.NoticePrimaryChanged, ada, fresh)
	u := p.user()
	mail, _ := u.Primary(gatelatch.EmailAddress)
	phone, _ := u.Primary(gatelatch.PhoneNumber)
	if mail.Display != fresh || phone.Display != other || count(u, gatelatch.Address{Primary: true}) != 2 {
		t.Errorf("primary are %s and %s", mail.Kind, phone.Kind)
	}
	r, err = w.MakePrimary(ctx(), p.Actor, p.address(other))
	p.fine(r, err)
	w.told(t, delivery.NoticePrimaryChanged)
}

func count(u gatelatch.User, like gatelatch.Address) (n int) {
	for _, a := range u.Addresses {
		if a.Primary == like.Primary {
			n++
		}
	}
	return n
}

func TestRemoveAddress(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddAddress, fresh)
	w.notices()
	r, err := w.RemoveAddress(ctx(), p.Actor, p.address(ada))
	p.fine(r, err)
	w.told(t, delivery.NoticeAddressRemoved, ada, fresh)
	if mail, ok := p.user().Primary(gatelatch.EmailAddress); !ok || mail.Display != fresh {
		t.Error("no primary address is left")
	}
	r, err = w.RemoveAddress(ctx(), p.Actor, p.address(fresh))
	p.wants(gatelatch.CodeLastIdentifier, r, err)
	w.person(t, bob).add(flow.AddAddress, ada) // it is free again
}

func TestWhatMustStay(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.Fields.Email = flow.Optional })
	p := w.person(t, ada)
	p.add(flow.AddSecondFactor, number)
	r, err := w.RemoveAddress(ctx(), p.Actor, p.address(ada))
	p.wants(gatelatch.CodeLastIdentifier, r, err) // a number for the second step begins no sign-in
	p.add(flow.AddAddress, other)
	_, r, err = w.Begin(ctx(), p.Actor, flow.AddSecondFactor, p.address(other))
	p.fine(r, err)
	r, err = w.RemoveAddress(ctx(), p.Actor, p.address(ada))
	p.fine(r, err)
	_, r, err = w.Begin(ctx(), p.Actor, flow.AddSecondFactor, p.address(other))
	p.wants(gatelatch.CodeLastIdentifier, r, err)
}

func TestAnAddressThatEverySignUpGivesStays(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddAddress, number)
	r, err := w.RemoveAddress(ctx(), p.Actor, p.address(ada))
	p.wants(gatelatch.CodeLastIdentifier, r, err)
	r, err = w.RemoveAddress(ctx(), p.Actor, p.address(number))
	p.fine(r, err)
}

func TestANumberForTheSecondStep(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddSecondFactor, number)
	w.told(t, delivery.NoticeFactorAdded, ada)
	s := p.session()
	if !p.user().TwoStep() || s.Second != gatelatch.PhoneCode || !s.SecondAt.Equal(w.g.Clock.Now()) {
		t.Error("not reserved, or the session does not know that it was proven")
	}
	r, err := w.MakePrimary(ctx(), p.Actor, p.address(number))
	p.wants(gatelatch.CodeStateInvalid, r, err)
	_, r, err = w.NewBackupCodes(ctx(), p.Actor)
	p.fine(r, err)
	w.notices()
	r, err = w.ReleaseSecondFactor(ctx(), p.Actor, p.address(number))
	p.fine(r, err)
	w.told(t, delivery.NoticeFactorRemoved, ada)
	u := p.user()
	if phone, ok := u.Primary(gatelatch.PhoneNumber); u.TwoStep() || !ok || phone.SecondFactor || u.Factors.BackupCodes {
		t.Errorf("not an ordinary number, or backup codes for nothing: %+v", u.Factors)
	}
	r, err = w.ReleaseSecondFactor(ctx(), p.Actor, p.address(number))
	p.fine(r, err)
	w.told(t, delivery.NoticeFactorRemoved)
}

func TestAReservedNumberIsRemovedAsAFactor(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddSecondFactor, number)
	w.notices()
	r, err := w.RemoveAddress(ctx(), p.Actor, p.address(number))
	p.fine(r, err)
	w.told(t, delivery.NoticeFactorRemoved, ada)
}

func TestSecondStepsThatAreOffCannotBeSetUp(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.SecondFactor = flow.Off })
	p := w.person(t, ada)
	_, r, err := w.Begin(ctx(), p.Actor, flow.AddSecondFactor, number)
	p.wants(gatelatch.CodeForbidden, r, err)
	_, r, err = w.StartTOTP(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
}

// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

func addressInSteps(t *testing.T, w *world) {
	p := w.person(t, ada)
	c, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, fresh)
	p.fine(r, err)
	id := c.Factor.AddressID
	if got := w.g.Fetch(); len(got) > 0 || c.Proof != nil {
		t.Errorf("%d messages went out before anybody asked", len(got))
	}
	again, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, fresh)
	p.fine(r, err)
	if again.Factor.AddressID != id {
		t.Error("begun twice")
	}
	_, r, err = w.AttemptAddress(ctx(), p.Actor, id, "123456")
	p.wants(gatelatch.CodeNotSent, r, err)
	c, r, err = w.PrepareAddress(ctx(), p.Actor, id)
	p.fine(r, err)
	right := w.g.Code(c.ID)
	_, r, err = w.PrepareAddress(ctx(), p.Actor, id)
	p.wants(gatelatch.CodeResendTooSoon, r, err)
	_, r, err = w.AttemptAddress(ctx(), p.Actor, id, flowtest.Wrong(right))
	p.wants(gatelatch.CodeIncorrect, r, err)
	if self := p.self(); len(self.Pending) != 1 || self.Pending[0].Factor.AddressID != id || self.Pending[0].Proof.Attempts != 1 {
		t.Errorf("pending: %+v", self.Pending)
	}
	w.g.Clock.Advance(9 * time.Minute) // the session was young enough when it began
	_, r, err = w.AttemptAddress(ctx(), p.Actor, id, right)
	p.fine(r, err)
	held, ok := p.user().ByID(id)
	if !ok || held.Display != fresh || held.Primary || len(p.self().Pending) > 0 {
		t.Error("the address has another name now, or none")
	}
	_, r, err = w.AttemptAddress(ctx(), p.Actor, id, right)
	p.wants(gatelatch.CodeAlreadyVerified, r, err)
	_, r, err = w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, fresh)
	if p.wants(gatelatch.CodeExists, r, err); r.Param != flow.FieldEmail {
		t.Errorf("at %q", r.Param)
	}
	_, r, err = w.AddAddress(ctx(), p.Actor, gatelatch.PhoneNumber, "12")
	if p.wants(gatelatch.CodeFormat, r, err); r.Param != flow.FieldPhone {
		t.Errorf("at %q", r.Param)
	}
}

func (p person) self() *account.Self {
	p.test.Helper()
	self, err := p.w.Self(ctx(), p.Actor)
	if err != nil || self == nil {
		p.test.Fatalf("the user: %v, %v", self, err)
	}
	return self
}

func addressGivenUp(t *testing.T, w *world) {
	p := w.person(t, ada)
	c, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.PhoneNumber, number)
	p.fine(r, err)
	c, r, err = w.PrepareAddress(ctx(), p.Actor, c.Factor.AddressID)
	p.fine(r, err)
	right := w.g.Code(c.ID)
	r, err = w.DropAddress(ctx(), p.Actor, c.Factor.AddressID)
	p.fine(r, err)
	_, r, err = w.AttemptAddress(ctx(), p.Actor, c.Factor.AddressID, right)
	p.wants(gatelatch.CodeNotFound, r, err)
	if len(p.self().Pending) > 0 || len(p.user().Addresses) != 1 {
		t.Error("it is still there")
	}
	r, err = w.DropAddress(ctx(), p.Actor, p.address(ada))
	p.wants(gatelatch.CodeNotFound, r, err) // one that is the user's is removed in another way
}

func tooManyPending(t *testing.T, w *world) {
	p := w.person(t, ada)
	var last gatelatch.Code
	begun := 0
	for i := range flow.MaxAddresses + 1 {
		_, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, string(rune('a'+i))+"@example.org")
		if err != nil {
			t.Fatal(err)
		}
		if last = code(r); r == nil {
			begun++
		}
	}
	if begun != flow.MaxAddresses || last != gatelatch.CodeForbidden || len(p.self().Pending) != begun {
		t.Errorf("%d addresses wait, the last was refused with %q", begun, last)
	}
}

func pendingOfOneSession(t *testing.T, w *world) {
	p := w.person(t, ada)
	elsewhere := w.signIn(t, p.id)
	c, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, fresh)
	p.fine(r, err)
	_, r, err = w.PrepareAddress(ctx(), elsewhere.Actor, c.Factor.AddressID)
	elsewhere.wants(gatelatch.CodeNotFound, r, err)
	r, err = w.DropAddress(ctx(), elsewhere.Actor, c.Factor.AddressID)
	elsewhere.wants(gatelatch.CodeNotFound, r, err)
	if len(elsewhere.self().Pending) > 0 || len(p.self().Pending) != 1 {
		t.Error("seen by the other, or not by the one")
	}
	w.g.Clock.Advance(account.FreshFor)
	_, r, err = w.PrepareAddress(ctx(), p.Actor, c.Factor.AddressID)
	p.wants(gatelatch.CodeReverify, r, err) // begun long ago
	w.g.Clock.Advance(flow.ChangeLifetime)
	p.again()
	_, r, err = w.PrepareAddress(ctx(), p.Actor, c.Factor.AddressID)
	p.wants(gatelatch.CodeNotFound, r, err)
}

func anOperatorsAddress(t *testing.T, w *world) {
	p := w.person(t, ada)
	given := gatelatch.Address{
		ID: "idn_given", Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: fresh}, Display: fresh,
	}
	p.alter(func(u *gatelatch.User) { u.Addresses = append(u.Addresses, given) })
	_, r, err := w.AttemptAddress(ctx(), p.Actor, given.ID, "123456")
	p.wants(gatelatch.CodeNotSent, r, err)
	r, err = w.MakePrimary(ctx(), p.Actor, given.ID)
	p.wants(gatelatch.CodeStateInvalid, r, err)
	w.g.Clock.Advance(account.FreshFor)
	_, r, err = w.PrepareAddress(ctx(), p.Actor, given.ID)
	p.wants(gatelatch.CodeReverify, r, err)
	p.again()
	c, r, err := w.PrepareAddress(ctx(), p.Actor, given.ID)
	p.fine(r, err)
	_, r, err = w.AttemptAddress(ctx(), p.Actor, given.ID, w.g.Code(c.ID))
	p.fine(r, err)
	if held, ok := p.user().ByID(given.ID); !ok || held.VerifiedAt.IsZero() || len(p.user().Addresses) != 2 {
		t.Error("not proven, or another one")
	}
}

func TestAnAddressThatIsRemovedStaysAway(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	given := gatelatch.Address{
		ID: "idn_given", Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: fresh}, Display: fresh,
	}
	p.alter(func(u *gatelatch.User) { u.Addresses = append(u.Addresses, given) })
	c, r, err := w.PrepareAddress(ctx(), p.Actor, given.ID)
	p.fine(r, err)
	r, err = w.RemoveAddress(ctx(), p.Actor, given.ID)
	p.fine(r, err)
	_, r, err = w.AttemptAddress(ctx(), p.Actor, given.ID, w.g.Code(c.ID))
	p.wants(gatelatch.CodeNotFound, r, err)
}

func oneAddressBegunAtOnce(t *testing.T, w *world) {
	p := w.person(t, ada)
	var said verdicts
	atOnce(8, func(int) {
		_, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, fresh)
		said.add(r, err)
	})
	said.want(t, map[gatelatch.Code]int{"": 8})
	if n := len(p.self().Pending); n != 1 {
		t.Errorf("%d addresses wait", n)
	}
}

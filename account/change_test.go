// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

func TestAnAddressIsAddedByItsCode(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, "New@Example.com")
	p.fine(r, err)
	if seen, err := w.Change(ctx(), p.Actor, c.ID); err != nil || seen == nil || seen.Status != flow.ChangeOpen {
		t.Fatalf("the change does not show: %v", err)
	}
	wrong := flowtest.Wrong(w.g.Code(c.ID))
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, wrong)
	p.wants(gatelatch.CodeIncorrect, r, err)
	if len(p.user().Addresses) != 1 {
		t.Fatal("added by a wrong code")
	}
	done, r, err := w.Confirm(ctx(), p.Actor, c.ID, w.g.Code(c.ID))
	p.fine(r, err)
	added, ok := p.user().ByID(p.address("New@example.com"))
	if !ok || done.Status != flow.ChangeComplete || added.Primary || added.VerifiedAt.IsZero() || len(w.refreshed) == 0 {
		t.Errorf("became %+v", added)
	}
	w.told(t, delivery.NoticeAddressAdded, ada, "New@example.com")
	done, r, err = w.Confirm(ctx(), p.Actor, c.ID, wrong)
	if p.fine(r, err); done.Status != flow.ChangeComplete || len(p.user().Addresses) != 2 {
		t.Error("a repeated request undoes the change, or does it again")
	}
	w.told(t, delivery.NoticeAddressAdded)
}

func TestWhatCannotBeAdded(t *testing.T) {
	for name, c := range map[string]struct {
		kind  flow.ChangeKind
		typed string
		want  gatelatch.Code
	}{
		"no address":                         {flow.AddAddress, "nobody", gatelatch.CodeFormat},
		"an address that the user has":       {flow.AddAddress, "ADA@example.com", gatelatch.CodeExists},
		"mail as a second step":              {flow.AddSecondFactor, fresh, gatelatch.CodeFormat},
		"the id of mail as a second step":    {flow.AddSecondFactor, "mail", gatelatch.CodeStateInvalid},
		"a number that is reserved already":  {flow.AddSecondFactor, other, gatelatch.CodeExists},
		"a reserved number once more":        {flow.AddAddress, other, gatelatch.CodeExists},
		"a change that there is no word for": {"take_over", fresh, gatelatch.CodeValue},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.person(t, ada)
			p.add(flow.AddSecondFactor, other)
			p.again()
			w.g.Fetch()
			if c.typed == "mail" {
				c.typed = p.address(ada)
			}
			change, r, err := w.Begin(ctx(), p.Actor, c.kind, c.typed)
			if p.wants(c.want, r, err); change != nil || len(w.g.Fetch()) > 0 {
				t.Error("begun, or sent")
			}
		})
	}
}

// TestAnAddressOfSomebodyElse is told only to who can read its messages.
func TestAnAddressOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	w.person(t, "Taken@example.com")
	var waits [2]*flow.Change
	for i, typed := range []string{"taken@EXAMPLE.com", fresh} {
		c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, typed)
		p.fine(r, err)
		waits[i] = c
	}
	if taken := waits[0]; taken.Proof.Sends != waits[1].Proof.Sends || taken.Status != waits[1].Status {
		t.Error("the beginning tells who exists")
	}
	var to []string
	for _, m := range w.g.Fetch() {
		to = append(to, m.Display)
	}
	if slices.Sort(to); !slices.Equal(to, []string{"Taken@example.com", fresh}) {
		t.Error("not sent to the stored form")
	}
	_, r, err := w.Confirm(ctx(), p.Actor, waits[0].ID, flowtest.Wrong(w.g.Code(waits[0].ID)))
	p.wants(gatelatch.CodeIncorrect, r, err)
	_, r, err = w.Confirm(ctx(), p.Actor, waits[0].ID, w.g.Code(waits[0].ID))
	p.wants(gatelatch.CodeExists, r, err)
	_, r, err = w.Confirm(ctx(), p.Actor, waits[0].ID, w.g.Code(waits[0].ID))
	p.wants(gatelatch.CodeNotFound, r, err)
	if len(p.user().Addresses) != 1 || len(w.notices()) > 0 {
		t.Error("added, or told")
	}
}

func TestACodeOfAChangeIsSentOnceMore(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.fine(r, err)
	first := w.g.Code(c.ID)
	_, r, err = w.Resend(ctx(), p.Actor, c.ID)
	p.wants(gatelatch.CodeResendTooSoon, r, err)
	w.g.Clock.Advance(30 * time.Second)
	_, r, err = w.Resend(ctx(), p.Actor, c.ID)
	if p.fine(r, err); w.g.Code(c.ID) != first {
		t.Error("another code while the first one lives")
	}
}

func TestGuessesAtAChangeAreCounted(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.fine(r, err)
	right := w.g.Code(c.ID)
	for i := range 5 {
		want := gatelatch.CodeIncorrect
		if i == 4 {
			want = gatelatch.CodeFailed
		}
		_, r, err = w.Confirm(ctx(), p.Actor, c.ID, flowtest.Wrong(right))
		p.wants(want, r, err)
	}
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, right)
	p.wants(gatelatch.CodeFailed, r, err)
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, "12 34")
	p.wants(gatelatch.CodeFormat, r, err)
}

// TestAChangeThatTakesLong: the proof of who acts is then asked for again.
func TestAChangeThatTakesLong(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	w.g.Clock.Advance(account.FreshFor - time.Second)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.fine(r, err)
	w.g.Clock.Advance(9 * time.Minute)
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, flowtest.Wrong(w.g.Code(c.ID)))
	p.wants(gatelatch.CodeIncorrect, r, err)
	w.g.Clock.Advance(time.Minute)
	_, r, err = w.Resend(ctx(), p.Actor, c.ID)
	p.wants(gatelatch.CodeReverify, r, err)
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, w.g.Code(c.ID))
	p.wants(gatelatch.CodeReverify, r, err)
	p.again()
	_, r, err = w.Resend(ctx(), p.Actor, c.ID)
	p.fine(r, err)
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, w.g.Code(c.ID))
	p.fine(r, err)
	w.g.Clock.Advance(time.Hour)
	c, r, err = w.Begin(ctx(), p.Actor, flow.AddAddress, number)
	p.wants(gatelatch.CodeReverify, r, err)
	if c != nil {
		t.Error("begun all the same")
	}
}

func TestChangesDrawOnTheSameBudgets(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	var r *gatelatch.Refusal
	var err error
	for range 6 {
		_, r, err = w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	}
	p.wants(gatelatch.CodeTooManyRequests, r, err)
	if r.RetryAfter <= 0 {
		t.Error("does not say how long to wait")
	}
}

func TestDeletingTheAccount(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddAddress, number)
	elsewhere := w.signIn(t, p.id)
	w.notices()
	c, r, err := w.Begin(ctx(), p.Actor, flow.DeleteAccount, "")
	p.fine(r, err)
	if c.Factor.Display != ada {
		t.Fatal("the code goes elsewhere")
	}
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, w.g.Code(c.ID))
	p.fine(r, err)
	w.told(t, delivery.NoticeDeleted, ada)
	gone := w.g.Store.InTx(ctx(), func(tx flow.Tx) error { _, err := tx.User(ctx(), p.id); return err })
	if gone == nil || len(w.forgotten) != 2 {
		t.Errorf("the user is still there, or sessions are: %v, %d", gone, len(w.forgotten))
	}
	for _, a := range []account.Actor{p.Actor, elsewhere.Actor} {
		if o, err := w.Overview(ctx(), a); o != nil || err != nil {
			t.Errorf("an account after its end: %v, %v", o, err)
		}
	}
}

func TestWhereAccountsAreNotDeleted(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.DeleteAccount, "")
	p.fine(r, err)
	w.g.Policy.DeleteSelf = false
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, w.g.Code(c.ID))
	p.wants(gatelatch.CodeForbidden, r, err)
	_, r, err = w.Begin(ctx(), p.Actor, flow.DeleteAccount, "")
	p.wants(gatelatch.CodeForbidden, r, err)
	p.user()
}

// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/flow"
)

func pattern(t *testing.T, text string) admission.Pattern {
	t.Helper()
	p, err := admission.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestListsHoldOnTheAccountPage: what the lists refuse at a sign-up does not come
// in behind it.
func TestListsHoldOnTheAccountPage(t *testing.T) {
	rules := admission.Rules{
		Allow:      []admission.Pattern{pattern(t, "example.com")},
		Block:      []admission.Pattern{pattern(t, other), pattern(t, "mallory@example.com")},
		Disposable: func(domain string) bool { return domain == "bin.example.com" },
	}
	for name, c := range map[string]struct {
		kind  flow.ChangeKind
		typed string
		want  gatelatch.Code
	}{
		"allowed":                        {flow.AddAddress, fresh, ""},
		"off the list":                   {flow.AddAddress, "ada@example.org", gatelatch.CodeNotAllowed},
		"blocked":                        {flow.AddAddress, "mallory@example.com", gatelatch.CodeNotAllowed},
		"disposable":                     {flow.AddAddress, "ada@bin.example.com", gatelatch.CodeNotAllowed},
		"a number that no line is about": {flow.AddAddress, number, ""},
		"a blocked number":               {flow.AddAddress, other, gatelatch.CodeNotAllowed},
		"one for the second step":        {flow.AddSecondFactor, number, ""},
		"a blocked one for it":           {flow.AddSecondFactor, other, gatelatch.CodeNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(s *flow.Service) { s.Admission, s.Policy.SignUp = rules, flow.SignUpClosed })
			p := w.person(t, ada)
			_, r, err := w.Begin(ctx(), p.Actor, c.kind, c.typed)
			p.wants(c.want, r, err)
			if sent := len(w.g.Fetch()) > 0; sent != (c.want == "") {
				t.Errorf("sent: %t", sent)
			}
		})
	}
}

func TestALineThatIsAddedMeanwhileHolds(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.fine(r, err)
	p.tx(func(tx flow.Tx) error {
		return tx.PutRestriction(ctx(), gatelatch.Restriction{ID: "rst_1", List: gatelatch.BlockList, Pattern: fresh, CreatedAt: w.g.Clock.Now()})
	})
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, w.g.Code(c.ID))
	p.wants(gatelatch.CodeNotAllowed, r, err)
	if len(p.user().Addresses) != 1 {
		t.Error("added all the same")
	}
}

func TestTenAddressesOfEachKind(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	for i := range flow.MaxAddresses - 1 {
		p.again()
		p.add(flow.AddAddress, fmt.Sprintf("more%d@example.com", i))
		w.g.Clock.Advance(time.Minute)
	}
	p.again()
	_, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.wants(gatelatch.CodeForbidden, r, err)
	p.add(flow.AddAddress, number)
}

func TestAnAddedAddressWaitsNoLonger(t *testing.T) {
	for _, k := range []flow.ChangeKind{flow.AddAddress, flow.AddSecondFactor} {
		t.Run(string(k), func(t *testing.T) {
			w := newWorld(t)
			p := w.person(t, ada)
			to := gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: number}
			p.tx(func(tx flow.Tx) error {
				return tx.PutWaiting(ctx(), gatelatch.WaitlistEntry{ID: "wle_1", Identifier: to, Display: number, CreatedAt: w.g.Clock.Now()})
			})
			p.add(k, number)
			p.tx(func(tx flow.Tx) error {
				if _, err := tx.Waiting(ctx(), to); !errors.Is(err, gatelatch.ErrNotFound) {
					t.Errorf("still waits: %v", err)
				}
				return nil
			})
		})
	}
}

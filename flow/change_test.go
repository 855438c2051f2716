// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"pgregory.net/rapid"
)

type changeEdge = edge[flow.Change, flow.ChangeInput]

// changeEdges runs every row of the table of changes, by its input and guard.
func changeEdges() map[string]changeEdge {
	const m, s = time.Minute, time.Second
	u := *holder()
	mail, phone := sentChange(flow.AddAddress, emailFactor("new@example.com")), sentChange(flow.AddSecondFactor, phoneFactor(number))
	gone := sentChange(flow.DeleteAccount, emailFactor(ada))
	right, wrong := flow.Confirm{Correct: true, User: u, Permitted: true}, flow.Confirm{User: u, Permitted: true}
	return map[string]changeEdge{
		"prepare: deletes the account, and that is off":          {gone, flow.Prepare{}, noDelete(m), nil},
		"prepare: all guesses are spent":                         {guessedChange(mail, 5), flow.Prepare{}, at(m), nil},
		"prepare: the last message is younger than resend_after": {mail, flow.Prepare{}, at(30*s - 1), nil},
		"prepare: no code yet, or the last one has expired":      {mail, flow.Prepare{}, at(10 * m), renewedChange},
		"prepare: the code still lives":                          {mail, flow.Prepare{}, at(30 * s), sameChange},
		"confirm: deletes the account, and that is off":          {gone, flow.Confirm{Correct: true, User: u, Holder: "user_1"}, noDelete(0), nil},
		"confirm: of another user":                               {mail, flow.Confirm{Correct: true, User: gatelatch.User{ID: "user_2"}}, at(0), nil},
		"confirm: no code was asked for":                         {change(flow.AddAddress, emailFactor("new@example.com")), right, at(0), nil},
		"confirm: all guesses are spent":                         {guessedChange(mail, 5), right, at(0), nil},
		"confirm: the code has expired":                          {mail, right, at(10 * m), nil},
		"confirm: wrong, the last guess":                         {guessedChange(mail, 4), wrong, at(0), counted(5)},
		"confirm: wrong":                                         {mail, wrong, at(0), counted(1)},
		"confirm: right, somebody else holds the address":        {mail, flow.Confirm{Correct: true, User: u, Holder: "user_2"}, at(0), ended},
		"confirm: right, an operator has given the user the address, unproven": {
			sentChange(flow.AddAddress, emailFactor(ada)), flow.Confirm{Correct: true, User: givenUnproven(), Holder: "user_1"}, at(0), nil,
		},
		"confirm: right, the user has the address already":             {sentChange(flow.AddAddress, emailFactor(ada)), flow.Confirm{Correct: true, User: u, Holder: "user_1"}, at(0), ended},
		"confirm: right, the number is the last that begins a sign-in": {phone, flow.Confirm{Correct: true, User: with(gatelatch.User{ID: "user_1"}, number, false), Holder: "user_1"}, at(0), ended},
		"confirm: right, mail for the second step":                     {sentChange(flow.AddSecondFactor, emailFactor("new@example.com")), right, at(0), ended},
		"confirm: right, the account lost the address meanwhile":       {gone, flow.Confirm{Correct: true, User: u}, at(0), ended},
		"confirm: right, a list refuses the address":                   {mail, flow.Confirm{Correct: true, User: u}, at(0), ended},
		"confirm: right, the user has too many of the kind":            {mail, flow.Confirm{Correct: true, User: full(u), Permitted: true}, at(0), ended},
		"confirm: right, adds an address":                              {mail, right, at(0), nil},
		"confirm: right, adds a number for the second step":            {phone, right, at(0), nil},
		"confirm: right, reserves a number of the user":                {phone, flow.Confirm{Correct: true, User: with(u, number, false), Holder: "user_1"}, at(0), nil},
		"confirm: right, deletes the account":                          {gone, flow.Confirm{Correct: true, User: u, Holder: "user_1"}, at(0), nil},
	}
}

// givenUnproven is a user whose address an operator has given, and nobody proven.
func givenUnproven() gatelatch.User {
	u := *holder()
	u.Addresses[0].VerifiedAt = time.Time{}
	return u
}

// with is a user with one number more.
func with(u gatelatch.User, phone string, reserved bool) gatelatch.User {
	u.Addresses = append(slices.Clone(u.Addresses), gatelatch.Address{
		ID: "idn_number", Identifier: phoneFactor(phone).To, Display: phone, VerifiedAt: flowtest.Noon(), Primary: true, SecondFactor: reserved,
	})
	return u
}

// full is a user with as many e-mail addresses as there may be.
func full(u gatelatch.User) gatelatch.User {
	u.Addresses = slices.Clone(u.Addresses)
	for i := len(u.Addresses); i < flow.MaxAddresses; i++ {
		name := fmt.Sprintf("more%d@example.com", i)
		u.Addresses = append(u.Addresses, gatelatch.Address{ID: fmt.Sprintf("idn_%d", i), Identifier: emailFactor(name).To, Display: name})
	}
	return u
}

func noDelete(after time.Duration) flow.Env {
	env := at(after)
	env.Policy.DeleteSelf = false
	return env
}

func change(k flow.ChangeKind, f flow.Factor) flow.Change {
	s := gatelatch.Session{ID: "sess_1", UserID: "user_1", ClientID: "client_1"}
	return flow.NewChange("chg_1", k, s, f, flowtest.Noon())
}

func sentChange(k flow.ChangeKind, f flow.Factor) flow.Change {
	return flow.AdvanceChange(change(k, f), flow.Prepare{}, at(0)).Next
}

func guessedChange(c flow.Change, n int) flow.Change {
	for range n {
		c = flow.AdvanceChange(c, flow.Confirm{User: *holder()}, at(0)).Next
	}
	return c
}

func renewedChange(t *testing.T, before, after flow.Change) {
	renewed(t, flow.SignIn{First: before.Proof}, flow.SignIn{First: after.Proof})
}

func sameChange(t *testing.T, before, after flow.Change) {
	sameCode(t, flow.SignIn{First: before.Proof}, flow.SignIn{First: after.Proof})
}

func counted(want int) func(*testing.T, flow.Change, flow.Change) {
	return func(t *testing.T, before, after flow.Change) {
		if before.Proof.Attempts != want-1 || after.Proof.Attempts != want || after.Proof.Proven() {
			t.Errorf("%d guesses, want %d: %+v", after.Proof.Attempts, want, after.Proof)
		}
	}
}

func ended(t *testing.T, _, after flow.Change) {
	if after.Status != flow.ChangeOpen || after.AbandonAt.After(flowtest.Noon()) {
		t.Errorf("the change may be tried again: %+v", after)
	}
}

func TestEveryRowOfTheTableOfChanges(t *testing.T) {
	edges := changeEdges()
	for _, r := range flow.ChangeRows() {
		t.Run(string(r.Input)+": "+r.Guard, func(t *testing.T) {
			e, ok := edges[string(r.Input)+": "+r.Guard]
			if !ok {
				t.Fatal("no test runs this row")
			}
			step := flow.AdvanceChange(e.state, e.input, e.env)
			follows(t, r, string(e.state.Status), string(step.Next.Status), step.Effects, step.Refusal)
			if e.extra != nil {
				e.extra(t, e.state, step.Next)
			} else if r.Refusal != "" && !reflect.DeepEqual(step.Next, e.state) {
				t.Errorf("refused, and yet changed to %+v", step.Next)
			}
		})
	}
}

func TestWhatAChangeMakesOfAUser(t *testing.T) {
	u := *holder()
	for _, c := range []struct {
		name   string
		change flow.Change
		in     flow.Confirm
		want   gatelatch.Address
	}{
		{
			"a second e-mail address", sentChange(flow.AddAddress, emailFactor("new@example.com")),
			flow.Confirm{User: u},
			gatelatch.Address{ID: "idn_made", Primary: false},
		},
		{
			"the first number", sentChange(flow.AddAddress, phoneFactor(number)),
			flow.Confirm{User: u},
			gatelatch.Address{ID: "idn_phone", Primary: true},
		},
		{
			"a number for the second step", sentChange(flow.AddSecondFactor, phoneFactor(number)),
			flow.Confirm{User: u},
			gatelatch.Address{ID: "idn_phone", SecondFactor: true},
		},
		{
			"a number that the user has", sentChange(flow.AddSecondFactor, phoneFactor(number)),
			flow.Confirm{User: with(u, number, false), Holder: u.ID},
			gatelatch.Address{ID: "idn_number", Primary: true, SecondFactor: true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Correct, c.in.Permitted = true, true
			before := slices.Clone(c.in.User.Addresses)
			step := flow.AdvanceChange(c.change, c.in, at(time.Second))
			after := step.Effects[0].(flow.ChangeUser).User
			got, ok := after.Address(c.change.Factor.To)
			if !ok || got.ID != c.want.ID || got.Primary != c.want.Primary || got.SecondFactor != c.want.SecondFactor {
				t.Errorf("became %+v", got)
			}
			if first, _ := after.ByID("idn_stored"); !first.Primary {
				t.Error("the address that was there is no longer primary")
			}
			if !reflect.DeepEqual(before, c.in.User.Addresses) {
				t.Error("the user was changed in place")
			}
		})
	}
}

func TestAChangeIsOverAfterItsLife(t *testing.T) {
	c := sentChange(flow.AddAddress, emailFactor("new@example.com"))
	for _, in := range []flow.ChangeInput{flow.Prepare{}, flow.Confirm{Correct: true, User: *holder()}} {
		if step := flow.AdvanceChange(c, in, at(flow.ChangeLifetime)); code(step.Refusal) != gatelatch.CodeNotFound {
			t.Errorf("%T: %q", in, code(step.Refusal))
		}
	}
	if step := flow.AdvanceChange(c, nil, at(0)); code(step.Refusal) != gatelatch.CodeStateInvalid {
		t.Errorf("nothing at all: %q", code(step.Refusal))
	}
	c.Status = flow.ChangeComplete
	if step := flow.AdvanceChange(c, flow.Prepare{}, at(0)); code(step.Refusal) != gatelatch.CodeAlreadyVerified {
		t.Errorf("complete: %q", code(step.Refusal))
	}
}

// TestChangeProperties: no sequence changes a user without a right answer to a
// code that was sent and lives, nor twice, nor takes a user the last address that
// begins a sign-in.
func TestChangeProperties(t *testing.T) { rapid.Check(t, changeProperties) }

func FuzzChangeProperties(f *testing.F) { f.Fuzz(rapid.MakeFuzz(changeProperties)) }

func changeProperties(t *rapid.T) {
	c := newCourse(t)
	k := rapid.SampledFrom([]flow.ChangeKind{flow.AddAddress, flow.AddSecondFactor, flow.DeleteAccount}).Draw(t, "kind")
	f := addresses.Draw(t, "address")
	state, done := change(k, f), 0
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		in, env := drawChangeInput(t), c.env(t)
		before := clone(t, state)
		step := flow.AdvanceChange(state, in, env)
		if !reflect.DeepEqual(before, state) {
			t.Fatalf("the step changed its own input from %+v to %+v", before, state)
		}
		c.judge(t, before.Proof, step.Next.Proof)
		for _, e := range step.Effects {
			done += c.changed(t, before, in, e)
		}
		if done > 1 || step.Refusal != nil && len(step.Effects) > 0 || (done == 1) != (step.Next.Status == flow.ChangeComplete) {
			t.Fatalf("%d times carried out, refusal %v, status %s", done, step.Refusal, step.Next.Status)
		}
		state = step.Next
	}
}

// changed checks one effect, and counts those that carry the change out.
func (c *course) changed(t *rapid.T, before flow.Change, in flow.ChangeInput, e flow.Effect) int {
	if s, ok := e.(flow.SendCode); ok {
		c.sent(t, s.Verification)
		return 0
	}
	confirm, ok := in.(flow.Confirm)
	if !ok || !confirm.Correct || confirm.User.ID != before.UserID || !c.now.Before(before.Proof.ExpireAt) || before.Proof.Attempts >= c.policy.Code.Attempts {
		t.Fatalf("carried out by %+v after %+v", in, before)
	}
	u, ok := e.(flow.ChangeUser)
	if !ok {
		if before.Kind != flow.DeleteAccount || confirm.Holder != before.UserID {
			t.Fatalf("deleted by %+v", before)
		}
		return 1
	}
	if len(u.User.Addresses) > len(confirm.User.Addresses) && !confirm.Permitted {
		t.Fatalf("an address that a list refuses was added: %+v", u.User.Addresses)
	}
	if flow.Beginnings(u.User) == 0 || len(u.User.Addresses) < len(confirm.User.Addresses) {
		t.Fatalf("nothing left to sign in with: %+v", u.User.Addresses)
	}
	if a, held := u.User.Address(before.Factor.To); !held || a.SecondFactor != (before.Kind == flow.AddSecondFactor) {
		t.Fatalf("became %+v", a)
	}
	return 1
}

func drawChangeInput(t *rapid.T) flow.ChangeInput {
	switch rapid.IntRange(0, 8).Draw(t, "input") {
	case 0:
		return nil
	case 1, 2, 3:
		return flow.Prepare{}
	}
	u := *holder()
	if rapid.Bool().Draw(t, "has a number") {
		u = with(u, number, rapid.Bool().Draw(t, "reserved"))
	}
	if rapid.IntRange(0, 4).Draw(t, "number alone") == 0 {
		u = with(gatelatch.User{ID: u.ID}, number, false)
	}
	if rapid.IntRange(0, 9).Draw(t, "somebody else") == 0 {
		u.ID = "user_2"
	}
	return flow.Confirm{Correct: rapid.Bool().Draw(t, "right"), User: u, Holder: owners.Draw(t, "holder"), Permitted: rapid.Bool().Draw(t, "permitted")}
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
)

// drop takes an address off an account.
func (p person) drop(typed string) {
	p.ChangeUser(p.user.ID, func(u *gatelatch.User) {
		u.Addresses = slices.DeleteFunc(u.Addresses, func(a gatelatch.Address) bool { return a.Value == typed })
	})
}

const oldAddress = "old@example.com"

// TestARemovedAddressProvesNoDevice: whoever reads an address that its user has
// taken off the account gets no code there any more, and the one under way is
// worth nothing; nor is the link.
func TestARemovedAddressProvesNoDevice(t *testing.T) {
	for _, st := range []gatelatch.Strategy{gatelatch.EmailCode, gatelatch.EmailLink} {
		p := newPerson(t)
		p.AddAddress(p.user.ID, oldAddress, false)
		who := p.Browser()
		id := begin(t, p.Gate, who, oldAddress)
		wantStatus(t, p.give(t, who, id, secretWords), flow.NeedsClientTrust)
		wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), who, id, st, "")), "")
		typed := p.Code(id)
		m := p.Inbox[len(p.Inbox)-1]
		p.drop(oldAddress)
		p.Clock.Advance(time.Minute)
		wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), who, id, st, "")), gatelatch.CodeNotFound)
		wantCode(t, check(t)(p.AttemptSecondFactor(ctx(), who, id, st, typed)), gatelatch.CodeNotFound)
		if st == gatelatch.EmailLink {
			wantCode(t, check(t)(p.AttemptLink(ctx(), who, id, p.LinkToken(m))), gatelatch.CodeNotFound)
		}
		if n := len(p.Fetch()); n != 0 || p.Store.Count("CreateSession") != 0 {
			t.Errorf("%s: %d messages, or a session", st, n)
		}
	}
}

// TestARemovedNumberIsNoSecondStep: the same for a number, at a sign-in and where
// the holder of a session is asked once more.
func TestARemovedNumberIsNoSecondStep(t *testing.T) {
	p := newCareful(t)
	held := p.second(t, p.home, p.toSecond(t, p.home), gatelatch.TOTPCode, p.AppCode(p.app)).Issued.Session
	p.Clock.Advance(time.Hour)
	for name, id := range map[string]string{
		"a sign-in": p.toSecond(t, p.home), "asked again": askAgain(t, p.Gate, p.home, held.ID, flow.LevelSecond).SignIn.ID,
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), p.home, id, gatelatch.PhoneCode, "")), "")
			typed := p.Code(id)
			before := p.User(p.user.ID)
			p.drop("+12015550177")
			p.Clock.Advance(time.Minute)
			p.Fetch()
			wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), p.home, id, gatelatch.PhoneCode, "")), gatelatch.CodeNotFound)
			wantCode(t, p.second(t, p.home, id, gatelatch.PhoneCode, typed), gatelatch.CodeNotFound)
			if len(p.Fetch()) != 0 || !storedSession(p.Gate, held.ID).SecondAt.Equal(held.SecondAt) {
				t.Error("a message went out, or the proof was written down")
			}
			p.ChangeUser(p.user.ID, func(u *gatelatch.User) { u.Addresses = before.Addresses })
		})
	}
}

// TestARemovedAddressIsNotAskedAgain: nor does the first step of a session that
// is asked once more go there.
func TestARemovedAddressIsNotAskedAgain(t *testing.T) {
	p := newPerson(t)
	p.AddAddress(p.user.ID, "+1 201 555 0123", false)
	held := p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords).Issued.Session
	id := askAgain(t, p.Gate, p.home, held.ID, flow.LevelFirst).SignIn.ID
	p.drop("+12015550123")
	p.Fetch()
	wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, gatelatch.PhoneCode, "")), gatelatch.CodeNotFound)
	wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, gatelatch.EmailCode, "")), "")
	if got := p.Fetch(); len(got) != 1 || got[0].To.Value != ada {
		t.Errorf("sent %+v", got)
	}
}

// TestANewPasswordEndsAForgottenOne: a "forgot password" under way is over when
// the owner sets a password, before the new one is given and after it.
func TestANewPasswordEndsAForgottenOne(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	id := forgot(t, p.Gate, who, ada)
	p.Clock.Advance(time.Second)
	p.AddPassword(p.user.ID, "the owner's new one")
	wantCode(t, check(t)(p.ResetPassword(ctx(), who, id, otherWords, true)), gatelatch.CodeNotFound)

	c := newCareful(t)
	id = forgot(t, c.Gate, who, ada)
	wantStatus(t, check(t)(c.ResetPassword(ctx(), who, id, otherWords, true)), flow.NeedsSecondFactor)
	c.Clock.Advance(time.Second)
	c.AddPassword(c.user.ID, "the owner's new one")
	wantCode(t, c.second(t, who, id, gatelatch.TOTPCode, c.AppCode(c.app)), gatelatch.CodeNotFound)
	if p.Store.Count("CreateSession")+c.Store.Count("CreateSession") != 0 {
		t.Error("a session")
	}
}

// TestAForgottenPasswordEnds: ten minutes after the code, to the microsecond, at
// both of its steps.
func TestAForgottenPasswordEnds(t *testing.T) {
	for late, want := range map[time.Duration]gatelatch.Code{-time.Microsecond: "", 0: gatelatch.CodeNotFound} {
		p := newCareful(t)
		who := p.Browser()
		id := forgot(t, p.Gate, who, ada)
		p.Clock.Advance(flow.ResetLifetime + late)
		wantCode(t, check(t)(p.SignIn(ctx(), who, id)), want)
		wantCode(t, check(t)(p.ResetPassword(ctx(), who, id, otherWords, true)), want)

		p = newCareful(t)
		id = forgot(t, p.Gate, who, ada)
		wantStatus(t, check(t)(p.ResetPassword(ctx(), who, id, otherWords, true)), flow.NeedsSecondFactor)
		p.Clock.Advance(flow.ResetLifetime + late)
		wantCode(t, p.second(t, who, id, gatelatch.TOTPCode, p.AppCode(p.app)), want)
	}
}

// TestNewPasswordsArePaidFor: to judge one takes long, so the network's starts
// bound how many are.
func TestNewPasswordsArePaidFor(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	id := forgot(t, p.Gate, who, ada)
	got := map[gatelatch.Code]int{}
	for range 60 {
		got[code(check(t)(p.ResetPassword(ctx(), who, id, "444444444444", true)).Refusal)]++
	}
	if got[gatelatch.CodeTooManyRequests] < 30 || got[gatelatch.CodePasswordWeak] == 0 {
		t.Errorf("answered %v", got)
	}
}

// TestNoPlaceForNothing: while all places to hash are taken, a guess that would
// not be looked at is refused and not put off: it takes no place.
func TestNoPlaceForNothing(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	spent := begin(t, p.Gate, who, ada)
	for range p.Policy.Code.Attempts {
		p.give(t, who, spent, "wrong")
	}
	p.Hasher = password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 1, -1)
	leave, err := p.Hasher.Enter()
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	wantCode(t, p.give(t, who, "sia_00000000000000000000000000", "wrong"), gatelatch.CodeNotFound)
	wantCode(t, p.give(t, p.Browser(), spent, "wrong"), gatelatch.CodeNotFound)
	wantCode(t, p.give(t, who, spent, "wrong"), gatelatch.CodeFailed)
	wantCode(t, check(t)(p.ResetPassword(ctx(), who, "sia_00000000000000000000000000", otherWords, true)), gatelatch.CodeNotFound)
}

// TestParallelRehash: of many right passwords at once, all but one find a hash
// that was made anew meanwhile, and none is called incorrect.
func TestParallelRehash(t *testing.T) {
	p := newPerson(t, unlimited)
	weak := password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 1, 1)
	old, err := weak.Hash(ctx(), secretWords)
	if err != nil {
		t.Fatal(err)
	}
	p.Hasher = password.NewHasher(password.Params{Memory: 16, Iterations: 2, Parallelism: 1}, 1, 10)
	id := begin(t, p.Gate, p.home, ada)
	p.AddHash(p.user.ID, old)
	other := begin(t, p.Gate, p.home, ada)
	p.Repo = &between{p.Store, 1, func() {
		wantStatus(t, p.give(t, p.home, other, secretWords), flow.SignInComplete)
	}}
	wantStatus(t, p.give(t, p.home, id, secretWords), flow.SignInComplete)
	if got := p.Credentials(p.user.ID).Password; got == nil || !got.SetAt.Equal(p.Clock.Now()) {
		t.Errorf("kept %+v", got)
	}
	p.Repo = p.Store // the one between is for one goroutine
	p.AddHash(p.user.ID, old)
	attempts := make([]string, 8)
	for i := range attempts {
		attempts[i] = begin(t, p.Gate, p.home, ada)
	}
	var wait sync.WaitGroup
	for _, id := range attempts {
		wait.Go(func() {
			if out, err := p.AttemptPassword(context.Background(), p.home, id, secretWords); err != nil || out.Issued == nil {
				t.Errorf("a right password: %+v %v", out.Refusal, err)
			}
		})
	}
	wait.Wait()
}

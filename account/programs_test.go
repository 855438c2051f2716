// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlite"
)

// What programs do with an account is told to each store.

func TestProgramsOnMemory(t *testing.T) {
	programs(t, func(testing.TB) store.Store { return memory.New() })
}

func TestProgramsOnSQLite(t *testing.T) {
	programs(t, func(t testing.TB) store.Store {
		return opened(t)(sqlite.Open(filepath.Join(t.TempDir(), "gate.db")))
	})
}

func TestProgramsOnPostgres(t *testing.T) {
	programs(t, func(t testing.TB) store.Store { return opened(t)(postgres.Open(pgtest.Start(t))) })
}

func programs(t *testing.T, open func(testing.TB) store.Store) {
	for name, run := range map[string]func(*testing.T, *world){
		"the profile":                 profile,
		"an address in steps":         addressInSteps,
		"an address that is given up": addressGivenUp,
		"too many addresses":          tooManyPending,
		"an address of one session":   pendingOfOneSession,
		"an operator's address":       anOperatorsAddress,
		"the account is deleted":      deleted,
		"a number is reserved":        reserved,
		"a password, with the old":    passwordWithOld,
		"one address begun at once":   oneAddressBegunAtOnce,
		"one deletion":                oneDeletion,
	} {
		t.Run(name, func(t *testing.T) { run(t, newWorldOn(t, open(t))) })
	}
}

func profile(t *testing.T, w *world) {
	p := w.person(t, ada)
	p.add(flow.AddAddress, fresh)
	w.notices()
	first, empty := "Ada", ""
	r, err := w.UpdateProfile(ctx(), p.Actor, account.Profile{
		FirstName: &first, Unsafe: []byte(`{"theme": "dark", "tour": {"seen": true, "step": 3}}`),
		Primary: []string{p.address(fresh)},
	})
	p.fine(r, err)
	w.told(t, delivery.NoticePrimaryChanged, ada, fresh)
	r, err = w.UpdateProfile(ctx(), p.Actor, account.Profile{LastName: &empty, Patch: []byte(`{"theme":null,"tour":{"step":4}}`)})
	p.fine(r, err)
	u := p.user()
	mail, _ := u.Primary(gatelatch.EmailAddress)
	if u.FirstName != first || string(u.Metadata.Unsafe) != `{"tour":{"seen":true,"step":4}}` && string(u.Metadata.Unsafe) != `{"tour":{"step":4,"seen":true}}` || mail.Display != fresh {
		t.Errorf("named %q, with %s", u.FirstName, u.Metadata.Unsafe)
	}
	for name, bad := range map[string]account.Profile{
		"no object": {FirstName: &empty, Unsafe: []byte(`[1]`)},
		"too long":  {FirstName: &empty, Unsafe: []byte(`{"a":"` + long(gatelatch.MaxMetadata) + `"}`)},
		"no patch":  {FirstName: &empty, Patch: []byte(`nothing`)},
	} {
		if r, err := w.UpdateProfile(ctx(), p.Actor, bad); err != nil || code(r) != gatelatch.CodeMetadata || r.Param != account.FieldUnsafeMetadata {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	r, err = w.UpdateProfile(ctx(), p.Actor, account.Profile{FirstName: &empty, Primary: []string{"idn_none"}})
	p.wants(gatelatch.CodeNotFound, r, err)
	if p.user().FirstName != first {
		t.Error("a refused change was made in part")
	}
}

func long(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

// addressInSteps: begun in silence, sent, proven, and known by one name all along.

// pendingOfOneSession: nobody else, not even the user on another device, can go on

// with it or sees it.

// anOperatorsAddress is proven by its user later, and stays what it is called.

// TestAnAddressThatIsRemovedStaysAway, though its code is on its way.

func deleted(t *testing.T, w *world) {
	p := w.person(t, ada)
	p.add(flow.AddAddress, fresh)
	elsewhere, stranger := w.signIn(t, p.id), w.person(t, bob)
	_, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, "third@example.com")
	p.fine(r, err)
	w.notices()
	p.alter(func(u *gatelatch.User) { u.KeepsAccount = true })
	r, err = w.Delete(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
	p.alter(func(u *gatelatch.User) { u.KeepsAccount = false })
	w.Flow.Policy.DeleteSelf = false
	r, err = w.Delete(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
	w.Flow.Policy.DeleteSelf = true
	w.g.Clock.Advance(account.FreshFor)
	r, err = w.Delete(ctx(), p.Actor)
	p.wants(gatelatch.CodeReverify, r, err)
	p.again()
	r, err = w.Delete(ctx(), p.Actor)
	p.fine(r, err)
	w.told(t, delivery.NoticeDeleted, ada, fresh)
	if !slices.Contains(w.forgotten, p.SessionID) || !slices.Contains(w.forgotten, elsewhere.SessionID) || slices.Contains(w.forgotten, stranger.SessionID) {
		t.Error("not the user's sessions, and only those, have ended")
	}
	r, err = w.Delete(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
	stranger.again()
	stranger.add(flow.AddAddress, fresh) // the address is free
}

func TestAnOperatorKeepsAnAccountWhoseDeletionHasBegun(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.DeleteAccount, "")
	p.fine(r, err)
	p.alter(func(u *gatelatch.User) { u.KeepsAccount = true })
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, w.g.Code(c.ID))
	p.wants(gatelatch.CodeForbidden, r, err)
	_, r, err = w.Begin(ctx(), p.Actor, flow.DeleteAccount, "")
	p.wants(gatelatch.CodeForbidden, r, err)
}

func reserved(t *testing.T, w *world) {
	p := w.person(t, ada)
	p.add(flow.AddAddress, number)
	w.notices()
	codes, r, err := w.ReserveNumber(ctx(), p.Actor, p.address(number))
	p.fine(r, err)
	w.told(t, delivery.NoticeFactorAdded, ada)
	u := p.user()
	if held, _ := u.ByID(p.address(number)); !held.SecondFactor || len(codes) == 0 || !u.Factors.BackupCodes || !u.TwoStep() {
		t.Errorf("reserved %t, with %d backup codes", held.SecondFactor, len(codes))
	}
	_, r, err = w.ReserveNumber(ctx(), p.Actor, p.address(number))
	p.wants(gatelatch.CodeReverify, r, err) // the session has not shown it
	p.proves(gatelatch.EmailCode, 0, 0)
	codes, r, err = w.ReserveNumber(ctx(), p.Actor, p.address(number))
	p.fine(r, err)
	if len(codes) > 0 {
		t.Error("backup codes come once")
	}
	w.told(t, delivery.NoticeFactorAdded)
	_, r, err = w.ReserveNumber(ctx(), p.Actor, p.address(ada))
	p.wants(gatelatch.CodeNotFound, r, err)
	r, err = w.ReleaseSecondFactor(ctx(), p.Actor, p.address(number))
	p.fine(r, err)
	if p.user().TwoStep() {
		t.Error("still reserved")
	}
}

func TestWhatCannotBeReserved(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.Fields.Email = flow.Optional })
	p := w.person(t, ada)
	p.add(flow.AddAddress, number)
	r, err := w.RemoveAddress(ctx(), p.Actor, p.address(ada))
	p.fine(r, err)
	_, r, err = w.ReserveNumber(ctx(), p.Actor, p.address(number))
	p.wants(gatelatch.CodeLastIdentifier, r, err)
	w.Flow.Policy.SecondFactor = flow.Off
	_, r, err = w.ReserveNumber(ctx(), p.Actor, p.address(number))
	p.wants(gatelatch.CodeForbidden, r, err)
}

// TestANumberDoesTheTask that a second step is to be set up, from a session that may

// do nothing else.

func TestANumberDoesTheTask(t *testing.T) {
	w := newWorld(t, owing(gatelatch.TaskSetupMFA))
	p := w.person(t, ada)
	_, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.EmailAddress, fresh)
	p.wants(gatelatch.CodeForbidden, r, err)
	c, r, err := w.AddAddress(ctx(), p.Actor, gatelatch.PhoneNumber, number)
	p.fine(r, err)
	c, r, err = w.PrepareAddress(ctx(), p.Actor, c.Factor.AddressID)
	p.fine(r, err)
	_, r, err = w.AttemptAddress(ctx(), p.Actor, c.Factor.AddressID, w.g.Code(c.ID))
	p.fine(r, err)
	codes, r, err := w.ReserveNumber(ctx(), p.Actor, c.Factor.AddressID)
	p.fine(r, err)
	if o, err := w.Overview(ctx(), p.Actor); err != nil || len(o.Tasks) > 0 || len(codes) == 0 {
		t.Errorf("still owes %v, %d codes: %v", o.Tasks, len(codes), err)
	}
}

// passwordWithOld: the password so far makes the session young, as it does

// elsewhere, and is judged as it is elsewhere.

// devices returns the devices that are trusted.

// TestAnAskedForPasswordEndsTheOthers whatever is said beside it.

// TestThePasswordAloneDoesNotMakeTwoStepsYoung: who takes two steps is young only with

// the second one.

func TestAPasskeyInTwoCalls(t *testing.T) {
	w := newWorld(t, withPasskeys)
	p := w.person(t, ada)
	begun, r, err := w.BeginPasskey(ctx(), p.Actor)
	p.fine(r, err)
	other, r, err := w.BeginPasskey(ctx(), p.Actor)
	p.fine(r, err)
	if begun.ID == other.ID {
		t.Fatal("two of one name")
	}
	made := p.makes("credential-1", begun.Options)
	for _, id := range []string{other.ID, "psk_none", ""} {
		_, r, err = w.FinishPasskey(ctx(), p.Actor, id, made)
		p.wants(gatelatch.CodeNotFound, r, err)
	}
	added, r, err := w.FinishPasskey(ctx(), p.Actor, begun.ID, made)
	p.fine(r, err)
	if keys := p.credentials().Passkeys; len(keys) != 1 || keys[0].ID != begun.ID || added.ID != begun.ID || added.Name != "Chrome on Linux" {
		t.Errorf("%d passkeys, the new one is %q", len(keys), added.Name)
	}
	_, r, err = w.FinishPasskey(ctx(), p.Actor, begun.ID, made)
	p.wants(gatelatch.CodePasskeyInvalid, r, err)
}

func oneDeletion(t *testing.T, w *world) {
	p := w.person(t, ada)
	var said verdicts
	atOnce(8, func(int) {
		r, err := w.Delete(ctx(), p.Actor)
		said.add(r, err)
	})
	said.want(t, map[gatelatch.Code]int{"": 1, gatelatch.CodeForbidden: 7})
	w.told(t, delivery.NoticeDeleted, ada)
}

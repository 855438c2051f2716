// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
)

// operation is one thing that a session can ask for. about is what another user
// has: the operation must not touch it.
type operation struct {
	name string
	do   func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error)
	// fresh, does and always say what it asks of the session.
	fresh  bool
	does   gatelatch.Task
	always bool
}

// thing is what operations are about.
type thing struct{ address, session, client, passkey, change, pending string }

// operations are all that the service offers, but for looking.
func operations() []operation {
	const mfa = gatelatch.TaskSetupMFA
	return []operation{
		{name: "rename", do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.Rename(ctx(), a, "Ada", "Lovelace")
		}},
		{name: "add an address", fresh: true, do: begin(flow.AddAddress, fresh)},
		{name: "add a number for the second step", fresh: true, does: mfa, do: begin(flow.AddSecondFactor, number)},
		{name: "delete the account", fresh: true, do: begin(flow.DeleteAccount, "")},
		{name: "make primary", fresh: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.MakePrimary(ctx(), a, about.address)
		}},
		{name: "remove an address", fresh: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.RemoveAddress(ctx(), a, about.address)
		}},
		{name: "release a number", fresh: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.ReleaseSecondFactor(ctx(), a, about.address)
		}},
		{name: "set a password", fresh: true, does: gatelatch.TaskResetPassword, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.SetPassword(ctx(), a, "correct horse battery staple")
		}},
		{name: "remove the password", fresh: true, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.RemovePassword(ctx(), a)
		}},
		{name: "start an app", fresh: true, does: mfa, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			_, r, err := w.StartTOTP(ctx(), a)
			return r, err
		}},
		{name: "confirm an app", fresh: true, does: mfa, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			_, r, err := w.ConfirmTOTP(ctx(), a, "123456")
			return r, err
		}},
		{name: "remove the app", fresh: true, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.RemoveTOTP(ctx(), a)
		}},
		{name: "new backup codes", fresh: true, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			_, r, err := w.NewBackupCodes(ctx(), a)
			return r, err
		}},
		{name: "options of a passkey", fresh: true, does: mfa, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			_, r, err := w.PasskeyOptions(ctx(), a)
			return r, err
		}},
		{name: "add a passkey", fresh: true, does: mfa, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.AddPasskey(ctx(), a, "{}", "Key")
		}},
		{name: "rename a passkey", do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.RenamePasskey(ctx(), a, about.passkey, "Key")
		}},
		{name: "remove a passkey", fresh: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.RemovePasskey(ctx(), a, about.passkey)
		}},
		{name: "end a session", always: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.EndSession(ctx(), a, about.session)
		}},
		{name: "end the others", always: true, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.EndOthers(ctx(), a)
		}},
		{name: "revoke a device", always: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.RevokeDevice(ctx(), a, about.client)
		}},
		{name: "export", fresh: true, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			_, r, err := w.Export(ctx(), a)
			return r, err
		}},
		{name: "accept the terms", does: gatelatch.TaskAcceptTerms, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.AcceptTerms(ctx(), a, "2")
		}},
		{name: "send a code again", always: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			_, r, err := w.Resend(ctx(), a, about.change)
			return r, err
		}},
		{name: "confirm a change", always: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			_, r, err := w.Confirm(ctx(), a, about.change, "123456")
			return r, err
		}},

		// for programs
		{name: "update the profile", do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.UpdateProfile(ctx(), a, account.Profile{Unsafe: []byte(`{"a":1}`)})
		}},
		{name: "make primary with the profile", fresh: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.UpdateProfile(ctx(), a, account.Profile{Primary: []string{about.address}})
		}},
		{name: "begin an address", fresh: true, do: beginSilently(gatelatch.EmailAddress, fresh)},
		{name: "begin a number", fresh: true, does: mfa, do: beginSilently(gatelatch.PhoneNumber, other)},
		{name: "send the code of an address", always: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			_, r, err := w.PrepareAddress(ctx(), a, about.pending)
			return r, err
		}},
		{name: "give the code of an address", always: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			_, r, err := w.AttemptAddress(ctx(), a, about.pending, "123456")
			return r, err
		}},
		{name: "give an address up", always: true, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			return w.DropAddress(ctx(), a, about.pending)
		}},
		{name: "reserve a number", fresh: true, does: mfa, do: func(w *world, a account.Actor, about thing) (*gatelatch.Refusal, error) {
			_, r, err := w.ReserveNumber(ctx(), a, about.address)
			return r, err
		}},
		{name: "change the password", fresh: true, does: gatelatch.TaskResetPassword, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			return w.ChangePassword(ctx(), a, account.PasswordChange{New: good, KeepOthers: true})
		}},
		{name: "begin a passkey", fresh: true, does: mfa, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			_, r, err := w.BeginPasskey(ctx(), a)
			return r, err
		}},
		{name: "finish a passkey", fresh: true, does: mfa, do: func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
			_, r, err := w.FinishPasskey(ctx(), a, "psk_victim", "{}")
			return r, err
		}},
	}
}

func beginSilently(kind gatelatch.IdentifierKind, typed string) func(*world, account.Actor, thing) (*gatelatch.Refusal, error) {
	return func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
		_, r, err := w.AddAddress(ctx(), a, kind, typed)
		return r, err
	}
}

func begin(k flow.ChangeKind, typed string) func(*world, account.Actor, thing) (*gatelatch.Refusal, error) {
	return func(w *world, a account.Actor, _ thing) (*gatelatch.Refusal, error) {
		_, r, err := w.Begin(ctx(), a, k, typed)
		return r, err
	}
}

// TestWhoMayNotAct: every operation looks the session up again, and refuses
// everybody else in the same words.
func TestWhoMayNotAct(t *testing.T) {
	for name, spoil := range map[string]func(person) account.Actor{
		"no such session": func(p person) account.Actor {
			p.SessionID = "sess_none"
			return p.Actor
		},
		"a session that has ended": func(p person) account.Actor {
			p.tx(func(tx flow.Tx) error {
				return tx.EndSession(ctx(), p.SessionID, gatelatch.SessionEnded, p.w.g.Clock.Now())
			})
			return p.Actor
		},
		"a session past its limit": func(p person) account.Actor {
			p.w.g.Clock.Advance(7 * 24 * time.Hour)
			return p.Actor
		},
		"a banned user": func(p person) account.Actor {
			p.alter(func(u *gatelatch.User) { u.Banned = true })
			return p.Actor
		},
		"another browser": func(p person) account.Actor {
			p.Caller = p.w.signIn(p.test, p.id).Caller
			return p.Actor
		},
		"a browser that nobody knows": func(p person) account.Actor {
			p.Caller = p.w.g.Browser()
			return p.Actor
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, op := range operations() {
				w := newWorld(t)
				p := w.person(t, ada)
				a := spoil(p)
				mark := w.g.Store.Mark()
				r, err := op.do(w, a, thing{})
				if err != nil || code(r) != gatelatch.CodeForbidden {
					t.Errorf("%s: %v, %v", op.name, r, err)
				}
				if writes := w.g.Store.Since(mark); len(writes) > 0 || len(w.notices()) > 0 {
					t.Errorf("%s has written %v", op.name, writes)
				}
				if o, err := w.Overview(ctx(), a); o != nil || err != nil {
					t.Errorf("sees the account: %v, %v", o, err)
				}
			}
		})
	}
}

// TestWhatAsksForAYoungAuthentication: at the very end of the ten minutes.
func TestWhatAsksForAYoungAuthentication(t *testing.T) {
	for _, op := range operations() {
		w := newWorld(t)
		p := w.person(t, ada)
		w.g.Clock.Advance(account.FreshFor - time.Microsecond)
		if r, err := op.do(w, p.Actor, thing{}); err != nil || code(r) == gatelatch.CodeReverify {
			t.Errorf("%s: asks again within ten minutes, %v", op.name, err)
		}
		w.g.Clock.Advance(time.Microsecond)
		mark := w.g.Store.Mark()
		r, err := op.do(w, p.Actor, thing{})
		if err != nil || (code(r) == gatelatch.CodeReverify) != op.fresh {
			t.Errorf("%s: %v, %v", op.name, r, err)
		}
		if op.fresh && len(w.g.Store.Since(mark)) > 0 {
			t.Errorf("%s: refused, and yet done", op.name)
		}
		p.again()
		if r, err := op.do(w, p.Actor, thing{}); err != nil || code(r) == gatelatch.CodeReverify {
			t.Errorf("%s: asks again after it was proven again, %v", op.name, err)
		}
	}
}

// TestTasksStandInTheWay of all but what does the first of them.
func TestTasksStandInTheWay(t *testing.T) {
	for _, task := range []gatelatch.Task{gatelatch.TaskResetPassword, gatelatch.TaskSetupMFA, gatelatch.TaskAcceptTerms} {
		for _, op := range operations() {
			w := newWorld(t, owing(task))
			p := w.person(t, ada)
			if task == gatelatch.TaskResetPassword {
				p.alter(func(u *gatelatch.User) { u.PasswordReset = true })
			}
			r, err := op.do(w, p.Actor, thing{})
			if err != nil {
				t.Fatal(err)
			}
			stopped := r != nil && r.Message == "Finish the step that this site asks of you first."
			if allowed := op.always || op.does == task; stopped == allowed {
				t.Errorf("%s while %s is owed: %v", op.name, task, r)
			}
		}
	}
}

// owing is a site that asks for a task.
func owing(task gatelatch.Task) func(*flow.Service) {
	return func(s *flow.Service) {
		switch task {
		case gatelatch.TaskSetupMFA:
			s.Policy.SecondFactor = flow.Required
		case gatelatch.TaskAcceptTerms:
			s.Policy.Terms = flow.Terms{URL: "https://example.com/terms", Version: "2"}
		}
	}
}

// TestWhatBelongsToAnother cannot be touched: to everybody else it is not there.
func TestWhatBelongsToAnother(t *testing.T) {
	for _, op := range operations() {
		w := newWorld(t)
		p, victim := w.person(t, ada), w.person(t, bob)
		victim.add(flow.AddAddress, number)
		c, r, err := w.Begin(ctx(), victim.Actor, flow.AddAddress, fresh)
		victim.fine(r, err)
		victim.tx(func(tx flow.Tx) error {
			return tx.PutCredentials(ctx(), gatelatch.Credentials{UserID: victim.id, Passkeys: []gatelatch.Passkey{{ID: "psk_victim", Name: "Key"}}})
		})
		about := thing{victim.address(number), victim.SessionID, victim.session().ClientID, "psk_victim", c.ID, c.Factor.AddressID}
		before, credentials, live := victim.user(), victim.credentials(), victim.session()
		if _, err := op.do(w, p.Actor, about); err != nil {
			t.Fatalf("%s: %v", op.name, err)
		}
		switch op.name {
		case "make primary", "remove an address", "release a number", "rename a passkey", "remove a passkey",
			"end a session", "revoke a device", "send a code again", "confirm a change", "make primary with the profile",
			"send the code of an address", "give the code of an address", "give an address up", "reserve a number":
			if r, err := op.do(w, p.Actor, about); err != nil || code(r) != gatelatch.CodeNotFound {
				t.Errorf("%s: %v, %v", op.name, r, err)
			}
		}
		if seen, err := w.Change(ctx(), p.Actor, c.ID); seen != nil || err != nil {
			t.Errorf("somebody else's change shows: %v, %v", seen, err)
		}
		same(t, op.name, before, victim.user())
		same(t, op.name, credentials, victim.credentials())
		same(t, op.name, live, victim.session())
	}
}

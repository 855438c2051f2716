// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func mode(m flow.SignUpMode) func(*setting) {
	return func(s *setting) { s.policy.SignUp = m }
}

func (w *world) change(fn func(ctx context.Context, tx flow.Tx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.store.Store.InTx(ctx, func(tx flow.Tx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// invite invites an address and returns what the link carries.
func (w *world) invite(email string) string {
	w.t.Helper()
	inv := gatelatch.Invitation{
		ID: "inv_1", Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: email}, Display: email,
		CreatedAt: w.now, ExpireAt: w.now.Add(24 * time.Hour),
	}
	w.change(func(ctx context.Context, tx flow.Tx) error { return tx.PutInvitation(ctx, inv) })
	return w.handler.Flow.InvitationToken(inv.ID).Reveal()
}

func TestAnInvitation(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, mode(flow.SignUpInvite))
		token := w.invite("jo@example.com")
		b := w.browser()
		b.script = script
		b.open("/.auth/sign-up?invitation="+token).says(200, "You are invited.", "New accounts are by invitation.")
		if b.form.fields.Get("email_address") != "jo@example.com" {
			t.Errorf("the form holds %v", b.form.fields)
		}
		b.press("sign_up").says(200, "If j•••@example.com may sign up here, a 6-digit code is on its way")
		b.press("verify", "code="+w.code()).says(200, "the app, for jo@example.com")
		w.browser().open("/.auth/sign-up?invitation="+token).says(404, "This invitation is no longer good.", "Create an account")
		w.browser().open("/.auth/sign-up?invitation=inv_1.made-up").says(404, "This invitation is no longer good.")
	})
}

// Who was not invited meets the same pages, and no code.
func TestWithoutAnInvitation(t *testing.T) {
	w := newWorld(t, mode(flow.SignUpInvite))
	w.invite("jo@example.com")
	b := w.browser().open("/.auth/sign-up").press("sign_up", "email_address=mo@example.com").says(200, "If m•••@example.com may sign up here")
	b.press("verify", "code=123456").says(422, "incorrect")
	b = w.browser().open("/x").press("identify", "identifier=mo@example.com").says(200, "If m•••@example.com has an account here")
	b.press("verify", "code=123456").says(422, "incorrect")
	if len(w.queued()) != 0 || w.user("mo@example.com") {
		t.Errorf("%d messages", len(w.queued()))
	}
}

func TestTheWaitlist(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, mode(flow.SignUpWaitlist))
		b := w.browser()
		b.script = script
		b.open("/x").says(401, "Join the waitlist")
		b.open(b.link("Join the waitlist")).says(200, "Join the waitlist", "write to it when you can come in")
		b.press("sign_up", "email_address=jo@example.com").press("verify", "code="+w.code()).says(200, "You are on the waitlist", "j•••@example.com")
		attempt := b.form
		if attempt != nil || w.user("jo@example.com") {
			t.Error("a form, or a user, for somebody who waits")
		}
		b.open("/x").says(401)
	})
}

// TestTheWaitlistAtSignIn: whoever is new hears of the waitlist as soon as the address
// is proven, and of an account when invited.
func TestTheWaitlistAtSignIn(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, mode(flow.SignUpWaitlist))
		w.invite("guest@example.com")
		b := w.browser()
		b.script = script
		b.open("/x").press("identify", "identifier=jo@example.com").press("verify", "code="+w.code()).says(200, "Join the waitlist?", "New accounts have to wait")
		if strings.Contains(b.text, "Create") || w.user("jo@example.com") {
			t.Errorf("an account is offered: %s", b.text)
		}
		b.press("create").says(200, "You are on the waitlist")
		b = w.browser()
		b.script = script
		b.open("/x").press("identify", "identifier=guest@example.com").press("verify", "code="+w.code()).says(200, "Create your account?")
		b.press("create").says(200, "the app, for guest@example.com")
	})
}

// Operators change who may sign up while the gate runs.
func TestTheModeInForce(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/x").says(401, "Create an account")
	set := func(m flow.SignUpMode) {
		w.change(func(ctx context.Context, tx flow.Tx) error { return tx.PutSettings(ctx, flow.Settings{SignUp: m}) })
		w.pass(5 * time.Second)
	}
	set(flow.SignUpClosed)
	b.open("/.auth/sign-up").says(403, "New accounts are closed")
	b.open("/x").press("identify", "identifier=jo@example.com").says(200, "If j•••@example.com has an account here")
	set(flow.SignUpWaitlist)
	b.open("/.auth/sign-up").says(200, "Join the waitlist")
	set(flow.SignUpOpen)
	b.open("/.auth/sign-up").says(200, "Create an account")
	calls := w.store.asked()
	w.browser().open("/x").open("/.auth/sign-up")
	if w.store.asked() != calls {
		t.Error("pages for strangers ask the store each time")
	}
	w.store.set(true)
	w.pass(time.Minute)
	w.browser().open("/x").says(401, "Create an account") // the last that was heard
}

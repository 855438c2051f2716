// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestForgotPassword(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		g := tab.Gate
		first := withPassword(t, g, jo, horse)
		second := intruder(t, g, jo)
		n := g.Upstream.Count()
		tab.Open("/settings?tab=2")
		askPassword(tab, jo)
		press(tab, "Forgot your password?")
		tab.WaitText("With it you can set a new password")
		enter(tab, g.Outbox.Code(t, jo, 3), scripted(t))
		tab.WaitText("Choose a new password")
		notYet(t, tab, n, "with the code alone")
		inside(t, first, "as long as there is no new password")
		give(tab, "password1")
		tab.WaitText("one of the most common passwords")
		notYet(t, tab, n+1, "after a weak password")
		give(tab, donkey)
		landed(t, tab, "/settings?tab=2")
		outsideNow(t, first)
		outsideNow(t, second)
		g.Outbox.Notice(t, jo, "was changed", 1)
		p := page(t)(first.Password("/home", jo, horse))
		if p.Status != 422 || !p.Contains("That password is incorrect") {
			t.Errorf("the old password got %d %.300s", p.Status, p.Body)
		}
		p = page(t)(first.Follow(first.Submit(p, "password", map[string]string{"password": donkey})))
		if !p.Contains("Confirm this new device") {
			t.Errorf("the trust of other devices has survived: %d %.300s", p.Status, p.Body)
		}
		leaveApp(tab)
		startWithPassword(tab, "/later", jo, donkey)
		landed(t, tab, "/later")
	})
}

// TestForgettingDoesNotGoAroundTheSecondStep: a new password counts only when
// the second step has been taken.
func TestForgettingDoesNotGoAroundTheSecondStep(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	const jo = "jo@example.org"
	owner, app, _ := withApp(t, g, jo, horse)
	v := g.NewVisitor()
	p := page(t)(v.AtPassword("/home", jo))
	p = page(t)(v.Follow(v.Choose(p, "reset_password_email_code")))
	p = page(t)(v.Follow(v.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, jo, 2)})))
	p = page(t)(v.Follow(v.Submit(p, "new_password", map[string]string{"password": donkey})))
	if !p.Contains("Open your authenticator app") {
		t.Fatalf("%d %.900s", p.Status, p.Body)
	}
	outside(t, v, "before the second step")
	inside(t, owner, "before the second step")
	for password, want := range map[string]int{donkey: 422, horse: 303} {
		if got := page(t)(g.NewVisitor().Password("/home", jo, password)); got.Status != want {
			t.Errorf("before the second step %q got %d, want %d", password, got.Status, want)
		}
	}
	if got := page(t)(v.Submit(p, "verify", map[string]string{"code": app.Next()})); !v.Admitted(got) {
		t.Fatalf("%d %.900s", got.Status, got.Body)
	}
	inside(t, v, "after the second step")
	outsideNow(t, owner)
	for password, want := range map[string]int{donkey: 303, horse: 422} {
		if got := page(t)(g.NewVisitor().Password("/home", jo, password)); got.Status != want {
			t.Errorf("after the second step %q got %d, want %d", password, got.Status, want)
		}
	}
}

// TestNoOtherSessionStays: whoever has forgotten the password is signed out
// everywhere else, and no field of the form keeps a session.
func TestNoOtherSessionStays(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	const jo = "jo@example.org"
	for _, box := range []string{"", "0", "1"} {
		address := "a" + box + jo
		owner := withPassword(t, g, address, horse)
		v := g.NewVisitor()
		p := page(t)(v.AtPassword("/home", address))
		p = page(t)(v.Follow(v.Choose(p, "reset_password_email_code")))
		p = page(t)(v.Follow(v.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, address, 2)})))
		f, _ := p.Form("new_password")
		values := f.Values()
		if values.Has("end_others") {
			t.Error("the page asks whether the other sessions are to end")
		}
		values.Set("password", donkey)
		values.Set("step", "new_password")
		values.Set("end_others", box)
		if got := page(t)(v.Post(f.Action, values.Encode())); !v.Admitted(got) {
			t.Fatalf("%d %.900s", got.Status, got.Body)
		}
		outsideNow(t, owner)
	}
}

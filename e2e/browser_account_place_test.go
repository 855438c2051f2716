// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func endsSessions(t *testing.T, tab *harness.Tab) {
	gone := func(v *harness.Visitor, when string) { t.Helper(); gone(t, v, when) }
	tab.Open(at("/sessions/others"))
	press(tab, "Sign out everywhere else")
	tab.WaitText("You are signed out everywhere else.")
	one, two := elsewhere(t, tab.Gate, joWork), elsewhere(t, tab.Gate, joWork)
	one.Header.Set("User-Agent", "Mozilla/5.0 (one)")
	row(tab, "Devices in use")
	if n := tab.Eval("document.querySelectorAll('.items > li').length"); n != "3" {
		t.Fatalf("%s sessions: %s", n, tab.Describe())
	}
	if mine := tab.Eval("[...document.querySelectorAll('.items > li')].filter(e => e.innerText.includes('This device')).map(e => e.innerText).join('|')"); !contains(mine, "Chrome") ||
		contains(mine, "Sign out") || !contains(mine, "Network address") || !contains(mine, "Signed in") || !contains(mine, "Last seen") {
		t.Errorf("this one is shown as %q", mine)
	}
	id := inside(t, one, "before it is ended").Session
	tab.Open(at("/sessions/" + id))
	tab.WaitText("Sign this device out?")
	press(tab, "Sign it out")
	tab.WaitText("That device is signed out.")
	gone(one, "after it was ended")
	inside(t, two, "which was not ended")
	follow(tab, "Sign out everywhere else")
	tab.WaitText("You stay signed in on this device only.")
	press(tab, "Sign out everywhere else")
	tab.WaitText("You are signed out everywhere else.")
	gone(two, "after all others were ended")
	if got := standing(tab, "Devices in use"); got != "This one" {
		t.Errorf("the overview says %q", got)
	}
}

func revokesDevice(t *testing.T, tab *harness.Tab) {
	row(tab, "Password")
	give(tab, horse)
	tab.WaitText("Your password is saved.")
	v := elsewhere(t, tab.Gate, joWork)
	if p := page(t)(v.SignOut()); p.Status != 303 {
		t.Fatalf("signing out: %d", p.Status)
	}
	if p := page(t)(v.Password("/home", joWork, horse)); !v.Admitted(p) {
		t.Fatalf("on a trusted device the password got %d %.600s", p.Status, p.Body)
	}
	row(tab, "Trusted devices")
	if n := tab.Eval("document.querySelectorAll('.items > li').length"); n != "2" {
		t.Fatalf("%s devices: %s", n, tab.Describe())
	}
	pressIn(tab, "Unknown device", "Stop trusting")
	tab.WaitText("Stop trusting this device?")
	press(tab, "Stop trusting it")
	tab.WaitText("That device is not trusted any more.")
	gone(t, v, "on a device that was revoked")
	isNewDevice(t, v, joWork, horse)
}

func downloads(t *testing.T, tab *harness.Tab) {
	row(tab, "Download your data")
	tab.WaitText("Passwords and keys are not in it.")
	tab.Forget()
	press(tab, "Download")
	got := tab.Answered(1)[0]
	if got.Status != 200 || got.Header["content-disposition"] != `attachment; filename="account.json"` || got.Header["content-type"] != "application/json" {
		t.Errorf("the download: %+v", got)
	}
	tab.WaitText("Download your data") // the page stays
}

func provesAgain(t *testing.T, tab *harness.Tab) {
	before := inHere(tab)
	n := len(tab.Gate.Outbox.To(joWork))
	tab.Open("/.auth/verify?return_to=%2Fsafe%3Fx%3D1")
	tab.WaitText("Confirm that it is you")
	press(tab, "Continue")
	give(tab, horse)
	landed(t, tab, "/safe?x=1")
	if len(tab.Gate.Outbox.To(joWork)) != n {
		t.Error("a code went out beside the password")
	}
	if after := inHere(tab); after != before {
		t.Errorf("the session %s became %s", before, after)
	}
}

// inHere is the session of the tab.
func inHere(tab *harness.Tab) string {
	tab.T.Helper()
	id, err := harness.IdentityOf(map[string][]string{"Remote-User": {told(tab, "Remote-User")}, "Authorization": {told(tab, "Authorization")}})
	if err != nil {
		tab.T.Fatal(err)
	}
	return id.Session
}

func deletes(t *testing.T, tab *harness.Tab) {
	other := elsewhere(t, tab.Gate, joWork)
	was := told(tab, "Remote-User")
	row(tab, "Delete your account")
	tab.WaitText("we send a code to " + joWork)
	n := len(tab.Gate.Outbox.To(joWork))
	press(tab, "Send the code")
	tab.WaitText("With it your account is deleted for good.")
	code := tab.Gate.Outbox.Code(t, joWork, n+1)
	enter(tab, wrong(code), false) // what cannot be undone takes a press
	tab.WaitText("That code is incorrect")
	inside(t, other, "before the account is gone")
	tab.Fill("#code", "")
	enter(tab, code, false)
	tab.WaitText("Your account is deleted")
	if tab.Cookie(harness.SessionCookie) != "" {
		t.Error("the session cookie is still there")
	}
	gone(t, other, "after the account is gone")
	tab.Gate.Outbox.Notice(t, joWork, "Your Acme account was deleted", 1)
	back(tab)
	if tab.True("document.querySelector('.rows')") {
		t.Errorf("Back shows the account: %s", tab.Describe())
	}
	tab.Open("/home")
	tab.WaitFor("#identifier")
	v := tab.Gate.NewVisitor() // the address is free again, for somebody else
	if err := v.Register(joWork, donkey); err != nil {
		t.Fatal(err)
	}
	if id := inside(t, v, "in a new account"); id.User == was || id.Name != "" || id.Phone != "" {
		t.Errorf("%+v was %s before", id, was)
	}
}

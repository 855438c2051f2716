// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// setUpApp sets up an authenticator app in a tab that has just signed in, and
// returns it with the backup codes.
func setUpApp(t *testing.T, tab *harness.Tab) (*harness.App, []string) {
	t.Helper()
	tab.Open("/.auth/account/totp")
	press(tab, "Set it up")
	tab.WaitText("Scan this with your app")
	tab.WaitFor(".qr img")
	app, err := harness.NewApp(tab.Eval("document.querySelector('.key bdi').textContent"))
	if err != nil {
		t.Fatal(err)
	}
	enter(tab, app.Next(), scripted(t))
	tab.WaitText("Save your backup codes")
	codes := harness.BackupCodes(tab.Eval("document.getElementById('codes').innerHTML"))
	if len(codes) != 10 {
		t.Fatalf("%d backup codes: %s", len(codes), tab.Describe())
	}
	follow(tab, "I have saved them")
	tab.WaitText("Your account")
	tab.Open("/home")
	tab.WaitFor("#app")
	return app, codes
}

func TestAuthenticatorApp(t *testing.T) {
	bothWays(t, harness.Config{Directive: withSecond}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		g := tab.Gate
		tab.Open("/.auth/sign-up?return_to=%2Fhome")
		tab.WaitFor("#email_address")
		tab.Fill("#email_address", jo)
		give(tab, horse)
		tab.WaitFor("#code")
		enter(tab, g.Outbox.Code(t, jo, 1), scripted(t))
		tab.WaitFor("#app")
		app, _ := setUpApp(t, tab)
		leaveApp(tab)
		n := g.Upstream.Count()
		startWithPassword(tab, "/orders", jo, horse)
		tab.WaitText("Open your authenticator app")
		notYet(t, tab, n, "after the password")
		code := app.Next()
		enter(tab, wrong(code), scripted(t))
		tab.WaitText("That code is incorrect. You have 4 more tries.")
		notYet(t, tab, n, "after a wrong code")
		enter(tab, code, scripted(t))
		landed(t, tab, "/orders")
		leaveApp(tab)
		tab.Open("/again") // after a code by mail, too
		askPassword(tab, jo)
		press(tab, "Email me a code instead")
		tab.WaitFor("#code")
		enter(tab, g.Outbox.Code(t, jo, 2), scripted(t))
		tab.WaitText("Open your authenticator app")
		notYet(t, tab, n+1, "after the code by mail")
		enter(tab, code, scripted(t)) // the one that was taken already
		tab.WaitText("That code is incorrect")
		notYet(t, tab, n+1, "after a code that was used before")
		enter(tab, app.Next(), scripted(t))
		landed(t, tab, "/again")
	})
}

func TestBackupCodes(t *testing.T) {
	bothWays(t, harness.Config{Directive: withSecond}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		_, _, codes := withApp(t, tab.Gate, jo, horse)
		backup := func(path, code string) {
			t.Helper()
			startWithPassword(tab, path, jo, horse)
			tab.WaitText("Open your authenticator app")
			follow(tab, "Use another method")
			tab.WaitText("takes a second step")
			press(tab, "Use a backup code")
			tab.WaitText("Each works once")
			tab.Fill("#code", code)
			tab.Click(primary)
		}
		backup("/one", codes[3])
		landed(t, tab, "/one")
		leaveApp(tab)
		n := tab.Gate.Upstream.Count()
		backup("/two", codes[3])
		tab.WaitText("That code is incorrect")
		notYet(t, tab, n, "with a backup code that is spent")
		tab.Fill("#code", replaceAll(codes[4], "-", " "))
		tab.Click(primary)
		landed(t, tab, "/two")
	})
}

func TestReservedNumber(t *testing.T) {
	c := harness.Config{Sender: twoSenders, Directive: withSecond + bothKinds}
	bothWays(t, c, func(t *testing.T, tab *harness.Tab) {
		const jo, number = "jo@example.org", "+12015550123"
		g := tab.Gate
		owner := withPassword(t, g, jo, horse)
		reserve(t, owner, number, true)
		n := g.Upstream.Count()
		startWithPassword(tab, "/orders", jo, horse)
		tab.WaitText("Check your phone")
		if !tab.Shows("takes a second step") || !tab.Shows("+1 •••• 23") {
			t.Error(tab.Describe())
		}
		notYet(t, tab, n, "after the password")
		enter(tab, g.Outbox.Code(t, number, 2), scripted(t))
		landed(t, tab, "/orders")
		leaveApp(tab)
		tab.Open("/home") // the number itself begins no sign-in
		askPassword(tab, number)
		give(tab, horse)
		tab.WaitText("That password is incorrect")
		press(tab, "Text me a code instead")
		tab.WaitFor("#code")
		if sent := len(g.Outbox.To(number)); sent != 2 {
			t.Errorf("%d codes went to the number", sent)
		}
	})
}

// TestChoiceOfSecondSteps: who has several is asked for the quickest and picks
// any other.
func TestChoiceOfSecondSteps(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + withSecond + bothKinds})
	const jo = "jo@example.org"
	owner, app, codes := withApp(t, g, jo, horse)
	for _, number := range []string{"+12015550123", "+12015550124"} {
		reserve(t, owner, number, false)
	}
	methods := func() (*harness.Visitor, *harness.Page) {
		v := g.NewVisitor()
		p := page(t)(v.Follow(v.Password("/home", jo, horse)))
		if !p.Contains("Open your authenticator app") {
			t.Fatalf("%d %.900s", p.Status, p.Body)
		}
		p = page(t)(v.Open(p.URL.Path + "?ways=1"))
		if n := len(p.Ways()); n != 4 {
			t.Fatalf("the ways are %v", p.Ways())
		}
		return v, p
	}
	take := func(way, code string) {
		t.Helper()
		v, p := methods()
		sent := len(g.Outbox.To("+12015550124"))
		p = page(t)(v.Follow(v.Choose(p, way)))
		if code == "" {
			code = g.Outbox.Code(t, "+12015550124", sent+1)
		}
		if p = page(t)(v.Submit(p, "verify", map[string]string{"code": code})); !v.Admitted(p) {
			t.Errorf("%s: %d %.900s", way, p.Status, p.Body)
		}
		if id := inside(t, v, way); len(id.Ages) != 2 || id.Ages[1] != 0 {
			t.Errorf("%s: the token says fva %v, amr %v", way, id.Ages, id.Methods)
		}
	}
	take("totp", app.Next())
	take("backup_code", codes[0])
	_, p := methods()
	take(p.Ways()[2], "") // the second number, by its id
}

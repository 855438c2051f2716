// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestPasswordRulesInWords(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const jo = "josephine@example.org"
		tab.Open("/.auth/sign-up")
		tab.WaitFor("#password")
		if !tab.Shows("At least 8 characters.") {
			t.Error(tab.Describe())
		}
		tab.Fill("#email_address", jo)
		for _, row := range []struct{ password, words string }{
			{"short", "A password needs at least 8 characters; this one has 5."},
			{"password1", "This is one of the most common passwords."},
			{"12345678901", "it consists of digits only"},
			{"josephine1", "it is made of a name or address of yours"},
			{"aaaaaaaaaaaaa", "it repeats the same character"},
		} {
			give(tab, row.password)
			tab.WaitText(row.words)
			tab.Wait("document.activeElement.id === 'password'")
			if !tab.Soon("document.title.startsWith('Error:')") ||
				!tab.Soon("document.getElementById('password').matches('[aria-invalid=true][aria-describedby~=password-error]')") {
				t.Errorf("%q: the field does not say that it is wrong: %s", row.password, tab.Describe())
			}
			if got := tab.Eval("document.getElementById('email_address').value + '|' + document.getElementById('password').value"); got != jo+"|" {
				t.Errorf("%q: the fields became %q", row.password, got)
			}
		}
		if n := len(tab.Gate.Outbox.All()); n != 0 {
			t.Errorf("%d messages went out", n)
		}
		give(tab, horse)
		tab.WaitFor("#code")
	})
}

func TestPasswordCanBeShown(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	tab := g.NewTab(t, harness.Look{})
	tab.Open("/home")
	askPassword(tab, "jo@example.org")
	tab.Fill("#password", horse)
	for _, want := range []string{"text/true", "password/false", "text/true"} {
		tab.Click("button.reveal")
		if got := tab.Eval("document.getElementById('password').type + '/' + document.querySelector('.reveal').ariaPressed"); got != want {
			t.Errorf("the field is %s, want %s", got, want)
		}
	}
	tab.Click(primary)
	tab.WaitText("That password is incorrect")
	if got := tab.Eval("document.getElementById('password').type + document.getElementById('password').value"); got != "password" {
		t.Errorf("a wrong password leaves the field as %q", got)
	}
	quiet := g.NewTab(t, harness.Look{NoScript: true})
	quiet.Open("/home")
	askPassword(quiet, "jo@example.org")
	if !quiet.Soon("!document.querySelector('.reveal').checkVisibility()") {
		t.Error("without script there is a button that does nothing")
	}
}

func TestWrongPasswords(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		withPassword(t, tab.Gate, jo, horse)
		n := tab.Gate.Upstream.Count()
		tab.Open("/orders")
		askPassword(tab, jo)
		for _, words := range []string{"4 more tries", "3 more tries", "2 more tries", "one more try"} {
			give(tab, donkey)
			tab.WaitText("That password is incorrect. You have " + words)
			tab.Wait("document.activeElement.id === 'password'")
		}
		give(tab, donkey)
		tab.WaitText("Too many wrong passwords. Use another way to sign in, or start over.")
		if tab.True("document.getElementById('password')") {
			t.Error("there is a field in which no answer would be right")
		}
		notYet(t, tab, n, "after five wrong passwords")
		press(tab, "Email me a code instead")
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, jo, 2), scripted(t))
		landed(t, tab, "/orders")
	})
}

// TestWrongPasswordsDoNotCloseCodes spends what an hour allows of passwords:
// codes go on working, and so does the browser that the user has used before.
func TestWrongPasswordsDoNotCloseCodes(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: withPasswords})
	const jo = "jo@example.org"
	owner := withPassword(t, g, jo, horse)
	closed := 0
	stranger := g.NewVisitor()
	for range 4 {
		p := page(t)(stranger.AtPassword("/home", jo))
		for range 4 {
			if got := page(t)(stranger.Submit(p, "password", map[string]string{"password": donkey})); got.Status == 429 {
				closed++
			}
		}
	}
	if closed != 6 {
		t.Errorf("of 16 wrong passwords in an hour 6 are too many, not %d", closed)
	}
	p := page(t)(stranger.Password("/home", jo, horse))
	if p.Status != 429 || stranger.Cookie(harness.SessionCookie) != "" {
		t.Errorf("the right password afterwards got %d", p.Status)
	}
	code := page(t)(stranger.AskCode("/home", jo))
	if _, err := stranger.Enter(code, g.Outbox.Code(t, jo, 2)); err != nil {
		t.Errorf("a code afterwards: %v", err)
	}
	twin := owner.Twin()
	twin.SetCookie(harness.SessionCookie, "")
	if p := page(t)(twin.Password("/home", jo, horse)); !twin.Admitted(p) {
		t.Errorf("the owner's own browser got %d %.300s", p.Status, p.Body)
	}
}

// TestLongerWhereAPasswordIsEnough: without client trust and second factors a
// password stands alone.
func TestLongerWhereAPasswordIsEnough(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords + "client_trust off\n"})
	v := g.NewVisitor()
	p := page(t)(v.Open("/.auth/sign-up"))
	if !p.Contains("At least 15 characters.") {
		t.Errorf("%.900s", p.Body)
	}
	p = page(t)(v.Submit(p, "sign_up", map[string]string{"email_address": "jo@example.org", "password": "Qz7!mv0pLx2#f"}))
	if p.Status != 422 || !p.Contains("at least 15 characters; this one has 13") {
		t.Errorf("%d %.900s", p.Status, p.Body)
	}
	withPassword(t, g, "jo@example.org", horse)
	w := g.NewVisitor()
	if p := page(t)(w.Password("/home", "jo@example.org", horse)); !w.Admitted(p) {
		t.Errorf("a new device got %d %.300s", p.Status, p.Body)
	}
}

func TestChangePasswordAddress(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	v := withPassword(t, g, "jo@example.org", horse)
	for _, path := range []string{"/.well-known/change-password", "/.auth/.well-known/change-password"} {
		p := page(t)(v.Open(path))
		if p.Status != 303 || p.Location() != "/.auth/account/password" {
			t.Errorf("%s: %d to %q", path, p.Status, p.Location())
		}
		if p = page(t)(v.Follow(p, nil)); p.Status != 200 || !p.Has("save") {
			t.Errorf("%s: %d %.300s", path, p.Status, p.Body)
		}
		stranger := g.NewVisitor()
		p = page(t)(stranger.Follow(stranger.Open(path)))
		if p.Status >= 500 || !p.Has("identify") {
			t.Errorf("%s, signed out: %d %.300s", path, p.Status, p.Body)
		}
	}
	off := harness.Start(t, harness.Config{Directive: generous})
	in := off.NewVisitor()
	if err := in.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	if p := page(t)(in.Open("/.well-known/change-password")); p.Status != 200 || !p.Contains("/.well-known/change-password") {
		t.Errorf("without passwords the path is the app's own, but it got %d", p.Status)
	}
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestSignUp(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/welcome?plan=pro")
		tab.WaitFor("#identifier")
		tab.Eval(`[...document.querySelectorAll('.ways a')].find(a => a.textContent === 'Create an account').click()`)
		tab.WaitFor("#email_address")
		tab.Fill("#email_address", "jo@example.org")
		tab.Click(primary)
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, "jo@example.org", 1), scripted(t))
		tab.WaitFor("#app")
		if got := tab.Eval("document.getElementById('uri').textContent"); got != "/welcome?plan=pro" {
			t.Errorf("landed at %s", got)
		}
	})
}

func TestSignUpWithEverything(t *testing.T) {
	c := harness.Config{Sender: "email outbox outbox.jsonl\nsms outbox outbox.jsonl", Directive: `
		identifiers email phone
		sms_countries US
		region US
		sign_up open {
			email required
			phone required
			first_name required
			last_name optional
		}`}
	bothWays(t, c, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/.auth/sign-up?return_to=%2Fwelcome")
		tab.WaitFor("#email_address")
		tab.Fill("#first_name", "Jo")
		tab.Fill("#email_address", "jo@example.org")
		tab.Fill("#phone_number", "(201) 555-0123")
		tab.Click(primary)
		tab.WaitFor("#code")
		if !tab.Shows("Check your email") {
			t.Error(tab.Describe())
		}
		enter(tab, tab.Gate.Outbox.Code(t, "jo@example.org", 1), scripted(t))
		tab.WaitText("Check your phone")
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, "+12015550123", 1), scripted(t))
		tab.WaitFor("#app")
		for _, part := range []string{`"Jo"`, `"jo@example.org"`, `"+12015550123"`} {
			if !tab.Shows(part) {
				t.Errorf("the upstream was not told %s: %s", part, tab.Describe())
			}
		}
	})
}

func TestSignUpNamesWhatIsWrong(t *testing.T) {
	bothWays(t, harness.Config{Directive: "sign_up open {\nemail required\nfirst_name required\n}"}, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/.auth/sign-up")
		tab.WaitFor("#email_address")
		tab.Fill("#first_name", "Jo")
		tab.Fill("#email_address", "jo@")
		tab.Click(primary)
		tab.WaitFor(".problem")
		if got := tab.Eval("document.querySelector('[aria-invalid]').id"); got != "email_address" {
			t.Errorf("the field at fault is %q", got)
		}
		if got := tab.Eval("document.activeElement.id"); got != "email_address" {
			t.Errorf("the focus is on %q", got)
		}
		if got := tab.Eval("document.getElementById('first_name').value"); got != "Jo" {
			t.Errorf("the first name became %q", got)
		}
		if got := tab.Eval("document.title"); !contains(got, "Error:") {
			t.Errorf("the title is %q", got)
		}
	})
}

func TestKnownAddressAtSignUpIsSignedIn(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		knownUser(t, tab.Gate, "jo@example.org")
		tab.Open("/.auth/sign-up?return_to=%2Fwelcome")
		tab.WaitFor("#email_address")
		tab.Fill("#email_address", "jo@example.org")
		tab.Click(primary)
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, "jo@example.org", 2), scripted(t))
		tab.WaitFor("#app")
		users := map[string]bool{}
		for _, s := range tab.Gate.Upstream.Seen() {
			users[s.Header.Get("Remote-User")] = true
		}
		if len(users) != 1 {
			t.Errorf("one address, but users %v", users)
		}
	})
}

func TestSignUpClosed(t *testing.T) {
	bothWays(t, harness.Config{Directive: "sign_up closed"}, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/.auth/sign-up")
		tab.WaitText("New accounts are closed")
		tab.Open("/home")
		tab.WaitFor("#identifier")
		if tab.Shows("Create an account") {
			t.Error("an account is offered where none can be had")
		}
		ask(tab, "stranger@example.org")
		if !tab.Shows("has an account here") {
			t.Error(tab.Describe())
		}
		tab.Type("#code", "123456")
		if !scripted(t) {
			tab.Click(primary)
		}
		tab.WaitText("That code is incorrect")
		if n := len(tab.Gate.Outbox.All()); n != 0 {
			t.Errorf("%d messages went out", n)
		}
	})
}

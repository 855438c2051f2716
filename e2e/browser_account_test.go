// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

const (
	jo     = "jo@example.org"
	joWork = "jo@work.example"
	number = "+12015550123"
	second = "+12015550124"
)

// TestAccount goes through the account pages from the first to the last, as
// somebody would who has just signed up with a code.
func TestAccount(t *testing.T) {
	t.Parallel()
	c := everythingSite()
	c.Directive = everything // bothWays adds the limits
	bothWays(t, c, func(t *testing.T, tab *harness.Tab) {
		joins(t, tab, jo)
		for _, p := range []struct {
			name string
			test func(*testing.T, *harness.Tab)
		}{
			{"name", changesName},
			{"addresses", changesAddresses},
			{"number", addsNumber},
			{"password", changesPassword},
			{"app", setsUpApp},
			{"number for the second step", reservesNumber},
			{"backup codes", renewsCodes},
			{"sessions", endsSessions},
			{"devices", revokesDevice},
			{"export", downloads},
			{"asked again", provesAgain},
			{"delete", deletes},
		} {
			part(t, tab, p.name, func(t *testing.T) { p.test(t, tab) })
		}
	})
}

// joins makes an account with a code where passwords are optional.
func joins(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	tab.Open("/.auth/sign-up?return_to=%2Fhome")
	tab.WaitFor("#email_address")
	tab.Fill("#email_address", address)
	tab.Click(primary)
	tab.WaitFor("#code")
	enter(tab, tab.Gate.Outbox.Code(t, address, 1), scripted(t))
	landed(t, tab, "/home")
}

// row opens a row of the overview.
func row(tab *harness.Tab, label string) {
	tab.T.Helper()
	tab.Open(at(""))
	tab.WaitFor(".rows")
	find := `[...document.querySelectorAll('.rows a')].find(e => e.querySelector('.what').innerText === ` + quoted(label) + `)`
	tab.Wait(find)
	tab.Eval(find + ".click()")
	tab.Wait("location.pathname !== '/.auth/account'")
}

// standing is what the overview says of a row.
func standing(tab *harness.Tab, label string) string {
	tab.T.Helper()
	tab.Open(at(""))
	tab.WaitFor(".rows")
	return tab.Eval(`[...document.querySelectorAll('.rows a')].find(e => e.querySelector('.what').innerText === ` + quoted(label) + `)?.querySelector('.how').innerText`)
}

func changesName(t *testing.T, tab *harness.Tab) {
	row(tab, "Name")
	tab.WaitFor("#first_name")
	tab.Fill("#first_name", "Zoë")
	tab.Fill("#last_name", "<b>O'Hara</b>")
	tab.Click(primary)
	tab.WaitText("Your name is saved.")
	if got := standing(tab, "Name"); got != "Zoë <b>O'Hara</b>" {
		t.Errorf("the overview calls her %q", got)
	}
	if got := told(tab, "Remote-Name"); !contains(got, "O") || contains(got, "\n") {
		t.Errorf("the app is told %q", got)
	}
	row(tab, "Name")
	tab.WaitFor("#first_name")
	tab.Fill("#first_name", "Jo")
	tab.Fill("#last_name", "")
	tab.Click(primary)
	tab.WaitText("Your name is saved.")
	if got := told(tab, "Remote-Name"); got != "Jo" {
		t.Errorf("the next request tells the app %q", got)
	}
}

func changesAddresses(t *testing.T, tab *harness.Tab) {
	row(tab, "Email addresses")
	tab.WaitText("It stays as long as it is the only way to sign in.")
	if tab.True(inItem(jo, "Remove")) {
		t.Error("the only address can be removed")
	}
	follow(tab, "Add an email address")
	tab.WaitFor("#email_address")
	tab.Fill("#email_address", joWork)
	tab.Click(primary)
	tab.WaitText("We sent a 6-digit code to " + joWork)
	code := tab.Gate.Outbox.Code(t, joWork, 1)
	enter(tab, wrong(code), scripted(t))
	tab.WaitText("That code is incorrect. You have 4 more tries.")
	resends(tab, "Send the code again")
	if again := tab.Gate.Outbox.Code(t, joWork, 2); again != code {
		t.Errorf("the code was %s and is %s", code, again)
	}
	tab.Fill("#code", "")
	enter(tab, code, scripted(t))
	tab.WaitText("The email address is confirmed and belongs to your account now.")
	for _, address := range []string{jo, joWork} {
		tab.Gate.Outbox.Notice(t, address, "An address was added to your Acme account", 1)
	}
	if got := told(tab, "Remote-Email"); got != jo {
		t.Errorf("the app is told %q", got)
	}
	tab.Open(at("/addresses"))
	pressIn(tab, joWork, "Make it the main one")
	tab.WaitText("That one is the main one now.")
	tab.Gate.Outbox.Notice(t, jo, "The main address of your Acme account was changed", 1)
	tab.Gate.Outbox.Notice(t, joWork, "The main address of your Acme account was changed", 1)
	if got := told(tab, "Remote-Email"); got != joWork {
		t.Errorf("the next request tells the app %q", got)
	}
	tab.Open(at("/addresses"))
	pressIn(tab, jo, "Remove")
	tab.WaitText("You will no longer be able to sign in with " + jo)
	press(tab, "Remove")
	tab.WaitText("The email address is removed.")
	tab.Gate.Outbox.Notice(t, jo, "An address was removed from your Acme account", 1)
	if !tab.Soon(inItem(joWork, "Remove") + " === undefined") {
		t.Error("the last address can be removed")
	}
}

// resends asks for a code once more by the button with this text. Without a
// script the button is there before it may be used.
func resends(tab *harness.Tab, button string) {
	tab.T.Helper()
	tab.Until("document.body.innerText.includes('The code is on its way again')", func() {
		tab.WaitFor("[value=resend]")
		turn(tab, func() { press(tab, button) })
	})
}

func addsNumber(t *testing.T, tab *harness.Tab) {
	row(tab, "Phone numbers")
	follow(tab, "Add a phone number")
	tab.WaitFor("#phone_number")
	tab.Fill("#phone_number", "12")
	tab.Click(primary)
	tab.WaitFor(".problem")
	tab.Fill("#phone_number", "(201) 555-0123")
	tab.Click(primary)
	tab.WaitFor("#code")
	enter(tab, tab.Gate.Outbox.Code(t, number, 1), scripted(t))
	tab.WaitText("The phone number is confirmed and belongs to your account now.")
	if got := told(tab, "Remote-Phone"); got != number {
		t.Errorf("the next request tells the app %q", got)
	}
	tab.Gate.Outbox.Notice(t, joWork, "An address was added to your Acme account", 2)
}

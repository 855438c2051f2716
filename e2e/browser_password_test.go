// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestSignUpWithPassword(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		tab.Open("/welcome?plan=pro")
		tab.WaitFor("#identifier")
		follow(tab, "Create an account")
		tab.WaitFor("#password")
		tab.Fill("#email_address", jo)
		give(tab, horse)
		tab.WaitFor("#code")
		notYet(t, tab, 0, "before the address is proven")
		enter(tab, tab.Gate.Outbox.Code(t, jo, 1), scripted(t))
		landed(t, tab, "/welcome?plan=pro")
		leaveApp(tab)
		sent := len(tab.Gate.Outbox.All())
		tab.Open("/orders?x=1")
		askPassword(tab, jo)
		if !tab.Shows("You are signing in as "+jo) || !tab.Shows("Email me a code instead") || !tab.Shows("Forgot your password?") {
			t.Error(tab.Describe())
		}
		give(tab, horse)
		landed(t, tab, "/orders?x=1")
		if n := len(tab.Gate.Outbox.All()); n != sent {
			t.Errorf("on the device of the sign-up %d messages went out", n-sent)
		}
	})
}

func TestSignUpWithPasswordByPhone(t *testing.T) {
	c := harness.Config{Sender: twoSenders, Directive: withPasswords + bothKinds}
	bothWays(t, c, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/.auth/sign-up?return_to=%2Fwelcome")
		tab.WaitFor("#phone_number")
		tab.Fill("#phone_number", "(201) 555-0123")
		give(tab, horse)
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, "+12015550123", 1), scripted(t))
		landed(t, tab, "/welcome")
		leaveApp(tab)
		startWithPassword(tab, "/again", "201 555 0123", horse)
		landed(t, tab, "/again")
		if n := len(tab.Gate.Outbox.To("+12015550123")); n != 1 {
			t.Errorf("%d codes went out", n)
		}
	})
}

func TestUnknownAddressMeetsThePasswordPageToo(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const new = "new@example.org"
		startWithPassword(tab, "/inbox", new, horse)
		tab.WaitText("That password is incorrect. You have 4 more tries.")
		press(tab, "Email me a code instead")
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, new, 1), scripted(t))
		tab.WaitFor("button[value=create]")
		notYet(t, tab, 0, "before the account is agreed to")
		tab.Click(primary)
		landed(t, tab, "/inbox")
	})
}

func TestNewDeviceAsksForACode(t *testing.T) {
	c := harness.Config{Directive: withPasswords + "code {\nresend_after 1s\n}\n"}
	bothWays(t, c, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		withPassword(t, tab.Gate, jo, horse)
		n := tab.Gate.Upstream.Count()
		startWithPassword(tab, "/orders", jo, horse)
		tab.WaitText("Confirm this new device")
		for _, words := range []string{
			"This device is new to your account", "j•••@example.org", "works for 10 minutes", "remembered for 30 days",
			"Use another method", "Start over",
		} {
			if !tab.Shows(words) {
				t.Errorf("%q is missing: %s", words, tab.Describe())
			}
		}
		notYet(t, tab, n, "after the password")
		resends(tab, "I need a new code")
		code := tab.Gate.Outbox.Code(t, jo, 3)
		enter(tab, wrong(code), scripted(t))
		tab.WaitText("That code is incorrect. You have 4 more tries.")
		notYet(t, tab, n, "after a wrong code")
		tab.Fill("#code", "")
		enter(tab, code, scripted(t))
		landed(t, tab, "/orders")
		trustLasts(t, tab, jo)
	})
}

// trustLasts signs out and in again, which takes the password and nothing else.
func trustLasts(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	leaveApp(tab)
	sent := len(tab.Gate.Outbox.To(address))
	startWithPassword(tab, "/later", address, horse)
	landed(t, tab, "/later")
	if n := len(tab.Gate.Outbox.To(address)); n != sent {
		t.Errorf("a device that is trusted was sent %d codes", n-sent)
	}
}

func TestWaysOutOfANewDevice(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		withPassword(t, tab.Gate, jo, horse)
		n := tab.Gate.Upstream.Count()
		startWithPassword(tab, "/orders", jo, horse)
		tab.WaitText("Confirm this new device")
		first := tab.Gate.Outbox.Code(t, jo, 2)
		follow(tab, "Start over")
		askPassword(tab, jo)
		give(tab, horse)
		tab.WaitText("Confirm this new device")
		tab.Gate.Outbox.Code(t, jo, 3)
		enter(tab, first, scripted(t)) // of an attempt that was left
		tab.WaitText("That code is incorrect")
		follow(tab, "Use another method")
		tab.WaitText("This device is new to your account")
		press(tab, "Email a link to j•••@example.org")
		tab.WaitText("we sent a link to j•••@example.org")
		notYet(t, tab, n, "while a link is on its way")
		m, err := tab.Gate.Outbox.Find(jo, 4)
		if err != nil {
			t.Fatal(err)
		}
		tab.Open(m.Link())
		notYet(t, tab, n, "after the link was opened")
		press(tab, "Continue")
		landed(t, tab, "/orders")
		trustLasts(t, tab, jo)
	})
}

func TestCodesAskForNothingElse(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		withPassword(t, tab.Gate, jo, horse)
		tab.Open("/orders")
		askPassword(tab, jo)
		press(tab, "Email me a code instead")
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, jo, 2), scripted(t))
		landed(t, tab, "/orders")
		trustLasts(t, tab, jo)
	})
}

// TestWhereANewDeviceIsConfirmed: mail comes first, whatever was typed, and a
// text only reaches whom mail cannot.
func TestWhereANewDeviceIsConfirmed(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, more, typed, to string
		fields                map[string]string
	}{
		{"an address", "", "jo@example.org", "jo@example.org", map[string]string{"email_address": "jo@example.org"}},
		{"a number of somebody with mail", "", "+12015550123", "al@example.org", map[string]string{"email_address": "al@example.org", "phone_number": "+12015550123"}},
		{"a number of somebody without", "", "+12015550124", "+12015550124", map[string]string{"phone_number": "+12015550124"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + withPasswords + bothKinds + row.more})
			v := g.NewVisitor()
			row.fields["password"] = horse
			p := page(t)(v.Open("/.auth/sign-up"))
			p = page(t)(v.Follow(v.Submit(p, "sign_up", row.fields)))
			for range 2 {
				if !v.Admitted(p) && p.Has("verify") {
					to := row.fields["email_address"]
					if to == "" || p.Contains("Check your phone") {
						to = row.fields["phone_number"]
					}
					p = page(t)(v.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, to, 1)}))
					if !v.Admitted(p) {
						p = page(t)(v.Follow(p, nil))
					}
				}
			}
			inside(t, v, "after the sign-up")
			w := g.NewVisitor()
			p = page(t)(w.Follow(w.Password("/home", row.typed, horse)))
			if !p.Contains("Confirm this new device") {
				t.Fatalf("%d %.600s", p.Status, p.Body)
			}
			outside(t, w, "on the new device")
			n := 1
			if row.fields["email_address"] == row.to || row.fields["phone_number"] == row.to {
				n = 2
			}
			if _, err := w.Enter(p, g.Outbox.Code(t, row.to, n)); err != nil {
				t.Fatal(err)
			}
			inside(t, w, "after the code")
		})
	}
}

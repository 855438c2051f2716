// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// newDeviceOf comes to the question whose device this is.
func newDeviceOf(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	withPassword(t, tab.Gate, address, horse)
	startWithPassword(tab, "/home", address, horse)
	tab.WaitText("Confirm this new device")
}

// secondOf comes to the second step of somebody with an authenticator app.
func secondOf(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	withApp(t, tab.Gate, address, horse)
	startWithPassword(tab, "/home", address, horse)
	tab.WaitText("Open your authenticator app")
}

// atPasswordOf comes to the page that asks for a password, of nobody.
func atPasswordOf(tab *harness.Tab, address string) {
	tab.T.Helper()
	tab.Open("/home")
	askPassword(tab, address)
}

// resetOf comes to the page that asks for a new password.
func resetOf(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	withPassword(t, tab.Gate, address, horse)
	atPasswordOf(tab, address)
	press(tab, "Forgot your password?")
	tab.WaitFor("#code")
	enter(tab, tab.Gate.Outbox.Code(t, address, 2), true)
	tab.WaitText("Choose a new password")
}

// signedIn signs a new person up in a tab.
func signedIn(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	tab.Open("/.auth/sign-up?return_to=%2Fhome")
	tab.WaitFor("#email_address")
	tab.Fill("#email_address", address)
	give(tab, horse)
	tab.WaitFor("#code")
	enter(tab, tab.Gate.Outbox.Code(t, address, 1), true)
	tab.WaitFor("#app")
}

// linkOf asks for a link with a browser of its own and returns where it leads.
func linkOf(t *testing.T, g *harness.Gate, address string) string {
	t.Helper()
	v := g.NewVisitor()
	p := page(t)(v.AtPassword("/home", address))
	p = page(t)(v.Open(p.URL.Path + "?ways=1"))
	page(t)(v.Follow(v.Choose(p, "email_link")))
	m, err := g.Outbox.Find(address, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m.Link()
}

// authScenes are the pages of passwords, new devices and second steps.
var authScenes = []scene{
	{"sign-up-password", secondSite, open("/.auth/sign-up", "#password")},
	{"sign-up-password-refused", secondSite, func(_ *testing.T, tab *harness.Tab) {
		tab.Open("/.auth/sign-up")
		tab.WaitFor("#email_address")
		tab.Fill("#email_address", "weak@example.org")
		give(tab, "password1")
		tab.WaitText("most common passwords")
	}},
	{"password", secondSite, func(_ *testing.T, tab *harness.Tab) { atPasswordOf(tab, "password@example.org") }},
	{"password-wrong", secondSite, func(_ *testing.T, tab *harness.Tab) {
		atPasswordOf(tab, "wrong@example.org")
		give(tab, donkey)
		tab.WaitText("That password is incorrect")
	}},
	{"password-spent", secondSite, func(_ *testing.T, tab *harness.Tab) {
		atPasswordOf(tab, "spent@example.org")
		for range 5 {
			give(tab, donkey)
		}
		tab.WaitText("Too many wrong passwords")
	}},
	{"methods", secondSite, func(_ *testing.T, tab *harness.Tab) {
		atPasswordOf(tab, "methods@example.org")
		follow(tab, "Use another method")
		tab.WaitText("Choose a method")
	}},
	{"code-reset", secondSite, func(_ *testing.T, tab *harness.Tab) {
		atPasswordOf(tab, "reset@example.org")
		press(tab, "Forgot your password?")
		tab.WaitFor("#code")
	}},
	{"new-password", secondSite, func(t *testing.T, tab *harness.Tab) { resetOf(t, tab, "new@example.org") }},
	{"new-password-weak", secondSite, func(t *testing.T, tab *harness.Tab) {
		resetOf(t, tab, "newweak@example.org")
		give(tab, "password1")
		tab.WaitText("most common passwords")
	}},
	{"new-device", secondSite, func(t *testing.T, tab *harness.Tab) { newDeviceOf(t, tab, "device@example.org") }},
	{"new-device-methods", secondSite, func(t *testing.T, tab *harness.Tab) {
		newDeviceOf(t, tab, "devices@example.org")
		follow(tab, "Use another method")
		tab.WaitText("Choose a method")
	}},
	{"new-device-link", secondSite, func(t *testing.T, tab *harness.Tab) {
		newDeviceOf(t, tab, "link@example.org")
		follow(tab, "Use another method")
		press(tab, "Email a link to l•••@example.org")
		tab.WaitText("Open it in this browser")
	}},
	{"link", secondSite, func(t *testing.T, tab *harness.Tab) {
		newDeviceOf(t, tab, "here@example.org")
		follow(tab, "Use another method")
		press(tab, "Email a link to h•••@example.org")
		m, err := tab.Gate.Outbox.Find("here@example.org", 3)
		if err != nil {
			t.Fatal(err)
		}
		tab.Open(m.Link())
		tab.WaitFor("button[value=link]")
	}},
	{"ticket", secondSite, open("/.auth/sign-in?__clerk_ticket=sit_1.made-up", "button[value=ticket]")},
	{"ticket-over", secondSite, func(_ *testing.T, tab *harness.Tab) {
		tab.Open("/.auth/sign-in?__clerk_ticket=sit_1.made-up")
		press(tab, "Sign in")
		tab.WaitText("This link is no longer good")
	}},
	{"link-code", secondSite, func(t *testing.T, tab *harness.Tab) {
		tab.Open(linkOf(t, tab.Gate, "elsewhere@example.org"))
		tab.WaitFor(".digits")
	}},
	{"link-over", secondSite, open("/.auth/link/sia_gone?t=AAAAAAAAAAAAAAAAAAAAAA", "a.primary")},
	{"not-me", secondSite, func(t *testing.T, tab *harness.Tab) { notMeOf(t, tab, "notme@example.org") }},
	{"not-me-done", secondSite, func(t *testing.T, tab *harness.Tab) {
		notMeOf(t, tab, "notmedone@example.org")
		press(tab, "Sign that device out")
		tab.WaitText("That device is signed out")
	}},
	{"totp", secondSite, func(t *testing.T, tab *harness.Tab) { secondOf(t, tab, "totp@example.org") }},
	{"totp-wrong", secondSite, func(t *testing.T, tab *harness.Tab) {
		secondOf(t, tab, "totpwrong@example.org")
		enter(tab, "000000", true)
		tab.WaitFor(".problem")
	}},
	{"second-methods", secondSite, func(t *testing.T, tab *harness.Tab) {
		secondOf(t, tab, "seconds@example.org")
		follow(tab, "Use another method")
		tab.WaitText("Choose a method")
	}},
	{"backup-code", secondSite, func(t *testing.T, tab *harness.Tab) {
		secondOf(t, tab, "backup@example.org")
		follow(tab, "Use another method")
		press(tab, "Use a backup code")
		tab.WaitText("Each works once")
	}},
	{"code-second", secondSite, func(t *testing.T, tab *harness.Tab) {
		reserve(t, withPassword(t, tab.Gate, "sms@example.org", horse), "+12015550177", true)
		startWithPassword(tab, "/home", "sms@example.org", horse)
		tab.WaitText("Check your phone")
	}},
	{"passkey", secondSite, func(t *testing.T, tab *harness.Tab) {
		device := withPasskey(t, tab, "passkey@example.org")
		setUpApp(t, tab)
		leaveApp(tab)
		device.Present(false)
		startWithPassword(tab, "/home", "passkey@example.org", horse)
		follow(tab, "Use another method")
		press(tab, "Use a passkey")
		tab.WaitText("Use your passkey")
	}},
	{"verify", secondSite, func(t *testing.T, tab *harness.Tab) {
		signedIn(t, tab, "verify@example.org")
		open("/.auth/verify?return_to=%2Fhome", "button[value=again]")(t, tab)
	}},
	{"verify-password", secondSite, func(t *testing.T, tab *harness.Tab) {
		signedIn(t, tab, "verifypassword@example.org")
		open("/.auth/verify?return_to=%2Fhome", "button[value=again]")(t, tab)
		press(tab, "Continue")
		tab.WaitFor("#password")
	}},
	{"verify-second", secondSite, func(t *testing.T, tab *harness.Tab) {
		const address = "verifysecond@example.org"
		newDeviceOf(t, tab, address)
		enter(tab, tab.Gate.Outbox.Code(t, address, 2), true)
		tab.WaitFor("#app")
		v := tab.Gate.NewVisitor() // the app is set up elsewhere
		if _, err := v.Enter(page(t)(v.Follow(v.Password("/home", address, horse))), tab.Gate.Outbox.Code(t, address, 3)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := v.SetUpApp(); err != nil {
			t.Fatal(err)
		}
		open("/vault/gold", "button[value=again]")(t, tab)
	}},
	{"set-up-second", secondSite, func(t *testing.T, tab *harness.Tab) {
		signedIn(t, tab, "setup@example.org")
		open("/vault/gold", "a.primary")(t, tab)
	}},
}

func notMeOf(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	withPassword(t, tab.Gate, address, horse)
	intruder(t, tab.Gate, address)
	open(tab.Gate.Outbox.Notice(t, address, newDevice, 1).Link(), "button[value=disown]")(t, tab)
}

// reserve keeps a number for the second step. The first factor of an account
// brings its backup codes; a later one does not.
func reserve(t *testing.T, v *harness.Visitor, number string, first bool) {
	t.Helper()
	p := page(t)(v.Open("/.auth/account/second-number/add"))
	p = page(t)(v.Follow(v.Submit(p, "save", map[string]string{"phone_number": number})))
	p = page(t)(v.Submit(p, "verify", map[string]string{"code": v.Gate.Outbox.Code(t, number, 1)}))
	if codes := p.Contains("Save your backup codes"); codes != first || !first && p.Status != 303 {
		t.Fatalf("reserving a number: %d %.600s", p.Status, p.Body)
	}
}

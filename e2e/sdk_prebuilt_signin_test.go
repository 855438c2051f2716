// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// The ways through Clerk's own <SignIn/> that are more than a code.

// prebuiltIn gives address and password to <SignIn/>.
func (s *sdkSite) prebuiltIn(tab *harness.Tab, address, password string) {
	tab.T.Helper()
	s.open(tab, "react", "prebuilt-sign-in")
	put(tab, "input[name=identifier]", address)
	words(tab, "button", "Continue")
	tab.Wait(`location.hash === '#/factor-one'`) // the first card has a hidden field of that name
	put(tab, "input[name=password]", password)
	words(tab, "button", "Continue")
}

func TestSDKPrebuiltForgottenPassword(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password required\n"})
	const jo = "jo@example.org"
	withPassword(t, s.Gate, jo, horse)
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "react", "prebuilt-sign-in")
	put(tab, "input[name=identifier]", jo)
	words(tab, "button", "Continue")
	words(tab, "a, button", "Forgot password?")
	words(tab, "button", "Reset your password")
	code := s.Outbox.Code(t, jo, 2)
	digits(tab, wrong(code))
	tab.WaitText("incorrect")
	tab.Reload()
	words(tab, "a, button", "Forgot password?")
	words(tab, "button", "Reset your password")
	digits(tab, code)
	put(tab, "input[name=password]", donkey)
	put(tab, "input[name=confirmPassword]", donkey)
	reloads(tab, func() { words(tab, "button", "Reset Password") })
	passes(t, tab, who(tab))
	flawless(t, s, tab, "*/attempt_first_factor 422")
}

func TestSDKPrebuiltPasskey(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: full})
	const jo = "jo@example.org"
	tab := s.NewTab(t, harness.Look{})
	user := s.vanillaIn(t, tab, "vanilla", "sign-up", jo)
	device := tab.NewAuthenticator()
	run(tab, `await clerk.user.createPasskey()`, nil)
	getsOut(tab)
	s.open(tab, "react", "prebuilt-sign-in") // the field offers it, and somebody takes it
	if got := who(tab); got != user {
		t.Errorf("signed in as %s, not %s", got, user)
	}
	getsOut(tab)
	device.Present(false)
	s.open(tab, "react", "prebuilt-sign-in?unfilled")
	words(tab, "a, button", "Use passkey instead")
	device.Present(true)
	if got := who(tab); got != user {
		t.Errorf("signed in as %s, not %s", got, user)
	}
	passes(t, tab, user)
	flawless(t, s, tab)
}

func TestSDKPrebuiltSecondSteps(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password required\nsecond_factor optional\n"})
	const jo, number = "jo@example.org", "+12025550123"
	p := s.NewProgram(t)
	user := p.SignUp(jo, "password", horse).Str("response.created_user_id")
	app, codes := p.AddApp()
	phone := p.Add(number)
	p.As("PATCH", "/me/phone_numbers/"+phone, "reserved_for_second_factor", "true").OK()

	ways := map[string]func(*harness.Tab){
		"an app": func(tab *harness.Tab) {
			digits(tab, wrong(app.Next()))
			tab.WaitText("incorrect")
			tab.Reload()
			digits(tab, app.Next())
		},
		"a backup code": func(tab *harness.Tab) {
			words(tab, "a, button", "Use another method")
			words(tab, "button", "Use a backup code")
			put(tab, "input[name=code]", codes[0])
			words(tab, "button", "Continue")
		},
		"a text": func(tab *harness.Tab) {
			words(tab, "a, button", "Use another method")
			tab.Wait(`[...document.querySelectorAll('button')].some(b => b.innerText.startsWith('Send SMS code to'))`)
			tab.Eval(`[...document.querySelectorAll('button')].find(b => b.innerText.startsWith('Send SMS code to')).click()`)
			digits(tab, s.Outbox.Code(t, number, 2))
		},
	}
	for way, take := range ways {
		tab := s.NewTab(t, harness.Look{})
		s.prebuiltIn(tab, jo, horse)
		tab.Wait(`location.hash === '#/factor-two'`)
		reloads(tab, func() { take(tab) })
		if got := who(tab); got != user {
			t.Errorf("%s: signed in as %s, not %s", way, got, user)
		}
		passes(t, tab, user)
		flawless(t, s, tab, "*/attempt_second_factor 422")
	}
}

// TestSDKPrebuiltNewDeviceByLink opens the link of the mail in another tab of the
// browser: the card that waits for it hears of it.
func TestSDKPrebuiltNewDeviceByLink(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password required\n"})
	const jo = "jo@example.org"
	withPassword(t, s.Gate, jo, horse)
	tab := s.NewTab(t, harness.Look{})
	s.prebuiltIn(tab, jo, horse)
	tab.WaitFor("[data-otp-input], input[name=code], input[inputmode=numeric]")
	words(tab, "a, button", "Use another method")
	tab.Wait(`[...document.querySelectorAll('button')].some(b => b.innerText.startsWith('Email link to'))`)
	tab.Eval(`[...document.querySelectorAll('button')].find(b => b.innerText.startsWith('Email link to')).click()`)
	m, err := s.Outbox.Find(jo, 3)
	if err != nil {
		t.Fatal(err)
	}
	other := tab.Another(harness.Look{})
	other.Open(m.Link())
	press(other, "Continue")
	tab.WaitText("Signed in on other tab") // and stays, as the component has it
	s.open(tab, "react", "account")
	passes(t, tab, who(tab))
	faultless(t, s, tab)
}

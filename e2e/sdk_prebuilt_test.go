// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// Clerk's own components. Their fields are found by name, their buttons by what
// they say.

// words waits for a visible element of a kind that says a text, and clicks it.
func words(tab *harness.Tab, selector, text string) {
	tab.T.Helper()
	find := fmt.Sprintf("[...document.querySelectorAll(%q)].find(e => e.innerText.trim() === %s && e.checkVisibility() && !e.disabled)", selector, strconv.Quote(text))
	tab.Wait(find)
	tab.Eval(find + ".click()")
}

// digits types a code into the boxes of Clerk's own field.
func digits(tab *harness.Tab, code string) {
	tab.T.Helper()
	tab.WaitFor("[data-otp-input], input[name=code], input[inputmode=numeric]")
	tab.Eval(`document.querySelector('[data-otp-input], input[name=code], input[inputmode=numeric]').focus()`)
	tab.Insert(code)
}

func (s *sdkSite) prebuiltUp(t *testing.T, tab *harness.Tab, program, address, password string) string {
	t.Helper()
	s.open(tab, program, "prebuilt-sign-up")
	put(tab, "input[name=emailAddress]", address)
	if password != "" {
		put(tab, "input[name=password]", password)
	}
	words(tab, "button", "Continue")
	reloads(tab, func() { digits(tab, s.Outbox.Code(t, address, 1)) })
	return who(tab)
}

func TestSDKPrebuiltUpOutAndIn(t *testing.T) {
	eachReact(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		tab := s.NewTab(t, harness.Look{})
		user := s.prebuiltUp(t, tab, program, jo, "")
		passes(t, tab, user)

		s.open(tab, program, "prebuilt-user-button")
		who(tab)
		push(tab, "button[class*=userButtonTrigger]")
		tab.WaitText(jo)
		reloads(tab, func() { words(tab, "button", "Sign out") })
		nobody(tab)
		stops(t, tab)

		s.open(tab, program, "prebuilt-sign-in")
		put(tab, "input[name=identifier]", jo)
		words(tab, "button", "Continue")
		code := s.Outbox.Code(t, jo, 2)
		digits(tab, wrong(code))
		tab.WaitText("incorrect")
		s.open(tab, program, "prebuilt-sign-in")
		put(tab, "input[name=identifier]", jo)
		words(tab, "button", "Continue")
		reloads(tab, func() { digits(tab, s.Outbox.Code(t, jo, 3)) })
		if got := who(tab); got != user {
			t.Errorf("signed in as %s, not %s", got, user)
		}
		faultless(t, s, tab)
	})
}

func TestSDKPrebuiltPassword(t *testing.T) {
	eachReact(t, sdkSetup{Directive: "password required\n"}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		withPassword(t, s.Gate, jo, horse)
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, program, "prebuilt-sign-in")
		put(tab, "input[name=identifier]", jo)
		words(tab, "button", "Continue")
		tab.Wait(`location.hash === '#/factor-one'`) // the first card has a hidden field of that name
		put(tab, "input[name=password]", donkey)
		words(tab, "button", "Continue")
		tab.WaitText("incorrect")
		put(tab, "input[name=password]", horse)
		words(tab, "button", "Continue")
		reloads(tab, func() { digits(tab, s.Outbox.Code(t, jo, 2)) })
		passes(t, tab, who(tab))
	})
}

// TestSDKPrebuiltPasswordOptional is asked for a code at once, whether or not there
// is a password: nobody stands before a question without an answer. Beside it hangs
// the picture of somebody without a name.
func TestSDKPrebuiltPasswordOptional(t *testing.T) {
	eachReact(t, sdkSetup{Directive: "password optional\n"}, func(t *testing.T, s *sdkSite, program string) {
		tab := s.NewTab(t, harness.Look{})
		for _, address := range []string{"jo@example.org", "unknown@example.org"} {
			if address == "jo@example.org" {
				withPassword(t, s.Gate, address, horse)
			}
			s.open(tab, program, "prebuilt-sign-in")
			put(tab, "input[name=identifier]", address)
			words(tab, "button", "Continue")
			tab.WaitFor("[data-otp-input], input[name=code], input[inputmode=numeric]")
		}
		s.open(tab, program, "prebuilt-sign-in")
		put(tab, "input[name=identifier]", "jo@example.org")
		words(tab, "button", "Continue")
		reloads(tab, func() { digits(tab, s.Outbox.Code(t, "jo@example.org", 3)) })
		passes(t, tab, who(tab))
		s.open(tab, program, "prebuilt-user-button")
		who(tab)
		tab.Wait(`document.querySelector('img[src*="/v1/avatar.svg"]')?.naturalWidth > 0`)
	})
}

// TestSDKPrebuiltUnknown signs in with an address that has no account: the
// component that takes both goes on with a sign-up once the address is proven.
func TestSDKPrebuiltUnknown(t *testing.T) {
	eachReact(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, program, "prebuilt-sign-in-or-up")
		put(tab, "input[name=identifier]", jo)
		words(tab, "button", "Continue")
		reloads(tab, func() { digits(tab, s.Outbox.Code(t, jo, 1)) })
		passes(t, tab, who(tab))
	})
}

// TestSDKPrebuiltProfile changes the account on Clerk's own page for it.
func TestSDKPrebuiltProfile(t *testing.T) {
	eachReact(t, sdkSetup{Directive: "password required\nsecond_factor optional\nsign_up open {\nfirst_name optional\nlast_name optional\n}\n"}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		tab := s.NewTab(t, harness.Look{})
		s.prebuiltUp(t, tab, program, jo, horse)
		s.open(tab, program, "prebuilt-user-profile")
		tab.WaitText("Profile details")
		words(tab, "button", "Update profile")
		put(tab, "input[name=firstName]", "Jo")
		put(tab, "input[name=lastName]", "March")
		words(tab, "button", "Save")
		tab.WaitText("Jo March")

		words(tab, "button", "Add email address")
		put(tab, "input[name=emailAddress]", "second@example.org")
		words(tab, "button", "Add")
		digits(tab, s.Outbox.Code(t, "second@example.org", 1))
		tab.Wait(`clerk.user.emailAddresses.length === 2 && clerk.user.emailAddresses.every(a => a.verification.status === 'verified')`)

		words(tab, "button", "Security")
		tab.WaitText("Active devices")
		words(tab, "button", "Update password")
		put(tab, "input[name=newPassword]", donkey)
		put(tab, "input[name=confirmPassword]", donkey)
		words(tab, "button", "Save")
		tab.Wait(`!document.querySelector('input[name=newPassword]')`)
		v := s.NewVisitor()
		defer v.Close()
		if p := page(t)(v.Follow(v.Password("/home", jo, donkey))); !p.Contains("Confirm this new device") {
			t.Errorf("the new password does not work: %d %.300s", p.Status, p.Body)
		}
		noProblems(t, s.Gate)
	})
}

// TestSDKPrebuiltWaitlist: an entry is an address that was proven, which this
// component does not do. It says where one joins.
func TestSDKPrebuiltWaitlist(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "sign_up waitlist\n"})
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "react", "prebuilt-waitlist")
	put(tab, "input[name=emailAddress]", "patient@example.org")
	words(tab, "button", "Join the waitlist")
	tab.WaitText("Sign up to join the waitlist")
	if r := operates(t, s.Gate, "waitlist", "list"); contains(r.Out, "patient@example.org") {
		t.Errorf("an address waits that nobody has proven: %s", r.Out)
	}
}

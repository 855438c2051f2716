// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// Several sessions in one browser: Clerk's own components, clerk-js in two tabs, and
// the gate's page that lists them.

// joinsBeside signs one more user up in a program's page, and returns who that is.
func (s *sdkSite) joinsBeside(t *testing.T, tab *harness.Tab, address string) string {
	t.Helper()
	run(tab, `const u = await clerk.client.signUp.create({emailAddress: '`+address+`'}); await u.prepareEmailAddressVerification()`, nil)
	code := s.Outbox.Code(t, address, 1)
	var user string
	run(tab, `const u = await clerk.client.signUp.attemptEmailAddressVerification({code: '`+code+`'}); await clerk.setActive({session: u.createdSessionId}); return clerk.user.id`, &user)
	return user
}

// TestSDKUserButtonSeveral switches, adds and signs out by Clerk's own button.
func TestSDKUserButtonSeveral(t *testing.T) {
	eachReact(t, sdkSetup{API: "multi_session on"}, func(t *testing.T, s *sdkSite, program string) {
		const jo, kim, lou = "jo@example.org", "kim@example.org", "lou@example.org"
		button := func(tab *harness.Tab) {
			s.open(tab, program, "prebuilt-user-button")
			who(tab)
			push(tab, "button[class*=userButtonTrigger]")
		}
		tab := s.NewTab(t, harness.Look{})
		first := s.prebuiltUp(t, tab, program, jo, "")
		s.open(tab, program, "prebuilt-user-button")
		second := s.joinsBeside(t, tab, kim)
		passes(t, tab, second)

		button(tab)
		tab.WaitText(jo)
		reloads(tab, func() { words(tab, "button", jo) })
		passes(t, tab, first)

		button(tab)
		reloads(tab, func() { words(tab, "button", "Add account") })
		tab.WaitText("Choose an account")
		tab.Click("a.secondary")
		ask(tab, lou)
		enter(tab, s.Outbox.Code(t, lou, 1), true)
		tab.WaitFor("button[value=create]")
		reloads(tab, func() { tab.Click("button[value=create]") })
		s.open(tab, program, "prebuilt-user-button")
		third := who(tab)
		if third == first || third == second || !tab.True("clerk.client.sessions.length === 3") {
			t.Fatalf("%s is signed in, with %s sessions", third, tab.Eval("clerk.client.sessions.length"))
		}
		passes(t, tab, third)

		button(tab)
		reloads(tab, func() { words(tab, "button[class*=__signOut]", "Sign out") })
		s.open(tab, program, "prebuilt-user-button")
		if left := who(tab); left == third || !tab.True("clerk.client.sessions.length === 2") {
			t.Errorf("%s after the third has left", left)
		}
		button(tab)
		reloads(tab, func() { words(tab, "button", "Sign out of all accounts") })
		s.open(tab, program, "prebuilt-user-button")
		nobody(tab)
		stops(t, tab)
		faultless(t, s, tab)
	})
}

// TestSDKSignInBeside opens Clerk's own sign-in while somebody is signed in.
func TestSDKSignInBeside(t *testing.T) {
	eachReact(t, sdkSetup{API: "multi_session on"}, func(t *testing.T, s *sdkSite, program string) {
		const jo, kim = "jo@example.org", "kim@example.org"
		tab := s.NewTab(t, harness.Look{})
		first := s.prebuiltUp(t, tab, program, jo, "")
		s.open(tab, program, "prebuilt-sign-in-or-up")
		put(tab, "input[name=identifier]", kim)
		words(tab, "button", "Continue")
		reloads(tab, func() { digits(tab, s.Outbox.Code(t, kim, 1)) })
		second := who(tab)
		if second == first || !tab.True("clerk.client.sessions.length === 2") {
			t.Fatalf("%s is signed in", second)
		}
		s.open(tab, program, "prebuilt-sign-in")
		put(tab, "input[name=identifier]", jo) // is signed in already, which leads on as that user
		reloads(tab, func() { words(tab, "button", "Continue") })
		if got := who(tab); got != first {
			t.Errorf("%s is signed in, not %s", got, first)
		}
		passes(t, tab, first)
	})
}

// TestSDKTheSelectedEnds: another device revokes the session that is in use. The
// page goes on with the other one, at its next load.
func TestSDKTheSelectedEnds(t *testing.T) {
	s, tab, first := vanillaSite(t, sdkSetup{API: "multi_session on"}, people["email"])
	second := s.joinsBeside(t, tab, "kim@example.org")
	passes(t, tab, second)
	operates(t, s.Gate, "users", "sign-out", "kim@example.org")
	tab.Open("/orders")
	tab.WaitText("Choose an account")
	s.open(tab, "vanilla", "sign-in")
	if got := who(tab); got != first || !tab.True("clerk.client.sessions.length === 1") {
		t.Errorf("%s is signed in, not %s", got, first)
	}
	passes(t, tab, first)
}

// TestSDKTwoTabs: each tab shows the session it has selected, and the app sees the
// one that was selected last.
func TestSDKTwoTabs(t *testing.T) {
	s, one, first := vanillaSite(t, sdkSetup{API: "multi_session on"}, people["email"])
	second := s.joinsBeside(t, one, "kim@example.org")
	s.open(one, "vanilla", "sign-in")
	other := one.Another(harness.Look{})
	s.open(other, "vanilla", "sign-in")
	run(other, `await clerk.setActive({session: clerk.client.sessions.find(s => s.user.id === '`+first+`')})`, nil)
	if a, b := who(other), one.Eval("clerk.user.id"); a != first || b != second {
		t.Errorf("the tabs show %s and %s", a, b)
	}
	var mine, theirs string
	run(one, `return JSON.parse(atob((await clerk.session.getToken({skipCache: true})).split('.')[1])).sub`, &mine)
	run(other, `return JSON.parse(atob((await clerk.session.getToken({skipCache: true})).split('.')[1])).sub`, &theirs)
	if mine != second || theirs != first {
		t.Errorf("their tokens are of %s and %s", mine, theirs)
	}
	run(one, `await clerk.user.update({firstName: 'Kim'})`, nil)
	if got := one.Eval("clerk.user.firstName + ' ' + clerk.user.id"); got != "Kim "+second {
		t.Errorf("changed: %s", got)
	}
	passes(t, other, first)
	s.open(other, "vanilla", "sign-in")
	run(other, `await clerk.signOut({sessionId: clerk.session.id, redirectUrl: location.href})`, nil)
	passes(t, other, second)
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestReloadGoesOn: a reload, or coming back, shows the step that is under way, at the
// address that was asked for; nothing is sent again. Whoever comes anew, or in another
// tab, begins at the beginning.
func TestReloadGoesOn(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		code := atCode(t, tab, "/home?a=1")
		stands := tab.Location()
		tab.Open("/.auth/nowhere")
		tab.Back()
		tab.WaitText("Check your email")
		for range 2 {
			tab.Reload()
			tab.WaitText("Check your email")
			if got := tab.Location(); got != stands {
				t.Errorf("after a reload the page stands at %s", got)
			}
		}
		if n := len(tab.Gate.Outbox.To("jo@example.org")); n != 1 {
			t.Errorf("%d codes were sent", n)
		}
		enter(tab, wrong(code), scripted(t))
		tab.WaitText("incorrect")
		if scripted(t) { // without, a reload asks whether to post again
			tab.Reload()
			tab.WaitText("Check your email")
		}
		enter(tab, code, scripted(t))
		tab.WaitFor("button[value=create]")
		tab.Reload()
		tab.WaitFor("button[value=create]")
		tab.Click("button[value=create]")
		landed(t, tab, "/home?a=1")
		tab.Reload()
		landed(t, tab, "/home?a=1")
	})
}

// TestComingAnewBeginsAnew: an address that is typed again, and "Start over", lead to
// the first page, and a reload of that stays there.
func TestComingAnewBeginsAnew(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		atCode(t, tab, "/home")
		tab.Open("/home")
		tab.WaitFor("#identifier")
		tab.Reload()
		tab.WaitFor("#identifier")
		atCode(t, tab, "/home")
		follow(tab, "Start over")
		tab.WaitFor("#identifier")
		tab.Reload()
		tab.WaitFor("#identifier")
	})
}

// TestAnotherTabBeginsAnew: what is under way in one tab is that tab's.
func TestAnotherTabBeginsAnew(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		atCode(t, tab, "/home")
		other := tab.Another(harness.Look{NoScript: !scripted(t)})
		other.Open("/home")
		other.WaitFor("#identifier")
		other.Reload()
		other.WaitFor("#identifier")
	})
}

// TestReloadOfAnAttemptThatIsOver begins again without a word.
func TestReloadOfAnAttemptThatIsOver(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	tab := g.NewTab(t, harness.Look{})
	atCode(t, tab, "/home")
	tab.Eval(`sessionStorage.setItem('gatelatch', JSON.stringify(['/home', '/.auth/sign-in/sia_gone']))`)
	tab.Reload()
	tab.Wait("document.querySelector('#identifier')?.checkVisibility({visibilityProperty: true})")
	if tab.Shows("That attempt is over") || !tab.True("document.activeElement.id === 'identifier'") {
		t.Errorf("the first page is not as it was: %s", tab.Describe())
	}
	for _, note := range []string{`{`, `null`, `["/home"]`, `["/home", "/app/evil"]`, `["/home", "https://evil.example/.auth/sign-in/x"]`, `["/home", 7]`} {
		tab.Eval(`sessionStorage.setItem('gatelatch', ` + quoted(note) + `)`)
		n := g.Upstream.Count()
		tab.Reload()
		tab.Wait("document.querySelector('#identifier')?.checkVisibility({visibilityProperty: true})")
		notPassed(t, tab, n)
	}
	ask(tab, "jo@example.org")
}

// TestOtherMethodsInPlace: another method, another address and starting over keep the
// address that was asked for, with its fragment, and a reload the way that was chosen.
func TestOtherMethodsInPlace(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	_, _, codes := withApp(t, g, "jo@example.org", horse)
	tab := g.NewTab(t, harness.Look{})
	tab.Open("/home#inbox")
	stays := func() {
		t.Helper()
		if got := tab.Location(); got != g.URL()+"/home#inbox" {
			t.Fatalf("the page stands at %s", got)
		}
	}
	askPassword(tab, "ja@example.org")
	follow(tab, "Change it")
	tab.Wait("document.querySelector('#identifier')?.value === 'ja@example.org'")
	stays()
	askPassword(tab, "jo@example.org")
	follow(tab, "Start over")
	askPassword(tab, "jo@example.org")
	give(tab, horse)
	tab.WaitText("Open your authenticator app")
	follow(tab, "Use another method")
	tab.WaitText("Choose a method")
	stays()
	tab.Reload()
	tab.WaitText("Choose a method")
	press(tab, "Use a backup code")
	tab.WaitText("Each works once")
	tab.Reload()
	tab.WaitText("Each works once")
	stays()
	tab.Fill("#code", codes[0])
	tab.Click(primary)
	landed(t, tab, "/home")
	stays()
}

// TestReloadOnANewDevice comes back to the code that a new device needs.
func TestReloadOnANewDevice(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		newDeviceOf(t, tab, "jo@example.org")
		tab.Reload()
		tab.WaitText("Confirm this new device")
		enter(tab, tab.Gate.Outbox.Code(t, "jo@example.org", 2), scripted(t))
		landed(t, tab, "/home")
	})
}

// TestAnOldBrowser lacks what one part of the script needs: the others work, and what
// the server wrote stands.
func TestAnOldBrowser(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	tab := g.NewTab(t, harness.Look{})
	tab.Open("/home")
	tab.WaitFor("#identifier")
	tab.Eval("Intl.NumberFormat = function () { throw new RangeError('unit') }; 0")
	ask(tab, "jo@example.org")
	if !tab.Shows("You can ask for it again in") || !tab.True("document.querySelector('[value=resend]').checkVisibility()") {
		t.Errorf("the way to another code is not there: %s", tab.Describe())
	}
	enter(tab, g.Outbox.Code(t, "jo@example.org", 1), true)
	tab.WaitFor("button[value=create]")
}

// TestFragmentOnTheOtherFirstPage: whoever makes an account in place of signing in, or
// follows a message to the field at fault, still lands at the fragment.
func TestFragmentOnTheOtherFirstPage(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	tab := g.NewTab(t, harness.Look{})
	tab.Open("/home?a=1#inbox")
	tab.WaitFor("#identifier")
	follow(tab, "Create an account")
	tab.WaitFor("#email_address")
	tab.Back()
	tab.WaitFor("#identifier")
	follow(tab, "Create an account")
	tab.WaitFor("#email_address")
	follow(tab, "Sign in")
	tab.WaitFor("#identifier")
	follow(tab, "Create an account")
	tab.WaitFor("#email_address")
	tab.Reload()
	tab.Fill("#email_address", "jo@example")
	tab.Click(primary)
	tab.WaitFor(".problem a")
	tab.Click(".problem a")
	tab.Wait("document.activeElement.id === 'email_address'")
	tab.Fill("#email_address", "jo@example.org")
	tab.Click(primary)
	tab.WaitFor("#code")
	enter(tab, g.Outbox.Code(t, "jo@example.org", 1), true)
	landed(t, tab, "/home?a=1")
	if got := tab.Location(); got != g.URL()+"/home?a=1#inbox" {
		t.Errorf("landed at %s", got)
	}
}

// TestAScriptThatFails: a form that the script cannot send goes out as without it, and
// where an answer cannot be shown, the next try does.
func TestAScriptThatFails(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	for lacks, again := range map[string]bool{"URLSearchParams": false, "DOMParser": true} {
		tab := g.NewTab(t, harness.Look{})
		tab.Open("/home")
		tab.WaitFor("#identifier")
		tab.Eval("window." + lacks + " = undefined; 0")
		tab.Fill("#identifier", lacks+"@example.org")
		tab.Click(primary)
		if again {
			tab.WaitFor(".problem")
			tab.Click(primary)
		}
		tab.WaitFor("#code")
		if !contains(tab.Location(), "/.auth/sign-in/") {
			t.Errorf("without %s the page stands at %s", lacks, tab.Location())
		}
	}
}

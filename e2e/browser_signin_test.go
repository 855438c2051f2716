// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestDeepLinkSurvives(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		const path = "/orders/7?tab=open&q=a%20b"
		knownUser(t, tab.Gate, "jo@example.org")
		before := tab.Gate.Upstream.Count()
		tab.Open(path + "#row-3")
		tab.WaitFor("#identifier")
		for _, r := range tab.Requests() {
			if r.Redirected {
				t.Errorf("a redirect before the form: %s", r.URL)
			}
		}
		if got := tab.Location(); got != tab.Gate.URL()+path+"#row-3" {
			t.Errorf("the form stands at %s", got)
		}
		history := tab.Eval("history.length")
		ask(tab, "jo@example.org")
		if n := tab.Gate.Upstream.Count(); n != before {
			t.Errorf("the upstream was asked %d times before anybody was in", n-before)
		}
		enter(tab, tab.Gate.Outbox.Code(t, "jo@example.org", 2), scripted(t))
		tab.WaitFor("#app")
		if got := tab.Eval("document.getElementById('uri').textContent"); got != path {
			t.Errorf("the upstream was asked for %s, want %s", got, path)
		}
		if !scripted(t) {
			return
		}
		if got := tab.Location(); got != tab.Gate.URL()+path+"#row-3" {
			t.Errorf("the app stands at %s", got)
		}
		if got := tab.Eval("history.length"); got != history {
			t.Errorf("signing in left the history at %s entries, it was %s", got, history)
		}
	})
}

func TestStayingOnTheAddressAskedFor(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{})
	tab := g.NewTab(t, harness.Look{})
	const path = "/reports?year=2026#q3"
	tab.Open(path)
	for _, at := range []string{"#identifier", "#code"} {
		tab.WaitFor(at)
		if got := tab.Location(); got != g.URL()+path {
			t.Errorf("the page with %s stands at %s", at, got)
		}
		if at == "#identifier" {
			ask(tab, "jo@example.org")
		}
	}
	enter(tab, g.Outbox.Code(t, "jo@example.org", 1), true)
	tab.WaitFor("button[value=create]")
	if got := tab.Location(); got != g.URL()+path {
		t.Errorf("the offer of an account stands at %s", got)
	}
	tab.Click(primary)
	tab.WaitFor("#app")
	if got := tab.Location(); got != g.URL()+path {
		t.Errorf("the app stands at %s", got)
	}
}

func TestUnknownAddressIsOfferedAnAccount(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/inbox")
		ask(tab, "new@example.org")
		enter(tab, tab.Gate.Outbox.Code(t, "new@example.org", 1), scripted(t))
		tab.WaitFor("button[value=create]")
		if !tab.Shows("new@example.org is confirmed") {
			t.Error(tab.Describe())
		}
		if tab.Cookie(harness.SessionCookie) != "" {
			t.Error("a session before the account was agreed to")
		}
		tab.Click(primary)
		tab.WaitFor("#app")
		if !tab.Shows(`"Remote-Email": [`) || !tab.Shows("new@example.org") {
			t.Error(tab.Describe())
		}
	})
}

func TestStartOverAndChangeAddress(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/inbox?folder=3")
		ask(tab, "wrnog@example.org")
		tab.Eval(`[...document.querySelectorAll('.ways a')].find(a => a.textContent === 'Change it').click()`)
		tab.WaitFor("#identifier")
		if got := tab.Eval("document.getElementById('identifier').value"); got != "wrnog@example.org" {
			t.Errorf("the address to correct is %q", got)
		}
		ask(tab, "right@example.org")
		tab.Eval(`[...document.querySelectorAll('.ways a')].find(a => a.textContent === 'Start over').click()`)
		tab.WaitFor("#identifier")
		if got := tab.Eval("document.getElementById('identifier').value"); got != "" {
			t.Errorf("starting over kept %q", got)
		}
		ask(tab, "other@example.org")
		enter(tab, tab.Gate.Outbox.Code(t, "other@example.org", 1), scripted(t))
		tab.WaitFor("button[value=create]")
		tab.Click(primary)
		tab.WaitFor("#app")
		if got := tab.Eval("document.getElementById('uri').textContent"); got != "/inbox?folder=3" {
			t.Errorf("landed at %s", got)
		}
	})
}

func TestTwoTabs(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		knownUser(t, tab.Gate, "jo@example.org")
		look := harness.Look{NoScript: !scripted(t)}
		tab.Open("/one")
		second := tab.Another(look)
		second.Open("/two")
		ask(tab, "jo@example.org")
		ask(second, "jo@example.org")
		first, other := tab.Gate.Outbox.Code(t, "jo@example.org", 2), tab.Gate.Outbox.Code(t, "jo@example.org", 3)
		enter(second, other, scripted(t))
		second.WaitFor("#app")
		enter(tab, first, scripted(t))
		tab.WaitFor("#app")
		if got := tab.Eval("document.getElementById('uri').textContent"); got != "/one" {
			t.Errorf("the first tab landed at %s", got)
		}
		second.Reload()
		second.WaitFor("#app")
	})
}

func TestPostedFormIsNotPassedOn(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/diary", "jo@example.org")
		endSession(t, tab)
		before := tab.Gate.Upstream.Count()
		tab.Click("#save")
		tab.WaitFor("#identifier")
		if !tab.Shows("What you sent has not been passed on") {
			t.Error(tab.Describe())
		}
		if n := tab.Gate.Upstream.Count(); n != before {
			t.Error("what was posted has reached the upstream")
		}
		ask(tab, "jo@example.org")
		enter(tab, tab.Gate.Outbox.Code(t, "jo@example.org", 2), scripted(t))
		tab.WaitFor("#app")
		for _, s := range tab.Gate.Upstream.Seen() {
			if s.Method == "POST" {
				t.Errorf("the upstream got %s %s", s.Method, s.URI)
			}
		}
	})
}

// endSession ends the session of a tab elsewhere, as its owner could.
func endSession(t *testing.T, tab *harness.Tab) {
	t.Helper()
	v := tab.Gate.NewVisitor()
	defer v.Close()
	for _, name := range []string{harness.SessionCookie, harness.ClientCookie} {
		v.SetCookie(name, tab.Cookie(name))
	}
	if p, err := v.SignOut(); err != nil || p.Status != 303 {
		t.Fatalf("ending the session elsewhere: %v %+v", err, p)
	}
}

func TestSignedInVisitorMeetsNoForm(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/home", "jo@example.org")
		for _, path := range []string{"/.auth/sign-in?return_to=%2Fhome", "/.auth/sign-up?return_to=%2Fhome"} {
			tab.Open(path)
			tab.WaitFor("#app")
			if got := tab.Location(); got != tab.Gate.URL()+"/home" {
				t.Errorf("%s led to %s", path, got)
			}
		}
	})
}

func TestAccountPage(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/home", "jo@example.org")
		tab.Open("/.auth/account")
		tab.WaitText("You are signed in")
		if !tab.Shows("jo@example.org") {
			t.Error(tab.Describe())
		}
		tab.Click("button[value=sign_out]")
		tab.WaitText("You are signed out")
		tab.Open("/.auth/account")
		tab.WaitFor("#identifier")
	})
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// several lets a browser hold several sessions.
const several = "name Acme\nfrontend_api {\nmulti_session on\n}\n"

func severalSite() harness.Config { return harness.Config{Directive: generous + several} }

// beside signs one more account in, by the list of accounts.
func beside(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	tab.Open("/.auth/accounts")
	tab.WaitFor("main.page-choose")
	tab.Click("a.secondary")
	tab.WaitFor("#identifier")
	signIn(t, tab, tab.Eval("location.pathname + location.search"), address)
}

// item is the selector of a button of an account of the list, the newest first.
func item(n, step string) string {
	return ".items li:nth-child(" + n + ") button[value=" + step + "]"
}

// TestBrowserAccounts goes through the list of accounts: another one, switch, out of
// one, out of all.
func TestBrowserAccounts(t *testing.T) {
	harness.NeedBrowser(t)
	for name, look := range map[string]harness.Look{"script": {}, "no_script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.Start(t, severalSite())
			tab := g.NewTab(t, look)
			signIn(t, tab, "/orders", "ada@example.org")
			beside(t, tab, "bob@example.org")
			tab.WaitText("bob@example.org")
			tab.Open("/.auth/account")
			tab.WaitText("2 accounts")
			tab.Open("/.auth/sign-in?return_to=%2Forders%3Fpage%3D2")
			tab.WaitText("Choose an account")
			tab.Click(item("2", "switch"))
			tab.WaitFor("#app")
			if !tab.Shows("ada@example.org") || !contains(tab.Location(), "/orders?page=2") {
				t.Errorf("after the switch: %s", tab.Describe())
			}
			beside(t, tab, "carol@example.org")
			tab.Open("/.auth/accounts")
			tab.Click(item("1", "remove"))
			tab.WaitText("You are signed out of that account.")
			tab.Open("/orders")
			tab.WaitFor("#app")
			operates(t, g, "users", "sign-out", shownAddress(tab))
			tab.Open("/orders?page=3")
			tab.WaitText("Choose an account")
			tab.Click(item("1", "switch"))
			tab.WaitFor("#app")
			if !contains(tab.Location(), "/orders?page=3") {
				t.Errorf("led to %s", tab.Location())
			}
			beside(t, tab, "dora@example.org")
			tab.Open("/.auth/accounts")
			tab.Click("button[value=sign_out]")
			tab.WaitText("You are signed out")
			tab.Open("/orders")
			tab.WaitFor("#identifier")
			faultlessTab(t, g, tab)
		})
	}
}

// TestBrowserDeletesOneOfSeveral keeps the other accounts within reach.
func TestBrowserDeletesOneOfSeveral(t *testing.T) {
	bothWays(t, harness.Config{Directive: several}, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/orders", "ada@example.org")
		beside(t, tab, "bob@example.org")
		tab.Open("/.auth/account/delete")
		tab.WaitFor("button.danger")
		tab.Click("button.danger")
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, "bob@example.org", 2), false)
		tab.WaitText("Your account is deleted")
		tab.Click("a.primary")
		tab.WaitText("Choose an account")
		if tab.Shows("bob@example.org") {
			t.Errorf("the list shows what is deleted: %s", tab.Describe())
		}
		tab.Click(item("1", "switch"))
		tab.WaitText("ada@example.org")
		faultlessTab(t, tab.Gate, tab)
	})
}

// shownAddress is the address that the app sees.
func shownAddress(tab *harness.Tab) string {
	for _, address := range []string{"ada@example.org", "bob@example.org", "carol@example.org"} {
		if tab.Shows(address) {
			return address
		}
	}
	tab.T.Fatalf("the app shows nobody: %s", tab.Describe())
	return ""
}

func faultlessTab(t *testing.T, g *harness.Gate, tab *harness.Tab) {
	t.Helper()
	for _, p := range tab.Problems() {
		t.Errorf("the page complains: %s", p)
	}
	noProblems(t, g)
}

// TestAccountsLook looks at the list in every way.
func TestAccountsLook(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	g := harness.Start(t, severalSite())
	tab := g.NewTab(t, harness.Look{})
	signIn(t, tab, "/orders", "a.very.long.address.that.somebody.really.has@department.of.long.names.example.org")
	tab.Open("/.auth/accounts")
	inspect(t, tab, "accounts-one")
	beside(t, tab, "bob@example.org")
	tab.Open("/.auth/accounts")
	inspect(t, tab, "accounts-two")
	tab.Open("/.auth/account")
	inspect(t, tab, "account-beside")
	tab.Open("/.auth/sign-in?account=another")
	inspect(t, tab, "sign-in-beside")
	beside(t, tab, "carol@example.org")
	tab.Open("/.auth/account/delete")
	tab.WaitFor("button.danger")
	tab.Click("button.danger")
	tab.WaitFor("#code")
	enter(tab, g.Outbox.Code(t, "carol@example.org", 2), false)
	tab.WaitText("Your account is deleted")
	inspect(t, tab, "account-deleted-beside")
	operates(t, g, "users", "sign-out", "bob@example.org")
	tab.Open("/orders")
	tab.WaitText("Choose an account")
	inspectRefused(t, tab, "accounts-over")
	noProblems(t, g)
}

// inspectRefused is inspect for a page that comes with 401, which the console notes.
func inspectRefused(t *testing.T, tab *harness.Tab, name string) {
	t.Helper()
	for _, l := range looks {
		tab.SetLook(l)
		tab.Picture(name + "-" + lookName(l))
		for _, v := range tab.Violations() {
			t.Errorf("%s: %s", lookName(l), v)
		}
		fits(t, tab, lookName(l))
	}
}

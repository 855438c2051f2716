// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// tenants are the users that scenes are about, made when the first scene asks.
type tenants struct {
	mu   sync.Mutex
	made map[string]*harness.Visitor
}

var scenery = &tenants{made: map[string]*harness.Visitor{}}

// tenant is a kind of account that scenes look at.
type tenant func(t *testing.T, g *harness.Gate) *harness.Visitor

// as makes a tab the browser of somebody who has an account of a kind. All
// scenes share it, so they must leave it as it was.
func (all *tenants) as(t *testing.T, tab *harness.Tab, name string, make tenant) {
	t.Helper()
	all.mu.Lock()
	defer all.mu.Unlock()
	key := tab.Gate.URL() + name
	if all.made[key] == nil {
		all.made[key] = make(t, tab.Gate)
	}
	tab.Become(all.made[key])
}

// bare has an account with nothing but an address and a password.
func bare(t *testing.T, g *harness.Gate) *harness.Visitor { return known(t, g, "bare@example.org") }

func known(t *testing.T, g *harness.Gate, address string) *harness.Visitor {
	t.Helper()
	v := g.NewVisitor()
	if err := v.Register(address, horse); err != nil {
		t.Fatal(err)
	}
	return v
}

// whole has something in every place, and long names at that.
func whole(t *testing.T, g *harness.Gate) *harness.Visitor {
	t.Helper()
	v := known(t, g, "a.very.long.address.that.somebody.really.has@department.of.long.names.example.org")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(v.AddAddress("short@example.org"))
	must(v.AddAddress("+12015550123"))
	_, _, err := v.SetUpApp() // before the number: the first factor brings the backup codes
	must(err)
	must(v.AddSecondNumber("+12015550124"))
	does(t, v, at("/name"), "save", map[string]string{
		"first_name": "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff", "last_name": "Ignatius Xavier Montgomery-Featherstonehaugh",
	}, "Your name is saved.")
	return v
}

// of opens a page of an account of a kind.
func of(name string, who tenant, path, selector string) func(*testing.T, *harness.Tab) {
	return func(t *testing.T, tab *harness.Tab) {
		scenery.as(t, tab, name, who)
		tab.Open(at(path))
		tab.WaitFor(selector)
	}
}

func ofBare(path, selector string) func(*testing.T, *harness.Tab) {
	return of("bare", bare, path, selector)
}

func ofWhole(path, selector string) func(*testing.T, *harness.Tab) {
	return of("whole", whole, path, selector)
}

// fresh opens a page of a new account, which the scene may use up.
func fresh(address, path, selector string) func(*testing.T, *harness.Tab) {
	return func(t *testing.T, tab *harness.Tab) {
		tab.Become(known(t, tab.Gate, address))
		tab.Open(at(path))
		tab.WaitFor(selector)
	}
}

// then goes on from a scene.
func then(show func(*testing.T, *harness.Tab), more func(t *testing.T, tab *harness.Tab)) func(*testing.T, *harness.Tab) {
	return func(t *testing.T, tab *harness.Tab) {
		show(t, tab)
		more(t, tab)
	}
}

// sends types into a field and presses the main button, until something shows.
func sends(field, text, selector string) func(*testing.T, *harness.Tab) {
	return func(_ *testing.T, tab *harness.Tab) {
		tab.WaitFor(field)
		tab.Fill(field, text)
		tab.Click(primary)
		tab.WaitFor(selector)
	}
}

var accountScenes = []scene{
	{"account-bare", accountSite, ofBare("", ".rows")},
	{"account-whole", accountSite, ofWhole("", ".rows")},
	{"account-notice", accountSite, ofBare("?notice=account_password_set", ".notice")},
	{"account-name", accountSite, ofWhole("/name", "#first_name")},
	{"account-addresses", accountSite, ofWhole("/addresses", ".items")},
	{"account-address-last", accountSite, ofBare("/addresses", ".items")},
	{"account-address-refused", accountSite, then(ofBare("/addresses/add", "#email_address"), sends("#email_address", "jo@example", ".problem"))},
	{"account-address-remove", accountSite, then(ofWhole("/addresses", ".items"), func(_ *testing.T, tab *harness.Tab) {
		pressIn(tab, "short@example.org", "Remove")
		tab.WaitFor("button.danger")
	})},
	{"account-code", accountSite, then(ofBare("/addresses/add", "#email_address"), sends("#email_address", "another@example.org", "#code"))},
	{"account-code-wrong", accountSite, then(fresh("codewrong@example.org", "/addresses/add", "#email_address"), func(t *testing.T, tab *harness.Tab) {
		sends("#email_address", "wrong@example.org", "#code")(t, tab)
		enter(tab, wrong(tab.Gate.Outbox.Code(t, "wrong@example.org", 1)), true)
		tab.WaitFor(".problem")
	})},
	{"account-numbers", accountSite, ofWhole("/numbers", ".items")},
	{"account-numbers-none", accountSite, ofBare("/numbers", "a.primary")},
	{"account-password", accountSite, ofBare("/password", "#password")},
	{"account-password-refused", accountSite, then(ofBare("/password", "#password"), sends("#password", "password", ".problem"))},
	{"account-totp", accountSite, ofBare("/totp", "[value=start]")},
	{"account-totp-scan", accountSite, then(fresh("scan@example.org", "/totp", "[value=start]"), func(_ *testing.T, tab *harness.Tab) {
		tab.Click("[value=start]")
		tab.WaitFor("#code")
		tab.Eval("document.querySelector('details').open = true; 0")
	})},
	{"account-totp-on", accountSite, ofWhole("/totp", ".items")},
	{"account-backup-codes", accountSite, then(ofWhole("/backup-codes", primary), func(_ *testing.T, tab *harness.Tab) {
		tab.Click(primary)
		tab.WaitFor("#codes")
	})},
	{"account-backup-codes-new", accountSite, ofWhole("/backup-codes", primary)},
	{"account-second-number", accountSite, ofWhole("/second-number", ".items")},
	{"account-passkeys-none", accountSite, ofBare("/passkeys", "a.primary")},
	{"account-sessions", accountSite, then(ofBare("/sessions", ".items"), func(t *testing.T, tab *harness.Tab) {
		elsewhere(t, tab.Gate, "bare@example.org")
		tab.Reload()
		tab.WaitFor(".acts a")
	})},
	{"account-session-end", accountSite, then(ofBare("/sessions", ".items"), func(t *testing.T, tab *harness.Tab) {
		elsewhere(t, tab.Gate, "bare@example.org")
		tab.Reload()
		pressIn(tab, "Unknown device", "Sign out")
		tab.WaitFor(primary)
	})},
	{"account-devices", accountSite, ofBare("/devices", ".items")},
	{"account-export", accountSite, ofBare("/export", primary)},
	{"account-delete", accountSite, ofBare("/delete", "button.danger")},
	{"account-delete-code", accountSite, then(ofBare("/delete", "button.danger"), func(_ *testing.T, tab *harness.Tab) {
		tab.Click("button.danger")
		tab.WaitFor("#code")
	})},
	{"account-deleted", accountSite, then(fresh("deleted@example.org", "/delete", "button.danger"), func(t *testing.T, tab *harness.Tab) {
		tab.Click("button.danger")
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, "deleted@example.org", 2), false)
		tab.WaitText("Your account is deleted")
	})},
	{"task-second-step", taskSite, func(t *testing.T, tab *harness.Tab) {
		v := tab.Gate.NewVisitor()
		getsIn(t, v, "task@example.org")
		tab.Become(v)
		tab.Open("/home")
		tab.WaitText("Set up a second step")
	}},
	{"task-new-password", accountSite, then(fresh("reset@example.org", "", ".rows"), func(t *testing.T, tab *harness.Tab) {
		operates(t, tab.Gate, "users", "reset-password", "reset@example.org")
		tab.Open("/home")
		tab.WaitFor("#password")
	})},
	{"task-terms", termsSite, func(t *testing.T, tab *harness.Tab) {
		tab.Become(known(t, tab.Gate, "terms@example.org"))
		tab.Open("/home")
		tab.WaitFor("[value=accept]")
	}},
	{"sign-up-invite", inviteSite, open("/.auth/sign-up", "#email_address")},
	{"sign-up-invited", inviteSite, func(t *testing.T, tab *harness.Tab) {
		operates(t, tab.Gate, "invite", "guest@example.org")
		tab.Open(tab.Gate.Outbox.Notice(t, "guest@example.org", "You are invited", 1).Link())
		tab.WaitFor(".notice")
	}},
	{"sign-up-waitlist", waitSite, open("/.auth/sign-up", "#email_address")},
	{"create-waitlist", waitSite, proven("/home", "button[value=create]")},
	{"waiting", waitSite, func(t *testing.T, tab *harness.Tab) {
		open("/.auth/sign-up", "#email_address")(t, tab)
		sends("#email_address", "waits@example.org", "#code")(t, tab)
		enter(tab, tab.Gate.Outbox.Code(t, "waits@example.org", 1), true)
		tab.WaitText("You are on the waitlist")
	}},
	{"banned", plainSite, func(t *testing.T, tab *harness.Tab) {
		knownUser(t, tab.Gate, "banned@example.org")
		operates(t, tab.Gate, "users", "ban", "banned@example.org")
		tab.Open("/home")
		ask(tab, "banned@example.org")
		enter(tab, tab.Gate.Outbox.Code(t, "banned@example.org", 2), true)
		tab.WaitFor(".problem")
	}},
}

// TestEveryPageOfAccounts is the same for accounts, tasks and who may sign up.
func TestEveryPageOfAccounts(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	showAll(t, accountScenes)
}

// TestAccountPagesAreLight weighs the heaviest of them.
func TestAccountPagesAreLight(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	g := harness.Start(t, sites[accountSite])
	tab := g.NewTab(t, harness.Look{})
	tab.NoCache()
	tab.Become(whole(t, g))
	weigh := func(path string) {
		t.Helper()
		tab.Forget()
		tab.Open(at(path))
		tab.Wait("document.readyState === 'complete'")
		weight := 0
		for _, r := range tab.Loaded() {
			weight += r.Bytes
		}
		if weight > maxWeight || weight < 1000 {
			t.Errorf("%s weighs %d bytes", path, weight)
		}
	}
	for _, path := range []string{"", "/addresses", "/sessions", "/password"} {
		weigh(path)
	}
	scan := known(t, g, "scan@example.org")
	page(t)(scan.Step(at("/totp"), "start", nil))
	tab.Become(scan)
	weigh("/totp")
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// problem is what a program is told.
type problem struct {
	Type     string `json:"type"`
	Status   int    `json:"status"`
	Required string `json:"required"`
	Verify   string `json:"verify_url"`
}

// program asks for a path as a page's script does.
func program(t *testing.T, v *harness.Visitor, path string) (int, problem) {
	t.Helper()
	p := page(t)(v.Fetch(path))
	var told problem
	if p.Status != http.StatusOK {
		if err := json.Unmarshal([]byte(p.Body), &told); err != nil || p.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %q %s", path, p.Status, p.Header.Get("Content-Type"), p.Body)
		}
	}
	return p.Status, told
}

// TestSecondFactorForAPath: a path that asks for one shows how to set one up, and
// asks for it in a session that has none.
func TestSecondFactorForAPath(t *testing.T) {
	c := harness.Config{Directive: withSecond + "require /vault/* {\nsecond_factor\n}\n"}
	bothWays(t, c, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		g := tab.Gate
		before := withPassword(t, g, jo, horse) // and its session will have none
		startWithPassword(tab, "/home", jo, horse)
		tab.WaitFor("#code")
		enter(tab, g.Outbox.Code(t, jo, 2), scripted(t))
		landed(t, tab, "/home")
		n := g.Upstream.Count()
		tab.Open("/vault/gold?x=1")
		tab.WaitText("Set up a second step")
		if got := tab.Location(); got != g.URL()+"/vault/gold?x=1" {
			t.Errorf("the page stands at %s", got)
		}
		notPassed(t, tab, n)
		follow(tab, "Use an authenticator app")
		app := scan(t, tab)
		landed(t, tab, "/vault/gold?x=1")
		refusesProgram(t, before, "/vault/gold", "second_factor")
		n = g.Upstream.Count()
		p := page(t)(before.Post("/vault/gold", "note=dear+diary"))
		if p.Status != 401 || !p.Contains("What you sent has not been passed on") {
			t.Errorf("a form got %d %.600s", p.Status, p.Body)
		}
		notPassed(t, tab, n)
		p = page(t)(before.Open("/vault/gold"))
		if p.Status != 401 || !p.Has("again") {
			t.Fatalf("%d %.600s", p.Status, p.Body)
		}
		p = page(t)(before.Follow(before.Submit(p, "again", nil)))
		p = page(t)(before.Follow(before.Submit(p, "verify", map[string]string{"code": app.Next()})))
		if p.Status != 200 || p.URL.Path != "/vault/gold" {
			t.Errorf("%d at %s: %.300s", p.Status, p.URL, p.Body)
		}
		if status, _ := program(t, before, "/vault/x"); status != 200 {
			t.Errorf("a program afterwards got %d", status)
		}
	})
}

// notPassed fails when the app was asked for anything since it had seen n
// requests.
func notPassed(t *testing.T, tab *harness.Tab, n int) {
	t.Helper()
	if have := tab.Gate.Upstream.Count(); have != n {
		t.Errorf("the app was asked %d times", have-n)
	}
}

// scan sets the app up on the page that is showing and goes on from there.
func scan(t *testing.T, tab *harness.Tab) *harness.App {
	t.Helper()
	press(tab, "Set it up")
	tab.WaitText("Scan this with your app")
	app, err := harness.NewApp(tab.Eval("document.querySelector('.key bdi').textContent"))
	if err != nil {
		t.Fatal(err)
	}
	enter(tab, app.Next(), scripted(t))
	tab.WaitText("Save your backup codes")
	follow(tab, "I have saved them")
	return app
}

func refusesProgram(t *testing.T, v *harness.Visitor, path, missing string) {
	t.Helper()
	status, told := program(t, v, path)
	if status != 403 || told.Required != missing || !contains(told.Verify, "/.auth/verify") || told.Type != "urn:gatelatch:problem:reverify" {
		t.Errorf("a program got %d %+v", status, told)
	}
	if p := page(t)(v.Open(told.Verify)); p.Status != 200 || !p.Has("again") {
		t.Errorf("%s: %d %.300s", told.Verify, p.Status, p.Body)
	}
}

// TestFreshForAPath waits until a session is older than a path allows.
func TestFreshForAPath(t *testing.T) {
	t.Parallel()
	slow(t)
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords + "require /vault/* {\nfresh 1m\n}\n"})
	tabs := map[string]*harness.Tab{"script@example.org": g.NewTab(t, harness.Look{}), "quiet@example.org": g.NewTab(t, harness.Look{NoScript: true})}
	for address, tab := range tabs {
		tab.Open("/.auth/sign-up?return_to=%2Fvault%2Fgold")
		tab.WaitFor("#email_address")
		tab.Fill("#email_address", address)
		give(tab, horse)
		tab.WaitFor("#code")
		enter(tab, g.Outbox.Code(t, address, 1), contains(address, "script"))
		landed(t, tab, "/vault/gold")
	}
	time.Sleep(61 * time.Second) // no configuration takes less than a minute
	for address, tab := range tabs {
		n := g.Upstream.Count()
		again := fmt.Sprintf("/vault/gold?for=%s", address)
		tab.Open(again + "#row")
		tab.WaitText("Confirm that it is you")
		if got := tab.Location(); got != g.URL()+again+"#row" {
			t.Errorf("the page stands at %s", got)
		}
		notPassed(t, tab, n)
		v := borrowed(tab)
		refusesProgram(t, v, "/vault/gold", "fresh")
		inside(t, v, "anywhere else")
		press(tab, "Continue")
		give(tab, donkey)
		tab.WaitText("That password is incorrect")
		notPassed(t, tab, n+1)
		session := tab.Cookie(harness.SessionCookie)
		give(tab, horse)
		landed(t, tab, again)
		if status, _ := program(t, borrowed(tab), "/vault/x"); status != 200 {
			t.Errorf("a program afterwards got %d", status)
		}
		if tab.Cookie(harness.SessionCookie) == "" || session == "" {
			t.Error("the session is gone")
		}
	}
}

// borrowed is a visitor with the cookies of a tab.
func borrowed(tab *harness.Tab) *harness.Visitor {
	v := tab.Gate.NewVisitor()
	for _, name := range []string{harness.SessionCookie, harness.ClientCookie} {
		v.SetCookie(name, tab.Cookie(name))
	}
	return v
}

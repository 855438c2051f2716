// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestSignOut(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/secret", "jo@example.org")
		client := tab.Cookie(harness.ClientCookie)
		tab.Click("#sign-out")
		tab.WaitText("You are signed out")
		if tab.Cookie(harness.SessionCookie) != "" {
			t.Error("the session cookie is still there")
		}
		if client == "" || tab.Cookie(harness.ClientCookie) != client {
			t.Error("the browser is not known any more")
		}
		tab.Back()
		tab.Wait("location.pathname === '/secret' && document.readyState === 'complete' && document.querySelector('h1')")
		if tab.True("document.getElementById('app')") {
			t.Errorf("Back shows the app: %s", tab.Describe())
		}
		tab.Open("/secret")
		tab.WaitFor("#identifier")
	})
}

func TestSignOutFromAScript(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	tab := g.NewTab(t, harness.Look{})
	signIn(t, tab, "/home", "jo@example.org")
	if status := tab.Eval("fetch('/.auth/sign-out', {method: 'POST'}).then(r => r.status)"); status != "204" {
		t.Errorf("the script got %s", status)
	}
	if status := tab.Eval("fetch('/api').then(r => r.status)"); status != "401" {
		t.Errorf("after sign-out a request got %s", status)
	}
}

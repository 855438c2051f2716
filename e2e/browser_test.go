// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// bothWays runs a test with scripts on and off, side by side.
func bothWays(t *testing.T, c harness.Config, test func(t *testing.T, tab *harness.Tab)) {
	t.Helper()
	eachWay(t, c, true, test)
}

// eachWay is bothWays, side by side or one after the other: the browser has one
// clipboard.
func eachWay(t *testing.T, c harness.Config, aside bool, test func(t *testing.T, tab *harness.Tab)) {
	t.Helper()
	harness.NeedBrowser(t)
	c.Directive = generous + c.Directive
	for name, look := range map[string]harness.Look{"script": {}, "no script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			if aside {
				t.Parallel()
			}
			g := harness.Start(t, c)
			test(t, g.NewTab(t, look))
			noProblems(t, g)
		})
	}
}

// noProblems fails when the gate has noted an error.
func noProblems(t *testing.T, g *harness.Gate) {
	t.Helper()
	for _, line := range lines(g.Log()) {
		if contains(line, `"level":"error"`) || contains(line, "panic") {
			t.Errorf("the gate noted: %s", line)
		}
	}
}

const primary = "button.primary"

// ask types an address into the sign-in page that is showing, and waits for the
// page that asks for the code.
func ask(tab *harness.Tab, address string) {
	tab.T.Helper()
	tab.WaitFor("#identifier")
	tab.Fill("#identifier", address)
	tab.Press(kb.Enter)
	tab.WaitFor("#code")
}

// enter types a code. With a script that is all; without, the button follows.
func enter(tab *harness.Tab, code string, scripted bool) {
	tab.T.Helper()
	tab.Type("#code", code)
	if !scripted {
		tab.Click(primary)
	}
}

// scripted reports whether the tab runs the gate's script.
func scripted(t *testing.T) bool { return !contains(t.Name(), "no_script") }

// signIn gets a tab in with a new address, starting at path.
func signIn(t *testing.T, tab *harness.Tab, path, address string) {
	t.Helper()
	n := len(tab.Gate.Outbox.To(address))
	known := n > 0
	tab.Open(path)
	ask(tab, address)
	enter(tab, tab.Gate.Outbox.Code(t, address, n+1), scripted(t))
	if !known {
		tab.WaitFor("button[value=create]")
		tab.Click("button[value=create]")
	}
	tab.WaitFor("#app")
}

// knownUser makes an account with a browser that is then forgotten.
func knownUser(t *testing.T, g *harness.Gate, address string) {
	t.Helper()
	v := g.NewVisitor()
	defer v.Close()
	if err := v.SignIn("/", address); err != nil {
		t.Fatal(err)
	}
}

// wrong returns a code that is not this one.
func wrong(code string) string {
	return fmt.Sprintf("%c%s", '0'+(code[0]-'0'+1)%10, code[1:])
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

const (
	horse  = "correct horse battery staple"
	donkey = "slow donkey bites a lemon"
)

// What sites take beside codes.
const (
	withPasswords = "name Acme\npassword optional\n"
	withSecond    = withPasswords + "second_factor optional\n"
	bothKinds     = "identifiers email phone\nsms_countries US\nregion US\n"
)

const twoSenders = "email outbox outbox.jsonl\nsms outbox outbox.jsonl"

// withPassword makes an account with a password, and returns the browser that
// made it.
func withPassword(t *testing.T, g *harness.Gate, address, password string) *harness.Visitor {
	t.Helper()
	v := g.NewVisitor()
	t.Cleanup(v.Close)
	if err := v.Register(address, password); err != nil {
		t.Fatal(err)
	}
	return v
}

// withApp makes an account with a password and an authenticator app.
func withApp(t *testing.T, g *harness.Gate, address, password string) (*harness.Visitor, *harness.App, []string) {
	t.Helper()
	v := withPassword(t, g, address, password)
	app, codes, err := v.SetUpApp()
	if err != nil {
		t.Fatal(err)
	}
	return v, app, codes
}

// page unpacks an answer that has to come.
func page(t *testing.T) func(p *harness.Page, err error) *harness.Page {
	return func(p *harness.Page, err error) *harness.Page {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// outside fails when a visitor has got in anywhere.
func outside(t *testing.T, v *harness.Visitor, when string) {
	t.Helper()
	if v.Cookie(harness.SessionCookie) != "" {
		t.Errorf("%s: a session cookie", when)
	}
	if id, status, err := v.WhoAmI(); id != nil || status != 401 || err != nil {
		t.Errorf("%s: the app answers with %d %+v %v", when, status, id, err)
	}
}

// inside fails when a visitor has not got in.
func inside(t *testing.T, v *harness.Visitor, when string) *harness.Identity {
	t.Helper()
	id, status, err := v.WhoAmI()
	if id == nil || err != nil {
		t.Fatalf("%s: the app answers with %d %v", when, status, err)
	}
	return id
}

// askPassword types an address into the sign-in page that is showing, and waits
// for the page that asks for the password.
func askPassword(tab *harness.Tab, address string) {
	tab.T.Helper()
	tab.WaitFor("#identifier")
	tab.Fill("#identifier", address)
	tab.Press(kb.Enter)
	tab.WaitFor("#password")
}

// give types a password into the page that is showing, and waits for the next.
func give(tab *harness.Tab, password string) {
	tab.T.Helper()
	tab.WaitFor("#password")
	tab.Fill("#password", password)
	turn(tab, func() { tab.Click(primary) })
}

// turn does what leads to another page, or to the same one once more, and waits
// until that is there.
func turn(tab *harness.Tab, do func()) {
	tab.T.Helper()
	tab.Eval("document.querySelector('main').dataset.old = 'yes'")
	do()
	tab.Wait("document.readyState === 'complete' && !document.querySelector('main[data-old]')")
}

// press clicks the button with this text.
func press(tab *harness.Tab, text string) { click(tab, "button", text) }

// follow clicks the link with this text.
func follow(tab *harness.Tab, text string) { click(tab, "a", text) }

func click(tab *harness.Tab, tag, text string) {
	tab.T.Helper()
	find := fmt.Sprintf("[...document.querySelectorAll(%q)].find(e => e.innerText.trim() === %s)", tag, strconv.Quote(text))
	tab.Wait("document.readyState === 'complete' && " + find)
	tab.Eval(find + ".click()")
}

// startWithPassword brings a tab from a path of the app through address and
// password.
func startWithPassword(tab *harness.Tab, path, address, password string) {
	tab.T.Helper()
	tab.Open(path)
	askPassword(tab, address)
	give(tab, password)
}

// leaveApp signs out by the app's own button.
func leaveApp(tab *harness.Tab) {
	tab.T.Helper()
	tab.WaitFor("#app")
	tab.Click("#sign-out")
	tab.WaitText("You are signed out")
}

// notYet fails when a tab has a session, or the app was asked for anything since
// it had seen n requests.
func notYet(t *testing.T, tab *harness.Tab, n int, when string) {
	t.Helper()
	if tab.Cookie(harness.SessionCookie) != "" {
		t.Errorf("%s: a session cookie", when)
	}
	if have := tab.Gate.Upstream.Count(); have != n {
		t.Errorf("%s: the app was asked %d times", when, have-n)
	}
}

// landed fails unless the app shows the path that was asked for.
func landed(t *testing.T, tab *harness.Tab, path string) {
	t.Helper()
	tab.WaitFor("#app")
	if got := tab.Eval("document.getElementById('uri').textContent"); got != path {
		t.Errorf("landed at %s, want %s", got, path)
	}
}

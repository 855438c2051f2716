// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// everything is a site on which an account has all that it can have.
const everything = withSecond + bothKinds + `code {
	resend_after 1s
}
sign_up open {
	first_name optional
	last_name optional
}
`

func everythingSite() harness.Config {
	return harness.Config{Sender: twoSenders, Directive: generous + everything}
}

// at is a path of the account pages.
func at(path string) string { return "/.auth/account" + path }

// does presses the button of a page and wants to read that it was done.
func does(t *testing.T, v *harness.Visitor, path, step string, fields map[string]string, says string) *harness.Page {
	t.Helper()
	p := page(t)(v.Step(path, step, fields))
	if p.Status != http.StatusOK || !p.Contains(says) {
		t.Fatalf("%s on %s: %d, without %q: %.1200s", step, path, p.Status, says, p.Body)
	}
	return p
}

// mayNot presses the button of a page and wants to read why that is refused.
func mayNot(t *testing.T, v *harness.Visitor, path, step string, fields map[string]string, says string) *harness.Page {
	t.Helper()
	p := page(t)(v.Step(path, step, fields))
	if p.Status < 400 || p.Status >= 500 || !p.Contains(says) {
		t.Fatalf("%s on %s: %d, without %q: %.1200s", step, path, p.Status, says, p.Body)
	}
	return p
}

// elsewhere signs somebody in with a code, in a browser of its own.
func elsewhere(t *testing.T, g *harness.Gate, address string) *harness.Visitor {
	t.Helper()
	v := g.NewVisitor()
	t.Cleanup(v.Close)
	n := len(g.Outbox.To(address))
	p := page(t)(v.AskCode("/home", address))
	page(t)(v.Enter(p, g.Outbox.Code(t, address, n+1)))
	inside(t, v, address+" elsewhere")
	return v
}

// gone fails unless a session that was live is over: the next request is turned
// away, whatever it is.
func gone(t *testing.T, v *harness.Visitor, when string) {
	t.Helper()
	if id, status, err := v.WhoAmI(); id != nil || status != http.StatusUnauthorized || err != nil {
		t.Errorf("%s: the app answers with %d %+v %v", when, status, id, err)
	}
	if p := page(t)(v.Open("/home")); p.Status != http.StatusUnauthorized || !p.Has("identify") {
		t.Errorf("%s: a page answers with %d", when, p.Status)
	}
}

// inItem finds a link or a button of an item of a list, by what the item says.
func inItem(title, label string) string {
	return `[...document.querySelectorAll('.items > li')].filter(e => e.innerText.includes(` + quoted(title) + `)).
		flatMap(e => [...e.querySelectorAll('a, button')]).find(e => e.innerText.trim() === ` + quoted(label) + `)`
}

// pressIn clicks a link or a button of an item of a list.
func pressIn(tab *harness.Tab, title, label string) {
	tab.T.Helper()
	find := inItem(title, label)
	tab.Wait("document.readyState === 'complete' && " + find)
	tab.Eval(find + ".click()")
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // a string always marshals
	return string(text)
}

// told returns a header that the app gets with the tab's next request.
func told(tab *harness.Tab, name string) string {
	tab.T.Helper()
	tab.Open("/told")
	tab.WaitFor("#app")
	return tab.Eval("(JSON.parse(document.getElementById('seen').textContent).header[" + quoted(name) + "] || []).join('|')")
}

// part runs a part of a longer visit, which goes on in the same tab.
func part(t *testing.T, tab *harness.Tab, name string, test func(t *testing.T)) {
	t.Helper()
	whole := tab.T
	defer func() { tab.T = whole }()
	if !t.Run(name, func(t *testing.T) {
		tab.T = t
		test(t)
	}) {
		t.FailNow()
	}
}

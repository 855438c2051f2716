// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// intruder signs somebody else in on a new device, with the password and a code
// that was read along.
func intruder(t *testing.T, g *harness.Gate, address string) *harness.Visitor {
	t.Helper()
	v := g.NewVisitor()
	t.Cleanup(v.Close)
	v.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	n := len(g.Outbox.To(address))
	p := page(t)(v.Follow(v.Password("/home", address, horse)))
	if _, err := v.Enter(p, g.Outbox.Code(t, address, n+1)); err != nil {
		t.Fatal(err)
	}
	return v
}

const newDevice = "A new device has signed in"

func TestThisWasNotMe(t *testing.T) {
	bothWays(t, harness.Config{Directive: withPasswords}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		g := tab.Gate
		owner := withPassword(t, g, jo, horse)
		thief := intruder(t, g, jo)
		m := g.Outbox.Notice(t, jo, newDevice, 1)
		for _, part := range []string{"Firefox on Linux", "127.0.0.1", "UTC", "/.auth/not-me/"} {
			if !contains(m.Body, part) {
				t.Errorf("the notice lacks %q: %s", part, m.Body)
			}
		}
		if strings.Count(m.Body, "http") != 1 || contains(m.Body, "/sign-in") {
			t.Errorf("the notice has other links: %s", m.Body)
		}
		tab.Open(m.Link())
		tab.WaitText("Was this not you?")
		inside(t, thief, "after the link was opened")
		press(tab, "Sign that device out")
		tab.WaitText("That device is signed out")
		outsideNow(t, thief)
		inside(t, owner, "on the owner's own device")
		p := page(t)(thief.Follow(thief.Password("/home", jo, horse)))
		if !p.Contains("Confirm this new device") {
			t.Errorf("the device is still trusted: %d %.300s", p.Status, p.Body)
		}
		g.Outbox.Code(t, jo, 3)
		forgot(t, tab, jo)
		outsideNow(t, owner) // whoever has forgotten a password signs in everywhere anew
	})
}

// outsideNow fails when a session that was ended still gets anywhere.
func outsideNow(t *testing.T, v *harness.Visitor) {
	t.Helper()
	if id, status, err := v.WhoAmI(); id != nil || status != 401 || err != nil {
		t.Errorf("a session that was ended got %d %+v %v", status, id, err)
	}
}

// forgot goes on from the page that has signed a device out to a new password,
// which ends the other sessions.
func forgot(t *testing.T, tab *harness.Tab, address string) {
	t.Helper()
	n := len(tab.Gate.Outbox.To(address))
	follow(tab, "Set a new password")
	askPassword(tab, address)
	press(tab, "Forgot your password?")
	tab.WaitText("With it you can set a new password")
	enter(tab, tab.Gate.Outbox.Code(t, address, n+1), scripted(t))
	tab.WaitText("Choose a new password")
	give(tab, donkey)
	tab.WaitFor("#app")
}

// TestNotMeLinks tries what is not the link of a notice, and the link as
// scanners do.
func TestNotMeLinks(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	const jo = "jo@example.org"
	owner := withPassword(t, g, jo, horse)
	thief := intruder(t, g, jo)
	link := g.Outbox.Notice(t, jo, newDevice, 1).Link()
	path, token, _ := strings.Cut(link, "?t=")
	id := inside(t, owner, "the owner").Session
	stranger := g.NewVisitor()
	for range 5 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			page(t)(stranger.Do(method, link, nil, nil))
		}
	}
	inside(t, thief, "after the link was opened")
	p := page(t)(stranger.Open(link))
	for what, f := range map[string]struct{ path, token string }{
		"another session's id": {"/.auth/not-me/" + id, token}, "no token": {path, ""}, "a wrong token": {path, token[:len(token)-1] + "A"},
		"the owner's session, no token": {"/.auth/not-me/" + id, ""}, "a session that never was": {"/.auth/not-me/sess_0", token},
	} {
		form, _ := p.Form("disown")
		values := form.Values()
		values.Set("t", f.token)
		values.Set("step", "disown")
		if f.token == token[:len(token)-1]+"A" && token[len(token)-1] == 'A' {
			values.Set("t", token[:len(token)-1]+"Q")
		}
		if got := page(t)(stranger.Post(f.path, values.Encode())); got.Status < 400 {
			t.Errorf("%s got %d", what, got.Status)
		}
	}
	inside(t, thief, "after wrong links")
	inside(t, owner, "after wrong links")
	for range 2 { // pressed twice it says the same
		if got := page(t)(stranger.Submit(p, "disown", nil)); got.Status != 200 || !got.Contains("That device is signed out") {
			t.Errorf("%d %.300s", got.Status, got.Body)
		}
	}
	outsideNow(t, thief)
	inside(t, owner, "after the intruder was put out")
}

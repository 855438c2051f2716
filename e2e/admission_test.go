// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// operates runs a command of the operator that has to succeed.
func operates(t *testing.T, g *harness.Gate, args ...string) harness.Ran {
	t.Helper()
	r := g.Operate(args...)
	if r.Status != 0 || r.Err != "" {
		t.Fatalf("%s: %d %s", strings.Join(args, " "), r.Status, r.Err)
	}
	return r
}

// signsUp gives an address to the sign-up page and returns what follows.
func signsUp(t *testing.T, v *harness.Visitor, address string) *harness.Page {
	t.Helper()
	field := "email_address"
	if strings.HasPrefix(address, "+") {
		field = "phone_number"
	}
	return page(t)(v.Follow(v.Submit(page(t)(v.Open("/.auth/sign-up")), "sign_up", map[string]string{field: address})))
}

// judged tells whom a gate lets sign up: who is admitted is sent a code that
// makes an account, and who is not is shown the same page and sent nothing.
// Messages leave about in the order in which they were asked for, so one to a
// sentinel that is admitted says that none is still to come.
func judged(t *testing.T, g *harness.Gate, sentinel string, want map[string]bool) {
	t.Helper()
	sent := map[string]int{}
	for address := range want {
		sent[address] = len(g.Outbox.To(address))
	}
	first := map[bool]string{} // numbers and e-mail addresses have pages of their own
	for address := range want {
		v := g.NewVisitor()
		number := strings.HasPrefix(address, "+")
		first[number] = alike(t, signsUp(t, v, address), address, first[number])
		v.Close()
	}
	n := len(g.Outbox.To(sentinel))
	v := g.NewVisitor()
	defer v.Close()
	signsUp(t, v, sentinel)
	g.Outbox.Code(t, sentinel, n+1)
	for address, ok := range want {
		if ok {
			g.Outbox.Code(t, address, sent[address]+1)
		} else if n := len(g.Outbox.To(address)); n != sent[address] {
			t.Errorf("%s may not sign up and was sent %d codes", address, n-sent[address])
		}
	}
}

var changing = regexp.MustCompile(`(?:sia|sua)_[0-9a-z]+|name="form_token" value="[^"]*"|data-[a-z-]+="[0-9]+"|\b[0-9]+ seconds?\b|datetime="[^"]*"|<bdi>[^<]*•••[^<]*</bdi>`)

// shape is a page without what differs between two visitors anyway.
func shape(p *harness.Page, address string) string {
	headers := fmt.Sprint(p.Status, p.Header.Get("Cache-Control"), len(p.Header["Set-Cookie"]))
	return headers + changing.ReplaceAllString(replaceAll(p.Body, address, "ADDRESS"), "*")
}

// alike fails when somebody was shown another page than the others, and returns
// theirs.
func alike(t *testing.T, p *harness.Page, address, others string) string {
	t.Helper()
	mine := shape(p, address)
	if others == "" || mine == others {
		return mine
	}
	theirs := lines(others)
	for i, line := range lines(mine) {
		if i >= len(theirs) || line != theirs[i] {
			t.Errorf("%s is shown another page than others, line %d: %s", address, i+1, line)
			break
		}
	}
	return others
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	bothWays(t, harness.Config{Directive: "name Acme\nsign_up invite\n"}, func(t *testing.T, tab *harness.Tab) {
		g := tab.Gate
		if r := operates(t, g, "invite", jo); len(r.Table()) != 1 || !contains(r.Out, jo) || !contains(r.Out, "pending") {
			t.Errorf("%s", r.Out)
		}
		link := g.Outbox.Notice(t, jo, "You are invited to sign up for Acme", 1).Link()
		tab.Open(link)
		tab.WaitText("You are invited.")
		if got := tab.Eval("document.getElementById('email_address').value"); got != jo {
			t.Errorf("the page knows %q", got)
		}
		tab.Fill("#email_address", "other@example.org") // whoever got hold of the link
		tab.Click(primary)
		tab.WaitFor("#code")
		tab.Open(link)
		tab.WaitFor("#email_address")
		tab.Click(primary)
		tab.WaitFor("#code")
		code := g.Outbox.Code(t, jo, 1)
		if n := len(g.Outbox.To("other@example.org")); n != 0 {
			t.Errorf("somebody else was sent %d codes", n)
		}
		if tab.Cookie(harness.SessionCookie) != "" {
			t.Error("the link alone lets somebody in")
		}
		enter(tab, code, scripted(t))
		landed(t, tab, "/")
		if r := operates(t, g, "invitations", "list"); !contains(r.Out, "accepted") {
			t.Errorf("%s", r.Out)
		}
		again := g.NewVisitor()
		if p := page(t)(again.Open(link)); p.Contains(jo) || p.Status >= 500 {
			t.Errorf("the link of an invitation that was accepted: %d %.900s", p.Status, p.Body)
		}
	})
}

// TestWhoIsInvited asks in every way for whom an invitation is good.
func TestWhoIsInvited(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "name Acme\nsign_up invite\n"})
	operates(t, g, "users", "create", "--email", "member@example.org")
	operates(t, g, "invite", jo, "--expires", "12h")
	judged(t, g, jo, map[string]bool{"stranger@example.org": false, "member@example.org": true})
	// At sign-in, too, nobody learns who was invited, or is a member.
	var first string
	for _, address := range []string{"member@example.org", "stranger@example.org", jo} {
		first = alike(t, page(t)(g.NewVisitor().Ask("/home", address)), address, first)
	}
	g.Outbox.Code(t, jo, 2)
	v := g.NewVisitor() // who was invited gets in by that door, too
	if err := v.SignIn("/home", jo); err != nil {
		t.Fatal(err)
	}
	inside(t, v, "who was invited")
	if n := len(g.Outbox.To("stranger@example.org")); n != 0 {
		t.Errorf("a stranger was sent %d codes", n)
	}
	// One that is taken back is good for nobody.
	var inv struct{ ID string }
	if err := operates(t, g, "invite", "late@example.org", "--json").Into(&inv); err != nil {
		t.Fatal(err)
	}
	link := g.Outbox.Notice(t, "late@example.org", "You are invited", 1).Link()
	operates(t, g, "invitations", "revoke", inv.ID)
	operates(t, g, "invite", "sentinel@example.org")
	judged(t, g, "sentinel@example.org", map[string]bool{"late@example.org": false})
	for what, path := range map[string]string{
		"taken back": link, "made up": "/.auth/sign-up?invitation=" + inv.ID + ".AAAAAAAAAAAAAAAAAAAAAA", "no token": "/.auth/sign-up?invitation=" + inv.ID,
		"nothing": "/.auth/sign-up?invitation=", "garbage": "/.auth/sign-up?invitation=%00%ff",
	} {
		p := page(t)(g.NewVisitor().Open(path))
		if p.Status >= 500 || p.Contains("late@") || p.Contains("You are invited.") {
			t.Errorf("%s: %d %.900s", what, p.Status, p.Body)
		}
	}
}

func TestWaitlist(t *testing.T) {
	t.Parallel()
	bothWays(t, harness.Config{Directive: withPasswords + "sign_up waitlist\n"}, func(t *testing.T, tab *harness.Tab) {
		g := tab.Gate
		tab.Open("/.auth/sign-up")
		tab.WaitText("Join the waitlist")
		tab.Fill("#email_address", jo)
		give(tab, horse)
		tab.WaitFor("#code")
		if r := operates(t, g, "waitlist", "list"); contains(r.Out, jo) {
			t.Errorf("an address waits that was not proven: %s", r.Out)
		}
		enter(tab, g.Outbox.Code(t, jo, 1), scripted(t))
		tab.WaitText("You are on the waitlist")
		if tab.Cookie(harness.SessionCookie) != "" {
			t.Error("who waits has a session")
		}
		tab.Open("/home")
		tab.WaitFor("#identifier")
		if r := operates(t, g, "waitlist", "list"); len(r.Table()) != 1 || !contains(r.Out, jo) {
			t.Errorf("%s", r.Out)
		}
		if r := operates(t, g, "users", "list"); !contains(r.Out, "0 of 0 users.") {
			t.Errorf("%s", r.Out)
		}
		if r := operates(t, g, "waitlist", "approve", jo); len(r.Table()) != 1 {
			t.Errorf("%s", r.Out)
		}
		m := g.Outbox.Notice(t, jo, "You can now sign up for Acme", 1)
		if r := operates(t, g, "waitlist", "list"); contains(r.Out, jo) {
			t.Errorf("who was approved still waits: %s", r.Out)
		}
		if r := operates(t, g, "waitlist", "list", "--all"); !contains(r.Out, jo) {
			t.Errorf("%s", r.Out)
		}
		tab.Open(m.Link())
		tab.WaitFor("#email_address")
		if got := tab.Eval("document.getElementById('email_address').value"); got != jo {
			t.Errorf("the page knows %q", got)
		}
		give(tab, donkey)
		tab.WaitFor("#code")
		enter(tab, g.Outbox.Code(t, jo, 2), scripted(t))
		landed(t, tab, "/")
		leaveApp(tab)
		startWithPassword(tab, "/again", jo, donkey) // not the one given while waiting
		landed(t, tab, "/again")
	})
}

// TestWhoWaits: those who wait, those who are members, and those who are
// approved are shown the same until they have proven who they are.
func TestWhoWaits(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "name Acme\nsign_up waitlist\n"})
	operates(t, g, "users", "create", "--email", "member@example.org")
	for range 2 { // once more is no harm
		v := g.NewVisitor()
		n := len(g.Outbox.To("waits@example.org"))
		p := signsUp(t, v, "waits@example.org")
		p = page(t)(v.Follow(v.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, "waits@example.org", n+1)})))
		if !p.Contains("You are on the waitlist") {
			t.Fatalf("%d %.600s", p.Status, p.Body)
		}
		outside(t, v, "who waits")
	}
	if rows := operates(t, g, "waitlist", "list").Table(); len(rows) != 1 {
		t.Errorf("%v", rows)
	}
	judged(t, g, "sentinel@example.org", map[string]bool{"member@example.org": true, "waits@example.org": true, "new@example.org": true})
	// At the sign-in page somebody new proves an address and waits, too.
	v := g.NewVisitor()
	p := page(t)(v.Ask("/home", "door@example.org"))
	p = page(t)(v.Follow(v.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, "door@example.org", 1)})))
	if p.Has("create") {
		p = page(t)(v.Follow(v.Submit(p, "create", nil)))
	}
	if !p.Contains("You are on the waitlist") {
		t.Errorf("at the sign-in page: %d %.900s", p.Status, p.Body)
	}
	outside(t, v, "who waits")
	r := g.Operate("waitlist", "approve", "nobody@example.org")
	if r.Status == 0 || !contains(r.Err, "Nobody like that is on the waitlist.") {
		t.Errorf("%+v", r)
	}
}

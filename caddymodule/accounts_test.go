// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/delivery/outbox"
)

const horse = "correct horse battery staple"

// signUpWith makes an account with a password.
func (b *browser) signUpWith(p place, address, password string) seen {
	b.t.Helper()
	b.asked = time.Now()
	sent := b.submit(b.get("/.auth/sign-up?return_to=/asked"), "email_address", address, "password", password, "step", "sign_up")
	return b.seen(b.submit(sent, "code", b.code(p, address), "step", "verify"))
}

// password gives an address and a password, and returns the page after that.
func (b *browser) password(address, password string) page {
	b.t.Helper()
	return b.submit(b.ask(address), "password", password, "step", "password")
}

// signOut ends the session of this browser.
func (b *browser) signOut() {
	b.t.Helper()
	if out := b.do("POST", "/.auth/sign-out", nil, url.Values{}); out.url.Path != "/.auth/signed-out" {
		b.t.Fatalf("sign-out led to %d %s", out.status, out.url)
	}
}

// mail waits for a message to an address whose subject holds a text.
func (p place) mail(t testing.TB, to, subject string) outbox.Entry {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		entries, err := outbox.Read(p.outbox, 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.To == to && strings.Contains(e.Subject, subject) {
				return e
			}
		}
		time.Sleep(10 * time.Millisecond) // another process would have no signal either
	}
	t.Fatalf("no mail %q to %s", subject, to)
	return outbox.Entry{}
}

// TestPasswordOnANewDevice: a right password is enough where its owner is known,
// and not on a device that is new.
func TestPasswordOnANewDevice(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("password optional"))
	home := newBrowser(t, p.origin())
	id := home.signUpWith(p, "ada@example.com", horse).Header.Get("Remote-User")
	home.signOut()
	if got := home.seen(home.password("ada@example.com", horse)).Header.Get("Remote-User"); got != id {
		t.Errorf("at home it is %q, not %q", got, id)
	}
	away := newBrowser(t, p.origin())
	wrong := away.password("ada@example.com", horse+" nearly")
	if wrong.status != http.StatusUnprocessableEntity || away.get("/who").status != http.StatusUnauthorized {
		t.Errorf("a wrong password led to %d", wrong.status)
	}
	asks := away.password("ada@example.com", horse)
	if away.get("/who").status != http.StatusUnauthorized {
		t.Fatal("the password alone let a new device in")
	}
	if got := away.seen(away.submit(asks, "code", away.code(p, "ada@example.com"), "step", "verify")).Header.Get("Remote-User"); got != id {
		t.Errorf("away it is %q, not %q", got, id)
	}
	away.signOut()
	if got := away.seen(away.password("ada@example.com", horse)).Header.Get("Remote-User"); got != id {
		t.Errorf("the second time it is %q", got)
	}
	notMe(t, p, away)
}

// notMe follows the link of the notice about a new device, which ends that
// device's session and trust.
func notMe(t *testing.T, p place, away *browser) {
	t.Helper()
	link := linkIn(t, p.mail(t, "ada@example.com", "new device").Body, p.origin()+"/.auth/not-me/")
	anybody := newBrowser(t, p.origin())
	before := anybody.get(link)
	if before.status != http.StatusOK {
		t.Fatalf("the link leads to %d", before.status)
	}
	if done := anybody.submit(before, "step", "disown"); done.status != http.StatusOK {
		t.Fatalf("the button leads to %d\n%s", done.status, done.body)
	}
	away.signOut()
	if asks := away.password("ada@example.com", horse); strings.Contains(asks.body, `"Path"`) {
		t.Error("the device is still trusted")
	}
}

var linkWay = regexp.MustCompile(`name="way" value="(email_link[^"]*)"`)

// TestLinkInAMail takes the step on a new device by the link: it shows the code
// elsewhere, changes nothing by being opened, and goes on where it was asked for.
func TestLinkInAMail(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("password optional"))
	newBrowser(t, p.origin()).signUpWith(p, "ada@example.com", horse)
	away := newBrowser(t, p.origin())
	asks := away.password("ada@example.com", horse)
	ways := away.get(asks.url.Path + "?ways=1")
	way := linkWay.FindStringSubmatch(ways.body)
	if way == nil {
		t.Fatalf("no link among the ways\n%s", ways.body)
	}
	away.code(p, "ada@example.com") // the one that goes out by itself is there
	away.asked = time.Now()
	away.submit(ways, "way", way[1], "step", "prepare")
	code := away.code(p, "ada@example.com")
	var link string
	entries, err := outbox.Read(p.outbox, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Code == code && strings.Contains(e.Body, "/link/") {
			link = linkIn(t, e.Body, p.origin()+"/.auth/link/")
		}
	}
	elsewhere := newBrowser(t, p.origin())
	if shown := elsewhere.get(link); shown.status != http.StatusOK || !strings.Contains(shown.body, code) {
		t.Errorf("elsewhere the link %s shows %d\n%s", link, shown.status, shown.body)
	}
	button := away.get(link)
	if away.get("/who").status != http.StatusUnauthorized {
		t.Fatal("opening the link signed in")
	}
	away.submit(button, "step", "link")
	if away.user() == "" {
		t.Error("the button led nowhere")
	}
}

// linkIn finds a link of the gate in a message, and returns it below the origin.
func linkIn(t *testing.T, body, prefix string) string {
	t.Helper()
	i := strings.Index(body, prefix)
	if i < 0 {
		t.Fatalf("no link %s in\n%s", prefix, body)
	}
	link := body[i:]
	if end := strings.IndexAny(link, " \n\r\t<>\")"); end > 0 {
		link = link[:end]
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

func TestChangePasswordIsWellKnown(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("password optional"))
	b := newBrowser(t, p.origin())
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"/.well-known/change-password", "/.auth/.well-known/change-password"} {
		if got := b.get(path); got.status != http.StatusSeeOther || got.header.Get("Location") != "/.auth/account/password" {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
	off := newPlace(t)
	load(t, off.site())
	if got := newBrowser(t, off.origin()).get("/.well-known/change-password"); got.status != http.StatusUnauthorized {
		t.Errorf("without passwords it is the app's path: %d", got.status)
	}
}

// TestBanEndsSessionsAtOnce: what a command does holds for the next request.
func TestBanEndsSessionsAtOnce(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("password optional"))}
	b := newBrowser(t, p.origin())
	id := b.signUpWith(p, "ada@example.com", horse).Header.Get("Remote-User")
	if out := o.does("sessions", "list", "ada@example.com"); !strings.Contains(out, id) {
		t.Error(out)
	}
	o.does("users", "ban", "ada@example.com")
	if got := b.get("/who").status; got != http.StatusUnauthorized {
		t.Errorf("after the ban: %d", got)
	}
	if got := b.password("ada@example.com", horse); got.status != http.StatusForbidden {
		t.Errorf("banned, and signed in with %d", got.status)
	}
	o.does("users", "unban", id)
	if got := b.seen(b.password("ada@example.com", horse)).Header.Get("Remote-User"); got != id {
		t.Errorf("after the ban it is %q", got)
	}
	o.does("users", "sign-out", id)
	if got := b.get("/who").status; got != http.StatusUnauthorized {
		t.Errorf("after the operator's sign-out: %d", got)
	}
}

// TestRevokedSessionIsOverAtOnce ends one of two sessions.
func TestRevokedSessionIsOverAtOnce(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site())}
	one, two := newBrowser(t, p.origin()), newBrowser(t, p.origin())
	one.signUp(p, "ada@example.com")
	two.signIn(p, "ada@example.com")
	var list struct{ Sessions []struct{ ID string } }
	o.asks(&list, "sessions", "list")
	if len(list.Sessions) != 2 {
		t.Fatalf("%+v", list)
	}
	o.does("sessions", "revoke", list.Sessions[0].ID) // the newest
	if one.get("/who").status != http.StatusOK || two.get("/who").status != http.StatusUnauthorized {
		t.Error("the wrong session is over")
	}
}

func TestInvite(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("sign_up invite"))}
	o.does("invite", "ada@example.com")
	link := linkIn(t, p.mail(t, "ada@example.com", "invited").Body, p.origin()+"/.auth/sign-up?invitation=")
	b := newBrowser(t, p.origin())
	form := b.get(link)
	if form.status != http.StatusOK || !strings.Contains(form.body, "ada@example.com") {
		t.Fatalf("the link leads to %d\n%s", form.status, form.body)
	}
	b.asked = time.Now()
	sent := b.submit(form, "email_address", "ada@example.com", "step", "sign_up")
	b.submit(sent, "code", b.code(p, "ada@example.com"), "step", "verify")
	if b.user() == "" {
		t.Error("nobody is signed in")
	}
	if out := o.does("invitations", "list"); !strings.Contains(out, "accepted") {
		t.Error(out)
	}
	stranger := newBrowser(t, p.origin())
	stranger.submit(stranger.get("/.auth/sign-up"), "email_address", "bob@example.com", "step", "sign_up")
	if entries, err := outbox.Read(p.outbox, 50); err != nil || strings.Contains(entries[0].To, "bob") {
		t.Errorf("somebody who was not invited got %+v %v", entries, err)
	}
}

func TestWaitlist(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("sign_up waitlist"))}
	b := newBrowser(t, p.origin())
	b.asked = time.Now()
	sent := b.submit(b.get("/.auth/sign-up"), "email_address", "ada@example.com", "step", "sign_up")
	waits := b.submit(sent, "code", b.code(p, "ada@example.com"), "step", "verify")
	if b.get("/who").status != http.StatusUnauthorized {
		t.Fatalf("who waits is in\n%s", waits.body)
	}
	if out := o.does("waitlist", "list"); !strings.Contains(out, "ada@example.com") {
		t.Fatal(out)
	}
	o.does("waitlist", "approve", "ada@example.com")
	linkIn(t, p.mail(t, "ada@example.com", "can now sign up").Body, p.origin()+"/.auth/sign-up?invitation=")
	again := newBrowser(t, p.origin())
	again.asked = time.Now()
	sent = again.submit(again.get("/.auth/sign-up"), "email_address", "ada@example.com", "step", "sign_up")
	again.submit(sent, "code", again.code(p, "ada@example.com"), "step", "verify")
	if again.user() == "" {
		t.Error("nobody is signed in")
	}
}

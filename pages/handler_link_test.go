// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
)

// mailedLink returns the address in the newest mail with a link.
func (w *world) mailedLink() string {
	w.t.Helper()
	all := w.queued()
	m := all[len(all)-1]
	if m.Strategy != gatelatch.EmailLink {
		w.t.Fatalf("the newest message is for %s", m.Strategy)
	}
	return "/.auth/link/" + m.AttemptID + "?t=" + w.handler.Flow.LinkToken(m).Reveal()
}

// asksForLink ends on the page that waits for a link, or the code beside it.
func (b *browser) asksForLink(email string) *browser {
	b.t.Helper()
	b.identify("/reports", email)
	b.open(b.link("Use another method"))
	return b.press(b.way("email_link")).says(200, "Check your email", "Open it in this browser")
}

func TestALinkInTheBrowserThatAsked(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		w.joined("jo@example.com")
		w.pass(time.Hour)
		b := w.browser()
		b.script = script
		b.asksForLink("jo@example.com")
		link := w.mailedLink()
		for range 3 { // opening it does nothing
			b.open(link).says(200, "Go on in this browser")
		}
		page := b.shown
		b.open("/").says(401)
		b.shown = page
		b.press("link").says(200, "the app")
		if b.at != "/reports" {
			t.Errorf("ends at %s", b.at)
		}
		w.browser().open(link).says(400, "This link does not work any more")
	})
}

func TestALinkElsewhereShowsTheCode(t *testing.T) {
	w := newWorld(t, withPasswords)
	w.joined("jo@example.com")
	w.pass(time.Hour)
	b := w.browser().asksForLink("jo@example.com")
	link, waiting := w.mailedLink(), b.shown
	phone := w.browser().open(link).says(200, "Enter this code in the other browser")
	if phone.form != nil || len(phone.cookies) != 0 {
		t.Error("another browser is given a form, or a cookie")
	}
	code := digitsOn(phone.text)
	if len(code) != 6 {
		t.Fatalf("no code on %s", phone.text)
	}
	thief := w.browser().open("/.auth/sign-in")
	thief.form.action, thief.form.buttons = strings.Split(link, "?")[0], []string{"link"}
	thief.form.fields.Set("t", strings.Split(link, "?t=")[1])
	thief.press("link").says(404, "This link does not work any more")
	thief.open("/").says(401)
	b.shown = waiting
	b.press("verify", "code="+code).says(200, "the app")
}

func digitsOn(text string) string {
	for _, word := range strings.Fields(text) {
		if len(word) == 6 && strings.Trim(word, "0123456789") == "" {
			return word
		}
	}
	return ""
}

func TestLinksThatAreMadeUp(t *testing.T) {
	w := newWorld(t, withPasswords)
	w.joined("jo@example.com")
	w.pass(time.Hour)
	b := w.browser().asksForLink("jo@example.com")
	link := w.mailedLink()
	for _, target := range []string{
		"/.auth/link/sia_1?t=x", "/.auth/link/sia_1", strings.Split(link, "?")[0], link + "x", link[:len(link)-1], strings.Split(link, "?")[0] + "?t=" + strings.Repeat("a", 5000),
	} {
		for _, who := range []*browser{b, w.browser()} {
			who.open(target).says(404, "This link does not work any more")
		}
	}
	w.pass(11 * time.Minute)
	b.open(link)
	if b.status == 200 || b.form != nil {
		t.Errorf("a link that is too old: %d %s", b.status, b.text)
	}
}

func TestThisWasNotMe(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		w.joined("jo@example.com")
		w.pass(time.Hour)
		thief := w.browser().identify("/", "jo@example.com")
		thief.press("password", "password="+goodPassword).press("verify", "code="+w.code()).says(200, "the app")
		notices := w.notices()
		if len(notices) != 1 {
			t.Fatalf("%d notices of a new device", len(notices))
		}
		id := notices[0].AttemptID
		link := "/.auth/not-me/" + id + "?t=" + w.handler.Flow.DisownToken(id).Reveal()
		b := w.browser()
		b.script = script
		b.open(link).says(200, "Was this not you?").open(link)
		thief.open("/").says(200, "the app") // opening it does nothing
		b.press("disown").says(200, "That device is signed out", "Set a new password")
		thief.open("/").says(401)
		w.pass(time.Minute)
		thief.identify("/", "jo@example.com").press("password", "password="+goodPassword).says(200, "Confirm this new device")
		b.open(b.link("Set a new password")).says(200, "Sign in")
		b.open("/.auth/not-me/"+id+"?t=made-up").press("disown").says(404, "This link does not work any more")
		b.open("/.auth/not-me/sess_1").press("disown").says(404, "This link does not work any more")
	})
}

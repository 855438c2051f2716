// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/limit"
)

// ticket makes a sign-in token for a user, and returns the address of its page.
func (w *world) ticket(email string) (link, text string) {
	w.t.Helper()
	user := w.person(email, func(*gatelatch.User, *gatelatch.Credentials) {})
	id := gatelatch.NewID(gatelatch.PrefixSignInToken, w.now)
	w.change(func(ctx context.Context, tx flow.Tx) error {
		return tx.PutSignInToken(ctx, gatelatch.SignInToken{ID: id, UserID: user.ID, CreatedAt: w.now, ExpireAt: w.now.Add(time.Hour)})
	})
	text = w.handler.Flow.SignInToken(id).Reveal()
	return ticketLink(text), text
}

func ticketLink(text string) string {
	return "/.auth/sign-in?__clerk_status=sign_in&__clerk_ticket=" + url.QueryEscape(text)
}

const overWords = "This link is no longer good. Ask whoever sent it for another one."

func TestATicketSignsInAtThePressOfAButton(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		w.joined("jo@example.com")
		link, text := w.ticket("jo@example.com")
		for range 3 { // scanners of mail open links
			w.browser().open(link).says(200, "Sign in to Acme", "It works once")
		}
		b := w.browser()
		b.script = script
		b.open(link+"&return_to=%2Freports").says(200, "Sign in to Acme")
		if got := b.form.buttons; len(b.forms) != 1 || len(got) != 1 || strings.Contains(b.form.action, text) {
			t.Errorf("%d forms, buttons %v, to %s", len(b.forms), got, b.form.action)
		}
		page := b.shown
		b.open("/").says(401) // nothing was spent, and nobody signed in
		b.shown = page
		b.post("ticket")
		if to := b.header.Get("Location") + b.header.Get("Gatelatch-Location"); to != "/reports" {
			t.Errorf("leads to %q", to)
		}
		b.follow().says(200, "the app, for jo@example.com")
		b.open(link) // whoever is in goes on, and the address is gone
		if b.says(200, "the app"); strings.Contains(b.at, text) {
			t.Errorf("ends at %s", b.at)
		}
		other := w.browser()
		other.script = script
		other.open(link).press("ticket").says(400, overWords, "Email address", "Continue")
		other.press("identify", "identifier=jo@example.com").says(200, "Enter your password")
	})
}

// The second step is taken all the same, on a page of its own: the address with the
// ticket is left at once.
func TestATicketLeavesTheSecondStep(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords, func(s *setting) { s.policy.SecondFactor = flow.Optional })
		w.joined("jo@example.com")
		app, _ := w.withApp("jo@example.com")
		link, text := w.ticket("jo@example.com")
		b := w.browser()
		b.script = script
		b.open(link + "&return_to=%2Freports").post("ticket")
		to := b.header.Get("Location") + b.header.Get("Gatelatch-Location")
		if !strings.HasPrefix(to, "/.auth/sign-in/sia_") || strings.Contains(b.body, text) {
			t.Errorf("leads to %q, and shows %s", to, b.text)
		}
		b.follow().says(200, "Open your authenticator app").press("verify", "code="+app.code()).says(200, "the app")
		if b.at != "/reports" {
			t.Errorf("ends at %s", b.at)
		}
	})
}

func TestTicketsThatAreNoGood(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		w.joined("jo@example.com")
		w.joined("ro@example.com")
		_, expired := w.ticket("jo@example.com")
		w.pass(time.Hour)
		_, text := w.ticket("jo@example.com")
		_, banned := w.ticket("ro@example.com")
		w.person("ro@example.com", func(u *gatelatch.User, _ *gatelatch.Credentials) { u.Banned = true })
		for ticket, words := range map[string]string{
			expired: "This link has expired.", text + "x": overWords, text[1:]: overWords, "sit_1.made-up": overWords, "<b>": overWords,
			banned: "This account is blocked.",
		} {
			b := w.browser()
			b.script = script
			b.open(ticketLink(ticket)).says(200, "Sign in to Acme").post("ticket")
			if b.status < 400 || b.status >= 500 || !strings.Contains(b.text, words) || !strings.Contains(b.text, "Email address") {
				t.Errorf("%q: %d %s", ticket, b.status, b.text)
			}
			b.open("/").says(401)
		}
		for _, ticket := range []string{"", strings.Repeat("a", 5000)} {
			w.browser().open(ticketLink(ticket)).says(400, overWords, "Email address")
		}
		w.browser().open(ticketLink(text)).press("ticket").says(200, "the app, for jo@example.com") // and it is still good
	})
}

// A ticket that may still be good is not taken away from whoever has to wait, or
// whose browser has lost its cookie.
func TestATicketIsKeptForAnotherTry(t *testing.T) {
	w := newWorld(t, withPasswords)
	w.joined("jo@example.com")
	link, _ := w.ticket("jo@example.com")
	b := w.browser().open(link)
	b.cookies = map[string]string{}
	b.press("ticket").says(403, "Sign in to Acme")
	w.handler.Flow.Limits.StartsPerNetwork = []limit.Rate{{Count: 1, Window: time.Hour}}
	w.browser().open(ticketLink("sit_1.made-up")).press("ticket").says(400, overWords)
	b.press("ticket").says(429, "Sign in to Acme", "Try again in")
	w.pass(time.Hour - time.Second)
	b.press("ticket").says(429, "Sign in to Acme")
}

func TestATicketDoesNotLeak(t *testing.T) {
	w := newWorld(t)
	a := w.browser().open(ticketLink("sit_1.secret"))
	for name, want := range map[string]string{"Referrer-Policy": "strict-origin", "Cache-Control": "no-store"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if a.says(http.StatusOK); strings.Count(a.body, "sit_1.secret") != 1 {
		t.Errorf("stands elsewhere than in the form:\n%s", a.body)
	}
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// adaAndBob have signed in, in one browser, one minute after the other; the second is
// in use.
func (w *world) adaAndBob(script bool) *browser {
	w.t.Helper()
	b := w.browser()
	b.signUp("ada@example.com")
	w.pass(time.Minute)
	b.open("/.auth/sign-in?account=another").says(200, "Back to your accounts")
	b.open("/.auth/sign-up").press("sign_up", "email_address=bob@example.com").press("verify", "code="+w.code())
	b.open("/").says(200, "the app, for bob@example.com")
	w.pass(time.Hour)
	b.script = script
	return b
}

// account presses a button of an account of the list, the newest first.
func (b *browser) account(i int, step string) *browser {
	b.t.Helper()
	var of []*shownForm
	for _, f := range b.forms {
		if f.fields.Has("id") {
			of = append(of, f)
		}
	}
	if i >= len(of) {
		b.t.Fatalf("%d accounts on %s:\n%s", len(of), b.at, b.text)
	}
	b.form = of[i]
	return b.press(step)
}

// ends takes back the session in use behind the browser's back, and returns its id.
func (w *world) ends(b *browser, status gatelatch.SessionStatus) string {
	w.t.Helper()
	t, ok := w.handler.Tokens.Parse(session.SessionToken, b.cookies[w.handler.Jar.Session])
	p, err := w.store.Store.PrincipalByTokenHash(context.Background(), t.Hash())
	if !ok || err != nil {
		w.t.Fatal(ok, err)
	}
	err = w.handler.Flow.Work(context.Background(), flow.Caller{}, func(ctx context.Context, work *flow.Work) error {
		return work.EndSession(ctx, p.Session.ID, status)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Session.ID
}

func TestChoosingAnAccount(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, manySessions)
		b := w.adaAndBob(script)
		b.open("/.auth/account").says(200, "Accounts in this browser", "2 accounts", "Sign out of all accounts")
		b.open("/.auth/sign-in?return_to=%2Freports").says(200, "Choose an account", "ada@example.com", "bob@example.com In use")
		b.account(1, "switch").says(200, "the app, for ada@example.com")
		if b.at != "/reports" {
			t.Errorf("led to %s", b.at)
		}
		b.open("/.auth/accounts").says(200, "ada@example.com In use")
		b.account(1, "remove").says(200, "You are signed out of that account.", "bob@example.com In use")
		if strings.Contains(b.text, "ada@example.com") || strings.Contains(b.text, "Sign out of all") {
			t.Errorf("shows more than one account: %s", b.text)
		}
		b.open("/").says(200, "the app, for bob@example.com")
		b.open("/.auth/accounts").account(0, "remove").says(200, "You are signed out")
		b.open("/").says(401, "Sign in")
		b.open("/.auth/accounts").says(200, "Sign in")
	})
}

// What is kept of the site was made for the account before, so it goes with it.
func TestChoosingForgetsWhatWasKept(t *testing.T) {
	w := newWorld(t, manySessions)
	b := w.adaAndBob(false)
	b.open("/.auth/accounts")
	for i, step := range []string{"switch", "remove"} {
		for _, f := range b.forms {
			if f.fields.Has("id") {
				b.form = f // the last: ada's
			}
		}
		b.post(step)
		if got := b.header.Get("Clear-Site-Data"); got != `"cache"` || b.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s: %q %v", i, step, got, b.header)
		}
		b.open("/.auth/accounts")
	}
}

func TestSigningOutOfAllAccounts(t *testing.T) {
	for name, over := range map[string]bool{"with a live session": false, "after the one in use has ended": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, manySessions)
			b := w.adaAndBob(false)
			b.open("/.auth/accounts")
			if over {
				w.ends(b, gatelatch.SessionRevoked)
			}
			b.press("sign_out").says(200, "You are signed out")
			live := 0
			err := w.store.Store.InTx(context.Background(), func(tx flow.Tx) error {
				client, _ := w.handler.Tokens.Parse(session.ClientToken, b.cookies[w.handler.Jar.Client])
				c, err := tx.ClientByTokenHash(context.Background(), client.Hash())
				if err != nil {
					return err
				}
				all, err := tx.ClientSessions(context.Background(), c.ID, w.now, 9)
				live = len(all)
				return err
			})
			if err != nil || live != 0 {
				t.Errorf("%d sessions live on: %v", live, err)
			}
		})
	}
}

// When the account in use is signed out elsewhere, nobody goes on as another without
// having said so, and lands where they wanted to go.
func TestTheAccountInUseEnds(t *testing.T) {
	for name, over := range map[string]func(w *world, b *browser){
		"revoked":    func(w *world, b *browser) { w.ends(b, gatelatch.SessionRevoked) },
		"signed out": func(w *world, b *browser) { w.ends(b, gatelatch.SessionRemoved) },
		"idle, and elsewhere": func(w *world, b *browser) {
			b.open("/.auth/accounts").account(1, "switch")
			adas := w.sessionOf(b)
			b.open("/.auth/accounts").account(0, "switch").says(200, "for bob@")
			w.pass(20 * time.Hour)
			if err := w.sessions.Touch(context.Background(), adas, w.now); err != nil {
				t.Fatal(err)
			}
			w.pass(5 * time.Hour)
			w.handler.ClientIP = func(*http.Request) netip.Addr { return netip.MustParseAddr("198.51.100.1") }
		},
		"expired": func(w *world, b *browser) {
			w.handler.Idle = 0
			b.open("/.auth/accounts").account(1, "switch").says(200, "for ada@")
			w.pass(7*24*time.Hour - time.Hour - 30*time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, manySessions)
			b := w.adaAndBob(false)
			over(w, b)
			b.open("/reports?year=2026").says(401, "Choose an account", "is signed out")
			if strings.Contains(b.text, "In use") {
				t.Error("somebody goes on as another")
			}
			b.account(0, "switch").says(200, "the app, for ")
			if b.at != "/reports?year=2026" {
				t.Errorf("led to %s", b.at)
			}
		})
	}
}

// A form that was posted meanwhile is not sent on, least of all as somebody else's.
func TestPostedAsTheWrongAccount(t *testing.T) {
	w := newWorld(t, manySessions)
	b := w.adaAndBob(false)
	w.ends(b, gatelatch.SessionRevoked)
	b.send(http.MethodPost, "/orders", "item=1", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}})
	b.says(401, "Choose an account", "has not been passed on")
}

// Elsewhere the cookie of a session that was revoked opens no list.
func TestTheListIsForThisBrowser(t *testing.T) {
	for name, change := range map[string]func(w *world, b *browser){
		"from another address": func(w *world, _ *browser) {
			w.handler.ClientIP = func(*http.Request) netip.Addr { return netip.MustParseAddr("198.51.100.1") }
		},
		"under another name":            func(_ *world, b *browser) { b.extra.Set("User-Agent", "thief") },
		"without the session's cookie":  func(w *world, b *browser) { delete(b.cookies, w.handler.Jar.Session) },
		"with a session's cookie twice": func(w *world, b *browser) { b.extra.Set("Cookie", doubled(w, b)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, manySessions)
			b := w.adaAndBob(false)
			w.ends(b, gatelatch.SessionRevoked)
			change(w, b)
			for _, path := range []string{"/", "/.auth/accounts", "/.auth/sign-in", "/.auth/account"} {
				b.open(path)
				if strings.Contains(b.body, "ada@example.com") || strings.Contains(b.body, "Choose an account") {
					t.Errorf("%s shows %s", path, b.text)
				}
			}
		})
	}
}

func doubled(w *world, b *browser) string {
	s := w.handler.Jar.Session + "=" + b.cookies[w.handler.Jar.Session]
	return w.handler.Jar.Client + "=" + b.cookies[w.handler.Jar.Client] + "; " + s + "; " + s
}

// Forms of the list: of another site, of another browser, about somebody else's
// session, about one that has ended.
func TestHostileChoices(t *testing.T) {
	w := newWorld(t, manySessions)
	b := w.adaAndBob(false)
	stranger := w.browser()
	stranger.extra.Set("User-Agent", "stranger")
	stranger.signUp("eve@example.com")
	eves := w.sessionOf(stranger)

	b.open("/.auth/accounts")
	b.form = b.forms[0]
	for _, step := range []string{"switch", "remove"} {
		b.form.fields.Set("id", eves)
		shown := b.shown
		b.post(step).says(404, "not signed in here")
		b.shown = shown
	}
	b.form.fields.Set("id", "x'; --")
	shown := b.shown
	b.post("switch").says(404)
	b.shown = shown
	stranger.open("/").says(200, "the app, for eve@example.com")

	b.open("/.auth/accounts")
	b.extra = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}
	b.form = b.forms[0]
	b.post("remove").says(403)
	b.extra = http.Header{}
	b.open("/.auth/accounts").says(200, "ada@example.com", "bob@example.com")
	b.form = b.forms[0]
	b.form.fields.Set("form_token", stranger.open("/.auth/accounts").form.fields.Get("form_token"))
	b.post("remove").says(403)

	b.open("/.auth/accounts")
	w.ends(b, gatelatch.SessionRevoked)
	b.account(0, "switch").says(404, "not signed in here", "ada@example.com")
	b.form = b.forms[0]
	b.form.buttons = append(b.form.buttons, "dance")
	b.post("dance").says(422)
}

// sessionOf returns the id of the session of a browser.
func (w *world) sessionOf(b *browser) string {
	t, _ := w.handler.Tokens.Parse(session.SessionToken, b.cookies[w.handler.Jar.Session])
	p, err := w.store.Store.PrincipalByTokenHash(context.Background(), t.Hash())
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Session.ID
}

// Nobody is led elsewhere by the list.
func TestReturnTargetsOfTheList(t *testing.T) {
	w := newWorld(t, manySessions)
	b := w.adaAndBob(false)
	for _, target := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/.auth/sign-out"} {
		b.open("/.auth/accounts?return_to="+url.QueryEscape(target)).account(0, "switch").says(200, "the app, for ")
		if b.at != "/" {
			t.Errorf("%s leads to %s", target, b.at)
		}
	}
}

// Where a browser holds one session there is no list.
func TestNoListWithoutSeveralSessions(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.signUp("ada@example.com")
	b.open("/.auth/accounts").says(404)
	b.open("/.auth/account")
	if strings.Contains(b.text, "Accounts in this browser") {
		t.Error("the account page leads to a list")
	}
	b.open("/.auth/sign-in?account=another").says(200, "the app, for ada@example.com")
}

// The same user again takes the place of the session before, and counts once.
func TestTheSameAccountAgain(t *testing.T) {
	w := newWorld(t, manySessions)
	b := w.adaAndBob(false)
	b.open("/.auth/sign-in?account=another").press("identify", "identifier=ada@example.com").press("verify", "code="+w.code()).says(200, "the app, for ada@")
	b.open("/.auth/accounts").says(200, "ada@example.com In use", "bob@example.com")
	if n := strings.Count(b.body, "<li>\n<div class=\"item\">"); n != 2 {
		t.Errorf("%d accounts", n)
	}
}

// A store that is away lets nobody choose.
func TestChoosingWithoutAStore(t *testing.T) {
	w := newWorld(t, manySessions)
	b := w.adaAndBob(false)
	b.open("/.auth/accounts")
	w.mayFail = true
	w.store.set(true)
	b.form = b.forms[0]
	b.post("switch").says(503)
}

// Whoever deletes one account of several does not go on as another without having said
// so, and does not lose the others either.
func TestDeletingOneOfSeveral(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, manySessions)
		b := w.adaAndBob(script)
		b.open("/.auth/account/delete")
		if strings.Contains(b.text, "Confirm that it is you") {
			b.press("again").press("verify", "code="+w.code())
		}
		b.press("confirm").press("verify", "code="+w.code()).says(200, "Your account is deleted", "Back to your accounts")
		if w.user("bob@example.com") {
			t.Fatal("the account is still there")
		}
		b.open("/.auth/accounts").says(200, "ada@example.com")
		if strings.Contains(b.text, "bob@example.com") {
			t.Errorf("shows what was deleted: %s", b.text)
		}
		b.open("/").says(200, "the app, for ada@example.com")
		b.open("/.auth/account").press("sign_out").says(200, "You are signed out")
		b.open("/").says(401, "Sign in")
	})
}

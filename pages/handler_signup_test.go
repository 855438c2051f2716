// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// everything asks for both addresses and both names.
func everything(s *setting) {
	s.site.Phone, s.site.Region, s.ids.Phone, s.ids.Region = true, "US", true, "US"
	s.policy.Fields = flow.Fields{Email: flow.Required, Phone: flow.Required, FirstName: flow.Required, LastName: flow.Optional}
}

func TestSignUpWithEveryField(t *testing.T) {
	w := newWorld(t, everything)
	b := w.browser().open("/.auth/sign-up").says(200, "First name", "Last name (optional)", "Email address", "Phone number")
	b.press("sign_up", "email_address=jo@example.com", "phone_number=201 555 0123", "first_name=Jo").says(200, "Check your email")
	if len(w.queued()) != 1 || w.queued()[0].To.Kind != gatelatch.EmailAddress {
		t.Fatalf("%+v", w.queued())
	}
	w.pass(time.Second)
	b.press("verify", "code="+w.code()).says(200, "Check your phone")
	if len(w.queued()) != 2 || w.queued()[1].To.Value != "+12015550123" || w.user("jo@example.com") {
		t.Fatalf("%+v, a user before the phone is proven: %v", w.queued(), w.user("jo@example.com"))
	}
	b.press("verify", "code="+w.code()).says(200, "the app, for jo@example.com+12015550123")
}

func TestMissingFieldsAreNamed(t *testing.T) {
	w := newWorld(t, everything)
	b := w.browser().open("/.auth/sign-up")
	for _, row := range [][]string{
		{"Enter your email address."},
		{"Enter your phone number.", "email_address=jo@example.com"},
		{"Enter your first name.", "phone_number=2015550123"},
	} {
		b.press("sign_up", row[1:]...).says(422, row[0], "Error:")
	}
	for name, want := range map[string]string{"email_address": "jo@example.com", "phone_number": "2015550123"} {
		if got := b.form.fields.Get(name); got != want {
			t.Errorf("%s: typed %q, shown again as %q", name, want, got)
		}
	}
	b.press("sign_up", "first_name=Jo", "phone_number=+1 900 555 0123").says(422)
	b.press("sign_up", "first_name=Jo", "phone_number=+881612345678").says(422)
	if len(w.queued()) != 0 {
		t.Errorf("%d messages", len(w.queued()))
	}
}

// Whoever proves an unknown address at sign-in gives the rest afterwards.
func TestSignInThatBecomesASignUpWithMoreFields(t *testing.T) {
	w := newWorld(t, everything)
	b := w.browser().open("/x").press("identify", "identifier=jo@example.com")
	b.press("verify", "code="+w.code()).says(200, "Create your account?")
	b.press("create").says(200, "One more step", "First name", "Phone number")
	w.pass(time.Second)
	b.press("details", "phone_number=2015550123").says(422, "Enter your first name.")
	b.press("details", "phone_number=2015550123", "first_name=Jo").says(200, "Check your phone")
	b.press("verify", "code="+w.code()).says(200, "the app, for jo@example.com+12015550123")
	if b.at != "/x" {
		t.Errorf("ends at %s", b.at)
	}
}

func TestSignUpByPhoneAlone(t *testing.T) {
	w := newWorld(t, func(s *setting) {
		s.site.Email, s.site.Phone, s.site.Region = false, true, "US"
		s.ids.Email, s.ids.Phone, s.ids.Region = false, true, "US"
		s.policy.Fields = flow.Fields{Email: flow.Off, Phone: flow.Required, FirstName: flow.Off, LastName: flow.Off}
	})
	b := w.browser().open("/.auth/sign-up").press("sign_up", "phone_number=(201) 555-0123").says(200, "Check your phone")
	b.press("verify", "code="+w.code()).says(200, "the app, for +12015550123")
	b = w.browser().open("/.auth/sign-in").press("identify", "identifier=+1 201-555-0123").says(200, "Check your phone")
	b.press("verify", "code="+w.code()).says(200, "the app, for +12015550123")
}

func TestClosedSignUp(t *testing.T) {
	w := newWorld(t, closedSignUp)
	b := w.browser().open("/.auth/sign-up").says(403, "New accounts are closed")
	b.open("/.auth/sign-in")
	form := b.form
	form.action, form.buttons = "/.auth/sign-up", []string{"sign_up"}
	form.fields.Set("email_address", "jo@example.com")
	b.press("sign_up").says(403, "New accounts are closed")
	b = w.browser().open("/.auth/sign-in").press("identify", "identifier=jo@example.com").says(200, "Check your email")
	for range 4 {
		b.press("verify", "code=123456").says(422, "incorrect")
	}
	b.press("verify", "code=123456").says(400, "Too many wrong codes.")
	if len(w.queued()) != 0 || w.user("jo@example.com") {
		t.Errorf("%d messages", len(w.queued()))
	}
}

func TestChangeTheAddress(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/x?y=z").press("identify", "identifier=wrogn@example.com")
	b.open(b.link("Change it")).says(200, "Sign in")
	if got := b.form.fields; got.Get("identifier") != "wrogn@example.com" || got.Get("return_to") != "/x?y=z" {
		t.Errorf("the form holds %v", got)
	}
	b.press("identify", "identifier=right@example.com").press("verify", "code="+w.code()).press("create").says(200, "the app, for right@example.com")
	if b.at != "/x?y=z" {
		t.Errorf("ends at %s", b.at)
	}

	b = w.browser().open("/.auth/sign-up?return_to=/x").press("sign_up", "email_address=wrogn@example.com")
	b.open(b.link("Change it")).says(200, "Create an account")
	if got := b.form.fields; got.Get("email_address") != "wrogn@example.com" || got.Get("return_to") != "/x" {
		t.Errorf("the form holds %v", got)
	}
}

// The link to correct an address shows it to the browser that typed it and to
// nobody else.
func TestAnotherBrowserSeesNothingOfAnAttempt(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signIn("jo@example.com")
	attempt := b.form.fields.Get("attempt")
	thief := w.browser().open("/.auth/sign-in")
	for _, target := range []string{
		"/.auth/sign-in?attempt=" + attempt, "/.auth/sign-up?attempt=" + attempt, "/.auth/sign-in/" + attempt, "/.auth/sign-up/" + attempt,
	} {
		for _, stranger := range []*browser{thief, w.browser()} {
			stranger.open(target)
			if stranger.form.fields.Get("identifier") != "" || stranger.form.fields.Get("email_address") != "" || stranger.form.fields.Get("code") != "" {
				t.Errorf("%s shows %v", target, stranger.form.fields)
			}
		}
	}
}

func TestStartOver(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/x").press("identify", "identifier=a@example.com")
	old := b.at
	b.open(b.link("Start over")).says(200, "Sign in")
	if got := b.form.fields; got.Get("identifier") != "" || got.Get("return_to") != "/x" {
		t.Errorf("the form holds %v", got)
	}
	w.pass(time.Second)
	b.press("identify", "identifier=b@example.com").press("verify", "code="+w.code()).says(200, "b@example.com is confirmed")
	b.open(old).says(200, "Check your email") // the first attempt goes its own way
}

func TestSeveralTabs(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	first := w.browser().open("/one")
	second := &browser{t: t, w: w, cookies: first.cookies, extra: first.extra}
	second.open("/two")
	if first.token() != second.token() {
		t.Error("the second tab has made the first one's form useless")
	}
	first.press("identify", "identifier=jo@example.com").says(200, "Check your email")
	code := w.code()
	w.pass(time.Second)
	second.press("identify", "identifier=jo@example.com").says(200, "Check your email")
	first.press("verify", "code="+code).says(200, "the app")
	if first.at != "/one" {
		t.Errorf("ends at %s", first.at)
	}
	second.press("verify", "code="+w.code()).says(200, "the app")
	if second.at != "/two" {
		t.Errorf("ends at %s", second.at)
	}
	second.open("/.auth/sign-in").says(200, "the app") // signed in already
	second.open("/.auth/sign-in?return_to=/three")
	second.says(200, "the app")
	if second.at != "/three" {
		t.Errorf("ends at %s", second.at)
	}
	second.open("/.auth/sign-up?return_to=/four").says(200, "the app")
}

// A new session at every authentication; the one before is over.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/.auth/sign-in")
	form := b.form
	b.signUp("jo@example.com")
	before := map[string]string{}
	for name, value := range b.cookies {
		before[name] = value
	}
	b.shown.form, b.at = form, "/.auth/sign-in"
	w.pass(time.Second)
	b.press("identify", "identifier=jo@example.com").press("verify", "code="+w.code()).says(200, "the app")
	if b.cookies[w.handler.Jar.Session] == before[w.handler.Jar.Session] {
		t.Error("the session is the same")
	}
	if b.cookies[w.handler.Jar.Client] != before[w.handler.Jar.Client] {
		t.Error("the client has changed")
	}
	stolen := &browser{t: t, w: w, cookies: before, extra: b.extra}
	stolen.open("/").says(401, "Sign in")
}

func TestAttemptsEnd(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signIn("jo@example.com")
	w.pass(time.Hour)
	b.press("verify", "code="+w.code())
	b.says(404, "That attempt is over. Start again.")
	for _, target := range []string{"/.auth/sign-in/sia_x", "/.auth/sign-up/sua_x", "/.auth/sign-in/" + "%20", "/.auth/sign-up/.."} {
		b.open(target).says(404)
	}
}

// TestEitherAddressWillDo: where both are optional, what is asked for is either.
func TestEitherAddressWillDo(t *testing.T) {
	w := newWorld(t, func(s *setting) {
		s.site.Phone, s.ids.Phone = true, true
		s.policy.Fields.Email, s.policy.Fields.Phone = flow.Optional, flow.Optional
	})
	b := w.browser().open("/.auth/sign-up").press("sign_up").says(422, "Enter an email address or a phone number.")
	if !strings.Contains(b.body, `aria-invalid="true"`) || !strings.Contains(b.body, `href="#email_address"`) {
		t.Error("no field is pointed out")
	}
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/limit"
)

func TestSignUpAndSignInWithoutScript(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	if !w.user("jo@example.com") {
		t.Fatal("no user was made")
	}
	b := w.browser().signIn("jo@example.com")
	b.press("verify", "code="+w.code()).says(200, "the app, for jo@example.com")
	if len(w.queued()) != 2 || len(w.reports) != 0 {
		t.Errorf("%d messages, %v", len(w.queued()), w.reports)
	}
}

func TestTheSignInPageStandsAtTheURLAskedFor(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	b := w.browser().open("/reports/q3?year=2026&part=a%2Fb").says(401, "Sign in")
	if b.header.Get("WWW-Authenticate") != `Gatelatch uri="/.auth/sign-in"` {
		t.Errorf("%q", b.header.Get("WWW-Authenticate"))
	}
	b.press("identify", "identifier=jo@example.com").press("verify", "code="+w.code()).says(200, "the app")
	if b.at != "/reports/q3?year=2026&part=a%2Fb" {
		t.Errorf("ends at %s", b.at)
	}
}

func TestAnUnknownAddressAtSignInIsOfferedAnAccount(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/dashboard").press("identify", "identifier=new@example.com").says(200, "Check your email")
	b.press("verify", "code="+w.code()).says(200, "Create your account?", "new@example.com is confirmed")
	if w.user("new@example.com") || b.cookies[w.handler.Jar.Session] != "" {
		t.Error("there is an account, or a session, before anybody asked for it")
	}
	b.press("create").says(200, "the app, for new@example.com")
	if b.at != "/dashboard" || !w.user("new@example.com") {
		t.Errorf("ends at %s", b.at)
	}
}

func TestAKnownAddressAtSignUpIsSignedIn(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	b := w.browser().open("/.auth/sign-up?return_to=/welcome").press("sign_up", "email_address=JO@example.com").says(200, "Check your email")
	b.press("verify", "code="+w.code()).says(200, "the app, for jo@example.com")
	if b.at != "/welcome" {
		t.Errorf("ends at %s", b.at)
	}
}

// Every way in which a code can be wrong has words of its own.
func TestCodesThatDoNotFit(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signIn("jo@example.com")
	for _, row := range []struct {
		typed  string
		status int
		words  string
	}{
		{"", 422, "Enter the code from the message."},
		{"  ", 422, "Enter the code from the message."},
		{"12345", 422, "That code is too short. It has 6 digits."},
		{"1234567", 422, "That code is too long. It has 6 digits."},
		{strings.Repeat("1", 5000), 422, "That code is too long. It has 6 digits."},
		{"abcdef", 422, "The code consists of digits only."},
		{"12a456", 422, "The code consists of digits only."},
		{"<b>123</b>", 422, "The code consists of digits only."},
		{"١٢٣٤٥", 422, "That code is too short. It has 6 digits."},
	} {
		b.press("verify", "code="+row.typed).says(row.status, row.words, "Error:")
	}
	for left := 4; left > 0; left-- { // none of the above was judged
		words := "more tries"
		if left == 1 {
			words = "one more try"
		}
		b.press("verify", "code="+w.wrong()).says(422, "That code is incorrect.", words)
	}
	b.press("verify", "code="+w.wrong()).says(400, "Too many wrong codes.", "Start over")
	if b.form != nil {
		t.Error("a spent attempt still has a form")
	}
	b.open(b.at).says(200, "Too many wrong codes.", "Start over")
}

func TestASpentAttemptRefusesTheRightCode(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signIn("jo@example.com")
	form := b.form
	for range 5 {
		b.form = form
		b.post("verify", "code="+w.wrong())
	}
	b.form = form
	b.press("verify", "code="+w.code()).says(400, "Too many wrong codes.")
	b.open("/").says(401)
}

func TestCodesAsPeoplePasteThem(t *testing.T) {
	w := newWorld(t)
	for i, spell := range []func(string) string{
		func(c string) string { return c[:3] + " " + c[3:] },
		func(c string) string { return "\u200e" + c[:3] + "\u2011" + c[3:] + "\r\n" },
		func(c string) string {
			return strings.Map(func(r rune) rune { return r - '0' + '０' }, c)
		},
		func(c string) string {
			return strings.Map(func(r rune) rune { return r - '0' + '٠' }, c)
		},
	} {
		b := w.browser().signIn("jo@example.com")
		b.press("verify", "code="+spell(w.code()))
		if b.status != 200 || i == 0 && !strings.Contains(b.text, "Create your account?") {
			t.Errorf("spelling %d: %d %s", i, b.status, b.text)
		}
		if i == 0 {
			b.press("create").says(200, "the app")
		}
		w.pass(time.Minute)
	}
}

func TestACodeExpiresAtTheVeryInstant(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signIn("jo@example.com")
	code := w.code()
	w.pass(10 * time.Minute)
	b.press("verify", "code="+code).says(400, "This code has expired. Ask for a new one.")
	b.press("resend").says(200, "Check your email")
	if w.code() == code {
		t.Error("the new code is the old one")
	}
	b.press("verify", "code="+code).says(422, "incorrect")
	b.press("verify", "code="+w.code()).says(200, "Create your account?")

	w = newWorld(t)
	b = w.browser().signIn("jo@example.com")
	w.pass(10*time.Minute - 1)
	b.press("verify", "code="+w.code()).says(200, "Create your account?")
}

func TestResend(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signIn("jo@example.com")
	code := w.code()
	w.pass(29 * time.Second)
	b.press("resend").says(429, "A code was sent a moment ago.")
	if b.header.Get("Retry-After") != "1" || len(w.queued()) != 1 {
		t.Errorf("Retry-After %q, %d messages", b.header.Get("Retry-After"), len(w.queued()))
	}
	w.pass(time.Second)
	b.press("resend").says(200, "The code is on its way again.")
	if len(w.queued()) != 2 || w.code() != code {
		t.Errorf("%d messages, and the same code: %v", len(w.queued()), w.code() == code)
	}
	b.open(b.at) // reloading sends nothing
	if len(w.queued()) != 2 {
		t.Error("reloading has sent a message")
	}
	b.press("verify", "code="+code).says(200, "Create your account?")
}

func TestACodeWorksOnce(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	b := w.browser().signIn("jo@example.com")
	action, form := b.form.action, b.form
	b.press("verify", "code="+w.code()).says(200, "the app")
	first := b.cookies[w.handler.Jar.Session]
	b.shown.form, b.at = form, action
	b.post("verify", "code="+w.code()) // the same browser again: harmless
	if b.status != 303 || b.cookies[w.handler.Jar.Session] != first {
		t.Errorf("a repeat is %d, and another session: %v", b.status, b.cookies[w.handler.Jar.Session] != first)
	}
	thief := w.browser().open("/.auth/sign-in")
	token := thief.token()
	thief.shown.form = &shownForm{action: action, method: "post", fields: form.fields, buttons: form.buttons}
	thief.shown.form.fields.Set("form_token", token)
	thief.press("verify", "code="+w.code()).says(404, "That attempt is over.")
	thief.open("/").says(401)
}

func TestLimitsAreToldInWords(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.limits = limit.Policy{} })
	for i := range 5 {
		w.browser().signIn("jo@example.com")
		w.pass(31 * time.Second)
		if len(w.queued()) != i+1 {
			t.Fatalf("%d messages after %d", len(w.queued()), i+1)
		}
	}
	b := w.browser().open("/.auth/sign-in").press("identify", "identifier=jo@example.com").says(429, "too many requests", "Try again in")
	if b.header.Get("Retry-After") == "" || len(w.queued()) != 5 {
		t.Errorf("Retry-After %q, %d messages", b.header.Get("Retry-After"), len(w.queued()))
	}
	if b.form.fields.Get("identifier") != "jo@example.com" {
		t.Error("what was typed is lost")
	}
}

func TestAddressesThatCannotBe(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/.auth/sign-in")
	for _, typed := range []string{"", "jo", "jo@", "@example.com", "jo@evil@example.com", "jo@example", "jo example@example.com", "+12015550123", "<jo@example.com>", "jo@example.com, x@example.com"} {
		b.press("identify", "identifier="+typed).says(422, "Error:")
		if got := b.form.fields.Get("identifier"); got != typed {
			t.Errorf("typed %q, shown again as %q", typed, got)
		}
	}
	if len(w.queued()) != 0 {
		t.Errorf("%d messages", len(w.queued()))
	}
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
)

// A password alone is enough where somebody has proven an address before, and
// nowhere else.
func TestAPasswordOnANewDevice(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		w.joined("jo@example.com")
		w.pass(time.Hour)
		b := w.browser()
		b.script = script
		b.identify("/reports", "jo@example.com").says(200, "You are signing in as jo@example.com.", `autocomplete="current-password"`, `value="jo@example.com" autocomplete="username"`)
		sent := len(w.queued())
		b.press("password", "password=wrong").says(422, "That password is incorrect. You have 4 more tries.", "Enter your password")
		if len(w.queued()) != sent {
			t.Error("a wrong password has sent a message")
		}
		b.press("password", "password="+goodPassword).says(200, "Confirm this new device", "j•••@example.com", "remembered for 30 days", "I need a new code", "Start over", "Use another method")
		if b.cookies[w.handler.Jar.Session] != "" || len(w.queued()) != sent+1 {
			t.Fatalf("a session before the device is confirmed, or %d messages", len(w.queued())-sent)
		}
		page := b.shown
		b.open("/").says(401)
		b.shown = page
		b.press("verify", "code="+w.wrong()).says(422, "That code is incorrect.", "Confirm this new device")
		b.press("verify", "code="+w.code()).says(200, "the app")
		if b.at != "/reports" {
			t.Errorf("ends at %s", b.at)
		}
		b.open("/.auth/account").press("sign_out")
		w.pass(24 * time.Hour)
		sent = len(w.queued())
		b.identify("/reports", "jo@example.com").press("password", "password="+goodPassword).says(200, "the app")
		if len(w.queued()) != sent {
			t.Error("a known device was asked for a code")
		}
	})
}

func TestACodeInPlaceOfThePassword(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		w.joined("jo@example.com")
		w.pass(time.Hour)
		b := w.browser()
		b.script = script
		b.identify("/", "jo@example.com").press(b.way("email_code")).says(200, "Check your email", "Use another method")
		b.open(b.link("Use another method")).says(200, "Choose a method", "Enter the password", "Email a link to j•••@example.com", "Set a new password")
		b.press("password").says(200, "Enter your password") // and back
		b.press("password", "password=wrong").says(422, "incorrect", "Enter your password")
		b.press(b.way("email_code")).says(200, "Check your email") // under way: shown again, not sent again
		b.press("verify", "code="+w.code()).says(200, "the app")
	})
}

// Without a password in the account, with an unknown address, or with the wrong
// password: the same page says the same.
func TestAPasswordTellsNobodyWhoExists(t *testing.T) {
	var traces [3][]string
	for i, address := range []string{"known@example.com", "plain@example.com", "other@example.com"} {
		w := newWorld(t, withPasswords)
		w.joined("known@example.com")
		w.handler.Flow.Policy.Password = flow.Optional
		w.pass(time.Hour)
		w.browser().open("/.auth/sign-up").press("sign_up", "email_address=plain@example.com", "password=").press("verify", "code="+w.code()).says(200, "the app")
		w.pass(time.Hour)
		b := w.browser().open("/x")
		steps := [][]string{{"identify", "identifier=" + address}, {"password", "password=wrong"}, {"password", "password="}, {"password", "password=" + goodPassword + "x"}}
		for range 3 { // the last of them spends what is left, and the field is gone
			steps = append(steps, []string{"password", "password=another wrong one"})
		}
		for _, step := range steps {
			b.press(step[0], step[1:]...)
			traces[i] = append(traces[i], trace(b, address))
		}
	}
	for n := range traces[0] {
		for i := range traces[:2] {
			if traces[i][n] != traces[2][n] {
				t.Errorf("answer %d differs:\n%s\nunknown:\n%s", n, traces[i][n], traces[2][n])
			}
		}
	}
}

func TestAForgottenPassword(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		elsewhere := w.joined("jo@example.com")
		w.pass(time.Hour)
		b := w.browser()
		b.script = script
		b.identify("/reports", "jo@example.com").press(b.way("reset_password_email_code")).says(200, "Check your email", "With it you can set a new password")
		b.press("verify", "code="+w.code()).says(200, "Choose a new password", `autocomplete="new-password"`, `minlength="8" passwordrules="minlength: 8;"`)
		page := b.shown
		b.open("/reports").says(401)
		b.shown = page
		b.press("new_password", "password=short").says(422, "Error:", "Choose a new password")
		if b.form.fields.Get("password") != "" {
			t.Error("the page shows the password again")
		}
		const other = "seven quiet herons 40"
		b.press("new_password", "password="+other).says(200, "the app")
		elsewhere.open("/").says(401)
		w.pass(time.Minute)
		b.open("/.auth/account").press("sign_out")
		b.identify("/", "jo@example.com").press("password", "password="+goodPassword).says(422, "incorrect")
		b.press("password", "password="+other).says(200, "the app")
	})
}

func TestPasswordsAtSignUp(t *testing.T) {
	w := newWorld(t, withPasswords, func(s *setting) { s.passwords.MinLength = 15 })
	b := w.browser().open("/.auth/sign-up").says(200, "At least 15 characters.", `minlength="15"`, `autocomplete="new-password"`)
	b.press("sign_up", "email_address=jo@example.com", "password=").says(422, "Choose a password.")
	b.press("sign_up", "email_address=jo@example.com", "password=too short 12").says(422, "Error:")
	if b.form.fields.Get("password") != "" || b.form.fields.Get("email_address") != "jo@example.com" || strings.Contains(b.body, "too short 12") {
		t.Errorf("the form holds %v", b.form.fields)
	}
	b.press("sign_up", "email_address=jo@example.com", "password="+goodPassword).says(200, "Check your email")
	if w.user("jo@example.com") {
		t.Error("a user before the address is proven")
	}
	b.press("verify", "code="+w.code()).says(200, "the app")
}

// Whoever proves an unknown address at sign-in gives the password afterwards.
func TestAPasswordIsAskedForLater(t *testing.T) {
	w := newWorld(t, withPasswords)
	b := w.browser().identify("/x", "jo@example.com")
	b.press(b.way("email_code")).press("verify", "code="+w.code()).says(200, "Create your account?")
	b.press("create").says(200, "One more step", "Password")
	b.press("details", "password="+goodPassword).says(200, "the app")
	if b.at != "/x" {
		t.Errorf("ends at %s", b.at)
	}
}

func TestTooManyPasswordsAtOnce(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		w.mayFail = true
		b := w.joined("jo@example.com")
		b.script = script
		b.open("/.auth/account").press("sign_out")
		w.handler.Flow.Hasher = password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 1, -1)
		leave, err := w.handler.Flow.Hasher.Enter()
		if err != nil {
			t.Fatal(err)
		}
		b.identify("/", "jo@example.com")
		page := b.form.action
		b.press("password", "password="+goodPassword).says(503, "Many people are signing in right now", "Try again")
		if b.header.Get("Retry-After") != "1" || b.link("Try again") != page || len(w.reports) != 0 {
			t.Errorf("Retry-After %q, leads to %q, reports %v", b.header.Get("Retry-After"), b.link("Try again"), w.reports)
		}
		leave()
		b.open(page).press("password", "password="+goodPassword).says(200, "the app")
	})
}

func TestABlockedAccountIsToldOnlyToItsOwner(t *testing.T) {
	w := newWorld(t, withPasswords)
	w.joined("jo@example.com")
	w.person("jo@example.com", func(u *gatelatch.User, _ *gatelatch.Credentials) { u.Banned = true })
	w.pass(time.Hour)
	b := w.browser().identify("/", "jo@example.com")
	b.press("password", "password=wrong").says(422, "incorrect")
	b.press("password", "password="+goodPassword).says(403, "This account is blocked.")
	b.open("/").says(401)
}

// way returns the value of the first button on the page that stands for a
// strategy.
func (b *browser) way(st string) string {
	b.t.Helper()
	for _, f := range b.forms {
		for _, value := range f.buttons {
			if value == st || strings.HasPrefix(value, st+":") {
				return value
			}
		}
	}
	b.t.Fatalf("no way %q on %s:\n%s", st, b.at, b.text)
	return ""
}

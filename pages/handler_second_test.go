// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func secondSteps(s *setting) {
	withPasswords(s)
	s.policy.SecondFactor = flow.Optional
	s.site.Phone, s.site.Region, s.ids.Phone, s.ids.Region = true, "US", true, "US"
}

// The second step cannot be left out, whatever the first was.
func TestAnAuthenticatorApp(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, secondSteps)
		w.joined("jo@example.com")
		app, backup := w.withApp("jo@example.com")
		w.pass(time.Hour)
		b := w.browser()
		b.script = script
		b.identify("/reports", "jo@example.com").press("password", "password="+goodPassword).says(200, "Open your authenticator app", "Use another method")
		if b.cookies[w.handler.Jar.Session] != "" {
			t.Fatal("a session before the second step")
		}
		b.press("verify", "code=000000").says(422, "That code is incorrect.", "Open your authenticator app")
		b.press("verify", "code="+app.code()).says(200, "the app")
		if b.at != "/reports" {
			t.Errorf("ends at %s", b.at)
		}
		b.open("/.auth/account").press("sign_out")
		w.pass(time.Minute)
		b.open("/x").press("identify", "identifier=jo@example.com")
		b.press(b.way("email_code")).press("verify", "code="+w.code()).says(200, "Open your authenticator app")
		b.open(b.link("Use another method")).says(200, "Choose a method", "takes a second step", "Use a backup code")
		b.press("backup_code").says(200, "Use a backup code", "Each works once")
		b.press("verify", "code=aaaaa-bbbbb").says(422, "Use a backup code", "Error:")
		b.press("verify", "code="+backup[3].Reveal()).says(200, "the app")
		b.open("/.auth/account").press("sign_out")
		w.pass(time.Minute)
		b.identify("/", "jo@example.com").press("password", "password="+goodPassword)
		b.open(b.link("Use another method")).press("backup_code").press("verify", "code="+backup[3].Reveal()).says(422, "Error:")
		b.open("/").says(401)
	})
}

func TestATextAsSecondStep(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, secondSteps)
		w.joined("jo@example.com")
		w.withNumber("jo@example.com", "+12015550123")
		w.pass(time.Hour)
		b := w.browser()
		b.script = script
		sent := len(w.queued())
		b.identify("/", "jo@example.com").press("password", "password="+goodPassword).says(200, "Check your phone", "takes a second step", "+1 •••• 23", "data-webotp")
		if len(w.queued()) != sent+1 {
			t.Fatalf("%d messages", len(w.queued())-sent)
		}
		b.press("resend").says(429, "A code was sent a moment ago.", "Check your phone")
		w.pass(time.Minute)
		b.press("resend").says(200, "The code is on its way again.", "Check your phone")
		b.press("verify", "code="+w.wrong()).says(422, "That code is incorrect.", "Check your phone")
		b.press("verify", "code="+w.code()).says(200, "the app")
	})
}

// Who keeps a path behind a young authentication asks at that very path, and the
// session stays the same.
func TestAskedOnceMore(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasswords)
		b := w.joined("jo@example.com")
		b.open("/payroll").says(200, "the app")
		w.pass(11 * time.Minute)
		before := b.cookies[w.handler.Jar.Session]
		b.script = script
		b.open("/payroll?year=2026").says(401, "Confirm that it is you", "You stay signed in.")
		if b.header.Get("WWW-Authenticate") == "" {
			t.Error("a 401 without a challenge")
		}
		b.press("again").says(200, "Enter your password").press("password", "password=wrong").says(422, "incorrect")
		b.open("/payroll").says(401)
		b.press("again").press("password", "password="+goodPassword).says(200, "the app")
		if b.at != "/payroll" || b.cookies[w.handler.Jar.Session] != before {
			t.Errorf("ends at %s, with another session: %v", b.at, b.cookies[w.handler.Jar.Session] != before)
		}
		w.pass(11 * time.Minute)
		b.open("/payroll?year=2026").press("again")
		b.open(b.link("Use another method")).says(200, "Any one of these confirms that it is you.").press(b.way("email_code")).says(200, "To confirm that it is you")
		b.press("verify", "code="+w.code()).says(200, "the app")
		if b.at != "/payroll?year=2026" {
			t.Errorf("ends at %s", b.at)
		}
	})
}

// At the first step a strategy stands for itself: it goes to the first address.
func TestAskedOnceMoreWithSeveralAddresses(t *testing.T) {
	w := newWorld(t, withPasswords)
	b := w.joined("jo@example.com")
	w.person("jo@example.com", func(u *gatelatch.User, _ *gatelatch.Credentials) {
		u.Addresses = append(u.Addresses, gatelatch.Address{
			ID: "idn_other", Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "mo@example.com"}, Display: "mo@example.com", VerifiedAt: w.now,
		})
	})
	w.pass(11 * time.Minute)
	b.open("/payroll").press("again")
	b.open(b.link("Use another method")).says(200, "Email a code to j•••@example.com")
	if strings.Contains(b.text, "m•••@example.com") {
		t.Error("a button that would send to another address")
	}
	b.press(b.way("email_code")).says(200, "we sent a 6-digit code to j•••@example.com")
}

// Without passwords the code is on its way as soon as the button is pressed.
func TestAskedOnceMoreWithoutPasswords(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signUp("jo@example.com")
	w.pass(11 * time.Minute)
	b.open("/payroll").says(401).press("again").says(200, "Check your email", "To confirm that it is you")
	b.open(b.link("Start over")).says(200, "Confirm that it is you").press("again")
	w.pass(time.Minute)
	b.press("resend")
	b.press("verify", "code="+w.code()).says(200, "the app")
}

func TestAPathThatAsksForASecondStep(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, secondSteps)
		b := w.joined("jo@example.com")
		b.script = script
		b.open("/vault").says(401, "Set up a second step", "your account has none yet")
		if got := b.link("Use an authenticator app"); got != "/.auth/account/totp?return_to=%2Fvault" {
			t.Errorf("leads to %s", got)
		}
		app, _ := w.withApp("jo@example.com")
		b.open("/vault").says(401, "only open after a second step").press("again").says(200, "Open your authenticator app")
		b.press("verify", "code="+app.code()).says(200, "the app")
		if b.at != "/vault" {
			t.Errorf("ends at %s", b.at)
		}
	})
}

func TestVerifyWithoutASession(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/.auth/verify?return_to=/payroll").says(200, "Sign in")
	if b.form.fields.Get("return_to") != "/payroll" {
		t.Errorf("the form holds %v", b.form.fields)
	}
	in := w.browser().signUp("jo@example.com").open("/.auth/verify?return_to=//evil.example&level=nonsense").says(200, "Confirm that it is you")
	if got := in.form.fields; got.Get("return_to") != "" || got.Get("level") != "first_factor" {
		t.Errorf("the form holds %v", got)
	}
	form := in.form
	in.open("/.auth/account").press("sign_out")
	in.shown.form = form
	in.press("again").says(200, "Sign in") // the session ended in another tab
}

func TestTasks(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, secondSteps, func(s *setting) {
			s.policy.SecondFactor, s.policy.Terms = flow.Required, flow.Terms{URL: "/terms", Version: "2"}
		})
		b := w.browser()
		b.script = script
		b.open("/.auth/sign-up?return_to=/reports").press("sign_up", "email_address=jo@example.com", "password="+goodPassword)
		b.press("verify", "code="+w.code()).says(401, "Set up a second step", "This site asks everybody", "Sign out")
		if b.at != "/reports" || b.link("Use an authenticator app") != "/.auth/account/totp?return_to=%2Freports" {
			t.Errorf("stands at %s, leads to %s", b.at, b.link("Use an authenticator app"))
		}
		b.send("POST", "/reports", "item=1", map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}})
		b.says(401, "What you sent has not been passed on.")
		w.person("jo@example.com", func(u *gatelatch.User, _ *gatelatch.Credentials) { u.PasswordReset = true })
		app, _ := w.withApp("jo@example.com")
		const other = "seven quiet herons 40"
		b.open("/reports").says(401, "Choose a new password", "needs a new password before you can go on")
		b.press("new_password", "password="+other).says(200, "Confirm that it is you").press("again") // there is a second step now
		b.press("verify", "code="+app.code()).says(200, "Choose a new password")
		b.press("new_password", "password=password").says(422, "Error:", "Choose a new password")
		b.press("new_password", "password="+other).says(401, "Terms of use")
		if b.at != "/reports" || b.link("Read the terms of use") != "/terms" {
			t.Errorf("stands at %s", b.at)
		}
		b.form.fields.Set("version", "1")
		b.press("accept")
		if b.status == 200 {
			t.Error("terms that nobody has read were accepted")
		}
		b.open("/reports").press("accept").says(200, "the app")
		b.open("/.auth/tasks/accept-terms?return_to=/reports").says(200, "the app") // nothing is owed
		b.open("/.auth/tasks/nonsense").says(404)
	})
}

// Where passkeys cannot work, one is no second step: its owner is asked for
// another before the app, and is not sent to a step that nobody can take.
func TestAPasskeyWhereNoneWork(t *testing.T) {
	for name, row := range map[string]struct {
		work   bool
		need   flow.Need
		status int
	}{
		"required, and they work":     {true, flow.Required, 200},
		"required, and they do not":   {false, flow.Required, 401},
		"as one likes, and they work": {true, flow.Optional, 200},
		"as one likes, they do not":   {false, flow.Optional, 200},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, secondSteps, func(s *setting) {
				if s.policy.SecondFactor = row.need; row.work {
					withPasskeys(s)
				}
			})
			b := w.browser().open("/.auth/sign-up").press("sign_up", "email_address=jo@example.com", "password="+goodPassword).press("verify", "code="+w.code())
			w.person("jo@example.com", func(_ *gatelatch.User, c *gatelatch.Credentials) {
				c.Passkeys = append(c.Passkeys, gatelatch.Passkey{ID: "pk_1", Name: "Key"})
			})
			b.open("/reports")
			if b.status != row.status {
				t.Errorf("%d\n%s", b.status, b.text)
			}
			asks := "Confirm that it is you"
			if !row.work {
				asks = "Set up a second step"
			}
			b.open("/.auth/verify?level=second_factor").says(200, asks)
		})
	}
}

// Another site on the same store may have asked for a new password.
func TestANewPasswordWhereThereAreNone(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signUp("jo@example.com")
	w.person("jo@example.com", func(u *gatelatch.User, _ *gatelatch.Credentials) { u.PasswordReset = true })
	b.open("/reports").says(200, "the app")
	b.open("/.auth/tasks/reset-password?return_to=/reports").says(200, "the app")
}

// A task is no way around a young authentication.
func TestATaskThatAsksForAYoungAuthentication(t *testing.T) {
	w := newWorld(t, withPasswords)
	b := w.joined("jo@example.com")
	w.person("jo@example.com", func(u *gatelatch.User, _ *gatelatch.Credentials) { u.PasswordReset = true })
	w.pass(time.Hour)
	const other = "seven quiet herons 40"
	b.open("/reports").says(401, "Choose a new password").press("new_password", "password="+other).says(200, "Confirm that it is you")
	b.press("again").press("password", "password="+goodPassword).says(200, "Choose a new password")
	b.press("new_password", "password="+other).says(200, "the app")
	if b.at != "/reports" {
		t.Errorf("ends at %s", b.at)
	}
}

func TestTheWellKnownPathForPasswords(t *testing.T) {
	w := newWorld(t, withPasswords)
	b := w.browser()
	b.send("GET", "/.auth/.well-known/change-password", "", map[string][]string{})
	if b.status != 303 || b.header.Get("Location") != "/.auth/account/password" {
		t.Errorf("%d %s", b.status, b.header.Get("Location"))
	}
	rec, r := newExchange("GET", "/.well-known/change-password", "")
	w.handler.ChangePassword(rec, r)
	if rec.Code != 303 || rec.Header().Get("Location") != "/.auth/account/password" || rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// enter posts the form that has a button, and not the button's value: what some
// programs do when Enter is pressed.
func (b *browser) enter(button, name, value string) *browser {
	b.t.Helper()
	form := b.with(button)
	if form == nil {
		b.t.Fatalf("no button %q on %s:\n%s", button, b.at, b.text)
	}
	fields := url.Values{name: {value}}
	for n, all := range form.fields {
		if n != name && n != "step" {
			fields[n] = all
		}
	}
	b.send(http.MethodPost, form.action, fields.Encode(), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"},
		"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"},
	})
	return b.follow()
}

func TestFormsWithoutAButton(t *testing.T) {
	w := newWorld(t, withPasswords)
	w.joined("jo@example.com")
	w.pass(time.Hour)
	b := w.browser()
	b.identify("/reports", "jo@example.com").enter("password", "password", "wrong").says(422, "That password is incorrect.", "Enter your password")
	b.enter(b.way("reset_password_email_code"), "way", "reset_password_email_code").says(200, "Check your email")
	b.enter("verify", "code", w.code()).says(200, "Choose a new password")
	b.enter("new_password", "password", "short").says(422, "Error:", "Choose a new password")
	b.enter("new_password", "password", "seven quiet herons 40").says(200, "the app")
	b.open("/.auth/account").press("sign_out")
	w.pass(time.Minute)
	b.identify("/", "jo@example.com").enter("password", "password", "seven quiet herons 40").says(200, "the app")
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
)

func TestAPasswordOfTheAccount(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount)
		b := w.member("jo@example.com").open("/.auth/account/password").says(200, "Set a password", `autocomplete="new-password"`, `autocomplete="username"`, "At least")
		b.script = script
		other := w.enter("jo@example.com")
		b.press("save", "password=short").says(422, "Error:", "Set a password")
		b.press("save", "password="+goodPassword).says(200, "Your password is saved.", "Password Set")
		other.open("/").says(401)
		b.open("/").says(200, "the app")
		w.browser().identify("/", "jo@example.com").press("password", "password="+goodPassword)
		b.open("/.auth/account/password").says(200, "Change your password").open(b.link("Remove the password")).says(200, "Remove your password?")
		b.press("confirm").says(200, "Your password is removed.", "Password Not set")
	})
}

func TestAnAppOfTheAccount(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount)
		b := w.member("jo@example.com").open("/.auth/account/totp").says(200, "Authenticator app", "every half minute")
		b.script = script
		b.press("start").says(200, "Scan this with your app", "data:image/png;base64,", "otpauth://totp/")
		a := w.scanned("jo@example.com")
		b.press("verify", "code=123").says(422, "Error:", "Scan this")
		b.press("verify", "code=000000").says(422, "That code is incorrect.", "data:image/png;base64,")
		b.press("verify", "code="+a.code()).says(200, "Save your backup codes", "I have saved them", "Copy them")
		codes := backupCodes(b)
		if len(codes) != 10 {
			t.Fatalf("%d codes", len(codes))
		}
		b.open(b.link("I have saved them")).says(200, "Authenticator app On", "Backup codes 10 left")
		for _, code := range codes {
			if strings.Contains(b.body, code) {
				t.Error("a backup code is shown again")
			}
		}
		b.open("/.auth/account/totp").says(200, "Every sign-in asks for a code from your app.").open(b.link("Remove")).says(200, "Remove your authenticator app?")
		b.press("confirm").says(200, "Your authenticator app is removed.", "Authenticator app Off")
		if u := w.known("jo@example.com"); u.TwoStep() {
			t.Error("it is still there")
		}
	})
}

// scanned is the app that somebody is setting up.
func (w *world) scanned(email string) *app {
	w.t.Helper()
	a := &app{w: w}
	w.person(email, func(u *gatelatch.User, c *gatelatch.Credentials) {
		secret, err := w.handler.Flow.Keys.Encrypt.Open("totp "+u.ID, c.TOTP.Secret)
		if err != nil {
			w.t.Fatal(err)
		}
		a.secret = gatelatch.Secret(secret)
	})
	return a
}

func backupCodes(b *browser) []string {
	_, rest, _ := strings.Cut(b.body, `<ol class="codes"`)
	list, _, _ := strings.Cut(rest, "</ol>")
	var codes []string
	for _, line := range strings.Split(list, "<li>")[1:] {
		code, _, _ := strings.Cut(line, "</li>")
		codes = append(codes, code)
	}
	return codes
}

func TestNewBackupCodes(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.member("jo@example.com")
	b.open("/.auth/account/backup-codes").says(404) // nothing to stand in for
	a, old := w.withApp("jo@example.com")
	w.pass(time.Minute)
	b.open("/.auth/account/backup-codes").says(200, "Confirm that it is you").press("again").press("verify", "code="+a.code())
	b.says(200, "Backup codes", "You have 10 unused codes left.").press("confirm").says(200, "Save your backup codes")
	if codes := backupCodes(b); len(codes) != 10 || slices.Contains(codes, old[0].Reveal()) {
		t.Errorf("%d codes, or the old ones", len(codes))
	}
}

func TestANumberForTheSecondStep(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount)
		b := w.member("jo@example.com")
		b.script = script
		b.open("/.auth/account/second-number").says(200, "Text message as second step").open(b.link("Use a new number"))
		b.press("save", "phone_number=12").says(422, "Error:")
		b.press("save", "phone_number=+12015550123").says(200, "Check your phone").press("verify", "code="+w.code()).says(200, "Save your backup codes")
		id := w.addressID("jo@example.com", "+12015550123")
		b.open("/.auth/account/second-number").says(200, "Second step", "Stop using it").open("/.auth/account/second-number/"+id).says(200, "Stop using this number?")
		b.press("confirm").says(200, "an ordinary one again")
		if w.known("jo@example.com").TwoStep() {
			t.Error("the number is still kept for the second step")
		}
		w.pass(time.Minute)
		b.open("/.auth/account/second-number").pick(id).press("use").says(200, "Check your phone").press("verify", "code="+w.code())
		if !w.known("jo@example.com").TwoStep() {
			t.Error("the number is not kept for the second step")
		}
	})
}

func (w *world) withPasskey(email, id, name string) {
	w.person(email, func(_ *gatelatch.User, c *gatelatch.Credentials) {
		c.Passkeys = append(c.Passkeys, gatelatch.Passkey{ID: id, CredentialID: []byte(id), Name: name, CreatedAt: w.now})
	})
}

func TestPasskeysOfTheAccount(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.member("jo@example.com").open("/.auth/account/passkeys").says(200, "Passkeys")
	b.open(b.link("Add a passkey")).says(200, "Add a passkey", "data-passkey-create=", "&#34;challenge&#34;", "may run script")
	b.press("save", "credential={}").says(422, "Error:")
	w.withPasskey("jo@example.com", "psk_1", `<i>"key"</i>`)
	b.open("/.auth/account/passkeys").says(200, "&lt;i&gt;", "Not used yet").open(b.link("Rename or remove")).says(200, "Remove this passkey")
	b.press("save", "name=").says(422, "Error:")
	b.press("save", "name=Blue key").says(200, "The name is saved.", "Blue key")
	b.open("/.auth/account/passkeys/remove/psk_1").says(200, "Remove this passkey?", "Blue key").press("confirm").says(200, "The passkey is removed.")
	b.open("/.auth/account/passkeys/psk_1").says(404)
}

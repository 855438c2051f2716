// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/pages"
)

// What needs a young authentication asks for one, before anything is typed and
// when the page has stood too long, and leads back.
func TestAYoungAuthentication(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount)
		b := w.joined2("jo@example.com")
		b.script = script
		w.withPasskey("jo@example.com", "psk_1", "Key")
		id := w.known("jo@example.com").Addresses[0].ID
		for _, path := range []string{"addresses/add", "addresses/" + id, "numbers/add", "password", "password/remove", "totp", "second-number/add", "passkeys/add", "passkeys/remove/psk_1", "backup-codes", "export", "delete"} {
			old := w.enter("jo@example.com").open("/.auth/account/" + path).says(200)
			form := old.form
			w.pass(11 * time.Minute)
			old.open("/.auth/account/"+path).says(200, "Confirm that it is you")
			old.shown.form, old.shown.forms = form, []*shownForm{form}
			old.press(form.buttons[len(form.buttons)-1]).says(200, "Confirm that it is you")
			old.press("again").press("password", "password="+goodPassword).says(200)
			if old.at != "/.auth/account/"+path {
				t.Errorf("%s: ends at %s", path, old.at)
			}
		}
	})
}

// Forms of elsewhere, and those with another browser's token, change nothing on
// any page of the account.
func TestForeignFormsChangeNothingOfTheAccount(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.joined2("jo@example.com")
	token := b.open("/.auth/account").token()
	n := 0
	for _, path := range pages.AccountPaths() {
		if strings.HasSuffix(path, "/") {
			path += "idn_1"
		}
		fields := url.Values{"form_token": {token}, "step": {"confirm"}, "id": {"idn_1"}}
		b.send(http.MethodPost, "/.auth"+path, fields.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}})
		if b.status == 405 {
			continue
		}
		n++
		b.says(403)
		fields.Set("form_token", w.browser().open("/.auth/sign-in").token())
		untouched(t, w, path, func() {
			b.send(http.MethodPost, "/.auth"+path, fields.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}})
		})
		b.says(403, "That page was out of date, so nothing was done.", "That was not carried out")
		for _, bad := range badBodies(token)[n%20 : n%20+2] { // they are all read in one place
			h := http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}}
			if bad.mediaType != "" {
				h.Set("Content-Type", bad.mediaType)
			}
			untouched(t, w, path+": "+bad.name, func() { b.send(http.MethodPost, "/.auth"+path, bad.body, h) })
			b.says(bad.status)
		}
	}
	if n < 20 {
		t.Errorf("only %d pages take a form", n)
	}
}

// What belongs to somebody else is not there.
func TestWhatIsSomebodyElses(t *testing.T) {
	w := newWorld(t, wholeAccount)
	victim, eve := w.joined2("jo@example.com"), w.joined2("eve@example.com")
	w.withPasskey("jo@example.com", "psk_1", "Jo's key")
	w.withNumber("jo@example.com", "+12015550123")
	victim.open("/.auth/account/delete").press("again").press("verify", "code="+w.code()).press("confirm") // there is a second step now
	if victim.says(200); !strings.Contains(victim.at, "/account/change/") {
		t.Fatalf("the victim is at %s", victim.at)
	}
	right := w.code()
	address := w.addressID("jo@example.com", "jo@example.com")
	tab := w.browserOf(victim).open("/.auth/account/devices")
	client := strings.TrimPrefix(links(tab, "/.auth/account/devices/")[0], "/.auth/account/devices/")
	w.enterSecond(w.browser(), "jo@example.com")
	session := strings.TrimPrefix(links(tab.open("/.auth/account/sessions"), "/.auth/account/sessions/")[0], "/.auth/account/sessions/")
	token := eve.open("/.auth/account").token()
	before := w.snapshot("jo@example.com")
	for _, row := range []struct{ path, step, id string }{
		{"addresses", "primary", address},
		{"addresses/" + address, "confirm", ""},
		{"numbers/idn_number", "confirm", ""},
		{"second-number/idn_number", "confirm", ""},
		{"second-number", "use", "idn_number"},
		{"passkeys/psk_1", "save", ""},
		{"passkeys/remove/psk_1", "confirm", ""},
		{strings.TrimPrefix(victim.at, "/.auth/account/"), "verify", ""},
		{strings.TrimPrefix(victim.at, "/.auth/account/"), "resend", ""},
		{"sessions/" + session, "confirm", ""},
		{"devices/" + client, "confirm", ""},
		{"change/chg_1", "verify", ""},
		{"change/..", "verify", ""},
	} {
		fields := url.Values{"form_token": {token}, "step": {row.step}, "id": {row.id}, "name": {"Eve's"}, "code": {right}}
		eve.send(http.MethodPost, "/.auth/account/"+row.path, fields.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}})
		eve.says(404)
		if strings.Contains(row.path, "/") {
			eve.open("/.auth/account/" + row.path).says(404)
		}
	}
	if after := w.snapshot("jo@example.com"); after != before {
		t.Errorf("changed from\n%s\nto\n%s", before, after)
	}
}

// enterSecond signs somebody in whose second step is a text message.
func (w *world) enterSecond(b *browser, email string) {
	w.t.Helper()
	b.open("/").press("identify", "identifier="+email)
	b.press("password", "password="+goodPassword).says(200, "Check your phone").press("verify", "code="+w.code()).says(200, "the app")
}

// snapshot is somebody as the store has them.
func (w *world) snapshot(email string) string {
	w.t.Helper()
	var text []byte
	w.person(email, func(u *gatelatch.User, c *gatelatch.Credentials) {
		var err error
		if text, err = json.Marshal([]any{u, c}); err != nil {
			w.t.Fatal(err)
		}
	})
	return string(text)
}

// Every page of the account asks who is not signed in to sign in, and is there
// afterwards.
func TestTheAccountNeedsASession(t *testing.T) {
	w := newWorld(t, wholeAccount)
	w.member("jo@example.com")
	for _, path := range []string{"/account", "/account/name", "/account/addresses/add", "/account/sessions", "/account/change/chg_1", "/account/nowhere/x"} {
		b := w.browser().open("/.auth" + path)
		if path == "/account/nowhere/x" {
			b.says(404)
			continue
		}
		b.says(401, "Sign in")
		b.press("identify", "identifier=jo@example.com")
		b.press(b.way("email_code")).press("verify", "code="+w.code())
		if b.at != "/.auth"+path {
			t.Errorf("%s ends at %s", path, b.at)
		}
	}
	gone := w.enter("jo@example.com").open("/.auth/account/name")
	form := gone.form
	w.pass(8 * 24 * time.Hour)
	gone.form = form
	gone.press("save", "first_name=Ada").says(401, "What you sent has not been passed on.")
}

// A session that owes something sees only what helps with it.
func TestASessionThatOwesSomething(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount, func(s *setting) { s.policy.SecondFactor = flow.Required })
		b := w.browser().open("/.auth/sign-up")
		b.script = script
		b.press("sign_up", "email_address=jo@example.com").press("verify", "code="+w.code()).says(401, "Set up a second step")
		for _, path := range []string{"", "/name", "/addresses", "/addresses/add", "/numbers", "/sessions", "/devices", "/export", "/delete"} {
			b.open("/.auth/account"+path).says(401, "Set up a second step")
		}
		b.open("/.auth/account/second-number?return_to=/reports").says(200, "Text message").open("/.auth/account/passkeys?return_to=/reports").says(200, "Passkeys")
		b.open("/reports").open(b.link("Use an authenticator app")).says(200, "every half minute")
		if back := b.link("Back"); back != "/.auth/tasks/setup-mfa?return_to=%2Freports" {
			t.Errorf("leads back to %s", back)
		}
		b.press("start").says(200, "Scan this").press("verify", "code="+w.scanned("jo@example.com").code()).says(200, "Save your backup codes")
		b.open(b.link("I have saved them")).says(200, "the app")
		if b.at != "/reports" {
			t.Errorf("ends at %s", b.at)
		}
	})
}

// A number is a way to pay, too, and leads back.
func TestOwingPaidByANumber(t *testing.T) {
	w := newWorld(t, wholeAccount, func(s *setting) { s.policy.SecondFactor = flow.Required })
	b := w.browser().open("/.auth/sign-up?return_to=/reports")
	b.press("sign_up", "email_address=jo@example.com").press("verify", "code="+w.code()).says(401, "Set up a second step")
	b.open(b.link("Use text messages")).says(200, "Text message as second step").open(b.link("Use a new number"))
	b.press("save", "phone_number=+12015550123").says(200, "Check your phone").press("verify", "code="+w.code()).says(200, "Save your backup codes")
	b.open(b.link("I have saved them")).says(200, "the app")
	if b.at != "/reports" {
		t.Errorf("ends at %s", b.at)
	}
}

// What the site does not have is neither shown nor there.
func TestWhatTheSiteDoesNotHave(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.DeleteSelf = false })
	b := w.browser().signUp("jo@example.com").open("/.auth/account").says(200, "Email addresses")
	token := b.token()
	for _, word := range []string{"Password", "Passkeys", "Authenticator", "Phone", "Backup", "Trusted", "Delete"} {
		if strings.Contains(b.text, word) {
			t.Errorf("the page speaks of %s", word)
		}
	}
	for _, path := range []string{
		"numbers", "numbers/add", "password", "password/remove", "totp", "totp/remove", "second-number", "second-number/add", "backup-codes",
		"passkeys", "passkeys/add", "devices", "delete", "addresses/", "addresses/x/y", "change/", "nothing",
	} {
		b.open("/.auth/account/" + path).says(404)
	}
	for path, step := range map[string]string{
		"numbers/add": "save", "password": "save", "password/remove": "confirm", "totp": "start", "second-number": "use", "second-number/add": "save",
		"passkeys/add": "save", "delete": "confirm",
	} {
		fields := url.Values{"form_token": {token}, "step": {step}, "phone_number": {"+12015550123"}, "password": {goodPassword}}
		b.send(http.MethodPost, "/.auth/account/"+path, fields.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}})
		if b.status < 400 || b.status >= 500 {
			t.Errorf("%s answers %d", path, b.status)
		}
	}
}

func TestTheAccountWhenTheStoreIsAway(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.member("jo@example.com").open("/.auth/account/name")
	w.mayFail = true
	w.store.set(true)
	b.press("save", "first_name=Ada", "last_name=L").says(503, "not available")
	b.open("/.auth/account").says(503)
	w.store.set(false)
	b.open("/.auth/account").says(200, "Name Not set")
}

// Whoever hands out a link cannot put words into the page, nor lead elsewhere.
func TestLinksToTheAccount(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.member("jo@example.com")
	for _, target := range []string{"//evil.example", "https://evil.example", "javascript:alert(1)", "/.auth/sign-out"} {
		b.open("/.auth/account/name?return_to=" + queryEscape(target)).says(200)
		if got := b.form.fields.Get("return_to"); got != "" {
			t.Errorf("%s: the form holds %q", target, got)
		}
		b.form.fields.Set("return_to", target)
		if b.press("save", "first_name=Ada"); !strings.HasPrefix(b.at, "/.auth/account") {
			t.Errorf("%s: ends at %s", target, b.at)
		}
	}
	if b.open("/.auth/account?notice=posted"); strings.Contains(b.body, "notice") && strings.Contains(b.text, "passed on") {
		t.Error("a link says something")
	}
}

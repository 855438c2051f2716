// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/passkey"
)

// wholeAccount is a site with all that an account can have.
func wholeAccount(s *setting) {
	s.site, s.policy = acmeWith(both), allOffered()
	s.ids = identifier.Policy{Email: true, Phone: true}
	s.passkeys = &passkey.Site{ID: "app.example.com", Name: "Acme", Origins: []string{origin}}
}

// member makes an account without a password, signed in a moment ago.
func (w *world) member(email string) *browser {
	w.t.Helper()
	b := w.browser().open("/.auth/sign-up")
	b.press("sign_up", "email_address="+email)
	return b.press("verify", "code="+w.code()).says(200, "the app")
}

// enter signs in by a code, in a browser of its own.
func (w *world) enter(email string) *browser {
	w.t.Helper()
	b := w.browser().open("/.auth/sign-in")
	b.press("identify", "identifier="+email)
	if b.with("verify") == nil {
		b.press(b.way("email_code"))
	}
	return b.press("verify", "code="+w.code()).says(200, "the app")
}

// pick chooses the form that is about an id.
func (b *browser) pick(id string) *browser {
	b.t.Helper()
	i := slices.IndexFunc(b.forms, func(f *shownForm) bool { return f.fields.Get("id") == id })
	if i < 0 {
		b.t.Fatalf("nothing to press for %s on %s:\n%s", id, b.at, b.text)
	}
	b.form = b.forms[i]
	return b
}

// ofAnApp reports an address that leads into an authenticator app, or holds the
// code to scan.
func ofAnApp(address string) bool {
	return strings.HasPrefix(address, "otpauth://totp/") || strings.HasPrefix(address, "data:image/png;base64,")
}

// known returns what the store knows of somebody.
func (w *world) known(email string) gatelatch.User {
	w.t.Helper()
	return w.person(email, func(*gatelatch.User, *gatelatch.Credentials) {})
}

// addressID is the id of an address of somebody's.
func (w *world) addressID(email, value string) string {
	w.t.Helper()
	for _, a := range w.known(email).Addresses {
		if a.Value == value {
			return a.ID
		}
	}
	w.t.Fatalf("%s does not have %s", email, value)
	return ""
}

func TestTheAccountAtAGlance(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.member("jo@example.com")
	b.open("/.auth/account").says(200, "Your account", "You are signed in as", "jo@example.com", "Name Not set", "Phone numbers Not set",
		"Password Not set", "Passkeys None", "Authenticator app Off", "Devices in use This one", "Download your data", "Delete your account")
	for _, path := range []string{"name", "addresses", "numbers", "password", "passkeys", "totp", "second-number", "sessions", "devices", "export", "delete"} {
		if !strings.Contains(b.body, `href="/.auth/account/`+path+`"`) {
			t.Errorf("no row leads to %s", path)
		}
		w.browserOf(b).open("/.auth/account/"+path).says(200, "account")
	}
}

// browserOf is another tab.
func (w *world) browserOf(b *browser) *browser {
	return &browser{t: b.t, w: w, cookies: b.cookies, extra: http.Header{}}
}

func TestAName(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount)
		b := w.member("jo@example.com").open("/.auth/account/name")
		b.script = script
		b.press("save", "first_name="+strings.Repeat("a", 300), "last_name=Lovelace").says(422, "Error:", "Lovelace")
		b.press("save", "first_name=Ada", "last_name=Love<b>lace").says(200, "Your name is saved.", "Ada Love&lt;b&gt;lace")
		if u := w.known("jo@example.com"); u.Name() != "Ada Love<b>lace" {
			t.Errorf("the name is %q", u.Name())
		}
	})
}

func TestAddresses(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount)
		b := w.member("jo@example.com").open("/.auth/account/addresses").says(200, "jo@example.com", "Main", "It stays as long as")
		b.script = script
		b.open(b.link("Add an email address")).press("save", "email_address=ada").says(422, "Error:", `value="ada"`)
		b.press("save", "email_address=+12015550123").says(422, "Error:")
		b.press("save", "email_address=jo@example.com").says(422, "Error:")
		b.press("save", "email_address=Ada@Example.com").says(200, "Check your email", "Ada@")
		first := b.at
		b.press("resend").says(429, "Check your email")
		w.pass(31 * time.Second)
		b.press("resend").says(200, "The code is on its way again.")
		b.press("verify", "code="+w.wrong()).says(422, "That code is incorrect.")
		b.press("verify", "code="+w.code()).says(200, "belongs to your account now", "Ada@")
		b.open(first).says(200, "Email addresses") // it has been carried out

		id := w.addressID("ada@example.com", "ada@example.com")
		b.open("/.auth/account/addresses").pick(id).press("primary").says(200, "That one is the main one now.")
		if a, _ := w.known("ada@example.com").Primary(gatelatch.EmailAddress); a.ID != id {
			t.Error("another one is primary")
		}
		b.open("/.auth/account/addresses/"+id).says(200, "Remove this email address?", "Ada@", "Cancel").press("confirm").says(200, "The email address is removed.")
		if w.user("ada@example.com") {
			t.Error("the address is still there")
		}
		b.open("/.auth/account/addresses/" + id).says(404)
		last := w.addressID("jo@example.com", "jo@example.com")
		b.open("/.auth/account/addresses/"+last).press("confirm").says(422, "Error:") // whoever types the address
	})
}

func TestNumbers(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.member("jo@example.com").open("/.auth/account/numbers").says(200, "Phone numbers")
	b.open(b.link("Add a phone number")).press("save", "phone_number=jo@example.org").says(422, "Error:")
	b.press("save", "phone_number=+12015550123").says(200, "Check your phone", "data-webotp").press("verify", "code="+w.code()).says(200, "The phone number is confirmed", "+1")
	id := w.addressID("jo@example.com", "+12015550123")
	b.open("/.auth/account/addresses/" + id).says(404) // a number is no e-mail address
	b.open("/.auth/account/numbers/"+id).press("confirm").says(200, "The phone number is removed.")
}

func TestSessionsAndDevices(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.joined2("jo@example.com")
	others := []*browser{w.enter("jo@example.com"), w.enter("jo@example.com"), w.enter("jo@example.com")}
	stranger := w.member("eve@example.com")
	b.open("/.auth/account").says(200, "Devices in use 4 devices", "Trusted devices 4 devices")
	b.open("/.auth/account/sessions").says(200, "This device", "203.0.113.7", "UTC")
	ids := links(b, "/.auth/account/sessions/")
	if len(ids) != 4 { // three others, and all of them
		t.Fatalf("%v", ids)
	}
	b.open(ids[0]).says(200, "Sign this device out?").press("confirm").says(200, "That device is signed out.")
	in := func() (n int) {
		for _, o := range others {
			if o.open("/"); o.status == 200 {
				n++
			}
		}
		return n
	}
	if in() != 2 {
		t.Errorf("%d others are in", in())
	}
	stranger.open(ids[1]).says(404)
	b.open("/.auth/account/devices").says(200, "Trusted devices", "This device")
	devices := links(b, "/.auth/account/devices/")
	for _, d := range devices {
		stranger.open(d).says(404)
	}
	b.open("/.auth/account/sessions/others").says(200, "Sign out everywhere else?").press("confirm").says(200, "You are signed out everywhere else.")
	if in() != 0 {
		t.Errorf("%d others are in", in())
	}
	b.open(devices[len(devices)-1]).says(200, "Stop trusting this device?").press("confirm").says(200, "That device is not trusted any more")
	if left := links(b, "/.auth/account/devices/"); len(left) != len(devices)-1 {
		t.Errorf("%d of %d devices are left", len(left), len(devices))
	}
	stranger.open("/").says(200, "the app")
}

// joined2 makes an account that has a password, where one is optional.
func (w *world) joined2(email string) *browser {
	w.t.Helper()
	b := w.member(email)
	b.open("/.auth/account/password").press("save", "password="+goodPassword).says(200)
	return b
}

func links(b *browser, prefix string) (all []string) {
	for _, part := range strings.Split(b.body, `href="`)[1:] {
		if href, _, _ := strings.Cut(part, `"`); strings.HasPrefix(href, prefix) {
			all = append(all, href)
		}
	}
	return all
}

func TestTheExport(t *testing.T) {
	w := newWorld(t, wholeAccount)
	b := w.joined2("jo@example.com")
	b.open("/.auth/account/export").says(200, "Download your data")
	if strings.Contains(b.body[strings.Index(b.body, "<form"):], "data-enhance") {
		t.Error("the script would swallow the file")
	}
	b.w.mayFail = true // the answer is no page
	rec, r := newExchange(http.MethodPost, "/.auth/account/export", url.Values{"form_token": {b.token()}, "step": {"confirm"}}.Encode())
	r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Cookie": {b.cookieHeader()}}
	w.ServeHTTP(rec, r)
	h := rec.Header()
	if rec.Code != 200 || h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", rec.Code, h)
	}
	var anything map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &anything); err != nil || !strings.Contains(rec.Body.String(), "jo@example.com") || strings.Contains(rec.Body.String(), "$argon2id") {
		t.Errorf("%v\n%s", err, rec.Body)
	}
}

func (b *browser) cookieHeader() string {
	var pairs []string
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, "; ")
}

func TestDeletingTheAccount(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, wholeAccount)
		b := w.member("jo@example.com")
		b.script = script
		other := w.enter("jo@example.com")
		b.open("/.auth/account/delete").says(200, "Delete your account?", "This cannot be undone.", "jo@example.com")
		b.press("confirm").says(200, "Confirm with a code", "deleted for good").press("verify", "code="+w.wrong()).says(422, "Error:")
		if !w.user("jo@example.com") {
			t.Fatal("a wrong code was enough")
		}
		b.press("verify", "code="+w.code()).says(200, "Your account is deleted")
		if b.header.Get("Clear-Site-Data") == "" || b.cookies[w.handler.Jar.Session] != "" {
			t.Errorf("left behind: %v %v", b.header, b.cookies)
		}
		if w.user("jo@example.com") {
			t.Error("the account is still there")
		}
		b.open("/.auth/account").says(401)
		other.open("/").says(401)
	})
}

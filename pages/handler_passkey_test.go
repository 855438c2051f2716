// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/passkey"
)

func withPasskeys(s *setting) {
	s.passkeys = &passkey.Site{ID: "app.example.com", Name: "Acme", Origins: []string{origin}}
}

var optionsOn = regexp.MustCompile(`data-passkey="([^"]*)"`)

// options reads what a page hands to navigator.credentials.get.
func (b *browser) options() map[string]any {
	b.t.Helper()
	found := optionsOn.FindStringSubmatch(b.body)
	if found == nil {
		b.t.Fatalf("no options on %s:\n%s", b.at, b.body)
	}
	var options map[string]any
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &options); err != nil {
		b.t.Fatal(err)
	}
	return options
}

// The first page offers a passkey to everybody alike, and asks nobody for that.
func TestPasskeysAreOfferedWithTheAddress(t *testing.T) {
	w := newWorld(t, withPasskeys)
	b := w.browser().open("/reports").says(401, `autocomplete="username webauthn"`, "Use a passkey")
	if n := len(b.header.Values("Set-Cookie")); n != 1 { // the challenge and the form are for one and the same client
		t.Errorf("%d cookies", n)
	}
	calls := w.store.asked()
	b.open("/reports")
	if w.store.asked() != calls {
		t.Error("a challenge is kept in the store")
	}
	first := b.options()
	if first["rpId"] != "app.example.com" || first["userVerification"] != "required" || first["allowCredentials"] != nil {
		t.Errorf("%v", first)
	}
	if second := b.open("/reports").options(); second["challenge"] == first["challenge"] {
		t.Error("one challenge for two pages")
	}
	plain := newWorld(t).browser().open("/reports").says(401, `autocomplete="username"`)
	if strings.Contains(plain.body, "passkey") {
		t.Error("a site without passkeys offers them")
	}
}

func TestPasskeysThatAreNone(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t, withPasskeys)
		w.browser().signUp("jo@example.com")
		b := w.browser()
		b.script = script
		b.open("/reports")
		for _, credential := range []string{"", "{}", "null", "[]", `{"id":1}`, strings.Repeat("[", 10000), `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`} {
			b.press("passkey", "credential="+credential)
			if b.status != 422 || !strings.Contains(b.text, "Sign in") || b.form.fields.Get("return_to") != "/reports" {
				t.Errorf("%.20q: %d %s", credential, b.status, b.text)
			}
		}
		b.press("identify", "identifier=jo@example.com").press("verify", "code="+w.code()).says(200, "the app")
	})
}

func TestAPasskeyAsSecondStep(t *testing.T) {
	w := newWorld(t, secondSteps, withPasskeys)
	w.joined("jo@example.com")
	w.withApp("jo@example.com")
	w.person("jo@example.com", func(_ *gatelatch.User, c *gatelatch.Credentials) {
		c.Passkeys = []gatelatch.Passkey{{ID: "psk_1", CredentialID: []byte("credential"), Name: "Key", CreatedAt: w.now}}
	})
	w.pass(time.Hour)
	b := w.browser().identify("/", "jo@example.com").press("password", "password="+goodPassword).says(200, "Open your authenticator app")
	b.open(b.link("Use another method")).press("passkey").says(200, "Use your passkey", "This browser cannot use passkeys here.", "Use another method")
	if allowed, _ := b.options()["allowCredentials"].([]any); len(allowed) != 1 {
		t.Errorf("%v", b.options())
	}
	b.press("passkey", "credential={}").says(422, "Use your passkey", "Error:")
	b.open("/").says(401)
}

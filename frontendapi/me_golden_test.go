// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What differs from run to run.
var (
	randomID     = regexp.MustCompile(`\b([a-z]+)_[0-9a-z]{26}\b`)
	randomJWT    = regexp.MustCompile(`"eyJ[\w-]+\.[\w-]+\.[\w-]+"`)
	randomSecret = regexp.MustCompile(`"secret": "[A-Z2-7]{16,}"|secret=[A-Z2-7]{16,}`)
	randomCode   = regexp.MustCompile(`"[0-9a-z]{4,6}(-[0-9a-z]{4,6})+"`)
	randomBytes  = regexp.MustCompile(`(\\"(challenge|id)\\":)\\"[\w-]{20,}\\"`)
)

// golden compares an answer with what it looked like when somebody last read it.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		t.Fatalf("%s: %v in %s", name, err, text)
	}
	got := settledText(indented.Bytes())
	file := filepath.Join("testdata", "me", name+".json")
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file) //nolint:gosec // a name of ours
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

// settledText takes what is random out of an answer. Ids are numbered as they come.
func settledText(text []byte) []byte {
	names := map[string]string{}
	text = randomID.ReplaceAllFunc(text, func(id []byte) []byte {
		name, ok := names[string(id)]
		if !ok {
			prefix, _, _ := bytes.Cut(id, []byte("_"))
			name = string(prefix) + "_" + strconv.Itoa(len(names)+1)
			names[string(id)] = name
		}
		return []byte(name)
	})
	text = randomJWT.ReplaceAll(text, []byte(`"<token>"`))
	text = randomSecret.ReplaceAllFunc(text, func(b []byte) []byte { return randomTail.ReplaceAll(b, []byte("<secret>")) })
	text = randomBytes.ReplaceAll(text, []byte(`$1\"<bytes>\"`))
	return append(randomCode.ReplaceAll(text, []byte(`"<backup code>"`)), '\n')
}

var randomTail = regexp.MustCompile(`[A-Z2-7]{16,}`)

// TestResources: what each call of the user's own answers with.
func TestResources(t *testing.T) {
	d := newDesk(t)
	v := d.signedIn(adaMail)
	golden(t, "user", v.ok("GET", "/me").Response)
	d.Clock.Advance(time.Second) // addresses come in the order in which they were proven
	golden(t, "profile", v.ok("PATCH", "/me", "first_name", "Ada", "last_name", "Lovelace", "unsafe_metadata", `{"theme":"dark"}`).Response)
	mail := v.ok("POST", "/me/email_addresses/", "email_address", newMail)
	golden(t, "email_address_begun", mail.Response)
	id := mail.field(t, "id")
	golden(t, "email_address_sent", v.ok("POST", "/me/email_addresses/"+id+"/prepare_verification", "strategy", "email_code").Response)
	golden(t, "user_with_pending_address", v.ok("GET", "/me").Response)
	golden(t, "email_address", v.ok("POST", "/me/email_addresses/"+id+"/attempt_verification", "code", d.Code(v.change(id))).Response)
	golden(t, "email_addresses", v.ok("GET", "/me/email_addresses").Response)
	d.Clock.Advance(time.Second)
	phone := v.proves("/me/phone_numbers", "phone_number", adaPhone)
	golden(t, "phone_number", v.ok("GET", "/me/phone_numbers/"+phone).Response)
	golden(t, "phone_number_reserved", v.ok("PATCH", "/me/phone_numbers/"+phone, "reserved_for_second_factor", "true").Response)
	v.young()
	golden(t, "totp_begun", v.ok("POST", "/me/totp").Response)
	golden(t, "backup_codes", v.ok("POST", "/me/backup_codes/").Response)
	golden(t, "passkey_begun", v.ok("POST", "/me/passkeys").Response)
	golden(t, "sessions", v.ok("GET", "/me/sessions/active").raw)
	golden(t, "client", v.ok("PATCH", "/me", "first_name", "Augusta").Client)
	golden(t, "verification", v.ok("POST", "/client/sessions/"+v.sessionID+"/verify", "level", "second_factor").Response)
	golden(t, "email_address_removed", v.ok("DELETE", "/me/email_addresses/"+id).Response)
	golden(t, "organizations", v.ok("GET", "/me/organization_memberships").raw)
	golden(t, "user_removed", v.ok("DELETE", "/me").raw)
}

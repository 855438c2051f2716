// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
)

// everything is a user with all that there is.
func everything() object {
	return object{
		"external_id": "crm-1", "email_address": []string{"Ada@Example.com", "ada@work.example"},
		"email_address_identification_status": []string{"verified", "reserved"}, "phone_number": []string{"+1 201 555 0123"},
		"first_name": "Ada", "last_name": "Lovelace", "locale": "en-GB", "password": "correct horse battery staple",
		"public_metadata": object{"planTier": "pro", "nested": object{"keepMe": 1}}, "private_metadata": object{"stripeId": "cus_1"},
		"unsafe_metadata": object{"theme": "dark"}, "totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "backup_codes": []string{"abcde-fghjk"},
		"created_at": "2020-01-02T03:04:05.678Z", "legal_accepted_at": "2026-01-01T00:00:00Z", "locked": true,
	}
}

func TestCreateAUserWithEverything(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.Terms = flow.Terms{URL: "https://app.example.com/terms", Version: "2"} })
	made := w.ok("POST", "/users", everything())
	shown := w.ok("GET", "/users/"+made.id(), nil)
	golden(t, "user", shown)
	if string(made.body) != string(shown.body) {
		t.Errorf("made\n%s\nshown\n%s", made.body, shown.body)
	}
	if made.at("deleted") != nil {
		t.Error("a user with a field called deleted is a deleted object to SDKs")
	}
	u := w.gate.User(made.id())
	reserved, _ := u.Address(gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "ada@work.example"})
	if reserved.Primary || !reserved.VerifiedAt.IsZero() || u.TermsVersion != "2" || !u.LockedAt(w.gate.Clock.Now()) {
		t.Errorf("%+v", u)
	}
	w.ok("POST", "/users/"+made.id()+"/verify_password", object{"password": "correct horse battery staple"})
	if a := w.ok("POST", "/users/"+made.id()+"/verify_totp", object{"code": "ABCDE FGHJK"}); a.text("code_type") != "backup_code" {
		t.Errorf("%s", a.body)
	}
	if len(w.gate.Fetch()) > 0 {
		t.Error("a message was sent")
	}
}

var volatile = regexp.MustCompile(`"(sua_|(?:user|idn|sess|client|inv|wle|sit|rst|psk|ins)_)[0-9a-z]{12,}"`)

// golden compares a resource with a file; ids, which are random, are cut.
func golden(t *testing.T, name string, a answer) {
	t.Helper()
	got := volatile.ReplaceAllString(pretty(t, a.body), `"${1}1"`)
	got = regexp.MustCompile(`(ticket=|"token": "|"clerk_trace_id": "|"token": ")[^"]+`).ReplaceAllString(got, `${1}x`)
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is now\n%s", file, got)
	}
}

func TestUsersThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.ok("POST", "/users", object{"email_address": []string{"ada@example.com"}, "phone_number": "+12015550123", "external_id": "crm-1"})
	argon, err := w.gate.Hasher.Hash(context.Background(), "a password of somebody")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		body  object
		code  gatelatch.Code
		param string
	}{
		{"nothing", object{}, gatelatch.CodeNoData, "email_address"},
		{"an address that is taken", object{"email_address": []string{"ADA@example.com"}}, gatelatch.CodeExists, "email_address"},
		{"a number that is taken", object{"phone_number": []string{"+1 (201) 555-0123"}}, gatelatch.CodeExists, "phone_number"},
		{"an external id that is taken", object{"email_address": "x@example.com", "external_id": "crm-1"}, gatelatch.CodeExists, "external_id"},
		{"an address twice", object{"email_address": []string{"x@example.com", "X@example.com"}}, gatelatch.CodeExists, "email_address"},
		{"no address", object{"email_address": []string{"nobody"}}, gatelatch.CodeFormat, "email_address"},
		{"no number", object{"phone_number": []string{"12"}}, gatelatch.CodeFormat, "phone_number"},
		{"a username", object{"email_address": "x@example.com", "username": "ada"}, gatelatch.CodeUnknownParam, "username"},
		{"a status too many", object{"email_address": "x@example.com", "email_address_identification_status": []string{"verified", "verified"}}, gatelatch.CodeValue, "email_address_identification_status"},
		{"an unknown status", object{"email_address": "x@example.com", "email_address_identification_status": []string{"new"}}, gatelatch.CodeValue, "email_address_identification_status"},
		{"a short password", object{"email_address": "x@example.com", "password": "short"}, gatelatch.CodePasswordShort, "password"},
		{"an empty password", object{"email_address": "x@example.com", "password": ""}, gatelatch.CodeMissing, "password"},
		{"a digest without its kind", object{"email_address": "x@example.com", "password_digest": argon}, gatelatch.CodeMissing, "password_hasher"},
		{"a digest of a weak kind", object{"email_address": "x@example.com", "password_digest": strings.Repeat("a", 32), "password_hasher": "md5"}, gatelatch.CodeValue, "password_hasher"},
		{"a digest of another kind", object{"email_address": "x@example.com", "password_digest": argon, "password_hasher": "bcrypt"}, gatelatch.CodeFormat, "password_digest"},
		{"half a digest", object{"email_address": "x@example.com", "password_digest": argon[:30], "password_hasher": "argon2id"}, gatelatch.CodeFormat, "password_digest"},
		{"no secret of an app", object{"email_address": "x@example.com", "totp_secret": "AAAA"}, gatelatch.CodeFormat, "totp_secret"},
		{"no backup code", object{"email_address": "x@example.com", "backup_codes": []string{"12"}}, gatelatch.CodeFormat, "backup_codes"},
		{"a name of two lines", object{"email_address": "x@example.com", "first_name": "a\nb"}, gatelatch.CodeFormat, "first_name"},
		{"no locale", object{"email_address": "x@example.com", "locale": "<b>"}, gatelatch.CodeFormat, "locale"},
		{"a long external id", object{"email_address": "x@example.com", "external_id": strings.Repeat("a", 256)}, gatelatch.CodeFormat, "external_id"},
		{"metadata that nobody can read", object{"email_address": "x@example.com", "public_metadata": object{"n": json.Number("1e400")}}, gatelatch.CodeMetadata, "public_metadata"},
		{"metadata that is a list", object{"email_address": "x@example.com", "public_metadata": []int{1}}, gatelatch.CodeMetadata, "public_metadata"},
	} {
		t.Run(row.name, func(t *testing.T) { w.refused(422, row.code, row.param, "POST", "/users", row.body) })
	}
	if n := w.ok("GET", "/users/count", nil).at("total_count"); n != 1.0 {
		t.Errorf("there are %v users", n)
	}
}

func TestPasswordsThatAreTaken(t *testing.T) {
	w := newWorld(t)
	argon, err := w.gate.Hasher.Hash(context.Background(), "a password of somebody")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		body  object
		right string
	}{
		"plain":       {object{"password": "a password of somebody"}, "a password of somebody"},
		"bad, forced": {object{"password": "a", "skip_password_checks": true}, "a"},
		"argon2id":    {object{"password_digest": argon, "password_hasher": "argon2id"}, "a password of somebody"},
		"bcrypt":      {object{"password_digest": "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "password_hasher": "bcrypt"}, "correct horse"},
	} {
		t.Run(name, func(t *testing.T) {
			row.body["email_address"] = strings.ReplaceAll(strings.ReplaceAll(name, " ", ""), ",", "") + "@example.com"
			made := w.ok("POST", "/users", row.body)
			if made.at("password_enabled") != true {
				t.Error("there is no password")
			}
			w.ok("POST", "/users/"+made.id()+"/verify_password", object{"password": row.right})
			w.refused(422, gatelatch.CodePasswordWrong, "password", "POST", "/users/"+made.id()+"/verify_password", object{"password": row.right + "x"})
		})
	}
}

func TestWhereEverybodyNeedsAPassword(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.Password = flow.Required })
	w.refused(422, gatelatch.CodeMissing, "password", "POST", "/users", object{"email_address": "ada@example.com"})
	w.ok("POST", "/users", object{"email_address": "ada@example.com", "skip_password_requirement": true})
	off := newWorld(t, func(s *flow.Service) { s.Policy.Password, s.Hasher = flow.Off, nil })
	ada := off.user("ada@example.com").id()
	off.refused(403, gatelatch.CodeNotOffered, "password", "PATCH", "/users/"+ada, object{"password": "correct horse battery staple"})
	off.refused(403, gatelatch.CodeNotOffered, "password", "POST", "/users/"+ada+"/verify_password", object{"password": "correct horse"})
}

func TestUpdateAUser(t *testing.T) {
	w := newWorld(t)
	made := w.ok("POST", "/users", everything())
	path := "/users/" + made.id()
	w.gate.Clock.Advance(time.Minute)
	a := w.ok("PATCH", path, object{"first_name": "Augusta", "last_name": nil, "external_id": nil, "locale": nil})
	if a.text("first_name") != "Augusta" || a.at("last_name") != nil || a.at("external_id") != nil || a.at("locale") != nil || a.at("updated_at") == made.at("updated_at") {
		t.Errorf("%s", a.body)
	}
	if a.text("public_metadata", "planTier") != "pro" || a.at("password_enabled") != true || len(a.at("email_addresses").([]any)) != 2 {
		t.Errorf("something else has changed: %s", a.body)
	}
	a = w.ok("PATCH", path, object{"public_metadata": object{"a": 1}, "private_metadata": nil, "banned": true, "locked": false, "delete_self_enabled": false})
	if a.at("public_metadata", "a") != 1.0 || a.at("public_metadata", "planTier") != nil || len(a.at("private_metadata").(object)) > 0 ||
		a.at("banned") != true || a.at("locked") != false || a.at("delete_self_enabled") != false || a.text("unsafe_metadata", "theme") != "dark" {
		t.Errorf("%s", a.body)
	}
	w.user("bob@example.com")
	other := w.ok("POST", "/users", object{"email_address": "cyd@example.com", "external_id": "crm-9"})
	for _, row := range []struct {
		status int
		body   object
		code   gatelatch.Code
		param  string
	}{
		{422, object{"external_id": "crm-9"}, gatelatch.CodeExists, "external_id"},
		{422, object{"primary_email_address_id": made.text("email_addresses", 1, "id")}, gatelatch.CodeValue, "primary_email_address_id"},
		{404, object{"primary_email_address_id": other.text("email_addresses", 0, "id")}, gatelatch.CodeNotFound, "primary_email_address_id"},
		{404, object{"primary_email_address_id": made.text("phone_numbers", 0, "id")}, gatelatch.CodeNotFound, "primary_email_address_id"},
		{422, object{"username": "ada"}, gatelatch.CodeUnknownParam, "username"},
		{422, object{"profile_image_id": "img_1"}, gatelatch.CodeUnknownParam, "profile_image_id"},
		{422, object{"password": "123"}, gatelatch.CodePasswordShort, "password"},
	} {
		w.refused(row.status, row.code, row.param, "PATCH", path, row.body)
	}
	w.ok("PATCH", path, object{"external_id": "crm-1"})
	w.refused(404, gatelatch.CodeNotFound, "", "PATCH", "/users/user_01abcdefgh", object{"first_name": "Nobody"})
	w.refused(404, gatelatch.CodeNotFound, "", "PATCH", "/users/user_01abcdefgh", object{"password": "correct horse battery staple"})
}

func TestANewPrimaryAddress(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		made := w.ok("POST", "/users", object{"email_address": []string{"ada@example.com", "ada@work.example"}})
		second := made.text("email_addresses", 1, "id")
		a := w.ok("PATCH", "/users/"+made.id(), object{"primary_email_address_id": second})
		if a.text("primary_email_address_id") != second || len(w.gate.Fetch()) != 0 {
			t.Errorf("%s", a.body)
		}
		first := made.text("email_addresses", 0, "id")
		w.ok("PATCH", "/users/"+made.id(), object{"primary_email_address_id": first, "notify_primary_email_address_changed": true})
		if sent := w.gate.Fetch(); len(sent) != 2 || sent[0].Purpose != "primary_changed" {
			t.Errorf("%+v", sent)
		}
		w.refused(422, gatelatch.CodeFormat, "first_name", "PATCH", "/users/"+made.id(),
			object{"primary_email_address_id": second, "notify_primary_email_address_changed": true, "first_name": "a\tb"})
		if len(w.gate.Fetch()) != 0 || w.ok("GET", "/users/"+made.id(), nil).text("primary_email_address_id") != first {
			t.Error("what was refused has told, or done, something")
		}
	})
}

func TestANewPasswordSignsOthersOut(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	_, stays := w.signedIn(ada)
	w.ok("PATCH", "/users/"+ada, object{"password": "correct horse battery staple"})
	if !w.passes(stays) {
		t.Error("nobody asked to end the session")
	}
	w.ok("PATCH", "/users/"+ada, object{"password": "another horse battery staple", "sign_out_of_other_sessions": true})
	if w.passes(stays) {
		t.Error("the session goes on")
	}
}

func TestMetadata(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		made := w.ok("POST", "/users", everything())
		path := "/users/" + made.id() + "/metadata"
		a := w.ok("PATCH", path, `{"public_metadata":{"nested":{"more":[1,{"x":null}],"keepMe":null},"planTier":null,"camelCase":{"snake_case":1}}}`)
		if got := string(w.gate.User(made.id()).Metadata.Public); got != `{"camelCase":{"snake_case":1},"nested":{"more":[1,{"x":null}]}}` {
			t.Errorf("%s", got)
		}
		if a.text("private_metadata", "stripeId") != "cus_1" || a.text("unsafe_metadata", "theme") != "dark" {
			t.Errorf("other bags have changed: %s", a.body)
		}
		w.ok("PUT", path, `{"public_metadata":{"only":{"this":null}}}`)
		if got := string(w.gate.User(made.id()).Metadata.Public); got != `{"only":{"this":null}}` {
			t.Errorf("%s", got)
		}
		a = w.ok("PUT", path, `{"private_metadata":{},"unsafe_metadata":null}`)
		if len(a.at("private_metadata").(object))+len(a.at("unsafe_metadata").(object)) > 0 || a.at("public_metadata", "only") == nil {
			t.Errorf("%s", a.body)
		}
		a = w.ok("PATCH", path, nil)
		if a.at("public_metadata", "only") == nil {
			t.Errorf("%s", a.body)
		}
		// Two that fit may not fit together, and then nothing changes.
		half := strings.Repeat("x", gatelatch.MaxMetadata/2)
		w.ok("PATCH", path, object{"public_metadata": object{"a": half}})
		w.refused(422, gatelatch.CodeMetadata, "public_metadata", "PATCH", path, object{"public_metadata": object{"b": half}, "unsafe_metadata": object{"c": 1}})
		if u := w.gate.User(made.id()); u.Metadata.Unsafe != nil || strings.Contains(string(u.Metadata.Public), `"b"`) {
			t.Error("half of a refused change was made")
		}
		w.refused(404, gatelatch.CodeNotFound, "", "PATCH", "/users/user_01abcdefgh/metadata", object{})
	})
}

func TestPrivateMetadataIsNotOnlyLeftOutElsewhere(t *testing.T) {
	w := newWorld(t)
	made := w.ok("POST", "/users", object{"email_address": "ada@example.com"})
	if private, ok := made.at("private_metadata").(object); !ok || len(private) != 0 {
		t.Errorf("an empty bag is {}: %s", made.body)
	}
}

func TestDeleteAUser(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.user("ada@example.com").id()
		_, cookies := w.signedIn(ada)
		if !w.passes(cookies) {
			t.Fatal("not signed in")
		}
		a := w.ok("DELETE", "/users/"+ada, nil)
		if got := string(a.body); got != `{"object":"user","id":"`+ada+`","deleted":true}` {
			t.Error(got)
		}
		if w.passes(cookies) {
			t.Error("still signed in")
		}
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/users/"+ada, nil)
		w.refused(404, gatelatch.CodeNotFound, "", "DELETE", "/users/"+ada, nil)
	})
}

func TestABusyMachine(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) {
		s.Hasher = password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 1, -1)
	})
	leave, err := w.gate.Hasher.Enter()
	if err != nil {
		t.Fatal(err)
	}
	a := w.refused(503, gatelatch.CodeUnavailable, "", "POST", "/users", object{"email_address": "ada@example.com", "password": "correct horse battery staple"})
	if a.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	leave()
	w.ok("POST", "/users", object{"email_address": "ada@example.com", "password": "correct horse battery staple"})
}

func TestEveryAnswerIsJSONWithoutACharset(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/users", "/users/count", "/nothing", "/jwks", "/sessions", "/openapi.json"} {
		a := w.send("GET", path, nil)
		if got := a.header["Content-Type"]; len(got) != 1 || got[0] != "application/json" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	if a := w.send(http.MethodHead, "/users", nil); a.status != 200 {
		t.Errorf("HEAD: %d", a.status)
	}
}

// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/flow"
)

func TestInvitations(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		a := w.ok("POST", "/invitations", object{
			"email_address": "Guest@example.com", "public_metadata": object{"role": "tester"}, "redirect_url": "https://friend.example/welcome?a=1",
		})
		golden(t, "invitation", a)
		if sent := w.gate.Fetch(); len(sent) != 1 || sent[0].AttemptID != a.id() {
			t.Errorf("%+v", sent)
		}
		link, err := url.Parse(a.text("url"))
		if err != nil || link.Path != "/.auth/v1/tickets/accept" || !strings.HasPrefix(link.Query().Get("ticket"), a.id()+".") {
			t.Errorf("%s", a.text("url"))
		}
		if life := a.at("expires_at").(float64) - a.at("created_at").(float64); life != float64(30*24*time.Hour/time.Millisecond) {
			t.Errorf("it is good for %v ms", life)
		}
		w.refused(400, gatelatch.CodeDuplicateRecord, "email_address", "POST", "/invitations", object{"email_address": "guest@EXAMPLE.com"})
		w.gate.Clock.Advance(time.Second)
		again := w.ok("POST", "/invitations", object{"email_address": "guest@example.com", "ignore_existing": true, "notify": false, "expires_in_days": 1})
		if len(w.gate.Fetch()) != 0 {
			t.Error("told, though nobody asked for it")
		}
		w.user("ada@example.com")
		w.refused(400, gatelatch.CodeDuplicateRecord, "email_address", "POST", "/invitations", object{"email_address": "ada@example.com"})
		w.ok("POST", "/invitations", object{"email_address": "ada@example.com", "ignore_existing": true})
		rows, total := w.ok("GET", "/invitations?paginated=true", nil).list()
		if total != 2 || len(rows) != 2 { // the first was replaced
			t.Errorf("%d %v", total, rows)
		}
		if rows, total = w.ok("GET", "/invitations?paginated=true&status=revoked", nil).list(); total != 1 || rows[0]["id"] != a.id() || rows[0]["url"] != nil {
			t.Errorf("%d %v", total, rows)
		}
		if rows, _ = w.ok("GET", "/invitations?query=GUEST&order_by=email_address", nil).list(); len(rows) != 1 || rows[0]["id"] != again.id() {
			t.Errorf("%v", rows)
		}
		if r := w.ok("POST", "/invitations/"+again.id()+"/revoke", nil); r.text("status") != "revoked" || r.at("revoked") != true {
			t.Errorf("%s", r.body)
		}
		w.refused(404, gatelatch.CodeNotFound, "", "POST", "/invitations/inv_01abcdefgh/revoke", nil)
		w.gate.Clock.Advance(40 * 24 * time.Hour)
		if _, total = w.ok("GET", "/invitations?paginated=true&status=expired", nil).list(); total != 1 {
			t.Errorf("%d expired", total)
		}
	})
}

func TestInvitationsThatAreRefused(t *testing.T) {
	blocked, err := admission.Parse("blocked.example")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(s *flow.Service) { s.Admission.Block = []admission.Pattern{blocked} })
	for _, row := range []struct {
		status int
		code   gatelatch.Code
		param  string
		body   object
	}{
		{422, gatelatch.CodeMissing, "email_address", object{}},
		{422, gatelatch.CodeFormat, "email_address", object{"email_address": "nobody"}},
		{422, gatelatch.CodeValue, "expires_in_days", object{"email_address": "x@example.com", "expires_in_days": 0}},
		{422, gatelatch.CodeValue, "expires_in_days", object{"email_address": "x@example.com", "expires_in_days": 366}},
		{422, gatelatch.CodeMetadata, "public_metadata", object{"email_address": "x@example.com", "public_metadata": "x"}},
		{422, gatelatch.CodeMetadata, "public_metadata", object{"email_address": "x@example.com", "public_metadata": object{"a": "\x00"}}},
		{403, gatelatch.CodeNotAllowed, "email_address", object{"email_address": "x@blocked.example"}},
	} {
		w.refused(row.status, row.code, row.param, "POST", "/invitations", row.body)
	}
	for _, elsewhere := range []string{
		"https://evil.example/", "http://app.example.com/", "//app.example.com", "sign-up", "javascript:alert(1)", "https://app.example.com@evil.example/",
		"https://app.example.com.evil.example/", "https://user:pass@app.example.com/", "https://APP.example.com:444/",
	} {
		w.refused(422, gatelatch.CodeValue, "redirect_url", "POST", "/invitations", object{"email_address": "x@example.com", "redirect_url": elsewhere})
	}
	w.ok("POST", "/invitations", object{"email_address": "x@example.com", "redirect_url": "https://app.example.com/welcome"})
}

func TestBulkInvitationsAreAllOrNone(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		one := func(address string) object { return object{"email_address": address} }
		w.refused(422, gatelatch.CodeFormat, "email_address", "POST", "/invitations/bulk", []object{one("a@example.com"), one("nobody")})
		w.refused(400, gatelatch.CodeDuplicateRecord, "email_address", "POST", "/invitations/bulk", []object{one("a@example.com"), one("A@example.com")})
		if _, total := w.ok("GET", "/invitations?paginated=true", nil).list(); total != 0 || len(w.gate.Fetch()) != 0 {
			t.Fatalf("%d were made", total)
		}
		a := w.ok("POST", "/invitations/bulk", []object{one("a@example.com"), one("b@example.com")})
		if rows, _ := a.list(); len(rows) != 2 || !strings.HasPrefix(string(a.body), "[") || len(w.gate.Fetch()) != 2 {
			t.Errorf("%s", a.body)
		}
		if a = w.ok("POST", "/invitations/bulk", "[]"); string(a.body) != "[]" {
			t.Errorf("%s", a.body)
		}
		var many []object
		for i := range 101 {
			many = append(many, one(fmt.Sprintf("p%d@example.com", i)))
		}
		w.refused(422, gatelatch.CodeTooLong, "", "POST", "/invitations/bulk", many)
	})
}

func TestListsOfIdentifiers(t *testing.T) {
	configured, err := admission.Parse("config.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"allowlist", "blocklist"} {
		w := newWorld(t, func(s *flow.Service) {
			s.Admission.Allow, s.Admission.Block = []admission.Pattern{configured}, []admission.Pattern{configured}
		})
		base := "/" + list + "_identifiers"
		a := w.ok("POST", base, object{"identifier": "*@Example.com"})
		if a.text("object") != list+"_identifier" || a.text("identifier_type") != "email_address" || a.text("identifier") != "*@example.com" {
			t.Errorf("%s", a.body)
		}
		w.gate.Clock.Advance(time.Second)
		number := w.ok("POST", base, object{"identifier": "+12015550123"})
		if number.text("identifier_type") != "phone_number" {
			t.Errorf("%s", number.body)
		}
		rows, total := w.ok("GET", base+"?paginated=true", nil).list()
		if total != 3 || len(rows) != 3 || rows[0]["identifier"] != "*@config.example" || rows[1]["id"] != a.id() {
			t.Errorf("%d %v", total, rows)
		}
		if rows, total = w.ok("GET", base+"?paginated=true&limit=1&offset=2", nil).list(); total != 3 || len(rows) != 1 || rows[0]["id"] != number.id() {
			t.Errorf("%d %v", total, rows)
		}
		w.refused(400, gatelatch.CodeDuplicateRecord, "identifier", "POST", base, object{"identifier": "example.com"})
		w.refused(422, gatelatch.CodeFormat, "identifier", "POST", base, object{"identifier": "@@"})
		if gone := w.ok("DELETE", base+"/"+a.id(), nil); gone.at("deleted") != true || gone.id() != a.id() {
			t.Errorf("%s", gone.body)
		}
		w.refused(404, gatelatch.CodeNotFound, "", "DELETE", base+"/"+a.id(), nil)
		w.refused(404, gatelatch.CodeNotFound, "", "DELETE", base+"/config:config.example", nil)
	}
}

// Clerk pages the block list always, and the allow list when it is asked to.
func TestTheShapesOfLists(t *testing.T) {
	w := newWorld(t)
	for path, first := range map[string]string{
		"/users": "[", "/sessions": "[", "/clients": "[", "/invitations": "[", "/allowlist_identifiers": "[", "/redirect_urls": "[", "/jwt_templates": "[",
		"/blocklist_identifiers": "{", "/waitlist_entries": "{", "/organizations": "{", "/domains": "{",
	} {
		a := w.ok("GET", path, nil)
		if !strings.HasPrefix(string(a.body), first) {
			t.Errorf("%s: %s", path, a.body)
		}
		if path == "/users" {
			continue
		}
		if _, total := w.ok("GET", path+"?paginated=true", nil).list(); total != 0 && path != "/jwt_templates" {
			t.Errorf("%s: %d", path, total)
		}
	}
}

func TestWaitlist(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		a := w.ok("POST", "/waitlist_entries", object{"email_address": "Ada@example.com", "notify": true})
		golden(t, "waitlist_entry", a)
		if again := w.ok("POST", "/waitlist_entries", object{"email_address": "ada@example.com"}); again.id() != a.id() {
			t.Errorf("%s", again.body)
		}
		w.user("bob@example.com")
		w.refused(400, gatelatch.CodeDuplicateRecord, "email_address", "POST", "/waitlist_entries", object{"email_address": "bob@example.com"})
		w.refused(400, gatelatch.CodeDuplicateRecord, "email_address", "POST", "/waitlist_entries/bulk", []object{{"email_address": "x@example.com"}, {"email_address": "bob@example.com"}})
		bulk := w.ok("POST", "/waitlist_entries/bulk", []object{{"email_address": "cyd@example.com"}, {"email_address": "dan@example.com"}})
		if _, total := w.ok("GET", "/waitlist_entries", nil).list(); total != 3 {
			t.Errorf("%d wait", total)
		}
		in := w.ok("POST", "/waitlist_entries/"+a.id()+"/invite", object{"ignore_existing": false})
		if in.text("status") != "invited" || in.text("invitation", "status") != "pending" || len(w.gate.Fetch()) != 1 {
			t.Errorf("%s", in.body)
		}
		w.refused(400, gatelatch.CodeDuplicateRecord, "", "POST", "/waitlist_entries/"+a.id()+"/invite", nil)
		w.gate.Clock.Advance(time.Second)
		w.ok("POST", "/waitlist_entries/"+a.id()+"/invite", object{"ignore_existing": true})
		out := w.ok("POST", "/waitlist_entries/"+a.id()+"/reject", nil)
		if out.text("status") != "rejected" {
			t.Errorf("%s", out.body)
		}
		if _, total := w.ok("GET", "/invitations?paginated=true&status=pending", nil).list(); total != 0 {
			t.Error("the invitation of somebody who was rejected is good")
		}
		if in = w.ok("POST", "/waitlist_entries/"+a.id()+"/invite", nil); in.text("status") != "invited" {
			t.Errorf("%s", in.body)
		}
		for status, want := range map[string]int{"pending": 2, "invited": 1, "rejected": 0, "completed": 0, "": 3} {
			if _, total := w.ok("GET", "/waitlist_entries?status="+status, nil).list(); total != want {
				t.Errorf("%s: %d", status, total)
			}
		}
		cyd := bulk.text(0, "id")
		if gone := w.ok("DELETE", "/waitlist_entries/"+cyd, nil); gone.at("deleted") != true || gone.text("object") != "waitlist_entry" {
			t.Errorf("%s", gone.body)
		}
		for _, call := range [][2]string{{"DELETE", ""}, {"POST", "/invite"}, {"POST", "/reject"}} {
			w.refused(404, gatelatch.CodeNotFound, "", call[0], "/waitlist_entries/"+cyd+call[1], nil)
		}
	}, func(s *flow.Service) { s.Policy.SignUp = flow.SignUpWaitlist })
}

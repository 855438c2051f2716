// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
)

func TestAddresses(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.user("ada@example.com")
		first := ada.text("email_addresses", 0, "id")
		a := w.ok("POST", "/email_addresses", object{"user_id": ada.id(), "email_address": "Ada@Work.example"})
		if a.text("email_address") != "Ada@work.example" || a.at("verification") != nil || a.at("reserved") != true || a.at("linked_to") == nil {
			t.Errorf("%s", a.body)
		}
		work := a.id()
		if shown := w.ok("GET", "/email_addresses/"+work, nil); string(shown.body) != string(a.body) {
			t.Errorf("%s", shown.body)
		}
		w.refused(422, gatelatch.CodeValue, "primary", "PATCH", "/email_addresses/"+work, object{"primary": true})
		if a = w.ok("PATCH", "/email_addresses/"+work, object{"verified": true}); a.text("verification", "status") != "verified" {
			t.Errorf("%s", a.body)
		}
		w.ok("PATCH", "/email_addresses/"+work, object{"primary": true})
		if u := w.ok("GET", "/users/"+ada.id(), nil); u.text("primary_email_address_id") != work {
			t.Errorf("%s", u.body)
		}
		// The primary one is taken away, or back: the next verified one takes its place.
		w.ok("PATCH", "/email_addresses/"+work, object{"verified": false})
		if u := w.ok("GET", "/users/"+ada.id(), nil); u.text("primary_email_address_id") != first {
			t.Errorf("%s", u.body)
		}
		w.ok("PATCH", "/email_addresses/"+work, object{"verified": true, "primary": true})
		a = w.ok("DELETE", "/email_addresses/"+work, nil)
		if string(a.body) != `{"object":"email_address","id":"`+work+`","deleted":true}` {
			t.Errorf("%s", a.body)
		}
		if u := w.ok("GET", "/users/"+ada.id(), nil); u.text("primary_email_address_id") != first {
			t.Errorf("%s", u.body)
		}
		w.refused(422, gatelatch.CodeLastIdentifier, "", "DELETE", "/email_addresses/"+first, nil)
		w.refused(404, gatelatch.CodeNotFound, "", "DELETE", "/phone_numbers/"+first, nil)
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/phone_numbers/"+first, nil)
		w.refused(404, gatelatch.CodeNotFound, "", "PATCH", "/phone_numbers/"+first, object{"verified": false})
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/email_addresses/"+work, nil)
	})
}

func TestAddressesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.user("ada@example.com").id(), w.user("bob@example.com").id()
	for _, row := range []struct {
		status int
		code   gatelatch.Code
		param  string
		path   string
		body   object
	}{
		{422, gatelatch.CodeMissing, "user_id", "/email_addresses", object{"email_address": "x@example.com"}},
		{404, gatelatch.CodeNotFound, "", "/email_addresses", object{"user_id": "user_01abcdefgh", "email_address": "x@example.com"}},
		{422, gatelatch.CodeMissing, "email_address", "/email_addresses", object{"user_id": ada}},
		{422, gatelatch.CodeFormat, "email_address", "/email_addresses", object{"user_id": ada, "email_address": "x"}},
		{422, gatelatch.CodeExists, "email_address", "/email_addresses", object{"user_id": ada, "email_address": "BOB@example.com"}},
		{422, gatelatch.CodeExists, "email_address", "/email_addresses", object{"user_id": ada, "email_address": "ada@example.com"}},
		{422, gatelatch.CodeValue, "primary", "/email_addresses", object{"user_id": ada, "email_address": "x@example.com", "primary": true}},
		{422, gatelatch.CodeMissing, "phone_number", "/phone_numbers", object{"user_id": bob}},
	} {
		w.refused(row.status, row.code, row.param, "POST", row.path, row.body)
	}
	if n := len(w.gate.User(ada).Addresses); n != 1 {
		t.Errorf("%d addresses", n)
	}
}

func TestNumbersForTheSecondStep(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com")
	a := w.ok("POST", "/phone_numbers", object{"user_id": ada.id(), "phone_number": "+12015550123", "verified": true, "reserved_for_second_factor": true})
	if a.at("reserved_for_second_factor") != true || a.at("linked_to") == nil {
		t.Errorf("%s", a.body)
	}
	if u := w.ok("GET", "/users/"+ada.id(), nil); u.at("primary_phone_number_id") != nil || u.at("two_factor_enabled") != true {
		t.Errorf("%s", u.body)
	}
	w.ok("PATCH", "/phone_numbers/"+a.id(), object{"reserved_for_second_factor": false})
	u := w.ok("GET", "/users/"+ada.id(), nil)
	if u.text("primary_phone_number_id") != a.id() || u.at("two_factor_enabled") != false {
		t.Errorf("%s", u.body)
	}
	w.ok("DELETE", "/email_addresses/"+u.text("email_addresses", 0, "id"), nil)
	w.refused(422, gatelatch.CodeLastIdentifier, "", "PATCH", "/phone_numbers/"+a.id(), object{"reserved_for_second_factor": true})
	w.refused(422, gatelatch.CodeLastIdentifier, "", "DELETE", "/phone_numbers/"+a.id(), nil)
}

func TestReplaceAddresses(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.ok("POST", "/users", object{"email_address": []string{"ada@example.com", "ada@work.example"}, "phone_number": "+12015550123"})
		a := w.ok("PUT", "/users/"+ada.id()+"/email_address", object{"email_address": "new@example.com"})
		u := w.ok("GET", "/users/"+ada.id(), nil)
		if u.text("primary_email_address_id") != a.id() || u.at("email_addresses", 1) != nil || u.at("phone_numbers", 0) == nil || a.text("verification", "status") != "verified" {
			t.Errorf("%s", u.body)
		}
		again := w.ok("PUT", "/users/"+ada.id()+"/email_address", object{"email_address": "NEW@example.com"})
		if again.id() != a.id() {
			t.Error("the same address has another id")
		}
		w.ok("PUT", "/users/"+ada.id()+"/phone_number", object{"phone_number": "+12015550124"})
		w.user("bob@example.com")
		w.refused(422, gatelatch.CodeExists, "email_address", "PUT", "/users/"+ada.id()+"/email_address", object{"email_address": "bob@example.com"})
		w.refused(404, gatelatch.CodeNotFound, "", "PUT", "/users/user_01abcdefgh/email_address", object{"email_address": "x@example.com"})
		// What was given up is free.
		w.user("ada@work.example")
	})
}

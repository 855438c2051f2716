// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// A reserved address begins a sign-in, is proven by it, and is the primary one from
// then on.
func TestAReservedAddressIsProvenByASignIn(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		made := w.ok("POST", "/users", object{"email_address": "ada@example.com", "email_address_identification_status": []string{"reserved"}})
		if made.at("primary_email_address_id") != nil || made.at("email_addresses", 0, "reserved") != true {
			t.Errorf("%s", made.body)
		}
		browser := w.gate.Browser()
		out, err := w.gate.CreateSignIn(t.Context(), browser, flow.SignInParams{Identifier: "ada@example.com", Prepare: true})
		if err != nil || out.SignIn == nil || out.SignIn.First == nil {
			t.Fatalf("%+v %v", out, err)
		}
		id := out.SignIn.ID
		out, err = w.gate.AttemptFirstFactor(t.Context(), browser, id, gatelatch.EmailCode, w.gate.Code(id))
		if err != nil || out.Issued == nil || out.Issued.Session.UserID != made.id() {
			t.Fatalf("%+v %v", out, err)
		}
		shown := w.ok("GET", "/users/"+made.id(), nil)
		if shown.text("primary_email_address_id") != made.text("email_addresses", 0, "id") || shown.text("email_addresses", 0, "verification", "status") != "verified" {
			t.Errorf("%s", shown.body)
		}
	})
}

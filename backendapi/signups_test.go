// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// signingUp begins a sign-up that waits for its code.
func (w *world) signingUp(email string) (who flow.Caller, id string) {
	w.t.Helper()
	who, first := w.gate.Browser(), "Ada"
	out, err := w.gate.CreateSignUp(w.t.Context(), who, flow.SignUpParams{Email: &email, FirstName: &first, Prepare: true})
	if err != nil || out.Refusal != nil {
		w.t.Fatalf("%v %v", out.Refusal, err)
	}
	return who, out.SignUp.ID
}

// finish gives the code of a sign-up.
func (w *world) finish(who flow.Caller, id string) flow.SignUp {
	w.t.Helper()
	out, err := w.gate.AttemptVerification(w.t.Context(), who, id, "", w.gate.Code(id))
	if err != nil || out.Refusal != nil {
		w.t.Fatalf("%v %v", out.Refusal, err)
	}
	return *out.SignUp
}

func TestSignUps(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		who, id := w.signingUp("ada@example.com")
		path := "/sign_ups/" + id
		a := w.ok("GET", path, nil)
		golden(t, "sign_up_attempt", a)
		if a.text("verifications", "email_address", "next_action") != "needs_attempt" {
			t.Errorf("%s", a.body)
		}
		a = w.ok("PATCH", path, object{"external_id": "crm-1", "custom_action": true})
		if a.text("external_id") != "crm-1" || a.at("custom_action") != true {
			t.Errorf("%s", a.body)
		}
		if a = w.ok("PATCH", path, object{}); a.text("external_id") != "crm-1" || a.at("custom_action") != true {
			t.Errorf("what is left out has changed: %s", a.body)
		}
		if a = w.ok("PATCH", path, object{"external_id": nil, "custom_action": nil}); a.at("external_id") != nil || a.at("custom_action") != false {
			t.Errorf("null clears nothing: %s", a.body)
		}
		w.ok("PATCH", path, object{"external_id": "crm-1"})
		done := w.finish(who, id)
		a = w.ok("GET", path, nil)
		if a.text("status") != "complete" || a.text("created_user_id") != done.UserID || a.text("created_session_id") != done.SessionID {
			t.Errorf("%s", a.body)
		}
		if u := w.ok("GET", "/users/"+done.UserID, nil); u.text("external_id") != "crm-1" {
			t.Errorf("%s", u.body)
		}
		w.refused(400, gatelatch.CodeStateInvalid, "", "PATCH", path, object{"custom_action": true})
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/sign_ups/sua_nobody", nil)
		w.refused(404, gatelatch.CodeNotFound, "", "PATCH", "/sign_ups/sua_nobody", object{})
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/sign_ups/"+done.UserID, nil)
	})
}

// TestExternalIDsOfSignUps: nobody is turned away because the operator has given the
// name to two.
func TestExternalIDsOfSignUps(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		w.ok("POST", "/users", object{"email_address": "bob@example.com", "external_id": "bob"})
		who, id := w.signingUp("ada@example.com")
		path := "/sign_ups/" + id
		w.refused(422, gatelatch.CodeExists, "external_id", "PATCH", path, object{"external_id": "bob"})
		w.refused(422, gatelatch.CodeFormat, "external_id", "PATCH", path, object{"external_id": strings.Repeat("x", 300)})
		if a := w.ok("GET", path, nil); a.at("external_id") != nil {
			t.Errorf("a refused one was kept: %s", a.body)
		}
		w.ok("PATCH", path, object{"external_id": "cyd"})
		w.ok("POST", "/users", object{"email_address": "cyd@example.com", "external_id": "cyd"})
		done := w.finish(who, id)
		if u := w.ok("GET", "/users/"+done.UserID, nil); u.at("external_id") != nil {
			t.Errorf("%s", u.body)
		}
		_, id = w.signingUp("dan@example.com")
		w.gate.Clock.Advance(flow.SignUpLifetime + time.Second)
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/sign_ups/"+id, nil)
		w.refused(404, gatelatch.CodeNotFound, "", "PATCH", "/sign_ups/"+id, object{"custom_action": true})
	})
}

// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
)

func TestSignInTokens(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.user("ada@example.com").id()
		a := w.ok("POST", "/sign_in_tokens", object{"user_id": ada})
		golden(t, "sign_in_token", a)
		out, err := w.gate.SignInWithTicket(t.Context(), w.gate.Browser(), gatelatch.Secret(a.text("token")), "")
		if err != nil || out.Refusal != nil || out.Issued == nil || out.Issued.Session.UserID != ada {
			t.Fatalf("%+v %v", out, err)
		}
		w.refused(400, gatelatch.CodeStateInvalid, "", "POST", "/sign_in_tokens/"+a.id()+"/revoke", nil)

		b := w.ok("POST", "/sign_in_tokens", object{"user_id": ada, "expires_in_seconds": 60})
		for range 2 {
			if r := w.ok("POST", "/sign_in_tokens/"+b.id()+"/revoke", nil); r.text("status") != "revoked" || r.at("url") != nil {
				t.Errorf("%s", r.body)
			}
		}
		out, err = w.gate.SignInWithTicket(t.Context(), w.gate.Browser(), gatelatch.Secret(b.text("token")), "")
		if err != nil || out.Refusal == nil || out.Issued != nil {
			t.Fatalf("a revoked token signs in: %+v %v", out, err)
		}
		w.refused(404, gatelatch.CodeNotFound, "", "POST", "/sign_in_tokens/sit_01abcdefgh/revoke", nil)
		w.refused(404, gatelatch.CodeNotFound, "user_id", "POST", "/sign_in_tokens", object{"user_id": "user_01abcdefgh"})
		w.refused(422, gatelatch.CodeMissing, "user_id", "POST", "/sign_in_tokens", nil)
		for _, wrong := range []int{0, -5, 1 << 40} {
			w.refused(422, gatelatch.CodeValue, "expires_in_seconds", "POST", "/sign_in_tokens", object{"user_id": ada, "expires_in_seconds": wrong})
		}
	})
}

func TestTestingTokens(t *testing.T) {
	w := newWorld(t)
	a := w.ok("POST", "/testing_tokens", nil)
	now, text := w.gate.Clock.Now(), a.text("token")
	if a.text("object") != "testing_token" || a.at("expires_at") != float64(now.Add(time.Hour).Unix()) {
		t.Errorf("%s", a.body)
	}
	if w.gate.Tester(text) {
		t.Error("good on a site that is not in test mode")
	}
	w.gate.Policy.TestMode = true
	if !w.gate.Tester(text) {
		t.Error("not good in test mode")
	}
}

func TestKeySetAndInstance(t *testing.T) {
	w := newWorld(t)
	if a := w.ok("GET", "/jwks", nil); a.text("keys", 0, "use") != "sig" || string(a.body) != string(w.handler.KeySet()) {
		t.Errorf("%s", a.body)
	}
	golden(t, "instance", w.ok("GET", "/instance", nil))
	for _, same := range []object{nil, {}, {"test_mode": false}, {"hibp": false}, {"allowed_origins": []string{"https://friend.example"}}} {
		if a := w.send("PATCH", "/instance", same); a.status != 204 || len(a.body) > 0 {
			t.Errorf("%v: %d %s", same, a.status, a.body)
		}
	}
	for param, value := range map[string]any{
		"test_mode": true, "hibp": true, "allowed_origins": []string{"https://evil.example"}, "support_email": "a@b.example", "clerk_js_version": "5",
		"development_origin": "http://localhost", "enhanced_email_deliverability": true, "url_based_session_syncing": true,
		"preferred_sign_in_strategy_when_password_required": "otp",
	} {
		w.refused(403, gatelatch.CodeForbidden, param, "PATCH", "/instance", object{param: value})
	}
	a := w.ok("PATCH", "/instance/restrictions", object{"allowlist": false, "block_email_subaddresses": false})
	if a.text("object") != "instance_restrictions" || a.at("allowlist") != false {
		t.Errorf("%s", a.body)
	}
	w.ok("POST", "/allowlist_identifiers", object{"identifier": "example.com"})
	if a = w.ok("PATCH", "/instance/restrictions", nil); a.at("allowlist") != true || a.at("blocklist") != false {
		t.Errorf("%s", a.body)
	}
	for _, param := range []string{"blocklist", "block_email_subaddresses", "block_disposable_email_domains", "ignore_dots_for_gmail_addresses"} {
		w.refused(403, gatelatch.CodeForbidden, param, "PATCH", "/instance/restrictions", object{param: true})
	}
}

func TestWhatThereIsNot(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	for _, path := range []string{"organization_memberships", "organization_invitations", "oauth_access_tokens/oauth_google"} {
		if rows, total := w.ok("GET", "/users/"+ada+"/"+path, nil).list(); total != 0 || len(rows) != 0 {
			t.Errorf("%s: %v", path, rows)
		}
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/users/user_01abcdefgh/"+path, nil)
	}
	for _, call := range [][2]string{
		{"POST", "/organizations"},
		{"GET", "/organizations/org_1"},
		{"POST", "/actor_tokens"},
		{"POST", "/users/" + ada + "/profile_image"},
		{"DELETE", "/users/" + ada + "/external_accounts/eac_1"},
		{"GET", "/instance/organization_settings"},
		{"GET", "/clients/handshake_payload"},
		{"GET", "/oauth_applications"},
		{"POST", "/m2m_tokens"},
	} {
		a := w.send(call[0], call[1], nil)
		if a.status != 404 && a.status != 405 {
			t.Errorf("%v: %d %s", call, a.status, a.body)
		}
	}
	if rows, total := w.ok("GET", "/jwt_templates?paginated=true", nil).list(); total != 1 || rows[0]["name"] != "supabase" {
		t.Errorf("%v", rows)
	}
}

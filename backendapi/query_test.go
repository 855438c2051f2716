// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
)

// TestNamesThatAreUnknown: a slip in the name of a filter must not find everybody.
func TestNamesThatAreUnknown(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	w.signedIn(ada)
	for path, param := range map[string]string{
		"/users?emial=x": "emial",
		"/users?email_address[]=nobody@example.com":         "email_address[]",
		"/users?limit=1&Email_Address=x":                    "Email_Address",
		"/users/count?email_address%5B%5D=x":                "email_address[]",
		"/users/count?status=banned":                        "status",
		"/sessions?userId=" + ada:                           "userId",
		"/clients?user_id=" + ada:                           "user_id",
		"/invitations?email_address=ada@example.com":        "email_address",
		"/waitlist_entries?email_address=ada@example.com":   "email_address",
		"/allowlist_identifiers?identifier=ada@example.com": "identifier",
		"/blocklist_identifiers?identifier=ada@example.com": "identifier",
		"/jwt_templates?name=x":                             "name",
	} {
		w.refused(422, gatelatch.CodeUnknownParam, param, "GET", path, nil)
	}
	w.refused(422, gatelatch.CodeFormat, "", "GET", "/users?email_address=%zz", nil)
	for _, path := range []string{
		"/users?paginated=true", "/users/count?limit=1&offset=2&order_by=-created_at", "/sessions?paginated=true&order_by=x",
	} {
		w.ok("GET", path, nil)
	}
}

// TestFiltersThatNobodyMatches tells them from no filter at all.
func TestFiltersThatNobodyMatches(t *testing.T) {
	w := newWorld(t)
	w.signedIn(w.user("ada@example.com").id())
	for _, name := range []string{"user_id", "external_id", "email_address", "phone_number", "username", "web3_wallet", "organization_id"} {
		for _, value := range []string{"", "nobody"} {
			query := "?" + name + "=" + value
			if rows, _ := w.ok("GET", "/users"+query, nil).list(); len(rows) != 0 {
				t.Errorf("%s finds %d users", query, len(rows))
			}
			if n := w.ok("GET", "/users/count"+query, nil).at("total_count"); n != 0.0 {
				t.Errorf("%s counts %v", query, n)
			}
		}
	}
	for _, query := range []string{"user_id=", "client_id=", "user_id=nobody"} {
		if rows, _ := w.ok("GET", "/sessions?"+query, nil).list(); len(rows) != 0 {
			t.Errorf("%s finds %d sessions", query, len(rows))
		}
	}
	if rows, _ := w.ok("GET", "/sessions?status=active", nil).list(); len(rows) != 1 {
		t.Errorf("%d sessions", len(rows))
	}
}

// TestOrdersThatAreNamed: nothing is offered that there is none of here.
func TestOrdersThatAreNamed(t *testing.T) {
	w := newWorld(t)
	a := w.refused(422, gatelatch.CodeValue, "order_by", "GET", "/users?order_by=password", nil)
	if strings.Contains(string(a.body), "username") || !strings.Contains(string(a.body), "last_sign_in_at") {
		t.Errorf("%s", a.body)
	}
	w.ok("GET", "/users?order_by=-username", nil)
}

// TestLinksOfTheOwnPages: without the Frontend API a link leads to the gate's pages,
// by the parameters that they take.
func TestLinksOfTheOwnPages(t *testing.T) {
	w := newWorld(t)
	w.handler.FrontendURL = ""
	ada := w.user("ada@example.com").id()
	a := w.ok("POST", "/sign_in_tokens", object{"user_id": ada})
	if want := "https://app.example.com/.auth/sign-in?__clerk_ticket=" + a.text("token"); a.text("url") != want {
		t.Errorf("%q, want %q", a.text("url"), want)
	}
	b := w.ok("POST", "/invitations", object{"email_address": "bob@example.com", "notify": false})
	if want := "https://app.example.com/.auth/sign-up?invitation=" + b.id(); !strings.HasPrefix(b.text("url"), want) {
		t.Errorf("%q, want %q and a token", b.text("url"), want)
	}
	if r := w.ok("POST", "/invitations/"+b.id()+"/revoke", nil); r.at("url") != nil {
		t.Errorf("a revoked one leads to %v", r.at("url"))
	}
}

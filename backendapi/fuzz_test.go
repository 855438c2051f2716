// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// direct asks the handler without a network.
func (w *world) direct(method, target, body string) *httptest.ResponseRecorder {
	u, err := url.Parse("http://a" + base + "/v1/")
	if err != nil {
		w.t.Fatal(err)
	}
	path, query, _ := strings.Cut(target, "?")
	u.Path, u.RawQuery = base+"/v1"+path, query
	r := &http.Request{Method: method, URL: u, Header: http.Header{"Authorization": {"Bearer " + key}}, Body: http.NoBody}
	if body != "" {
		r.Body = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)).Body
	}
	res := httptest.NewRecorder()
	w.handler.ServeHTTP(res, r.WithContext(context.Background()))
	w.gate.Clock.Advance(time.Second) // the limits are not what this is about
	return res
}

// sound says whether an answer is one that may be given to anything: JSON, and no
// machine that failed.
func sound(res *httptest.ResponseRecorder) bool {
	if res.Code == http.StatusNoContent {
		return res.Body.Len() == 0
	}
	return res.Code < 500 && res.Header().Get("Content-Type") == "application/json" && json.Valid(res.Body.Bytes())
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"email_address":["a@example.com"],"first_name":null}`, `{"created_at":1e99}`, `{"public_metadata":{"a":[{}]}}`, `[{"email_address":"a@b.example"}]`,
		`{"password":"correct horse battery staple","totp_secret":"AAAA","backup_codes":["abcde-fghjk"]}`, `{"locked":"yes"}`, `{"external_id":"\u0000"}`,
		`{"email_address":"x@example.com","email_address_identification_status":"reserved","created_at":"9999-12-31T23:59:59Z"}`, `{"expires_in_days":-1}`,
		`{"primary_email_address_id":"idn_1","delete_self_enabled":false,"legal_accepted_at":0}`, `{"identifier":"*@*.example.com"}`, `{"phone_number":"+1"}`,
		`{"created_at":-99999999999999999}`,
	} {
		f.Add(seed)
	}
	w := newWorld(f)
	w.handler.Report = nil // a failure shows in the answer
	made := w.user("ada@example.com")
	ada, address := made.id(), made.text("email_addresses", 0, "id")
	calls := [][2]string{
		{"POST", "/users"},
		{"PATCH", "/users/" + ada},
		{"PATCH", "/users/" + ada + "/metadata"},
		{"PUT", "/users/" + ada + "/metadata"},
		{"POST", "/email_addresses"},
		{"PATCH", "/email_addresses/" + address},
		{"POST", "/invitations"},
		{"POST", "/invitations/bulk"},
		{"POST", "/waitlist_entries/bulk"},
		{"POST", "/allowlist_identifiers"},
		{"POST", "/sign_in_tokens"},
		{"PATCH", "/instance"},
		{"PATCH", "/instance/restrictions"},
		{"POST", "/users/" + ada + "/verify_totp"},
		{"POST", "/clients/verify"},
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, c := range calls {
			if res := w.direct(c[0], c[1], body); !sound(res) {
				t.Fatalf("%v: %d %s", c, res.Code, res.Body)
			}
		}
		if res := w.direct("GET", "/users/"+ada, ""); res.Code != 200 || !sound(res) {
			t.Fatalf("what was stored cannot be shown: %d %s", res.Code, res.Body)
		}
	})
}

func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"/users?limit=1&offset=-1", "/users/../x", "/users/user_1/ban", "/users?email_address=%zz&query=%25_", "//", "/sessions?status=active&limit=1e3",
		"/users?created_at_after=9223372036854775807", "/invitations?order_by=-email_address&query='", "/users/%00?order_by=+created_at", "/{id}",
		"/users/{id}", "/users?external_id=\x00&user_id=-", "/waitlist_entries?query=\xff",
	} {
		f.Add(seed)
	}
	w := newWorld(f)
	w.handler.Report = nil // a failure shows in the answer
	w.user("ada@example.com")
	f.Fuzz(func(t *testing.T, target string) {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			if res := w.direct(method, target, ""); !sound(res) {
				t.Fatalf("%s: %d %s", method, res.Code, res.Body)
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/flow"
)

// bodied are the routes that change something, with their fields and what a path of
// theirs may look like.
func bodied(ada, address, number string) map[string]backendapi.Route {
	all := make(map[string]backendapi.Route)
	for _, r := range backendapi.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		path := strings.NewReplacer("/users/{id}", "/users/"+ada, "/email_addresses/{id}", "/email_addresses/"+address,
			"/phone_numbers/{id}", "/phone_numbers/"+number, "{id}", "xx_1", "{passkey_id}", "idn_1", "{template}", "supabase").Replace(r.Path)
		all[r.Method+" "+path] = r
	}
	return all
}

// TestNoFieldPassesInSilence sends a field to every call that no call knows.
func TestNoFieldPassesInSilence(t *testing.T) {
	w := newWorld(t)
	u := w.ok("POST", "/users", everything())
	calls := bodied(u.id(), u.text("email_addresses", 0, "id"), u.text("phone_numbers", 0, "id"))
	for call, r := range calls {
		method, path, _ := strings.Cut(call, " ")
		body := `{"emial_address":"x"}`
		if reflect.TypeOf(r.Body).Kind() == reflect.Slice {
			body = "[{}," + body + "]"
		}
		w.refused(422, gatelatch.CodeUnknownParam, "emial_address", method, path, body)
	}
	for body, param := range map[string]string{
		`{"First_Name":"A"}`: "First_Name", `{"firstName":"A"}`: "firstName", `{"first_name":"A","":1}`: "",
		`{"` + strings.Repeat("a", 5000) + `":1}`: strings.Repeat("a", 64), `{"public_metadata":{"a":1},"user_id":"x"}`: "user_id",
	} {
		w.refused(422, gatelatch.CodeUnknownParam, param, "PATCH", "/users/"+u.id(), body)
	}
	if got := w.ok("GET", "/users/"+u.id(), nil); string(got.body) != string(u.body) {
		t.Errorf("a refused call has changed %s to %s", u.body, got.body)
	}
}

func TestAFieldThatIsThereTwice(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	w.refused(422, gatelatch.CodeDuplicate, "banned", "PATCH", "/users/"+ada, `{"banned":true,"banned":false}`)
	w.refused(422, gatelatch.CodeDuplicate, "email_address", "POST", "/invitations/bulk",
		`[{"email_address":"a@example.com"},{"email_address":"b@example.com","email_address":"c@example.com"}]`)
	w.ok("PATCH", "/users/"+ada, `{"public_metadata":{"a":1,"a":2}}`)
}

// TestWhatThereIsNoneOf: a known field of Clerk's that nothing here stands behind is
// refused by name, and may be empty.
func TestWhatThereIsNoneOf(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.TestMode = true })
	ada := w.user("ada@example.com").id()
	for param, path := range map[string]string{
		"username": "PATCH /users/" + ada, "create_organization_enabled": "PATCH /users/" + ada, "create_organizations_limit": "PATCH /users/" + ada,
		"profile_image_id": "PATCH /users/" + ada, "primary_web3_wallet_id": "PATCH /users/" + ada, "org_id": "POST /sign_in_tokens",
		"active_organization_id": "POST /sessions", "web3_wallet": "POST /users",
	} {
		method, path, _ := strings.Cut(path, " ")
		body := object{}
		if method == "POST" {
			body["user_id"] = ada
		}
		if path == "/users" {
			body = object{"email_address": "b@example.com"}
		}
		body[param] = "x"
		a := w.refused(422, gatelatch.CodeUnknownParam, param, method, path, body)
		if !strings.Contains(string(a.body), "There are no ") {
			t.Errorf("%s: %s", param, a.body)
		}
		for i, empty := range []any{nil, "", false, 0, []string{}} {
			if body[param] = empty; path == "/users" {
				body["email_address"] = fmt.Sprintf("b%d@example.com", i)
			}
			w.ok(method, path, body)
		}
	}
}

// TestFieldsOfAnotherKind sends every field of every call values that are wrong in
// many ways: the answer is that of a caller's fault, names the field where it is at
// fault, and nothing is changed by half.
func TestFieldsOfAnotherKind(t *testing.T) {
	values := []string{
		`1e400`, `-1e400`, `123456789012345678901234567890`, `1.5`, `-1`, `{}`, `{"a":{"b":[1]}}`, `[]`, `[[]]`, `[{}]`, `[1]`, `[null]`, `""`, `"x"`, `true`,
		`"\u0000"`, `"\ud800"`, `"` + strings.Repeat("x", 70_000) + `"`, `"9999999999999999999"`, `"2026-13-45T00:00:00Z"`,
	}
	everyStore(t, func(t *testing.T, w *world) {
		u := w.ok("POST", "/users", everything())
		calls := bodied(u.id(), u.text("email_addresses", 0, "id"), u.text("phone_numbers", 0, "id"))
		for _, call := range slices.Sorted(maps.Keys(calls)) {
			method, path, _ := strings.Cut(call, " ")
			form := `{"%s":%s}`
			if reflect.TypeOf(calls[call].Body).Kind() == reflect.Slice {
				form = "[" + form + "]"
			}
			for _, name := range names(reflect.TypeOf(calls[call].Body)) {
				for _, value := range values {
					a := w.send(method, path, fmt.Sprintf(form, name, value))
					w.gate.Clock.Advance(minute) // neither limits nor guesses are what this is about
					if a.status >= 500 || a.status == 400 && strings.Contains(string(a.body), "request_body_invalid") {
						t.Errorf("%s %s %.80s: %d %s", call, name, value, a.status, a.body)
					}
					if strings.Contains(string(a.body), string(gatelatch.CodeFormat)) && a.text("errors", 0, "meta", "param_name") == "" {
						t.Errorf("%s %s %.80s names no field: %s", call, name, value, a.body)
					}
				}
			}
		}
	})
}

const minute = time.Minute

// names are the fields of a body.
func names(t reflect.Type) (list []string) {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && f.Tag.Get("json") == "" {
			list = append(list, names(f.Type)...)
		} else {
			list = append(list, f.Tag.Get("json"))
		}
	}
	return list
}

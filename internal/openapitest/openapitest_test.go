// SPDX-License-Identifier: Apache-2.0

package openapitest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gatelatch/gatelatch/internal/openapitest"
)

type pet struct {
	ID    string   `json:"id"`
	Owner *person  `json:"owner"`
	Names []string `json:"names,omitempty"`
}

type person struct {
	Name string `json:"name"`
}

type problem struct {
	Code string `json:"code"`
}

func checker(t *testing.T) *openapitest.Checker {
	t.Helper()
	s := openapitest.NewSchemas()
	text, err := openapitest.Document{
		Title: "Pets", Version: "1", Server: "v1", Schemas: s, Problem: s.Of(problem{}),
		Operations: []openapitest.Operation{
			{Method: http.MethodGet, Path: "/pets/{id}", Summary: "One pet", Answer: s.Of(pet{})},
			{
				Method: http.MethodPatch, Path: "/pets", Summary: "All pets", Media: "application/json",
				Body:   []openapitest.Param{{Name: "name"}},
				Answer: openapitest.Object(map[string]*openapi3.SchemaRef{"data": openapitest.ListOf(s.Of(pet{}))}),
			},
		},
	}.JSON()
	if err != nil {
		t.Fatal(err)
	}
	c, err := openapitest.NewChecker(text, "/base/v1")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCheck(t *testing.T) {
	c := checker(t)
	for name, row := range map[string]struct {
		method, target string
		status         int
		body           string
		wrong          bool
	}{
		"as described":         {"GET", "/base/v1/pets/1", 200, `{"id":"1","owner":{"name":"Ada"}}`, false},
		"null where it may":    {"GET", "/base/v1/pets/1", 200, `{"id":"1","owner":null}`, false},
		"a field is missing":   {"GET", "/base/v1/pets/1", 200, `{"id":"1"}`, true},
		"a field too many":     {"GET", "/base/v1/pets/1", 200, `{"id":"1","owner":null,"age":3}`, true},
		"null where it mayn't": {"GET", "/base/v1/pets/1", 200, `{"id":null,"owner":null}`, true},
		"another kind":         {"GET", "/base/v1/pets/1", 200, `{"id":1,"owner":null}`, true},
		"inside of a field":    {"GET", "/base/v1/pets/1", 200, `{"id":"1","owner":{}}`, true},
		"a list":               {"POST", "/base/v1/pets?_method=PATCH", 200, `{"data":[{"id":"1","owner":null}]}`, false},
		"wrong in a list":      {"POST", "/base/v1/pets?_method=PATCH", 200, `{"data":[{"owner":null}]}`, true},
		"a refusal":            {"GET", "/base/v1/pets/1", 404, `{"code":"gone"}`, false},
		"no refusal of ours":   {"GET", "/base/v1/pets/1", 404, `{"message":"gone"}`, true},
		"an unknown call":      {"GET", "/base/v1/cats", 200, `{}`, true},
		"refused, unknown":     {"GET", "/base/v1/cats", 404, `{"code":"gone"}`, false},
		"elsewhere":            {"GET", "/other", 200, `{}`, false},
	} {
		r := httptest.NewRequest(row.method, row.target, nil)
		err := c.Check(r, row.status, http.Header{"Content-Type": {"application/json"}}, []byte(row.body))
		if (err != nil) != row.wrong {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type heard struct{ times int }

func (h *heard) Errorf(string, ...any) { h.times++ }

func TestWatch(t *testing.T) {
	for body, want := range map[string]int{`{"id":"1","owner":null}`: 0, `{"id":"1"}`: 1} {
		var h heard
		watched := checker(t).Watch(&h, http.StripPrefix("/base", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		})))
		w := httptest.NewRecorder()
		watched.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/base/v1/pets/1", nil))
		if h.times != want || w.Body.String() != body {
			t.Errorf("%s: heard of %d, answered %q", body, h.times, w.Body)
		}
	}
}

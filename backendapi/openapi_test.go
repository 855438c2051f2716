// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"reflect"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/internal/openapitest"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestDocumentIsUpToDate(t *testing.T) {
	want, err := description()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("openapi.json differs from the table of routes: run make golden")
	}
}

var described = sync.OnceValues(func() (*openapitest.Checker, error) {
	document, err := description()
	if err != nil {
		return nil, err
	}
	return openapitest.NewChecker(document, base+"/v1")
})

// watched is a handler of which every answer must be what the document says.
func watched(t testing.TB, h http.Handler) http.Handler {
	t.Helper()
	c, err := described()
	if err != nil {
		t.Fatal(err)
	}
	return c.Watch(t, h)
}

// TestEveryBodyIsDescribed: what a call takes stands in the document, lists too.
func TestEveryBodyIsDescribed(t *testing.T) {
	text, err := description()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapitest.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range backendapi.Routes() {
		body := doc.Paths.Find(r.Path).GetOperation(r.Method).RequestBody
		if len(fields(reflect.TypeOf(r.Body))) == 0 {
			continue
		}
		if body == nil {
			t.Errorf("%s %s: no body", r.Method, r.Path)
			continue
		}
		is := body.Value.Content.Get("application/json").Schema.Value.Type
		if list := reflect.TypeOf(r.Body).Kind() == reflect.Slice; is.Is("array") != list {
			t.Errorf("%s %s: the body is described as %v", r.Method, r.Path, is)
		}
	}
}

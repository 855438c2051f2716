// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch/frontendapi"
	"github.com/gatelatch/gatelatch/internal/openapitest"
)

func TestDocumentIsUpToDate(t *testing.T) {
	want, err := frontendapi.Document()
	if err != nil {
		t.Fatal(err)
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil { //nolint:gosec // a public file
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

// described checks answers against the document as it should be.
var described = sync.OnceValues(func() (*openapitest.Checker, error) {
	document, err := frontendapi.Document()
	if err != nil {
		return nil, err
	}
	return openapitest.NewChecker(document, "/.auth/v1")
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

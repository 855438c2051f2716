// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	_ "embed"
	"net/http"
	"strconv"
)

// document describes the API. It is made from the table of routes, by a test that
// fails when the two differ; see openapi_test.go.
//
//go:embed openapi.json
var document []byte

// describe serves the OpenAPI document, to anybody: programs that are made from it
// read it from any origin.
func describe(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(document)))
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(document) // the caller may be gone; there is nobody to tell
}

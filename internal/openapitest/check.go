// SPDX-License-Identifier: Apache-2.0

package openapitest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Checker checks answers against a document. It is safe for concurrent use.
type Checker struct {
	router routers.Router
	base   string
}

// NewChecker returns a checker for an API whose paths begin with base, such as
// /.auth/v1.
func NewChecker(document []byte, base string) (*Checker, error) {
	doc, err := Read(document)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("routing by the document: %w", err)
	}
	return &Checker{router: router, base: base}, nil
}

// Check says what is wrong with an answer, and nil when nothing is: one that is no
// JSON, or to a path outside the API, is not looked at. body is the answer's.
func (c *Checker) Check(r *http.Request, status int, header http.Header, body []byte) error {
	path, ok := strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/"), c.base) // some lists are asked for with a slash behind
	if !ok || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		return nil
	}
	asked := &http.Request{Method: method(r), URL: &url.URL{Path: path, RawQuery: r.URL.RawQuery}, Header: r.Header, Host: r.Host}
	route, params, err := c.router.FindRoute(asked)
	if err != nil {
		if status >= http.StatusBadRequest {
			return nil // there is no such call, and it was refused
		}
		return fmt.Errorf("%s %s is not in the document: %w", asked.Method, path, err)
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route},
		Status:                 status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		return fmt.Errorf("%s %s answers %d with something else than the document says: %w", asked.Method, path, status, err)
	}
	return nil
}

// method is the method that is meant, see _method in Clerk's contract.
func method(r *http.Request) string {
	meant := strings.ToUpper(r.URL.Query().Get("_method"))
	switch {
	case r.Method == http.MethodPost && meant != "":
		return meant
	case r.Method == http.MethodHead:
		return http.MethodGet
	}
	return r.Method
}

// Failer hears of what is wrong; a *testing.T is one.
type Failer interface {
	Errorf(format string, args ...any)
}

// Watch returns a handler that checks all answers of another.
func (c *Checker) Watch(f Failer, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		asked := *r // the handler may change it
		u := *r.URL
		asked.URL = &u
		h.ServeHTTP(rec, r)
		if err := c.Check(&asked, rec.status, w.Header(), rec.body.Bytes()); err != nil {
			f.Errorf("%v\n%s", err, rec.body.Bytes())
		}
	})
}

type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets a response controller through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func closed() *openapi3.Schema {
	o := openapi3.NewObjectSchema()
	no := false
	o.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	return o
}

func sorted(o *openapi3.Schema) *openapi3.Schema {
	slices.Sort(o.Required)
	return o
}

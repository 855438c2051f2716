// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Checker checks answers of an API against the OpenAPI document that the gate itself
// serves. It is safe for concurrent use.
type Checker struct {
	router routers.Router
	base   string
}

// NewChecker returns a checker for an API whose paths begin with base.
func NewChecker(document []byte, base string) (*Checker, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("the document is no OpenAPI: %w", err)
	}
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("routing by the document: %w", err)
	}
	return &Checker{router: router, base: base}, nil
}

// Check says what is wrong with an answer, nil when nothing is. Paths outside of the
// API, redirects and pictures are not looked at.
func (c *Checker) Check(r *http.Request, status int, header http.Header, body []byte) error {
	path, ours := strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/"), c.base+"/")
	if !ours || status >= 300 && status < 400 || status == http.StatusNoContent || strings.HasSuffix(path, ".svg") {
		return nil
	}
	asked := &http.Request{Method: meant(r), URL: &url.URL{Path: "/" + path, RawQuery: r.URL.RawQuery}, Header: r.Header, Host: r.Host}
	call := asked.Method + " " + asked.URL.Path
	// Clerk's SDKs compare the whole header, and take anything else for text.
	if got := header.Get("Content-Type"); got != "application/json" {
		return fmt.Errorf("%s answers %d as %q", call, status, got)
	}
	if got := header.Get("Cache-Control"); got != "no-store" && !strings.HasSuffix(path, "jwks.json") {
		return fmt.Errorf("%s answers with Cache-Control %q", call, got)
	}
	route, params, err := c.router.FindRoute(asked)
	switch {
	case err != nil && status >= http.StatusBadRequest:
		return nil // there is no such call, and it was refused
	case err != nil:
		return fmt.Errorf("%s is not in the document: %w", call, err)
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route},
		Status:                 status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		return fmt.Errorf("%s answers %d with something else than the document says: %w", call, status, err)
	}
	return nil
}

// meant is the method that a request stands for.
func meant(r *http.Request) string {
	if m := strings.ToUpper(r.URL.Query().Get("_method")); m != "" && r.Method == http.MethodPost {
		return m
	}
	return r.Method
}

// checkers are those of all documents that gates have served: most gates of a test
// run serve the same.
var checkers sync.Map

func checkerOf(document []byte, base string) (*Checker, error) {
	sum := fmt.Sprintf("%x %s", sha256.Sum256(document), base)
	made, _ := checkers.LoadOrStore(sum, sync.OnceValues(func() (*Checker, error) { return NewChecker(document, base) }))
	return made.(func() (*Checker, error))()
}

// apiChecks are the checkers of one gate, made at the first answer that each sees.
type apiChecks struct {
	mu       sync.Mutex
	frontend *Checker
	backend  *Checker
}

func (g *Gate) checkAPI(r *http.Request, status int, header http.Header, body []byte) error {
	c, err := g.frontendChecker()
	if err != nil || c == nil {
		return err
	}
	return c.Check(r, status, header, body)
}

func (g *Gate) frontendChecker() (*Checker, error) {
	g.checks.mu.Lock()
	defer g.checks.mu.Unlock()
	if g.checks.frontend == nil {
		text, err := g.document("/.auth/openapi.json", "")
		if err != nil || text == nil {
			return nil, err
		}
		if g.checks.frontend, err = checkerOf(text, APIBase); err != nil {
			return nil, err
		}
	}
	return g.checks.frontend, nil
}

func (g *Gate) backendChecker(key string) (*Checker, error) {
	g.checks.mu.Lock()
	defer g.checks.mu.Unlock()
	if g.checks.backend == nil {
		text, err := g.document(BackendBase+"/openapi.json", key)
		if err != nil || text == nil {
			return nil, err
		}
		if g.checks.backend, err = checkerOf(text, BackendBase); err != nil {
			return nil, err
		}
	}
	return g.checks.backend, nil
}

// document reads a description; nil while the gate is away, and where the API is off.
func (g *Gate) document(path, key string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, g.inside()+path, nil)
	if err != nil {
		return nil, err
	}
	r.Host = strings.TrimPrefix(g.URL(), "http://")
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := client(nil).Do(r)
	if err != nil {
		return nil, nil //nolint:nilerr // it may be killed just now; the next answer asks again
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil, nil //nolint:nilerr // likewise
	}
	return text, nil
}

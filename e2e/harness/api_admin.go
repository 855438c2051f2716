// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// BackendBase is where the Backend API stands.
const BackendBase = "/.auth/backend/v1"

// Admin is a program of the operator that speaks the Backend API. Every answer is
// checked against the gate's own description of it.
type Admin struct {
	T    testing.TB
	Gate *Gate
	Key  string
	// Header is sent with every request.
	Header http.Header
}

// NewAdmin returns a program with a secret key.
func (g *Gate) NewAdmin(t testing.TB, key string) *Admin {
	return &Admin{T: t, Gate: g, Key: key, Header: http.Header{}}
}

// Call sends a request; body is JSON, or nil for none.
func (a *Admin) Call(method, path string, body any) *Reply {
	a.T.Helper()
	reply, err := a.Try(method, path, body)
	if err != nil {
		a.T.Fatal(err)
	}
	return reply
}

// Try is [Admin.Call] of a gate that may go away any time.
func (a *Admin) Try(method, path string, body any) (*Reply, error) {
	a.T.Helper()
	r, err := a.request(method, path, body)
	if err != nil {
		return nil, err
	}
	answer, err := client(nil).Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	a.check(r, answer, text)
	return newReply(a.T, method+" "+path, answer, text), nil
}

func (a *Admin) request(method, path string, body any) (*http.Request, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequest(method, a.Gate.URL()+BackendBase+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+a.Key)
	r.Header.Set("Content-Type", "application/json") // with no body, too, as the SDK does
	r.Header.Set("Clerk-Api-Version", CurrentVersion)
	for name, values := range a.Header {
		if r.Header[name] = values; len(values) == 0 {
			delete(r.Header, name)
		}
	}
	r.Close = true
	return r, nil
}

func (a *Admin) check(r *http.Request, answer *http.Response, text []byte) {
	a.T.Helper()
	key, ours := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ours || answer.StatusCode == http.StatusUnauthorized {
		return // whoever has no key cannot read the description either
	}
	c, err := a.Gate.backendChecker(key)
	if err == nil && c != nil {
		err = c.Check(r, answer.StatusCode, answer.Header, text)
	}
	if err != nil {
		a.T.Errorf("%v\n%.2000s", err, text)
	}
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// served is what the API alone costs: the answer is not read.
func (p *program) served(method, path string) {
	rec := httptest.NewRecorder()
	p.w.handler.ServeHTTP(rec, p.request(method, path, ""))
	if rec.Code != http.StatusOK {
		p.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

func BenchmarkClient(b *testing.B) {
	w := newWorld(b)
	p := w.program()
	p.signUp("ada@example.com")
	b.ReportAllocs()
	for b.Loop() {
		p.served(http.MethodGet, "/client")
	}
}

func BenchmarkClientOfNobody(b *testing.B) {
	p := newWorld(b).program()
	b.ReportAllocs()
	for b.Loop() {
		p.served(http.MethodGet, "/client")
	}
}

func BenchmarkEnvironment(b *testing.B) {
	p := newWorld(b).program()
	b.ReportAllocs()
	for b.Loop() {
		p.served(http.MethodGet, "/environment")
	}
}

func BenchmarkTokens(b *testing.B) {
	w := newWorld(b)
	p := w.program()
	id := p.signUp("ada@example.com").str("response.created_session_id")
	b.ReportAllocs()
	for b.Loop() {
		p.served(http.MethodPost, "/client/sessions/"+id+"/tokens")
	}
}

// A whole sign-in by code, from the first request to the token.
func BenchmarkCodeSignIn(b *testing.B) {
	w := newWorld(b)
	w.program().signUp("ada@example.com")
	b.ReportAllocs()
	for b.Loop() {
		p := w.program()
		p.get("/client")
		id := p.signIn("ada@example.com").str("response.created_session_id")
		p.post("/client/sessions/"+id+"/touch", "intent", "select_session")
	}
}

func BenchmarkCodeSignUp(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		w.program().signUp(fmt.Sprintf("user%d@example.com", n))
	}
}

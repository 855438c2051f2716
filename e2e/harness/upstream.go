// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Seen is a request as the upstream got it.
type Seen struct {
	Method string      `json:"method"`
	URI    string      `json:"uri"`
	Host   string      `json:"host"`
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
	// At is when it came.
	At time.Time `json:"-"`
}

// Upstream is the app behind the gate. It answers navigations with a page,
// "/ws" with a WebSocket echo, "/events" with an event stream, and anything
// else with the request as JSON.
type Upstream struct {
	server *httptest.Server

	mu   sync.Mutex
	seen []Seen
}

// NewUpstream runs an upstream until the test ends.
func NewUpstream(t testing.TB) *Upstream {
	u := &Upstream{}
	u.server = httptest.NewServer(http.HandlerFunc(u.serve))
	t.Cleanup(func() {
		u.server.CloseClientConnections()
		u.server.Close()
	})
	return u
}

// Addr is where the upstream listens.
func (u *Upstream) Addr() string { return strings.TrimPrefix(u.server.URL, "http://") }

// Seen returns the requests so far, oldest first.
func (u *Upstream) Seen() []Seen {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]Seen(nil), u.seen...)
}

// Count returns how many requests have come.
func (u *Upstream) Count() int { return len(u.Seen()) }

func (u *Upstream) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // what could be read is what was seen
	s := Seen{Method: r.Method, URI: r.RequestURI, Host: r.Host, Header: r.Header.Clone(), Body: string(body), At: time.Now()}
	u.mu.Lock()
	u.seen = append(u.seen, s)
	u.mu.Unlock()
	switch {
	case strings.HasPrefix(r.URL.Path, "/ws"):
		echoWebSocket(w, r)
	case strings.HasPrefix(r.URL.Path, "/events"):
		events(w, r)
	case strings.Contains(r.Header.Get("Accept"), "text/html"):
		answerPage(w, s)
	default:
		answerJSON(w, s)
	}
}

func answerJSON(w http.ResponseWriter, s Seen) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s) // the caller may be gone
}

func answerPage(w http.ResponseWriter, s Seen) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	text, _ := json.MarshalIndent(s, "", " ")                               // strings always marshal
	_ = appPage.Execute(w, map[string]any{"Seen": s, "Text": string(text)}) // the caller may be gone
}

var appPage = template.Must(template.New("app").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>The app</title><link rel="icon" href="data:,"></head><body>
<h1 id="app">The app</h1>
<p id="uri">{{.Seen.URI}}</p>
<p id="method">{{.Seen.Method}}</p>
<pre id="seen">{{.Text}}</pre>
<form id="note" method="post" action="/notes"><input name="note" value="dear diary"><button id="save">Save</button></form>
<form method="post" action="/.auth/sign-out"><button id="sign-out">Sign out</button></form>
</body></html>`))

// events sends a number every 50 ms until the request ends.
func events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		if _, err := fmt.Fprintf(w, "data: %d\n\n", i); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush() // the next write tells when it is over
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// CurrentVersion is the version of the API that clerk-js 6 speaks, OldVersion the
// one of clerk-js 5.
const (
	CurrentVersion = "2026-05-12"
	OldVersion     = "2025-11-10"
)

// Program is a program that speaks the Frontend API over plain requests: the script
// of a page in a browser, whose cookies are the visitor's, or a native app that has
// none. Every answer is checked against the gate's own description of it. It is not
// safe for concurrent use, but copies made by [Program.Twin] are.
type Program struct {
	*Visitor
	T testing.TB
	// Origin is the page's; empty for none.
	Origin string
	// Version is the version of the API that is asked for.
	Version string
	// Session is the session that calls outside of /client are about.
	Session string
	// Native is set for an app without cookies, whose client's token is Token.
	Native bool
	Token  string
}

// NewProgram returns a page's script in a new browser.
func (g *Gate) NewProgram(t testing.TB) *Program {
	t.Helper()
	v := g.NewVisitor()
	t.Cleanup(v.Close)
	return v.Program(t)
}

// Program returns a page's script in the visitor's browser.
func (v *Visitor) Program(t testing.TB) *Program {
	return &Program{Visitor: v, T: t, Origin: v.Gate.URL(), Version: CurrentVersion}
}

// NewNative returns an app that was never started before.
func (g *Gate) NewNative(t testing.TB) *Program {
	t.Helper()
	p := g.NewProgram(t)
	p.http.Jar, p.Native, p.Origin = nil, true, ""
	return p
}

// Twin returns the same program with connections of its own.
func (p *Program) Twin() *Program {
	twin := *p
	twin.Visitor = p.Visitor.Twin()
	return &twin
}

// Get reads a resource.
func (p *Program) Get(path string) *Reply { p.T.Helper(); return p.As(http.MethodGet, path) }

// Post sends a form: names and values by turns.
func (p *Program) Post(path string, fields ...string) *Reply {
	p.T.Helper()
	return p.As(http.MethodPost, path, fields...)
}

// As is a call with another method, which travels as Clerk's SDKs send it.
func (p *Program) As(method, path string, fields ...string) *Reply {
	p.T.Helper()
	r, err := p.Call(method, path, fields...)
	if err != nil {
		p.T.Fatal(err)
	}
	return r
}

// Call is [Program.As] for goroutines of a test: a gate that does not answer is an
// error.
func (p *Program) Call(method, path string, fields ...string) (*Reply, error) {
	p.T.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	a, err := p.once(method, path, form)
	for range p.Retries {
		if err == nil {
			break
		}
		a, err = p.once(method, path, form)
	}
	return a, err
}

func (p *Program) once(method, path string, form url.Values) (*Reply, error) {
	p.T.Helper()
	r, err := p.request(method, path, form)
	if err != nil {
		return nil, err
	}
	answer, err := p.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", path, err)
	}
	if token := answer.Header.Get("Authorization"); p.Native && token != "" {
		p.Token = token
	}
	if answer.StatusCode != http.StatusBadGateway { // the words of a proxy whose gate is down
		if err := p.Gate.checkAPI(r, answer.StatusCode, answer.Header, text); err != nil {
			p.T.Errorf("%v\n%.2000s", err, text)
		}
	}
	return newReply(p.T, method+" "+path, answer, text), nil
}

func (p *Program) request(method, path string, form url.Values) (*http.Request, error) {
	path, query, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	p.parameters(method, path, q)
	verb := http.MethodPost
	if method == http.MethodGet {
		verb = method
	}
	r, err := http.NewRequest(verb, p.Gate.URL()+APIBase+path+"?"+q.Encode(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	p.headers(r)
	return r, nil
}

// APIBase is where the Frontend API stands.
const APIBase = "/.auth/v1"

func (p *Program) parameters(method, path string, q url.Values) {
	if p.Version != "" {
		q.Set("__clerk_api_version", p.Version)
	}
	q.Set("_clerk_js_version", "6.34.1")
	if method != http.MethodGet && method != http.MethodPost {
		q.Set("_method", method)
	}
	if p.Native {
		q.Set("_is_native", "1")
	}
	if p.Session != "" && !strings.HasPrefix(path, "/client") && !strings.HasPrefix(path, "/waitlist") {
		q.Set("_clerk_session_id", p.Session)
	}
}

func (p *Program) headers(r *http.Request) {
	h := r.Header
	h.Set("Accept", "*/*")
	h.Set("User-Agent", "Mozilla/5.0 (raw program)")
	if r.Method != http.MethodGet {
		h.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if p.Native {
		h["Authorization"] = []string{p.Token}
	} else {
		h.Set("Sec-Fetch-Mode", "cors")
		h.Set("Sec-Fetch-Dest", "empty")
	}
	if p.Origin != "" && (r.Method != http.MethodGet || p.Origin != p.Gate.URL()) {
		h.Set("Origin", p.Origin)
	}
	for name, values := range p.Header {
		if h[name] = values; len(values) == 0 {
			delete(h, name)
		}
	}
	r.Close = r.Method != http.MethodGet // as in [Visitor.Do]
}

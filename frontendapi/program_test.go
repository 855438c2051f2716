// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// currentVersion is what clerk-js 6 calls the version of the API, oldVersion what
// clerk-js 5 does.
const (
	currentVersion = "2026-05-12"
	oldVersion     = "2025-11-10"
)

// program is a page with an SDK in a browser, or an app without cookies.
type program struct {
	t       testing.TB
	w       *world
	cookies map[string]string
	// native keeps its token by itself.
	native bool
	token  string
	origin string
	// version is the one of the API that the program was written for.
	version string
	// extra goes into every request.
	extra http.Header
	// query goes into every address.
	query string
}

func (w *world) program() *program {
	return &program{t: w.t, w: w, cookies: map[string]string{}, origin: origin, version: currentVersion, extra: http.Header{}}
}

func (w *world) app() *program {
	p := w.program()
	p.native, p.origin = true, ""
	return p
}

// reply is an answer.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	json   any
}

// get reads; pages of the own origin name none.
func (p *program) get(path string) *reply {
	p.t.Helper()
	return p.send(http.MethodGet, path, nil)
}

// post sends fields as name, value, name, value.
func (p *program) post(path string, fields ...string) *reply {
	p.t.Helper()
	return p.send(http.MethodPost, path, fields)
}

// as is post with another method, the way SDKs send it.
func (p *program) as(method, path string, fields ...string) *reply {
	p.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return p.send(http.MethodPost, path+sep+"_method="+method, fields)
}

func (p *program) send(method, path string, fields []string) *reply {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return p.do(p.request(method, path, form.Encode()))
}

func (p *program) request(method, path, body string) *http.Request {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	path += sep + "__clerk_api_version=" + p.version + "&_clerk_js_version=6.34.1" + p.query
	if p.native {
		path += "&_is_native=1"
	}
	r := httptest.NewRequest(method, "https://app.example.com/.auth/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if p.native {
		r.Header.Set("Authorization", p.token)
	}
	if p.origin != "" && method != http.MethodGet || p.origin != "" && p.origin != origin {
		r.Header.Set("Origin", p.origin)
	}
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for name, values := range p.extra {
		r.Header[name] = values
	}
	return r
}

func (p *program) do(r *http.Request) *reply {
	p.t.Helper()
	rec := httptest.NewRecorder()
	watched(p.t, p.w.handler).ServeHTTP(rec, r)
	return p.took(rec)
}

// took keeps cookies and tokens, as a browser or an app does.
func (p *program) took(rec *httptest.ResponseRecorder) *reply {
	p.t.Helper()
	a := &reply{t: p.t, status: rec.Code, header: rec.Header(), body: rec.Body.String()}
	for _, c := range rec.Result().Cookies() { //nolint:bodyclose // a recorder's body
		p.keep(c)
	}
	if token := rec.Header().Get("Authorization"); token != "" {
		p.token = token
	}
	if a.status >= http.StatusInternalServerError && !p.w.mayFail {
		p.t.Fatalf("%d: %s (%v)", a.status, a.body, p.w.reports)
	}
	if len(a.body) > 0 && strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal([]byte(a.body), &a.json); err != nil {
			p.t.Fatalf("no JSON: %v: %s", err, a.body)
		}
	}
	return a
}

func (p *program) keep(c *http.Cookie) {
	if p.native {
		p.t.Errorf("an app without cookies was given %s", c.Name)
	}
	if c.MaxAge < 0 {
		delete(p.cookies, c.Name)
		return
	}
	p.cookies[c.Name] = c.Value
}

// at returns what stands at a path such as "client.sessions.0.id"; nil for null and
// for what is not there.
func (a *reply) at(path string) any {
	v := a.json
	for _, name := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// str is at for texts; empty for anything else.
func (a *reply) str(path string) string {
	s, _ := a.at(path).(string)
	return s
}

// want checks a text, "null" standing for what is absent.
func (a *reply) want(path, value string) *reply {
	a.t.Helper()
	got := "null"
	if v := a.at(path); v != nil {
		switch v := v.(type) {
		case string:
			got = v
		default:
			b, _ := json.Marshal(v)
			got = string(b)
		}
	}
	if got != value {
		a.t.Errorf("%s = %s, want %s", path, got, value)
	}
	return a
}

func (a *reply) ok() *reply {
	a.t.Helper()
	if a.status != http.StatusOK {
		a.t.Fatalf("status %d: %s", a.status, a.body)
	}
	return a
}

// refused checks a refusal.
func (a *reply) refused(status int, code, param string) *reply {
	a.t.Helper()
	if a.status != status || a.str("errors.0.code") != code || a.str("errors.0.meta.param_name") != param {
		a.t.Fatalf("got %d %s, want %d %s %s", a.status, a.body, status, code, param)
	}
	for _, field := range []string{"message", "long_message"} {
		if a.str("errors.0."+field) == "" {
			a.t.Errorf("%s says nothing", field)
		}
	}
	return a
}

// signUp makes a user by an e-mail address, and returns the answer that completed
// it.
func (p *program) signUp(email string, fields ...string) *reply {
	p.t.Helper()
	id := p.post("/client/sign_ups", append([]string{"email_address", email}, fields...)...).ok().str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	return p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", p.w.code()).ok().want("response.status", "complete")
}

// signIn signs in by a code to an e-mail address.
func (p *program) signIn(email string) *reply {
	p.t.Helper()
	a := p.post("/client/sign_ins", "identifier", email).ok()
	id, address := a.str("response.id"), a.str("response.supported_first_factors.0.email_address_id")
	p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code", "email_address_id", address).ok()
	return p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", p.w.code()).ok()
}

// signOut signs out, and lets a second go by, so that the next session is another.
func (p *program) signOut() {
	p.t.Helper()
	p.as("DELETE", "/client/sessions").ok()
	p.w.pass(time.Second)
}

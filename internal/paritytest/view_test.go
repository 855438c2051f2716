// SPDX-License-Identifier: Apache-2.0

package paritytest_test

import (
	"encoding/json"
	"net/http"
	"regexp"
)

// view is what somebody does on a site, whichever way.
type view interface {
	// signUp and signIn begin an attempt, which sends a code where no password comes
	// along.
	signUp(email, password string)
	signIn(email string)
	// password tries one in the sign-in that is under way, or begins one with it.
	password(email, password string)
	// enter gives a code back, again has it sent once more.
	enter(code string)
	again()
	// second asks for the code of a second step. Pages ask by themselves.
	second()
	// agree makes an account of an address that was proven and has none.
	agree()
	// forgot begins to set a new password, which change gives.
	forgot(email string)
	change(password string)
	signOut()
}

// form is the view of people: HTML forms, without script.
type form struct {
	*browser
	at string // the page of the attempt
}

var formToken = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

func (f *form) token() string {
	f.t.Helper()
	m := formToken.FindStringSubmatch(f.send("/sign-in", http.Header{"Origin": nil}).Body.String())
	if m == nil {
		f.t.Fatal("the sign-in page has no form")
	}
	return m[1]
}

func (f *form) post(path string, fields ...string) {
	f.t.Helper()
	rec := f.send(path, nil, append([]string{"form_token", f.token()}, fields...)...)
	if to := rec.Header().Get("Location"); len(to) > len(base) && to[:len(base)] == base {
		f.at = to[len(base):]
		for i := range f.at {
			if f.at[i] == '?' {
				f.at = f.at[:i]
				break
			}
		}
	}
}

func (f *form) signUp(email, password string) {
	f.post("/sign-up", "email_address", email, "password", password)
}

func (f *form) signIn(email string) {
	f.post("/sign-in", "identifier", email)
	f.post(f.at, "step", "prepare", "way", "email_code")
}

func (f *form) password(email, password string) {
	f.post("/sign-in", "identifier", email)
	f.post(f.at, "step", "password", "password", password)
}

func (f *form) enter(code string) { f.post(f.at, "step", "verify", "code", code, "factor", f.factor()) }

func (f *form) again() {
	f.post(f.at, "step", "resend", "strategy", "email_code", "factor", f.factor())
}
func (f *form) second() {}
func (f *form) agree()  { f.post(f.at, "step", "create") }
func (f *form) forgot(email string) {
	f.post("/sign-in", "identifier", email)
	f.post(f.at, "step", "prepare", "way", "reset_password_email_code")
}

func (f *form) change(password string) { f.post(f.at, "step", "new_password", "password", password) }
func (f *form) signOut()               { f.send("/sign-out", nil, "step", "sign_out") }

var factorField = regexp.MustCompile(`name="factor" value="([^"]+)"`)

// factor is the hidden field that says at which step a page stands.
func (f *form) factor() string {
	if m := factorField.FindStringSubmatch(f.send(f.at, http.Header{"Origin": nil}).Body.String()); m != nil {
		return m[1]
	}
	return ""
}

// program is the view of programs.
type program struct {
	*browser
	kind, id, status string // of the attempt under way
	strategy         string
}

func (p *program) post(path string, fields ...string) {
	p.t.Helper()
	rec := p.send("/v1"+path+"?__clerk_api_version=2026-05-12", nil, append(fields, "locale", "")...)
	var a struct {
		Response struct{ ID, Object, Status string }
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
	if a.Response.Object == "sign_in" || a.Response.Object == "sign_up" {
		p.kind, p.id, p.status = a.Response.Object+"s", a.Response.ID, a.Response.Status
	}
}

func (p *program) attempt(step string) string { return "/client/" + p.kind + "/" + p.id + "/" + step }

func (p *program) signUp(email, password string) {
	p.post("/client/sign_ups", "email_address", email, "password", password)
	p.again()
}

func (p *program) signIn(email string) {
	p.strategy = "email_code"
	p.post("/client/sign_ins", "identifier", email, "strategy", p.strategy)
}

func (p *program) password(email, password string) {
	p.post("/client/sign_ins", "identifier", email)
	p.post(p.attempt("attempt_first_factor"), "strategy", "password", "password", password)
}

func (p *program) enter(code string) {
	switch {
	case p.kind == "sign_ups":
		p.post(p.attempt("attempt_verification"), "strategy", "email_code", "code", code)
	case p.status == "needs_first_factor":
		p.post(p.attempt("attempt_first_factor"), "strategy", p.strategy, "code", code)
	default:
		p.post(p.attempt("attempt_second_factor"), "strategy", "email_code", "code", code)
	}
}

func (p *program) again() {
	if p.kind == "sign_ups" {
		p.post(p.attempt("prepare_verification"), "strategy", "email_code")
		return
	}
	p.post(p.attempt("prepare_first_factor"), "strategy", p.strategy)
}
func (p *program) second() { p.post(p.attempt("prepare_second_factor"), "strategy", "email_code") }
func (p *program) agree()  { p.post("/client/sign_ups", "transfer", "true") }
func (p *program) forgot(email string) {
	p.strategy = "reset_password_email_code"
	p.post("/client/sign_ins", "identifier", email, "strategy", p.strategy)
}

func (p *program) change(password string) {
	p.post(p.attempt("reset_password"), "password", password, "sign_out_of_other_sessions", "true")
}
func (p *program) signOut() { p.send("/v1/client/sessions?_method=DELETE", nil, "x", "y") }

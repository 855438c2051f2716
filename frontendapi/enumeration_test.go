// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/limit"
)

// What differs from one attempt to the next and tells nothing: ids and the name of
// the request, and cookies that are random.
var (
	ids    = regexp.MustCompile(`\b(sia|sua|idn|client)_[0-9a-hjkmnp-tv-z]{26}\b`)
	traces = regexp.MustCompile(`"clerk_trace_id":"[0-9a-f]{32}"`)
)

// seen is all that somebody learns from an answer.
func seen(a *reply) string {
	headers := a.header.Clone()
	for i, line := range headers["Set-Cookie"] {
		name, _, _ := strings.Cut(line, "=")
		headers["Set-Cookie"][i] = name
	}
	var b strings.Builder
	fmt.Fprintln(&b, a.status)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if name != "Content-Length" {
			fmt.Fprintln(&b, name, headers[name])
		}
	}
	b.WriteString(traces.ReplaceAllString(ids.ReplaceAllString(a.body, "${1}_x"), ""))
	return b.String()
}

// What a stranger does with an address. Nobody has read the mail to it.
var prying = map[string]func(p *program, email string) []*reply{
	"sign-in by code": func(p *program, email string) []*reply {
		a := p.post("/client/sign_ins", "identifier", email)
		id, address := a.str("response.id"), a.str("response.supported_first_factors.1.email_address_id")
		return []*reply{
			a,
			p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code", "email_address_id", address),
			p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", "000001"),
			p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", "x"),
			p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code"),
			p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_link"),
			p.post("/client/sign_ins/"+id+"/prepare_second_factor", "strategy", "email_code"),
			p.post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", "totp", "code", "000001"),
			p.get("/client/sign_ins/" + id),
			p.get("/client"),
		}
	},
	"sign-in by password": func(p *program, email string) []*reply {
		a := p.post("/client/sign_ins", "identifier", email, "password", "not it at all")
		id := a.str("meta.client.sign_in.id")
		all := []*reply{a}
		for range 6 {
			all = append(all, p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "password", "password", "nor this"))
		}
		return append(all, p.post("/client/sign_ins/"+id+"/reset_password", "password", strong), p.get("/client"))
	},
	"forgotten password": func(p *program, email string) []*reply {
		a := p.post("/client/sign_ins", "identifier", email, "strategy", "reset_password_email_code")
		return []*reply{a, p.post("/client/sign_ins/"+a.str("response.id")+"/attempt_first_factor", "strategy", "reset_password_email_code", "code", "000001", "password", strong)}
	},
	"sign-up": func(p *program, email string) []*reply {
		a := p.post("/client/sign_ups", "email_address", email, "password", strong)
		id := a.str("response.id")
		return []*reply{
			a,
			p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code"),
			p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", "000001"),
			p.as("PATCH", "/client/sign_ups/"+id, "first_name", "Ada"),
			p.post("/client/sign_ins", "transfer", "true"),
			p.get("/client/sign_ups/" + id),
			p.get("/client"),
		}
	},
}

func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	for _, mode := range []flow.SignUpMode{flow.SignUpOpen, flow.SignUpInvite, flow.SignUpWaitlist, flow.SignUpClosed} {
		for name, pry := range prying {
			t.Run(string(mode)+" "+name, func(t *testing.T) {
				var views [2][]string
				for i, email := range []string{"ada@example.com", "bob@example.com"} {
					w := newWorld(t, withPasswords, withSecondStep)
					w.withUser("Ada@Example.com") // what is stored must not show
					w.handler.Flow.Policy.SignUp = mode
					w.pass(time.Hour)
					for _, a := range pry(w.program(), email) {
						views[i] = append(views[i], strings.ReplaceAll(strings.ReplaceAll(seen(a), email, "somebody@example.com"), email[:1]+"•••@", "s•••@"))
					}
				}
				for i := range views[0] {
					if views[0][i] != views[1][i] {
						t.Errorf("answer %d differs.\nknown:   %s\nunknown: %s", i, views[0][i], views[1][i])
					}
				}
			})
		}
	}
}

// Guesses over JSON and over pages draw on one budget: it is kept behind both.
func TestBudgets(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.limits.GuessesPerIdentifier = []limit.Rate{{Count: 3, Window: time.Hour}} })
	p := w.program()
	id := p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "email_code").ok().str("response.id")
	for range 3 {
		p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.wrong()).refused(422, "form_code_incorrect", "code")
	}
	a := p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.code())
	if a.status != http.StatusTooManyRequests || a.str("errors.0.code") != "too_many_requests" || a.header.Get("Retry-After") == "" {
		t.Errorf("got %d %s, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
	}
	p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code").want("errors.0.code", "verification_code_too_many_requests")
}

func TestFailures(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.signUp("ada@example.com").str("response.created_session_id")
	w.mayFail = true
	w.store.set(true)
	for _, a := range []*reply{
		p.get("/client"), p.get("/environment"), p.post("/client/sign_ins", "identifier", "x@example.com"), p.post("/client/sessions/" + id + "/touch"),
		p.post("/client/sessions/" + id + "/tokens"), p.as("DELETE", "/client/sessions"), p.get("/me"), p.get("/client/sign_ins/sia_x"),
		p.get("/client/touch?redirect_url=" + origin), p.get("/client/handshake?redirect_url=" + origin), p.post("/waitlist"),
	} {
		a.refused(503, "service_unavailable", "")
		if a.header.Get("Retry-After") == "" || len(a.header["Set-Cookie"]) > 0 {
			t.Errorf("headers: %v", a.header)
		}
		if strings.Contains(a.body, errAway.Error()) {
			t.Errorf("the answer tells why: %s", a.body)
		}
	}
	if len(w.reports) == 0 {
		t.Error("nobody heard of it")
	}
	w.store.set(false)
	p.get("/client").ok().want("response.sessions.0.id", id)
}

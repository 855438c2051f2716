// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// The tests named TestAPI speak the two APIs over plain requests. Each answer is
// checked against the description that the gate serves, see harness.Program.

const (
	apiIssuer = "gate.example.com"
	apiSecret = "sk_live_fedcba9876543210fedcba9876543210"
)

// apiSetup says how a site differs from the ordinary one.
type apiSetup struct {
	// Directive holds more lines of the gatelatch block, API more of its frontend_api
	// block.
	Directive, API string
	// Config is changed by more.
	Config harness.Config
}

func (s apiSetup) config() harness.Config {
	c := s.Config
	c.Sender = twoSenders
	c.Directive = fmt.Sprintf("%sname Acme\n%spublic /open\n%s\nfrontend_api {\npublishable_key %s\n%s\n}\nbackend_api {\nsecret_key %s\n}\n",
		generous, bothKinds, s.Directive, publishableKey(apiIssuer), s.API, apiSecret)
	return c
}

// startAPI runs a gate with both APIs, codes by mail and by text.
func startAPI(t *testing.T, s apiSetup) *harness.Gate {
	t.Helper()
	return harness.Start(t, s.config())
}

// anew numbers addresses, so that tests on one gate are strangers to each other.
var anew atomic.Int64

func someone(name string) string { return fmt.Sprintf("%s%d@example.org", name, anew.Add(1)) }

func someNumber() string { return fmt.Sprintf("+1202555%04d", 1000+anew.Add(1)) }

// admitted fails unless the program's browser gets through to the app, as the user
// and in the session that an answer names.
func admitted(t *testing.T, p *harness.Program, a *harness.Reply) *harness.Identity {
	t.Helper()
	a.Want("client.last_active_session_id", a.Str("client.sessions.0.id"))
	id := inside(t, p.Visitor, a.Call)
	if id.User != a.Str("client.sessions.0.user.id") || id.Session != a.Str("client.sessions.0.id") {
		t.Errorf("%s: the app sees %+v", a.Call, id)
	}
	return id
}

func TestAPICodes(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: withNames})
	for what, address := range map[string]string{"by mail": someone("ada"), "by text": someNumber()} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			throughCodes(t, g, address)
		})
	}
	t.Run("a reload of the page", func(t *testing.T) {
		t.Parallel()
		reloadedInBetween(t, g)
	})
	t.Run("unfit calls", func(t *testing.T) {
		t.Parallel()
		unfitCalls(t, g)
	})
	t.Run("real verbs", func(t *testing.T) {
		t.Parallel()
		p := g.NewProgram(t)
		p.SignUp(someone("ada"))
		answer, err := p.Do("DELETE", harness.APIBase+"/client/sessions", originOf(g), nil)
		if err != nil || answer.Status != 200 {
			t.Errorf("a real DELETE got %+v %v", answer, err)
		}
		outside(t, p.Visitor, "after a sign-out")
	})
}

func originOf(g *harness.Gate) map[string][]string {
	return map[string][]string{"Origin": {g.URL()}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Accept": {"*/*"}}
}

// throughCodes signs an address up, out and in again, on its browser and on another.
func throughCodes(t *testing.T, g *harness.Gate, address string) {
	p := g.NewProgram(t)
	p.Get("/client").OK().Want("response", "null").Want("client", "null")
	a := p.SignUp(address, "first_name", "Ada", "unsafe_metadata", `{"plan":"free"}`).Want("response.status", "complete").Want("client.sign_up", "null")
	a.Want("response.created_user_id", a.Str("client.sessions.0.user.id")).Want("client.sessions.0.user.unsafe_metadata", `{"plan":"free"}`)
	user := admitted(t, p, a).User
	p.Post("/client/sign_ins", "identifier", address).Refused(400, "session_exists", "").Want("errors.0.meta.session_id", a.Str("client.sessions.0.id"))
	session := "/client/sessions/" + a.Str("client.sessions.0.id")
	p.Post(session+"/touch", "intent", "select_session").OK().Want("client.sessions.0.status", "active")
	if jwt := p.Post(session+"/tokens", "organization_id", "").OK().Str("jwt"); strings.Count(jwt, ".") != 2 {
		t.Errorf("a token is %q", jwt)
	}
	p.SignOut().Want("client.sessions", "[]")
	outside(t, p.Visitor, "after a sign-out")
	for _, step := range []string{"/touch", "/tokens"} {
		p.Post(session+step).Refused(401, "signed_out", "")
	}
	other := g.NewProgram(t)
	for _, p := range []*harness.Program{p, other} {
		a = p.SignIn(address).Want("response.status", "complete").Want("client.sign_in", "null")
		if admitted(t, p, a).User != user {
			t.Error("another user")
		}
	}
	p.As("DELETE", "/client").OK().Want("response.deleted", "true")
	outside(t, p.Visitor, "a client that is forgotten")
	inside(t, other.Visitor, "another browser")
}

// reloadedInBetween leaves the page in the middle of it: the program finds its
// attempt with the client, and by its id.
func reloadedInBetween(t *testing.T, g *harness.Gate) {
	p, address := g.NewProgram(t), someone("reload")
	id := p.Post("/client/sign_ups", "email_address", address).OK().Str("response.id")
	p.Get("/client").OK().Want("response.sign_up.id", id).Want("response.sign_up.verifications.email_address.status", "null")
	p.Post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").OK()
	p.Get("/client/sign_ups/"+id).OK().Want("response.verifications.email_address.status", "unverified").Want("response.unverified_fields", `["email_address"]`)
	p.As("PATCH", "/client/sign_ups/"+id, "last_name", "Lovelace").OK().Want("response.last_name", "Lovelace")
	code := g.Outbox.Code(t, address, 1)
	p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", wrong(code)).Refused(422, "form_code_incorrect", "code").
		Want("meta.client.sign_up.verifications.email_address.attempts", "1")
	stranger := g.NewProgram(t)
	stranger.Get("/client/sign_ups/"+id).Refused(404, "resource_not_found", "")
	stranger.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", code).Refused(404, "resource_not_found", "")
	a := p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", code).OK()
	admitted(t, p, a.Want("client.sessions.0.user.last_name", "Lovelace"))
}

// unfitCalls are refused with the codes that programs know, and send nothing.
func unfitCalls(t *testing.T, g *harness.Gate) {
	p, address := g.NewProgram(t), someone("unfit")
	p.Post("/client/sign_ups", "strategy", "phone_code").Refused(422, "form_param_missing", "email_address")
	p.Post("/client/sign_ups", "email_address", "nothing").Refused(422, "form_param_format_invalid", "email_address")
	p.Post("/client/sign_ups", "phone_number", "12").Refused(422, "form_param_format_invalid", "phone_number")
	p.Post("/client/sign_ins").Refused(422, "form_param_missing", "identifier")
	p.Post("/client/sign_ins/sia_x/attempt_first_factor", "strategy", "email_code", "code", "123456").Refused(404, "resource_not_found", "")
	id := p.Post("/client/sign_ins", "identifier", address).OK().Str("response.id")
	step := "/client/sign_ins/" + id
	p.Post(step+"/attempt_first_factor", "strategy", "email_code", "code", "123456").Refused(400, "verification_not_sent", "")
	p.Post(step+"/attempt_first_factor", "code", "123456").Refused(422, "form_param_missing", "strategy")
	p.Post(step+"/prepare_first_factor", "strategy", "oauth_google").Refused(400, "strategy_for_user_invalid", "strategy")
	p.Post(step+"/attempt_second_factor", "strategy", "totp", "code", "123456").Refused(400, "client_state_invalid", "")
	p.Post(step+"/prepare_first_factor", "strategy", "email_code").OK()
	a := p.Post(step+"/prepare_first_factor", "strategy", "email_code").Refused(429, "verification_code_too_many_requests", "")
	if a.Header.Get("Retry-After") == "" {
		t.Error("nobody says when to ask again")
	}
	p.Get("/me").Refused(401, "signed_out", "")
	for _, path := range []string{"/client/nothing", "/nothing", "/organizations"} {
		p.Get(path).Refused(404, "resource_not_found", "")
	}
	g.Outbox.Code(t, address, 1)
	if n := len(g.Outbox.To(address)); n != 1 {
		t.Errorf("%d codes were sent", n)
	}
}

// withNames asks for names at a sign-up without insisting on them.
const withNames = "sign_up open {\nfirst_name optional\nlast_name optional\n}\n"

// refusedApp fails when the app still answers somebody, whatever cookies are left.
func refusedApp(t *testing.T, v *harness.Visitor, when string) {
	t.Helper()
	if id, status, err := v.WhoAmI(); id != nil || status != 401 || err != nil {
		t.Errorf("%s: the app answers with %d %+v %v", when, status, id, err)
	}
}

// What differs from one answer to the next and tells nothing.
var (
	madeUpIDs = regexp.MustCompile(`\b(sia|sua|idn|client)_[0-9a-z]{26}\b`)
	momentsMS = regexp.MustCompile(`\b1[0-9]{12}\b`)
	traceIDs  = regexp.MustCompile(`"clerk_trace_id":"[0-9a-f]+"`)
)

// allTold is all that an answer tells, with the names of its cookies.
func allTold(a *harness.Reply) string {
	h := a.Header.Clone()
	delete(h, "Date")
	delete(h, "Content-Length")
	for i, line := range h["Set-Cookie"] {
		h["Set-Cookie"][i], _, _ = strings.Cut(line, "=")
	}
	if h.Get("Retry-After") != "" {
		h.Set("Retry-After", "some")
	}
	var b strings.Builder
	fmt.Fprintln(&b, a.Status, h)
	b.WriteString(traceIDs.ReplaceAllString(momentsMS.ReplaceAllString(madeUpIDs.ReplaceAllString(a.Body, "${1}_x"), "T"), ""))
	return b.String()
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/flow"
)

// goldenOf compares a whole answer with what it looked like when somebody last
// read it.
func goldenOf(t *testing.T, name string, a *reply) {
	t.Helper()
	golden(t, "../core/"+name, []byte(traces.ReplaceAllString(a.body, `"clerk_trace_id":"trace"`)))
}

// What each resource looks like on its way through its life.
func TestGolden(t *testing.T) {
	w := newWorld(t, withPasswords, withSecondStep)
	p := w.program()
	goldenOf(t, "client_none", p.get("/client"))
	goldenOf(t, "client_made", p.as("PUT", "/client"))
	a := p.post("/client/sign_ups", "email_address", "ada@example.com", "phone_number", "+12015550123", "first_name", "Ada", "password", strong, "unsafe_metadata", `{"a":1}`)
	goldenOf(t, "sign_up_begun", a)
	id := a.str("response.id")
	goldenOf(t, "sign_up_prepared", p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code"))
	goldenOf(t, "sign_up_wrong_code", p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.wrong()))
	goldenOf(t, "sign_up_half_proven", p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.code()))
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "phone_code", "channel", "sms").ok()
	a = p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "phone_code", "code", w.code())
	goldenOf(t, "sign_up_complete", a)
	session := a.str("response.created_session_id")
	goldenOf(t, "session_touched", p.post("/client/sessions/"+session+"/touch", "intent", "select_session"))
	goldenOf(t, "token", p.post("/client/sessions/"+session+"/tokens"))
	goldenOf(t, "session_exists", p.post("/client/sign_ins", "identifier", "ada@example.com"))
	goldenOf(t, "session_removed", p.post("/client/sessions/"+session+"/remove"))
	goldenOf(t, "signed_out", p.get("/me"))

	w.pass(time.Minute)
	p = w.program()
	a = p.post("/client/sign_ins", "identifier", "ada@example.com")
	goldenOf(t, "sign_in_begun", a)
	goldenOf(t, "sign_in_prepared", p.post("/client/sign_ins/"+a.str("response.id")+"/prepare_first_factor", "strategy", "email_code"))
	a = p.post("/client/sign_ins", "identifier", "ada@example.com", "password", strong)
	goldenOf(t, "sign_in_new_device", a)
	p.post("/client/sign_ins/"+a.str("response.id")+"/prepare_second_factor", "strategy", "email_code").ok()
	goldenOf(t, "sign_in_complete", p.post("/client/sign_ins/"+a.str("response.id")+"/attempt_second_factor", "strategy", "email_code", "code", w.code()))
	goldenOf(t, "client_deleted", p.as("DELETE", "/client"))
}

// How a site is set up, from the plainest to one with all of it.
func TestGoldenEnvironment(t *testing.T) {
	for name, change := range map[string]func(*setting){
		"plain": func(s *setting) {
			s.site.Phone, s.site.Help = false, ""
			s.policy = flow.DefaultPolicy()
			s.ids.Phone = false
		},
		"full": func(s *setting) {
			withPasswords(s)
			withPasskeys(s)
			manySessions(s)
			s.site.Logo, s.site.Terms = "/logo.svg", "https://example.com/terms"
			s.policy.SecondFactor, s.policy.DeleteSelf = flow.Required, false
			s.policy.Terms = flow.Terms{URL: "https://example.com/terms", Version: "1"}
			s.policy.Fields = flow.Fields{Email: flow.Required, Phone: flow.Required, FirstName: flow.Required, LastName: flow.Optional}
		},
	} {
		goldenOf(t, "environment_"+name, newWorld(t, change).program().get("/environment"))
	}
}

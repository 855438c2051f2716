// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/session"
)

func TestPhone(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.post("/client/sign_ups", "phone_number", "12").refused(422, "form_param_format_invalid", "phone_number")
	p.post("/client/sign_ins", "identifier", "+1 12").refused(422, "form_param_format_invalid", "identifier")
	a := p.post("/client/sign_ups", "phone_number", "+1 (201) 555-0123").ok().want("response.unverified_fields", `["phone_number"]`).want("response.phone_number", "+12015550123")
	id := a.str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "phone_code", "channel", "sms").ok().want("response.verifications.phone_number.channel", "sms")
	p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "phone_code", "code", w.code()).ok().want("response.status", "complete")
	p.signOut()

	a = p.post("/client/sign_ins", "identifier", "+12015550123").ok().want("response.supported_first_factors.0.safe_identifier", "+12015550123")
	id = a.str("response.id")
	p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "phone_code", "phone_number_id", a.str("response.supported_first_factors.0.phone_number_id"), "channel", "sms").ok()
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "phone_code", "code", w.code()).ok().
		want("response.status", "complete").want("client.sessions.0.user.primary_phone_number_id", a.get("client.sessions.0.user.phone_numbers.0.id", p))
}

// get reads a path of the client as it is now, "null" standing for what is absent.
func (a *reply) get(path string, p *program) string {
	a.t.Helper()
	return p.get("/client").ok().str("response" + path[len("client"):])
}

// A page that waits for a link to be followed asks for its sign-in now and then, and
// finds the session with the client that comes along.
func TestEmailLink(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	p.signOut()
	a := p.post("/client/sign_ins", "identifier", "ada@example.com").ok()
	id := a.str("response.id")
	p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_link", "redirect_url", origin+"/verified").ok().
		want("response.first_factor_verification.strategy", "email_link").want("response.first_factor_verification.status", "unverified")
	p.get("/client/sign_ins/"+id).ok().want("response.status", "needs_first_factor")

	all := w.queued()
	token, _ := w.handler.Tokens.Parse(session.ClientToken, p.cookies[w.handler.Jar.Client])
	who := flow.Caller{Client: token, IP: netip.MustParseAddr("203.0.113.7")}
	if _, err := w.handler.Flow.AttemptLink(context.Background(), who, id, w.handler.Flow.LinkToken(all[len(all)-1])); err != nil {
		t.Fatal(err)
	}
	a = p.get("/client/sign_ins/"+id).ok().want("response.status", "complete").want("response.first_factor_verification.status", "verified")
	a.want("client.sessions.0.id", a.str("response.created_session_id")).want("response.first_factor_verification.verified_at_client", a.str("client.id"))
	other := w.program()
	other.get("/client/sign_ins/"+id).refused(404, "resource_not_found", "")
}

func TestResendTooSoon(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "email_code").ok().str("response.id")
	a := p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code").refused(429, "verification_code_too_many_requests", "")
	if got := a.header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After = %q", got)
	}
	w.pass(10 * time.Minute)
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.code()).refused(400, "verification_expired", "code").
		want("meta.client.sign_in.first_factor_verification.status", "expired")
	p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "email_code").ok().want("response.first_factor_verification.status", "unverified")
}

// Older programs call an action of a sign-up that was never made. No code may come
// of that.
func TestStepOfNothing(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.post("/client/sign_ups", "strategy", "phone_code").refused(422, "form_param_missing", "email_address")
	p.post("/client/sign_ups").refused(422, "form_param_missing", "email_address")
	p.post("/client/sign_ups/sua_x/prepare_verification", "strategy", "email_code").refused(404, "resource_not_found", "")
	p.post("/client/sign_ins/sia_x/attempt_first_factor", "strategy", "email_code", "code", "123456").refused(404, "resource_not_found", "")
	if len(w.queued()) != 0 {
		t.Error("a code was sent")
	}
}

func TestUnsafeMetadata(t *testing.T) {
	p := newWorld(t).program()
	for _, bag := range []string{"[]", "1", "{", `{"a":`, `"text"`} {
		p.post("/client/sign_ups", "email_address", "ada@example.com", "unsafe_metadata", bag).refused(422, "form_param_invalid_metadata", "unsafe_metadata")
	}
}

// A testing token lifts the limits of networks in test mode, and is nothing elsewhere.
func TestTestingToken(t *testing.T) {
	for _, testing := range []bool{true, false} {
		w := newWorld(t, func(s *setting) {
			s.policy.TestMode, s.limits.StartsPerNetwork = testing, []limit.Rate{{Count: 1, Window: time.Hour}}
		})
		good := "&__clerk_testing_token=" + w.handler.Flow.TestingToken(w.clock().Add(time.Hour)).Reveal()
		p := w.program()
		p.post("/client/sign_ins", "identifier", "ada@example.com").ok()
		for query, spared := range map[string]bool{"": false, good: testing, good + "x": false} {
			p.query = query
			want := 429
			if spared {
				want = 200
			}
			if a := p.post("/client/sign_ins", "identifier", "ada@example.com"); a.status != want {
				t.Errorf("test mode %v, %q: %d, want %d", testing, query, a.status, want)
			}
			if a := p.post("/client/sign_ups", "email_address", "ada@example.com"); a.status != want {
				t.Errorf("test mode %v, %q: %d, want %d", testing, query, a.status, want)
			}
		}
	}
}

func TestTestMode(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.TestMode = true })
	p := w.program()
	id := p.post("/client/sign_ups", "email_address", "ada+clerk_test@example.com").ok().str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	p.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", "424242").ok().want("response.status", "complete")
	if len(w.queued()) != 0 {
		t.Error("something was sent to a test address")
	}
}

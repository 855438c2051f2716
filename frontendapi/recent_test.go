// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"strconv"
	"testing"
	"time"
)

const shown = "response.sessions.0.last_active_token.jwt"

// A page that loads asks for the same several times, and gets one token.
func TestOneTokenForAMoment(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	a := p.signUp("ada@example.com")
	first, path := a.str("client.sessions.0.last_active_token.jwt"), "/client/sessions/"+a.str("response.created_session_id")
	w.pass(3 * time.Second)
	p.get("/client").ok().want(shown, first)
	p.post(path+"/tokens").ok().want("jwt", first)
	p.origin = spa
	if other := p.get("/client").ok().str(shown); other == first || claims(t, other)["azp"] != spa {
		t.Errorf("azp = %v for a page of %s", claims(t, other)["azp"], spa)
	}
	p.origin = origin
	w.pass(8 * time.Second)
	if later := p.get("/client").ok().str(shown); later == first || claims(t, later)["jti"] == claims(t, first)["jti"] {
		t.Error("the same token eleven seconds later")
	}
}

// What is remembered is no way around the end of a session.
func TestNoTokenForAMomentAfterTheEnd(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.signUp("ada@example.com").str("response.created_session_id")
	p.post("/client/sessions/" + id + "/tokens").ok()
	p.as("DELETE", "/client/sessions").ok()
	p.post("/client/sessions/"+id+"/tokens").refused(401, "signed_out", "")
	p.get("/client").ok().want("response.sessions", "[]")
}

// A token is never older than what __client_uat says, also where another session of
// the client has moved that.
func TestTokensFollowTheClient(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	first := p.signUp("ada@example.com").str("response.created_session_id")
	before := p.post("/client/sessions/" + first + "/tokens").ok().str("jwt")
	w.pass(2 * time.Second)
	p.signUp("bob@example.com")
	after := p.post("/client/sessions/" + first + "/tokens").ok().str("jwt")
	updated, err := strconv.ParseFloat(p.cookies["__client_uat"], 64)
	if iat, _ := claims(t, after)["iat"].(float64); err != nil || before == after || iat < updated {
		t.Errorf("iat %v, __client_uat %v", iat, updated)
	}
}

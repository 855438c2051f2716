// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
)

// Many requests with the right code at once make one session.
func TestAttemptsAtOnce(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.post("/client/sign_ups", "email_address", "ada@example.com").ok().str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	code := w.code()
	sessions := make(chan string, 16)
	var all sync.WaitGroup
	for range cap(sessions) {
		q := w.program()
		for name, value := range p.cookies {
			q.cookies[name] = value
		}
		all.Go(func() {
			sessions <- q.post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", code).str("response.created_session_id")
		})
	}
	all.Wait()
	close(sessions)
	first := <-sessions
	for s := range sessions {
		if s == "" || s != first {
			t.Errorf("sessions %q and %q", first, s)
		}
	}
	p.get("/client").ok().want("response.sessions.1", "null").want("response.sessions.0.id", first)
}

// A thousand guesses at once are judged as five.
func TestGuessesAtOnce(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "email_code").ok().str("response.id")
	wrong, right := w.wrong(), w.code()
	judged := make(chan string, 100)
	var all sync.WaitGroup
	for range cap(judged) {
		q := w.program()
		q.cookies[w.handler.Jar.Client] = p.cookies[w.handler.Jar.Client]
		all.Go(func() {
			judged <- q.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", wrong).str("errors.0.code")
		})
	}
	all.Wait()
	close(judged)
	count := map[string]int{}
	for code := range judged {
		count[code]++
	}
	if count["form_code_incorrect"] != 4 || count["verification_failed"] != 96 {
		t.Errorf("judged: %v", count)
	}
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", right).refused(400, "verification_failed", "code")
}

// Whoever hangs up has signed in all the same.
func TestHangingUp(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.post("/client/sign_ups", "email_address", "ada@example.com").ok().str("response.id")
	p.post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").ok()
	gone, hangUp := context.WithCancel(context.Background())
	hangUp()
	w.mayFail = true
	p.do(p.request(http.MethodPost, "/client/sign_ups/"+id+"/attempt_verification", "strategy=email_code&code="+w.code()).WithContext(gone))
	p.get("/client").ok().want("response.sessions.0.status", "active")
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// Tabs of one browser switch, look and sign out of one account at once: each answer
// is about a session that is asked for or refused, none brings the ended one back,
// and the other stays.
func TestTabsSwitchWhileOneSignsOut(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	ada, bob := two(p)
	gone := w.handler.Tokens.ForSession(bob).Reveal()
	last := p.copyOf()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range 40 {
		tab := p.copyOf()
		all.Go(func() {
			<-begin
			switch i % 5 {
			case 0:
				if a := tab.post("/client/sessions/"+bob+"/touch", "intent", "select_session"); a.status != http.StatusOK && a.status != http.StatusUnauthorized {
					t.Errorf("switching to the ended one: %d", a.status)
				}
			case 1:
				tab.post("/client/sessions/"+ada+"/touch", "intent", "select_session").ok().want("client.last_active_session_id", ada)
			case 2:
				tab.get("/client").ok()
			case 3:
				if a := tab.as("POST", "/client/sessions/"+bob+"/remove"); a.status == http.StatusOK && tab.cookies[w.session()] == gone {
					t.Error("the answer to the sign-out leaves the cookie")
				}
			default:
				tab.get("/me?_clerk_session_id="+ada).ok().want("response.email_addresses.0.email_address", "ada@example.com")
			}
		})
	}
	close(begin)
	all.Wait()
	last.get("/client").ok().want("response.sessions.0.id", ada).want("response.sessions.1", "null")
	if last.cookies[w.session()] != w.handler.Tokens.ForSession(ada).Reveal() {
		t.Error("the browser is not handed the session that is left")
	}
}

// A sign-out of everything ends everything, whatever the tabs do meanwhile.
func TestTabsSwitchWhileAllSignOut(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	ada, bob := two(p)
	var all sync.WaitGroup
	for i := range 30 {
		tab := p.copyOf()
		id := []string{ada, bob}[i%2]
		all.Go(func() {
			if i%6 == 0 {
				tab.as("DELETE", "/client/sessions").ok()
				return
			}
			if a := tab.post("/client/sessions/"+id+"/touch", "intent", "select_session"); a.status != http.StatusOK && a.status != http.StatusUnauthorized {
				t.Errorf("a switch: %d", a.status)
			}
		})
	}
	all.Wait()
	p.get("/client").ok().want("response.sessions", "[]")
	w.pass(time.Second)
	p.get("/me").refused(401, "signed_out", "")
}

// What is another client's stays so, by whichever call and with whichever cookies.
func TestSessionsOfAnotherClient(t *testing.T) {
	w := newWorld(t, manySessions)
	p, eve := w.program(), w.elsewhere()
	ada, bob := two(p)
	own := eve.signUp("eve@example.com").str("response.created_session_id")
	for _, id := range []string{ada, bob, "sess_unknown", "x"} {
		for _, call := range []string{"/touch", "/end", "/remove", "/tokens"} {
			eve.post("/client/sessions/"+id+call).refused(401, "signed_out", "")
		}
		eve.get("/client/sessions/"+id).refused(401, "signed_out", "")
		eve.get("/me?_clerk_session_id="+id).refused(401, "signed_out", "")
	}
	swapped := w.program()
	swapped.cookies[w.client()], swapped.cookies[w.session()] = eve.cookies[w.client()], p.cookies[w.session()]
	w.pass(3 * time.Minute)
	swapped.extra.Set("User-Agent", "thief")
	swapped.get("/client").ok().want("response", "null")
	swapped.post("/client/sessions/"+ada+"/touch").refused(401, "signed_out", "")
	swapped.post("/client/sessions/"+own+"/touch").refused(401, "signed_out", "")
	p.get("/client").ok().want("response.sessions.1.id", ada).want("response.sessions.0.id", bob)
	eve.get("/me").ok()
}

// __client_uat is when the newest of the live sessions began, and no token is older.
func TestUpdatedAtOfSeveral(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	ada, bob := two(p)
	began := p.cookies["__client_uat"]
	p.post("/client/sessions/"+ada+"/touch", "intent", "select_session").ok()
	if got := p.cookies["__client_uat"]; got != began {
		t.Errorf("a switch changes it from %s to %s", began, got)
	}
	p.as("POST", "/client/sessions/"+bob+"/remove").ok()
	after := p.cookies["__client_uat"]
	p.as("POST", "/client/sessions/"+ada+"/remove").ok()
	if after >= began || after == "0" || p.cookies["__client_uat"] != "0" {
		t.Errorf("%s, %s, %s", began, after, p.cookies["__client_uat"])
	}
}

// A switch drops what the browser has kept of the site, and a look does not.
func TestASwitchForgetsWhatWasKept(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	ada, bob := two(p)
	for _, row := range []struct {
		id, intent string
		want       string
	}{{bob, "select_session", ""}, {ada, "focus", ""}, {ada, "select_session", `"cache"`}, {ada, "select_session", ""}} {
		if got := p.post("/client/sessions/"+row.id+"/touch", "intent", row.intent).ok().header.Get("Clear-Site-Data"); got != row.want {
			t.Errorf("%s %s: %q", row.id, row.intent, got)
		}
	}
}

// A program without cookies holds several by its one token.
func TestSeveralSessionsOfAnApp(t *testing.T) {
	w := newWorld(t, manySessions)
	app := w.app()
	ada, bob := two(app)
	app.get("/client").ok().want("response.sessions.0.id", bob).want("response.sessions.1.id", ada)
	app.post("/client/sign_ins", "identifier", "ada@example.com").refused(400, "identifier_already_signed_in", "").want("errors.0.meta.session_id", ada)
	app.post("/client/sessions/"+ada+"/touch", "intent", "select_session").ok().want("client.last_active_session_id", ada)
	app.get("/me?_clerk_session_id="+bob).ok().want("response.email_addresses.0.email_address", "bob@example.com")
	w.ends(bob)
	w.at("198.51.100.1")
	app.get("/client").ok().want("response.sessions.0.id", ada).want("response.sessions.1", "null")
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// two signs two people in, in one browser, an hour apart, and returns their
// sessions. The second is selected.
func two(p *program) (ada, bob string) {
	ada = p.signUp("ada@example.com").str("response.created_session_id")
	p.w.pass(time.Hour)
	bob = p.signUp("bob@example.com").want("client.sessions.1.id", ada).str("response.created_session_id")
	p.w.pass(time.Hour)
	return ada, bob
}

// ends takes back a session behind the browser's back.
func (w *world) ends(id string) {
	w.inTx(func(ctx context.Context, tx flow.Tx) error {
		return tx.EndSession(ctx, id, gatelatch.SessionRevoked, w.clock())
	})
}

// at moves the browsers to another address.
func (w *world) at(ip string) {
	w.handler.ClientIP = func(*http.Request) netip.Addr { return netip.MustParseAddr(ip) }
}

// copyOf is another browser with the same cookies, as they were.
func (p *program) copyOf() *program {
	q := p.w.program()
	for name, value := range p.cookies {
		q.cookies[name] = value
	}
	return q
}

// When the selected session ends elsewhere, its browser goes on with the next one.
func TestTheOthersOutliveTheSelected(t *testing.T) {
	for name, tt := range map[string]struct {
		over func(w *world, selected string)
		from string
		next bool
	}{
		"revoked from afar":                          {func(w *world, id string) { w.ends(id) }, "203.0.113.7", true},
		"revoked, and the browser is somewhere else": {func(w *world, id string) { w.ends(id) }, "198.51.100.1", false},
		"banned": {func(w *world, id string) {
			w.inTx(func(ctx context.Context, tx flow.Tx) error {
				s, err := tx.Session(ctx, id)
				if err != nil {
					return err
				}
				u, err := tx.User(ctx, s.UserID)
				if err != nil {
					return err
				}
				u.Banned = true
				if err := tx.PutUser(ctx, u); err != nil {
					return err
				}
				return tx.EndSession(ctx, id, gatelatch.SessionRevoked, w.clock())
			})
		}, "203.0.113.7", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, manySessions)
			p := w.program()
			ada, bob := two(p)
			tt.over(w, bob)
			w.at(tt.from)
			a := p.get("/client").ok()
			if !tt.next {
				a.want("response", "null")
				p.get("/me").refused(401, "signed_out", "")
				return
			}
			a.want("response.sessions.0.id", ada).want("response.sessions.1", "null").want("response.last_active_session_id", ada)
			if p.cookies[w.session()] != w.handler.Tokens.ForSession(ada).Reveal() {
				t.Error("the gate's cookie is not that of the next session")
			}
			p.get("/me").ok().want("response.email_addresses.0.email_address", "ada@example.com")
			p.post("/client/sessions/"+bob+"/touch").refused(401, "signed_out", "")
		})
	}
}

// Both limits end one session and leave the other, wherever the browser is now.
func TestTheOthersOutliveALimit(t *testing.T) {
	for name, limit := range map[string]time.Duration{"idle": 24 * time.Hour, "absolute": 7 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, manySessions)
			if name == "absolute" {
				w.handler.Idle = 0
			}
			p := w.program()
			ada, bob := two(p)
			p.post("/client/sessions/" + ada + "/touch").ok() // ada is selected, and last used now
			w.pass(limit - 2*time.Hour)
			if name == "idle" { // bob is used in another tab
				p.post("/client/sessions/"+bob+"/touch", "intent", "focus").ok()
				w.pass(2 * time.Hour)
			}
			w.at("198.51.100.1")
			p.get("/client").ok().want("response.sessions.0.id", bob).want("response.sessions.1", "null").want("response.last_active_session_id", bob)
			p.get("/me").ok().want("response.email_addresses.0.email_address", "bob@example.com")
		})
	}
}

// What began after the end of a session is not shown by its cookie: whoever has
// planted the client cookie, signed in, and out again, sees nothing of who comes
// next.
func TestADeadCookieShowsNothingNew(t *testing.T) {
	w := newWorld(t, manySessions)
	thief, victim := w.plant()
	thief.extra.Set("User-Agent", "") // even one that calls itself the same, at the same address
	thief.signUp("eve@example.com")
	kept := thief.copyOf()
	thief.as("DELETE", "/client/sessions").ok()
	w.pass(time.Second)
	victim.signUp("ada@example.com")
	w.pass(2 * time.Minute)
	kept.get("/client").ok().want("response", "null")
	kept.get("/me").refused(401, "signed_out", "")
	victim.get("/me").ok()
}

// Signing out of everything leaves nothing that an old cookie could show.
func TestSigningOutOfAllIsForAll(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	two(p)
	old := p.copyOf()
	p.as("DELETE", "/client/sessions").ok().want("response.sessions", "[]")
	old.get("/client").ok().want("response.sessions", "[]")
	p.signIn("ada@example.com")
	w.pass(3 * time.Minute)
	old.get("/client").ok().want("response", "null")
}

// A stolen pair of cookies whose session was taken back shows the thief nothing.
func TestAStolenCookieThatWasRevoked(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	_, bob := two(p)
	thief := p.copyOf()
	w.ends(bob)
	for name, set := range map[string]func(){
		"at another address": func() { w.at("198.51.100.1") },
		"in another browser": func() { w.at("203.0.113.7"); thief.extra.Set("User-Agent", "thief") },
	} {
		set()
		thief.get("/client").ok().want("response", "null")
		thief.get("/me").refused(401, "signed_out", "")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// In single mode the cookie of a replaced session shows nothing of the new one.
func TestAReplacedCookieShowsNothing(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	old := p.copyOf()
	p.signOut()
	p.signUp("bob@example.com")
	w.pass(3 * time.Minute)
	old.get("/client").ok().want("response", "null")
}

// A client holds ten sessions; one more ends the oldest. The same user has one.
func TestSessionsOfAClientAreBounded(t *testing.T) {
	w := newWorld(t, manySessions)
	p := w.program()
	first := p.signUp("person0@example.com").str("response.created_session_id")
	for _, name := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		w.pass(time.Minute)
		p.signUp("person" + name + "@example.com")
	}
	p.get("/client").ok().want("response.sessions.9.id", first)
	w.pass(time.Minute)
	p.signUp("person10@example.com").want("client.sessions.10", "null")
	p.post("/client/sessions/"+first+"/touch").refused(401, "signed_out", "")
}

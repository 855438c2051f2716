// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func TestSessions(t *testing.T) {
	everyStore(t, sessions)
}

func sessions(t *testing.T, w *world) {
	ada, bob := w.user("ada@example.com").id(), w.user("bob@example.com").id()
	first, cookies := w.signedIn(ada)
	w.gate.Clock.Advance(time.Hour)
	second, _ := w.signedIn(ada)
	w.signedIn(bob)
	shown := w.ok("GET", "/sessions/"+first, nil)
	golden(t, "session", shown)
	rows, total := w.ok("GET", "/sessions?paginated=true&user_id="+ada, nil).list()
	if total != 2 || len(rows) != 2 || rows[0]["id"] != second || rows[1]["id"] != first {
		t.Errorf("%d %v", total, rows)
	}
	if rows, total = w.ok("GET", "/sessions?paginated=true&limit=1&offset=1", nil).list(); total != 3 || len(rows) != 1 {
		t.Errorf("%d %v", total, rows)
	}
	bare := w.ok("GET", "/sessions?user_id="+ada, nil)
	if !strings.HasPrefix(string(bare.body), "[") {
		t.Errorf("%s", bare.body)
	}
	if rows, _ = w.ok("GET", "/sessions?paginated=true&client_id="+shown.text("client_id"), nil).list(); len(rows) != 1 {
		t.Errorf("%v", rows)
	}
	if !w.passes(cookies) {
		t.Fatal("not signed in")
	}
	if a := w.ok("POST", "/sessions/"+first+"/revoke", nil); a.text("status") != "revoked" || w.passes(cookies) {
		t.Errorf("%s", a.body)
	}
	w.ok("POST", "/sessions/"+first+"/revoke", nil)
	for status, want := range map[string]int{"active": 2, "revoked": 1, "ended": 0, "expired": 0, "abandoned": 0} {
		if rows, total = w.ok("GET", "/sessions?paginated=true&status="+status, nil).list(); total != want || len(rows) != want {
			t.Errorf("%s: %d", status, total)
		}
	}
	w.gate.Clock.Advance(idle)
	if a := w.ok("GET", "/sessions/"+second, nil); a.text("status") != "abandoned" {
		t.Errorf("%s", a.body)
	}
	if _, total = w.ok("GET", "/sessions?paginated=true&status=abandoned", nil).list(); total != 2 {
		t.Errorf("%d", total)
	}
	w.gate.Clock.Advance(7 * 24 * time.Hour)
	if a := w.ok("GET", "/sessions/"+second, nil); a.text("status") != "expired" {
		t.Errorf("%s", a.body)
	}
	w.refused(422, gatelatch.CodeValue, "status", "GET", "/sessions?status=asleep", nil)
	w.refused(404, gatelatch.CodeNotFound, "", "POST", "/sessions/sess_01abcdefgh/revoke", nil)
}

func TestSessionsAreMadeInTestModeAlone(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	w.refused(403, gatelatch.CodeForbidden, "", "POST", "/sessions", object{"user_id": ada})
	w = newWorld(t, func(s *flow.Service) { s.Policy.TestMode = true })
	ada = w.user("ada@example.com").id()
	a := w.ok("POST", "/sessions", object{"user_id": ada})
	if a.text("status") != "active" || a.text("user_id") != ada || !strings.HasPrefix(a.text("client_id"), "client_") {
		t.Errorf("%s", a.body)
	}
	w.ok("POST", "/sessions/"+a.id()+"/tokens", nil)
	if u := w.ok("GET", "/users/"+ada, nil); u.at("last_sign_in_at") == nil {
		t.Errorf("%s", u.body)
	}
	w.refused(422, gatelatch.CodeMissing, "user_id", "POST", "/sessions", nil)
	w.refused(404, gatelatch.CodeNotFound, "user_id", "POST", "/sessions", object{"user_id": "user_01abcdefgh"})
	w.ok("POST", "/users/"+ada+"/lock", nil)
	w.refused(403, gatelatch.CodeUserLocked, "user_id", "POST", "/sessions", object{"user_id": ada})
	w.ok("POST", "/users/"+ada+"/ban", nil)
	w.refused(403, gatelatch.CodeBanned, "user_id", "POST", "/sessions", object{"user_id": ada})
}

// claims reads a token without checking it.
func claims(t *testing.T, a answer) object {
	t.Helper()
	parts := strings.Split(a.text("jwt"), ".")
	if len(parts) != 3 || a.text("object") != "token" {
		t.Fatalf("%s", a.body)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c object
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTokensOfSessions(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	id, _ := w.signedIn(ada)
	token := w.ok("POST", "/sessions/"+id+"/tokens", nil)
	if c := claims(t, token); c["sub"] != ada || c["sid"] != id || c["azp"] != nil || c["iss"] != "https://app.example.com" {
		t.Errorf("%v", c)
	}
	if a := w.ok("POST", "/sessions/"+id+"/verify", object{"token": token.text("jwt")}); a.id() != id {
		t.Errorf("%s", a.body)
	}
	w.refused(422, gatelatch.CodeFormat, "token", "POST", "/sessions/"+id+"/verify", object{"token": token.text("jwt") + "x"})
	long := claims(t, w.ok("POST", "/sessions/"+id+"/tokens", object{"expires_in_seconds": 600}))
	if life := long["exp"].(float64) - long["iat"].(float64); life != 600 {
		t.Errorf("it is good for %v seconds", life)
	}
	for _, wrong := range []int{0, -1, 29, 86401, 1 << 40} {
		w.refused(422, gatelatch.CodeValue, "expires_in_seconds", "POST", "/sessions/"+id+"/tokens", object{"expires_in_seconds": wrong})
	}
	c := claims(t, w.ok("POST", "/sessions/"+id+"/tokens/supabase", nil))
	if c["role"] != "authenticated" || c["email"] != "ada@example.com" {
		t.Errorf("%v", c)
	}
	w.refused(404, gatelatch.CodeNotFound, "", "POST", "/sessions/"+id+"/tokens/nothing", nil)
	w.refused(404, gatelatch.CodeNotFound, "", "POST", "/sessions/sess_01abcdefgh/tokens", nil)
	w.ok("POST", "/sessions/"+id+"/revoke", nil)
	w.refused(400, gatelatch.CodeStateInvalid, "", "POST", "/sessions/"+id+"/tokens", nil)
}

// A session that owes a task gets a token that says so: an app that goes by tokens
// alone must not take it for an active one.
func TestTokensOfSessionsThatOweSomething(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.SecondFactor = flow.Required })
	id, _ := w.signedIn(w.user("ada@example.com").id())
	if c := claims(t, w.ok("POST", "/sessions/"+id+"/tokens", nil)); c["sts"] != "pending" {
		t.Errorf("%v", c)
	}
	if a := w.ok("GET", "/sessions/"+id, nil); a.text("status") != "pending" {
		t.Errorf("%s", a.body)
	}
	// A template has no claim to say it in.
	w.refused(403, gatelatch.CodeForbidden, "", "POST", "/sessions/"+id+"/tokens/supabase", nil)
}

func TestClients(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.user("ada@example.com").id()
		id, cookies := w.signedIn(ada)
		client := w.ok("GET", "/sessions/"+id, nil).text("client_id")
		a := w.ok("GET", "/clients/"+client, nil)
		golden(t, "client", a)
		if v := w.ok("POST", "/clients/verify", object{"token": cookies.Client}); string(v.body) != string(a.body) {
			t.Errorf("%s", v.body)
		}
		for _, wrong := range []string{"", "x", cookies.Session, cookies.Client[:len(cookies.Client)-1], cookies.Client + "A"} {
			w.refused(404, gatelatch.CodeNotFound, "", "POST", "/clients/verify", object{"token": wrong})
		}
		for range 4 {
			w.signedIn(ada)
		}
		rows, total := w.ok("GET", "/clients?paginated=true&limit=3", nil).list()
		if total != 5 || len(rows) != 3 {
			t.Errorf("%d of %d", len(rows), total)
		}
		w.ok("POST", "/sessions/"+id+"/revoke", nil)
		if a = w.ok("GET", "/clients/"+client, nil); fmt.Sprint(a.at("session_ids")) != "[]" || a.at("last_active_session_id") != nil || a.at("sessions") == nil {
			t.Errorf("%s", a.body)
		}
		w.refused(404, gatelatch.CodeNotFound, "", "GET", "/clients/client_01abcdefgh", nil)
	})
}

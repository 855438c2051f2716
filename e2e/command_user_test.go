// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestCommandsOnUsers goes through them as an operator would.
func TestCommandsOnUsers(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	var made struct {
		ID        string
		FirstName string `json:"first_name"`
		Addresses []struct {
			Kind, Address string
			Primary       bool
		}
	}
	err := operates(t, g, "users", "create", "--email", jo, "--phone", "+1 201 555 0123", "--first-name", "Jo", "--last-name", "Doe", "--json").Into(&made)
	if err != nil || made.FirstName != "Jo" || len(made.Addresses) != 2 || !made.Addresses[0].Primary {
		t.Fatalf("%+v %v", made, err)
	}
	operates(t, g, "users", "create", "--email", "al@example.org", "--first-name", "Al\u202e\u2028")
	for _, who := range []string{made.ID, jo, "JO@Example.org", "+12015550123"} {
		r := operates(t, g, "users", "show", who)
		for _, words := range []string{made.ID, "Jo Doe", jo + " (main)", "+12015550123 (main)", "last sign-in"} {
			if !contains(r.Out, words) {
				t.Errorf("%s: without %q:\n%s", who, words, r.Out)
			}
		}
	}
	r := operates(t, g, "users", "list")
	if len(r.Table()) != 3 || !contains(r.Out, "2 of 2 users.") || !strings.HasPrefix(r.Out, "ID ") || contains(r.Out, "\u202e") {
		t.Errorf("%q", r.Out)
	}
	for args, n := range map[string]int{
		"--search jo@": 1, "--search DOE": 1, "--search nobody": 0, "--search " + made.ID: 1, "--banned": 0, "--banned=false": 2, "--limit 1": 1,
		"--after " + made.ID: 1, "--search example.org --limit 1": 1,
	} {
		var list struct{ Users []struct{ ID string } }
		if err := operates(t, g, append([]string{"users", "list", "--json"}, strings.Fields(args)...)...).Into(&list); err != nil || len(list.Users) != n {
			t.Errorf("%s: %+v %v", args, list, err)
		}
	}
	v := elsewhere(t, g, jo)
	if id := inside(t, v, "as a user made by a command"); id.User != made.ID || id.Name != "Jo Doe" || id.Phone != number {
		t.Errorf("%+v", id)
	}
	sessionsOf(t, g, v, made.ID)
	banned(t, g, made.ID)
	operates(t, g, "users", "delete", jo)
	if r := g.Operate("users", "show", jo); r.Status != 1 {
		t.Errorf("after it was deleted: %+v", r)
	}
	w := g.NewVisitor()
	if err := w.Register(jo, horse); err != nil {
		t.Fatal(err)
	}
	if id := inside(t, w, "in a new account"); id.User == made.ID || id.Name != "" {
		t.Errorf("%+v", id)
	}
}

func sessionsOf(t *testing.T, g *harness.Gate, v *harness.Visitor, user string) {
	t.Helper()
	var list struct {
		Sessions []struct{ ID, Strategy, Device, IP string }
	}
	if err := operates(t, g, "sessions", "list", user, "--json").Into(&list); err != nil || len(list.Sessions) != 1 || list.Sessions[0].Strategy != "email_code" ||
		list.Sessions[0].IP != "127.0.0.1" {
		t.Errorf("%+v %v", list, err)
	}
	if r := operates(t, g, "sessions", "list"); len(r.Table()) != 1 || !contains(r.Out, user) || !contains(r.Out, "email_code") {
		t.Errorf("%s", r.Out)
	}
	if r := operates(t, g, "sessions", "revoke", inside(t, v, "before").Session); !contains(r.Out, "revoked") {
		t.Errorf("%s", r.Out)
	}
	gone(t, v, "after the session was revoked")
	w := elsewhere(t, g, jo)
	s, _, err := w.DialWebSocket("/ws")
	if err != nil || s == nil {
		t.Fatal(err)
	}
	operates(t, g, "users", "sign-out", jo)
	gone(t, w, "after sign-out")
	if err := s.WaitClosed(harness.Allowance(3 * time.Second)); err != nil {
		t.Error(err)
	}
}

func banned(t *testing.T, g *harness.Gate, user string) {
	t.Helper()
	v := elsewhere(t, g, jo)
	s, _, err := v.DialWebSocket("/ws")
	if err != nil || s == nil {
		t.Fatal(err)
	}
	if r := operates(t, g, "users", "ban", jo); !contains(r.Out, "banned") {
		t.Errorf("%s", r.Out)
	}
	gone(t, v, "after the ban")
	if err := s.WaitClosed(harness.Allowance(3 * time.Second)); err != nil {
		t.Error(err)
	}
	w := g.NewVisitor()
	n := len(g.Outbox.To(jo))
	p := page(t)(w.AskCode("/home", jo)) // nobody learns of it before
	p = page(t)(w.Follow(w.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, jo, n+1)})))
	if p.Status < 400 || p.Has("create") {
		t.Errorf("a banned user got %d %.900s", p.Status, p.Body)
	}
	outside(t, w, "a banned user")
	if rows := operates(t, g, "users", "list", "--banned").Table(); len(rows) != 2 || rows[0][0] != user {
		t.Errorf("%v", rows)
	}
	operates(t, g, "users", "unban", jo)
	elsewhere(t, g, jo)
	gone(t, v, "the session of before")
}

// TestUnlock locks an account as a stranger would, and opens it.
func TestUnlock(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: replaceAll(generous, "limits {", "limits {\nfailures_in_a_row 5") + "name Acme\n"})
	knownUser(t, g, jo)
	v := g.NewVisitor()
	p := page(t)(v.Ask("/home", jo))
	code := g.Outbox.Code(t, jo, 2)
	for range 5 {
		page(t)(v.Submit(p, "verify", map[string]string{"code": wrong(code)}))
	}
	tryWith := func(n int) *harness.Page {
		w := g.NewVisitor()
		p := page(t)(w.Ask("/home", jo))
		p = page(t)(w.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, jo, n)}))
		if w.Admitted(p) {
			return nil
		}
		return p
	}
	if p := tryWith(3); p == nil || p.Status != http.StatusTooManyRequests {
		t.Errorf("a closed account was opened: %+v", p)
	}
	operates(t, g, "users", "unlock", jo)
	if p := tryWith(4); p != nil {
		t.Errorf("after it was unlocked: %d %.900s", p.Status, p.Body)
	}
}

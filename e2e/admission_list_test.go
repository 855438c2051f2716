// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestListsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "disposable.txt")
	if err := os.WriteFile(file, []byte("# throw-away\ntrash.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + "name Acme\nidentifiers email phone\nsms_countries US CA\n" +
		"allow email *@good.example *@*.wide.example friend@else.example\nallow phone US\nblock email bad@good.example\nblock disposable " + file + "\n"})
	operates(t, g, "users", "create", "--email", "member@far.example")
	judged(t, g, "sentinel@good.example", map[string]bool{
		"anna@good.example": true, "x@a.wide.example": true, "friend@else.example": true, "x@wide.example": false, "x@sub.good.example": false,
		"bad@good.example": false, "x@notgood.example": false, "x@else.example": false, "x@trash.example": false, "member@far.example": true,
		"+12015550123": true, "+16135550123": false,
	})
	// The file is read with the configuration.
	g2 := harness.Start(t, harness.Config{Directive: generous + "name Acme\nblock disposable " + file + "\n"})
	judged(t, g2, "sentinel@good.example", map[string]bool{"x@trash.example": false, "x@mail.trash.example": false, "x@nottrash.example": true})
	if err := os.WriteFile(file, []byte("other.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := g2.Reload(); err != nil {
		t.Fatal(err)
	}
	judged(t, g2, "sentinel@good.example", map[string]bool{"x@trash.example": true, "x@other.example": false})
}

// TestListsAtRunTime changes who may sign up while the gate runs.
func TestListsAtRunTime(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "name Acme\nblock email *@config.example\n"})
	judge := func(want map[string]bool) {
		t.Helper()
		judged(t, g, "sentinel@safe.example", want)
	}
	judge(map[string]bool{"a@one.example": true, "a@config.example": false})
	operates(t, g, "block", "add", "one.example")
	judge(map[string]bool{"b@one.example": false, "b@sub.one.example": true, "b@two.example": true})
	operates(t, g, "block", "add", "*.one.example")
	judge(map[string]bool{"c@sub.one.example": false, "c@config.example": false})
	operates(t, g, "block", "remove", "one.example")
	judge(map[string]bool{"d@one.example": true, "d@sub.one.example": false})
	operates(t, g, "allow", "add", "*@safe.example")
	judge(map[string]bool{"e@one.example": false, "e@safe.example": true})
	operates(t, g, "allow", "add", "jo@one.example")
	judge(map[string]bool{"jo@one.example": true, "f@one.example": false})
	rows := operates(t, g, "block", "list").Table()
	if len(rows) != 2 || !contains(fmt.Sprint(rows), "config.example config") || !contains(fmt.Sprint(rows), "one.example command") {
		t.Errorf("%v", rows)
	}
	if r := g.Operate("block", "remove", "*@config.example"); r.Status == 0 || r.Err == "" {
		t.Errorf("a line of the configuration was removed: %+v", r)
	}
	operates(t, g, "allow", "remove", "jo@one.example")
	operates(t, g, "allow", "remove", "*@safe.example")
	// A guess under way is judged by the rules at its end.
	v := g.NewVisitor()
	p := signsUp(t, v, "slow@late.example")
	code := g.Outbox.Code(t, "slow@late.example", 1)
	operates(t, g, "block", "add", "late.example")
	if p = page(t)(v.Submit(p, "verify", map[string]string{"code": code})); v.Admitted(p) {
		t.Errorf("who was blocked in the meantime got in")
	}
	outside(t, v, "who was blocked in the meantime")
	operates(t, g, "block", "remove", "late.example")
	modes(t, g)
}

func modes(t *testing.T, g *harness.Gate) {
	t.Helper()
	for _, c := range []struct {
		args     []string
		mode, by string
	}{
		{[]string{"show"}, "open", "config"},
		{[]string{"set", "closed"}, "closed", "command"},
		{[]string{"set", "waitlist"}, "waitlist", "command"},
		{[]string{"set", "invite"}, "invite", "command"},
	} {
		var s struct{ Mode, Source, Configured string }
		if err := operates(t, g, append(append([]string{"sign-up"}, c.args...), "--json")...).Into(&s); err != nil || s.Mode != c.mode || s.Source != c.by || s.Configured != "open" {
			t.Errorf("%v: %+v %v", c.args, s, err)
		}
	}
	operates(t, g, "invite", "vip@safe.example")
	signUpSays(t, g, "New accounts are by invitation.")
	judged(t, g, "vip@safe.example", map[string]bool{"g@one.example": false})
	if err := g.Reload(); err != nil { // what was set at run time stays
		t.Fatal(err)
	}
	judged(t, g, "vip@safe.example", map[string]bool{"h@one.example": false})
	operates(t, g, "sign-up", "set", "closed")
	signUpSays(t, g, "New accounts are closed")
	if r := g.Operate("invite", "late@safe.example"); r.Status != 1 || !contains(r.Err, "New accounts are closed") || len(g.Outbox.Notices("late@safe.example")) != 0 {
		t.Errorf("%+v", r)
	}
	operates(t, g, "sign-up", "reset")
	signUpSays(t, g, "If this address may sign up")
	judged(t, g, "sentinel@safe.example", map[string]bool{"i@one.example": true})
	r := g.Operate("sign-up", "set", "sometimes")
	if r.Status == 0 || !contains(r.Err, "open, invite, waitlist, closed") {
		t.Errorf("%+v", r)
	}
}

// signUpSays waits for words of the sign-up page, which hears of another mode
// some seconds later than the judges.
func signUpSays(t *testing.T, g *harness.Gate, words string) {
	t.Helper()
	v := g.NewVisitor()
	v.Retries = overReloads
	defer v.Close()
	for end := time.Now().Add(harness.Patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if page(t)(v.Open("/.auth/sign-up")).Contains(words) {
			return
		}
	}
	t.Fatalf("the sign-up page never says %q", words)
}

// TestAdminEndpointIsNotForPages: a page in the operator's browser could reach
// the loopback port.
func TestAdminEndpointIsNotForPages(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	for what, h := range map[string]http.Header{
		"a form":        {"Content-Type": {"application/x-www-form-urlencoded"}},
		"a plain text":  {"Content-Type": {"text/plain"}},
		"another site":  {"Content-Type": {"application/json"}, "Origin": {"https://evil.example"}},
		"another name":  {"Content-Type": {"application/json"}, "Host": {"evil.example"}},
		"nothing known": {},
	} {
		r, err := http.NewRequest(http.MethodPost, "http://"+g.Admin+"/gatelatch/sign-up/set", strings.NewReader(`{"mode":"closed"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = h
		if host := h.Get("Host"); host != "" {
			r.Host = host
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode < 400 || answer.StatusCode >= 500 {
			t.Errorf("%s got %d", what, answer.StatusCode)
		}
	}
	var s struct{ Mode string }
	if err := json.Unmarshal([]byte(operates(t, g, "sign-up", "show", "--json").Out), &s); err != nil || s.Mode != "open" {
		t.Errorf("%+v %v", s, err)
	}
}

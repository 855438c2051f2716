// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// pending checks that somebody who owes a task is not signed in for the app: a
// page shows the task at its very address, everything else is refused, and the
// app hears of nothing.
func pending(t *testing.T, v *harness.Visitor, step, words string) *harness.Page {
	t.Helper()
	n := v.Gate.Upstream.Count()
	p := page(t)(v.Open("/deep/page?x=1"))
	if p.Status != http.StatusUnauthorized || p.Location() != "" || !p.Contains(words) || step != "" && !p.Has(step) {
		t.Fatalf("a page got %d, without %q: %.1200s", p.Status, words, p.Body)
	}
	f := page(t)(v.Fetch("/api"))
	if f.Status != http.StatusUnauthorized || f.Header.Get("Content-Type") != "application/problem+json" || contains(f.Body, "<html") {
		t.Errorf("a script got %d %s %.300s", f.Status, f.Header.Get("Content-Type"), f.Body)
	}
	if s, answer, err := v.DialWebSocket("/ws"); s != nil || err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a WebSocket got %+v %v", answer, err)
	}
	if p := page(t)(v.Post("/notes", "note=x")); p.Status != http.StatusUnauthorized {
		t.Errorf("a form got %d", p.Status)
	}
	if p := page(t)(v.Open("/.auth/account")); p.Status != http.StatusUnauthorized || !p.Contains(words) {
		t.Errorf("the account got %d", p.Status)
	}
	if more := v.Gate.Upstream.Count() - n; more != 0 {
		t.Errorf("the app was asked %d times", more)
	}
	return p
}

// getsIn signs somebody in with a code and does not care what comes after.
func getsIn(t *testing.T, v *harness.Visitor, address string) {
	t.Helper()
	if err := v.SignIn("/home", address); err != nil {
		t.Fatal(err)
	}
}

func TestSecondStepIsRequired(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + bothKinds + "second_factor required\n"})
	v := g.NewVisitor()
	getsIn(t, v, jo)
	p := pending(t, v, "", "Set up a second step")
	for _, way := range []string{"totp", "second-number", "passkeys"} {
		links := p.Links(at("/" + way))
		if len(links) != 1 || !contains(links[0], "return_to=%2Fdeep%2Fpage%3Fx%3D1") {
			t.Errorf("%s: %v", way, links)
		}
	}
	for _, path := range []string{"", "/name", "/addresses", "/addresses/add", "/sessions", "/export", "/delete", "/backup-codes", "/sessions/others"} {
		if p := page(t)(v.Open(at(path))); p.Status != http.StatusUnauthorized || !p.Contains("Set up a second step") {
			t.Errorf("%s is open before the task is done: %d", path, p.Status)
		}
	}
	p = page(t)(v.Open(p.Links(at("/totp"))[0]))
	p = page(t)(v.Follow(v.Submit(p, "start", nil)))
	pending(t, v, "", "Set up a second step") // half of it is not it
	app := appOn(t, p)
	p = page(t)(v.Submit(p, "verify", map[string]string{"code": app.Next()}))
	if len(harness.BackupCodes(p.Body)) != 10 || p.Link("I have saved them") != "/deep/page?x=1" {
		t.Errorf("%d, on to %q", p.Status, p.Link("I have saved them"))
	}
	inside(t, v, "after the task")
	w := g.NewVisitor() // from now on it is a second step
	n := len(g.Outbox.To(jo))
	p = page(t)(w.Ask("/home", jo))
	p = page(t)(w.Submit(p, "verify", map[string]string{"code": g.Outbox.Code(t, jo, n+1)}))
	if w.Admitted(p) {
		t.Fatal("a sign-in without the second step")
	}
	outside(t, w, "before the second step")
	p = page(t)(w.Follow(p, nil))
	if p = page(t)(w.Submit(p, "verify", map[string]string{"code": app.Next()})); !w.Admitted(p) {
		t.Errorf("the second step got %d %.600s", p.Status, p.Body)
	}
	inside(t, w, "after the second step")
}

// appOn makes an app of the key on a page.
func appOn(t *testing.T, p *harness.Page) *harness.App {
	t.Helper()
	_, rest, _ := strings.Cut(p.Body, `class="key"><bdi dir="ltr">`)
	key, _, found := strings.Cut(rest, "<")
	app, err := harness.NewApp(key)
	if err != nil || !found {
		t.Fatalf("%v: %d %.900s", err, p.Status, p.Body)
	}
	return app
}

// TestSecondStepByNumber does the same task with texts.
func TestSecondStepByNumber(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + bothKinds + "second_factor required\n"})
	v := g.NewVisitor()
	getsIn(t, v, jo)
	pending(t, v, "", "Set up a second step")
	if err := v.AddSecondNumber(second); err != nil {
		t.Fatal(err)
	}
	id := inside(t, v, "after the task")
	if id.Phone != "" {
		t.Errorf("a number for the second step identifies: %+v", id)
	}
}

func TestNewPasswordIsRequired(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	v := withPassword(t, g, jo, horse)
	if r := g.Operate("users", "reset-password", jo); r.Status != 0 || !contains(r.Out, "must-reset") {
		t.Fatalf("%+v", r)
	}
	for n, who := range []*harness.Visitor{v, elsewhereOwing(t, g, jo)} {
		p := pending(t, who, "new_password", "This account needs a new password before you can go on.")
		if f, _ := p.Form("new_password"); f.Inputs["return_to"] != "/deep/page?x=1" {
			t.Errorf("it leads to %q", f.Inputs["return_to"])
		}
		p = page(t)(who.Submit(p, "new_password", map[string]string{"password": "12345678"}))
		if p.Status != http.StatusUnprocessableEntity {
			t.Errorf("a bad one got %d", p.Status)
		}
		pending(t, who, "new_password", "This account needs a new password")
		if n == 0 {
			continue
		}
		p = page(t)(who.Submit(p, "new_password", map[string]string{"password": donkey}))
		if p.Status != http.StatusSeeOther || p.Location() != "/deep/page?x=1" {
			t.Errorf("a good one got %d to %s", p.Status, p.Location())
		}
		inside(t, who, "after the task")
		gone(t, v, "the other browser, after a new password")
	}
	g.Outbox.Notice(t, jo, "The password of your Acme account was changed", 1)
	w := g.NewVisitor()
	if p := page(t)(w.Password("/home", jo, horse)); !p.Contains("That password is incorrect") {
		t.Errorf("the old one got %d", p.Status)
	}
	isNewDevice(t, w, jo, donkey)
}

// elsewhereOwing signs somebody in with a code, whatever is owed after that.
func elsewhereOwing(t *testing.T, g *harness.Gate, address string) *harness.Visitor {
	t.Helper()
	v := g.NewVisitor()
	t.Cleanup(v.Close)
	n := len(g.Outbox.To(address))
	p := page(t)(v.AskCode("/home", address))
	page(t)(v.Enter(p, g.Outbox.Code(t, address, n+1)))
	return v
}

func TestTermsAreAccepted(t *testing.T) {
	t.Parallel()
	const terms = "terms https://example.org/terms 2026-01\n"
	g := harness.Start(t, harness.Config{Directive: generous + terms})
	v := g.NewVisitor()
	v.Retries = overReloads
	getsIn(t, v, jo)
	p := pending(t, v, "accept", "Please read the terms of use.")
	if p.Link("Read the terms of use") != "https://example.org/terms" {
		t.Errorf("the terms stand at %q", p.Link("Read the terms of use"))
	}
	stale := page(t)(v.Submit(p, "accept", map[string]string{"version": "2025-01"}))
	if stale.Status < 400 {
		t.Errorf("other terms got %d", stale.Status)
	}
	pending(t, v, "accept", "Please read the terms of use.")
	shown := p
	p = page(t)(v.Submit(p, "accept", nil))
	if p.Status != http.StatusSeeOther || p.Location() != "/deep/page?x=1" {
		t.Errorf("%d to %s", p.Status, p.Location())
	}
	inside(t, v, "after the terms")
	var u struct {
		TermsVersion string `json:"terms_version"`
	}
	if err := g.Operate("users", "show", jo, "--json").Into(&u); err != nil || u.TermsVersion != "2026-01" {
		t.Errorf("%+v %v", u, err)
	}
	g.Write(replaceAll(g.Caddyfile(), "2026-01", "2026-02"))
	if err := g.Reload(); err != nil {
		t.Fatal(err)
	}
	pending(t, v, "accept", "Please read the terms of use.")
	if old := page(t)(v.Submit(shown, "accept", nil)); old.Status < 400 { // a page of before
		t.Errorf("the old terms got %d", old.Status)
	}
	p = pending(t, v, "accept", "Please read the terms of use.")
	page(t)(v.Submit(p, "accept", nil))
	inside(t, v, "after the new terms")
	g.Write(replaceAll(g.Caddyfile(), terms, ""))
	if err := g.Reload(); err != nil {
		t.Fatal(err)
	}
	inside(t, v, "without terms")
}

// TestTasksComeOneAfterTheOther owes all of them at once.
func TestTasksComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + withPasswords + bothKinds +
		"second_factor required\nterms https://example.org/terms 1\n"})
	v := g.NewVisitor()
	page(t)(v.Open("/")) // Register wants to be let in, which comes after the tasks
	if err := v.Register(jo, horse); err != nil {
		t.Fatal(err)
	}
	if r := g.Operate("users", "reset-password", jo); r.Status != 0 {
		t.Fatalf("%+v", r)
	}
	p := pending(t, v, "new_password", "This account needs a new password")
	if q := page(t)(v.Open(at("/totp"))); q.Has("start") {
		form := q.Forms[0].Values()
		form.Set("step", "start")
		if q = page(t)(v.Post(at("/totp"), form.Encode())); q.Status < 400 {
			t.Errorf("the second task before the first: %d", q.Status)
		}
	}
	page(t)(v.Submit(p, "new_password", map[string]string{"password": donkey}))
	pending(t, v, "", "Set up a second step")
	if _, _, err := v.SetUpApp(); err != nil {
		t.Fatal(err)
	}
	p = pending(t, v, "accept", "Please read the terms of use.")
	page(t)(v.Submit(p, "accept", nil))
	inside(t, v, "after all tasks")
}

func TestTasksInABrowser(t *testing.T) {
	t.Parallel()
	c := harness.Config{Sender: twoSenders, Directive: withPasswords + bothKinds + "second_factor required\nterms https://example.org/terms 1\n"}
	bothWays(t, c, func(t *testing.T, tab *harness.Tab) {
		v := tab.Gate.NewVisitor()
		if err := v.Register(jo, horse); err != nil {
			t.Fatal(err)
		}
		if r := tab.Gate.Operate("users", "reset-password", jo); r.Status != 0 {
			t.Fatalf("%+v", r)
		}
		const target = "/orders?x=1#note"
		tab.Open(target)
		askPassword(tab, jo)
		press(tab, "Email me a code instead")
		tab.WaitFor("#code")
		enter(tab, tab.Gate.Outbox.Code(t, jo, 2), scripted(t))
		tab.WaitText("This account needs a new password")
		stays(t, tab, "/orders?x=1")
		give(tab, donkey)
		tab.WaitText("Set up a second step")
		stays(t, tab, "/orders?x=1")
		follow(tab, "Use an authenticator app")
		press(tab, "Set it up")
		tab.WaitText("Scan this with your app")
		app, err := harness.NewApp(tab.Eval("document.querySelector('.key').textContent"))
		if err != nil {
			t.Fatal(err)
		}
		enter(tab, app.Next(), scripted(t))
		tab.WaitText("Save your backup codes")
		follow(tab, "I have saved them")
		tab.WaitText("Please read the terms of use.")
		stays(t, tab, "/orders?x=1")
		if n := tab.Gate.Upstream.Count(); n != 0 {
			t.Errorf("before all tasks were done the app was asked %d times", n)
		}
		press(tab, "I accept")
		landed(t, tab, "/orders?x=1")
	})
}

// stays fails unless the tab still shows the address that was asked for.
func stays(t *testing.T, tab *harness.Tab, path string) {
	t.Helper()
	if got := tab.Eval("location.pathname + location.search"); got != path {
		t.Errorf("the task shows at %s, want %s", got, path)
	}
}

// TestWhoOwesCanLeave signs out of a session that owes something.
func TestWhoOwesCanLeave(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "terms https://example.org/terms 1\n"})
	v := g.NewVisitor()
	getsIn(t, v, jo)
	p := pending(t, v, "sign_out", "Please read the terms of use.")
	if p = page(t)(v.Follow(v.Submit(p, "sign_out", nil))); !p.Contains("You are signed out") {
		t.Errorf("%d %.600s", p.Status, p.Body)
	}
	if v.Cookie(harness.SessionCookie) != "" {
		t.Error("the session cookie is still there")
	}
}

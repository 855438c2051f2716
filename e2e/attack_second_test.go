// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// beforeSecond gives address and password and returns the page of the second step.
func beforeSecond(t *testing.T, g *harness.Gate, address string) (*harness.Visitor, *harness.Page) {
	t.Helper()
	v := g.NewVisitor()
	t.Cleanup(v.Close)
	p := page(t)(v.Follow(v.Password("/home", address, horse)))
	if f, ok := p.Form("verify"); !ok || f.Inputs["factor"] != "second" {
		t.Fatalf("no second step: %d %.900s", p.Status, p.Body)
	}
	return v, p
}

// TestTheSecondStepCannotBeSkipped stands before the second step and tries every
// form and page there is, with whatever it knows.
func TestTheSecondStepCannotBeSkipped(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withSecond + "require /vault/* {\nfresh 10m\n}\n"})
	const jo = "jo@example.org"
	_, app, _ := withApp(t, g, jo, horse)
	v, p := beforeSecond(t, g, jo)
	f, _ := p.Form("verify")
	before := g.Upstream.Count()
	for _, step := range []string{
		"", "identify", "verify", "password", "passkey", "new_password", "prepare", "resend", "create", "continue", "details", "link", "again", "disown", "accept", "sign_up", "complete",
	} {
		for _, factor := range []string{"", "first", "second"} {
			for _, strategy := range []string{"", "password", "email_code", "totp", "passkey", "reset_password_email_code", "ticket"} {
				values := url.Values{
					"form_token": {f.Inputs["form_token"]}, "attempt": {f.Inputs["attempt"]}, "step": {step}, "strategy": {strategy}, "way": {strategy},
					"password": {horse}, "identifier": {jo}, "status": {"complete"},
				}
				if factor != "" {
					values.Set("factor", factor)
				}
				got := page(t)(v.Post(f.Action, values.Encode()))
				if v.Admitted(got) || got.Status >= 500 {
					t.Errorf("step %q, factor %q, strategy %q got %d", step, factor, strategy, got.Status)
				}
			}
		}
	}
	for _, path := range []string{
		"/home", "/vault/x", "/.auth/account", "/.auth/account/totp", "/.auth/account/password", "/.auth/verify", "/.auth/verify?level=second_factor",
		"/.auth/tasks/setup-mfa", f.Action + "?way=password", f.Action + "?step=complete", f.Action + "?status=complete", "/.auth/sign-up/" + f.Inputs["attempt"],
		"/.auth/link/" + f.Inputs["attempt"] + "?t=", "/.auth/account/change/" + f.Inputs["attempt"],
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead} {
			got := page(t)(v.Do(method, path, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, reader("form_token="+f.Inputs["form_token"]+"&step=verify&level=first_factor&code=1")))
			if v.Admitted(got) || got.Status >= 500 {
				t.Errorf("%s %s got %d", method, path, got.Status)
			}
		}
	}
	outside(t, v, "after all of this")
	if n := g.Upstream.Count(); n != before {
		t.Errorf("%d requests reached the app", n-before)
	}
	w, p := beforeSecond(t, g, jo) // and the honest way still works
	if got := page(t)(w.Submit(p, "verify", map[string]string{"code": app.Next()})); !w.Admitted(got) {
		t.Errorf("the right code got %d %.600s", got.Status, got.Body)
	}
	noProblems(t, g)
}

// TestTheSecondStepCannotBeMoved takes the form of a second step, with the right
// code, to other browsers and other attempts.
func TestTheSecondStepCannotBeMoved(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	const jo, eve = "jo@example.org", "eve@example.org"
	_, app, backup := withApp(t, g, jo, horse)
	_, evesApp, _ := withApp(t, g, eve, horse)
	v, p := beforeSecond(t, g, jo)
	f, _ := p.Form("verify")
	code, evesCode := app.Next(), evesApp.Next()
	var thief *harness.Visitor
	for _, try := range []struct {
		what, action, token, attempt, strategy, code string
	}{
		{"the form as it is", "/his", "his", "his", "totp", code},
		{"with its own form token", "/his", "own", "his", "totp", code},
		{"with its own code", "/his", "own", "his", "totp", evesCode},
		{"as a field of its own form", "/own", "own", "his", "totp", code},
		{"another user's code", "/own", "own", "own", "totp", code},
		{"another user's backup code", "/own", "own", "own", "backup_code", backup[0]},
		{"both attempts, joined", "/own,his", "own", "his", "totp", code},
		{"the other as a path below", "/own/his", "own", "his", "totp", code},
		{"the other, in capitals", "/HIS", "own", "his", "totp", code},
		{"the other, with an encoded slash", "/own%2f..%2fhis", "own", "his", "totp", code},
	} {
		var theirs *harness.Page
		thief, theirs = beforeSecond(t, g, eve)
		own, _ := theirs.Form("verify")
		names := strings.NewReplacer("own", own.Inputs["attempt"], "his", f.Inputs["attempt"], "HIS", strings.ToUpper(f.Inputs["attempt"]))
		token := own.Inputs["form_token"]
		if try.token == "his" {
			token = f.Inputs["form_token"]
		}
		values := url.Values{
			"form_token": {token}, "attempt": {names.Replace(try.attempt)}, "step": {"verify"}, "strategy": {try.strategy}, "factor": {"second"}, "code": {try.code},
		}
		got := page(t)(thief.Post("/.auth/sign-in"+names.Replace(try.action), values.Encode()))
		if got.Status < 400 || got.Status >= 500 {
			t.Errorf("%s got %d", try.what, got.Status)
		}
		outside(t, thief, try.what)
	}
	outside(t, v, "though the code was shown elsewhere")
	if got := page(t)(v.Submit(p, "verify", map[string]string{"code": code})); !v.Admitted(got) {
		t.Errorf("the right browser got %d %.300s", got.Status, got.Body)
	}
	if id := inside(t, v, "the right browser"); id.Email != jo {
		t.Errorf("it is taken for %+v", id)
	}
	thief.SetCookie(harness.ClientCookie, v.Cookie(harness.ClientCookie)) // a client cookie alone is no session
	thief.SetCookie(harness.SessionCookie, "")
	outside(t, thief, "with the client cookie of another browser")
}

// TestTheCodeOfATrustedDeviceIsItsOwn moves the code of a new device between two
// browsers that both know the password.
func TestTheCodeOfATrustedDeviceIsItsOwn(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	const jo = "jo@example.org"
	withPassword(t, g, jo, horse)
	v, p := beforeSecond(t, g, jo)
	code := g.Outbox.Code(t, jo, 2)
	thief, theirs := beforeSecond(t, g, jo)
	if other := g.Outbox.Code(t, jo, 3); other == code {
		t.Skip("two codes are the same, once in a million")
	}
	if got := page(t)(thief.Submit(theirs, "verify", map[string]string{"code": code})); got.Status != 422 {
		t.Errorf("the code of another browser got %d", got.Status)
	}
	f, _ := p.Form("verify")
	own, _ := theirs.Form("verify")
	values := f.Values()
	values.Set("form_token", own.Inputs["form_token"])
	values.Set("code", code)
	values.Set("step", "verify")
	if got := page(t)(thief.Post(f.Action, values.Encode())); got.Status != 404 {
		t.Errorf("the form of another browser got %d", got.Status)
	}
	outside(t, thief, "with the code of another browser")
	if _, err := v.Enter(p, code); err != nil {
		t.Error(err)
	}
}

// TestFiftySecondCodesAtOnce gives one right code fifty times at once: one
// session comes of it.
func TestFiftySecondCodesAtOnce(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	for what, address := range map[string]string{"totp": "totp@example.org", "backup_code": "backup@example.org", "email_code": "mail@example.org"} {
		var app *harness.App
		var codes []string
		if what == "email_code" {
			withPassword(t, g, address, horse)
		} else {
			_, app, codes = withApp(t, g, address, horse)
		}
		v, p := beforeSecond(t, g, address)
		var code string
		switch what {
		case "totp":
			code = app.Next()
		case "backup_code":
			code = codes[0]
			p = page(t)(v.Open(p.URL.Path + "?way=backup_code"))
		default:
			code = g.Outbox.Code(t, address, 2)
		}
		sessions := map[string]int{}
		atOnce(t, v, p, 50, func(int) string { return code }, func(p *harness.Page) {
			for _, c := range (&http.Response{Header: p.Header}).Cookies() {
				if c.Name == harness.SessionCookie && c.Value != "" {
					sessions[c.Value]++
				}
			}
			if p.Status >= 500 {
				t.Errorf("%s: %d", what, p.Status)
			}
		})
		if len(sessions) != 1 {
			t.Errorf("%s: %d sessions out of one code", what, len(sessions))
		}
		inside(t, v, what)
		if what == "email_code" {
			continue
		}
		w, p := beforeSecond(t, g, address)
		if what == "backup_code" {
			p = page(t)(w.Open(p.URL.Path + "?way=backup_code"))
		}
		if got := page(t)(w.Submit(p, "verify", map[string]string{"code": code})); got.Status != 422 {
			t.Errorf("%s: given once more, elsewhere, the code got %d", what, got.Status)
		}
	}
}

// TestGuessesAtTheSecondStepAreCounted: five in an attempt, whatever is guessed,
// and however many at once.
func TestGuessesAtTheSecondStepAreCounted(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	const jo = "jo@example.org"
	_, app, codes := withApp(t, g, jo, horse)
	v, p := beforeSecond(t, g, jo)
	backup := page(t)(v.Open(p.URL.Path + "?way=backup_code"))
	right := app.Next()
	judged, mu := 0, sync.Mutex{}
	count := func(got *harness.Page) {
		if v.Admitted(got) || got.Status < 400 || got.Status >= 500 {
			t.Errorf("a wrong code got %d", got.Status)
		}
		if got.Contains("That code is incorrect") {
			mu.Lock()
			judged++
			mu.Unlock()
		}
	}
	atOnce(t, v, p, 100, func(i int) string {
		if code := fmt.Sprintf("%06d", i*9973%1000000); code != right {
			return code
		}
		return "999999"
	}, count)
	atOnce(t, v, backup, 100, func(i int) string { return fmt.Sprintf("aaaaa-%05d", i) }, count)
	if judged > 5 || judged < 4 {
		t.Errorf("%d codes were judged", judged)
	}
	for from, code := range map[*harness.Page]string{p: right, backup: codes[0]} {
		if got := page(t)(v.Submit(from, "verify", map[string]string{"code": code})); v.Admitted(got) {
			t.Errorf("after all guesses were spent, a right code got %d", got.Status)
		}
	}
	outside(t, v, "after all guesses were spent")
}

// TestNoCookieBeforeTheEnd looks at every answer up to the last.
func TestNoCookieBeforeTheEnd(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	const jo = "jo@example.org"
	_, app, _ := withApp(t, g, jo, horse)
	v := g.NewVisitor()
	cookies := map[string]bool{}
	look := func(p *harness.Page, err error) *harness.Page {
		t.Helper()
		for _, c := range (&http.Response{Header: page(t)(p, err).Header}).Cookies() {
			cookies[c.Name] = true
		}
		return p
	}
	p := look(v.Open("/home"))
	p = look(v.Submit(p, "identify", map[string]string{"identifier": jo}))
	p = look(v.Follow(p, nil))
	p = look(v.Submit(p, "password", map[string]string{"password": horse}))
	p = look(v.Follow(p, nil))
	look(v.Open(p.URL.Path + "?ways=1"))
	look(v.Submit(p, "verify", map[string]string{"code": "000000"}))
	if names := slices.Sorted(maps.Keys(cookies)); len(names) != 1 || names[0] != harness.ClientCookie {
		t.Errorf("cookies before the end: %v", names)
	}
	if p = page(t)(v.Submit(p, "verify", map[string]string{"code": app.Next()})); !v.Admitted(p) {
		t.Errorf("%d %.300s", p.Status, p.Body)
	}
}

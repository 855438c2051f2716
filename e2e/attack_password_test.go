// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestAPasswordIsOnePlainField sends a right password in ways that two programs
// may read differently.
func TestAPasswordIsOnePlainField(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords + "client_trust off\n"})
	const jo = "jo@example.org"
	withPassword(t, g, jo, horse)
	v := g.NewVisitor()
	p := page(t)(v.AtPassword("/home", jo))
	f, _ := p.Form("password")
	hidden := "form_token=" + url.QueryEscape(f.Inputs["form_token"]) + "&attempt=" + f.Inputs["attempt"] + "&step=password&"
	right := url.QueryEscape(horse)
	for what, fields := range map[string]string{
		"twice": "password=" + right + "&password=" + right, "wrong, then right": "password=x&password=" + right, "right, then wrong": "password=" + right + "&password=x",
		"as a list": "password[]=" + right, "as an index": "password[0]=" + right, "as an object": "password[%24ne]=x", "in capitals": "PASSWORD=" + right,
		"with a NUL": "password=" + right + "%00", "behind a semicolon": "x=1;password=" + right, "not there": "", "empty": "password=", "no UTF-8": "password=" + right + "%ff",
		"with a space behind": "password=" + right + "+", "with a line break behind": "password=" + right + "%0d%0a", "upper case": "password=" + strings.ToUpper(right),
		"of 60,000 characters": "password=" + strings.Repeat("a", 60000), "of a megabyte": "password=" + strings.Repeat("a", 1<<20), "two steps": "step=verify&password=" + right,
		"a broken escape": "password=%4", "in the address only": "",
	} {
		path := f.Action
		if what == "in the address only" {
			path += "?password=" + right
		}
		got := page(t)(v.Post(path, hidden+fields))
		if v.Admitted(got) || got.Status < 400 || got.Status >= 500 {
			t.Errorf("%s got %d %.200s", what, got.Status, got.Body)
		}
		if got.Contains(horse) {
			t.Errorf("%s: the password comes back", what)
		}
		if got.Contains("Too many wrong passwords") { // some are guesses
			p = page(t)(v.AtPassword("/home", jo))
			f, _ = p.Form("password")
			hidden = "form_token=" + url.QueryEscape(f.Inputs["form_token"]) + "&attempt=" + f.Inputs["attempt"] + "&step=password&"
		}
	}
	outside(t, v, "after all of this")
	p = page(t)(v.AtPassword("/home", jo))
	if got := page(t)(v.Submit(p, "password", map[string]string{"password": horse})); !v.Admitted(got) {
		t.Errorf("the plain field got %d %.300s", got.Status, got.Body)
	}
	if contains(g.Log(), horse) || contains(g.Log(), right) {
		t.Error("the password is in the log")
	}
	noProblems(t, g)
}

// TestFormsOfOthersSignNobodyIn posts the forms of every step as another site, or
// another browser, could.
func TestFormsOfOthersSignNobodyIn(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	const jo, eve = "jo@example.org", "eve@example.org"
	victim := withPassword(t, g, jo, horse)
	intruder(t, g, jo)
	notMe := g.Outbox.Notice(t, jo, newDevice, 1).Link()
	evil := withPassword(t, g, eve, donkey)
	evil.SetCookie(harness.SessionCookie, "")
	atPassword := page(t)(evil.AtPassword("/home", eve))
	own, _ := atPassword.Form("password")
	ways := page(t)(evil.Open(atPassword.URL.Path + "?ways=1"))
	page(t)(evil.Follow(evil.Choose(ways, "email_link")))
	mail, err := g.Outbox.Find(eve, 2)
	if err != nil {
		t.Fatal(err)
	}
	evilLink, evilToken, _ := strings.Cut(mail.Link(), "?t=")
	notMePath, notMeToken, _ := strings.Cut(notMe, "?t=")
	forms := map[string]string{
		own.Action:                       "step=password&password=" + url.QueryEscape(donkey),
		"/.auth/sign-in":                 "step=passkey&credential=%7B%7D",
		evilLink:                         "step=link&t=" + evilToken,
		notMePath:                        "step=disown&t=" + notMeToken,
		"/.auth/verify":                  "step=again&level=first_factor",
		"/.auth/account/name":            "step=save&first_name=Evil",
		"/.auth/account/sessions/others": "step=confirm",
	}
	session := victim.Cookie(harness.SessionCookie)
	for what, h := range map[string]http.Header{
		"another site":                          {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
		"another site, silent":                  {"Sec-Fetch-Site": {"cross-site"}, "Origin": nil},
		"a sibling":                             {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://evil.localhost"}},
		"an old browser":                        {"Sec-Fetch-Site": nil, "Sec-Fetch-Mode": nil, "Sec-Fetch-Dest": nil, "Origin": {"https://evil.example"}},
		"a sandbox":                             {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
		"this site, but another browser's form": {"Sec-Fetch-Site": {"same-origin"}, "Origin": {g.URL()}},
	} {
		for path, body := range forms {
			h.Set("Content-Type", "application/x-www-form-urlencoded")
			p := page(t)(victim.Do(http.MethodPost, path, h, reader(body+"&form_token="+url.QueryEscape(own.Inputs["form_token"])+"&attempt="+own.Inputs["attempt"])))
			if p.Status != 403 {
				t.Errorf("%s: %s got %d", what, path, p.Status)
			}
		}
	}
	if victim.Cookie(harness.SessionCookie) != session || inside(t, victim, "afterwards").Email != jo {
		t.Error("somebody else is signed in")
	}
	p := page(t)(victim.Open(mail.Link())) // a link that was sent to somebody else
	if p.Has("link") || !p.Contains("Nothing happens in this one") {
		t.Errorf("%d %.600s", p.Status, p.Body)
	}
}

// TestRightPasswordsAtOnce gives the right password many times at once, in one
// attempt of a device that is trusted: one session comes of it.
func TestRightPasswordsAtOnce(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	const jo = "jo@example.org"
	v := withPassword(t, g, jo, horse)
	v.SetCookie(harness.SessionCookie, "")
	p := page(t)(v.AtPassword("/home", jo))
	var mu sync.Mutex
	var all sync.WaitGroup
	sessions, statuses := map[string]int{}, map[int]int{}
	for range 20 {
		twin := v.Twin()
		all.Go(func() {
			defer twin.Close()
			got, err := twin.Submit(p, "password", map[string]string{"password": horse})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			statuses[got.Status]++
			for _, c := range (&http.Response{Header: got.Header}).Cookies() {
				if c.Name == harness.SessionCookie && c.Value != "" {
					sessions[c.Value]++
				}
			}
		})
	}
	all.Wait()
	if len(sessions) != 1 {
		t.Errorf("%d sessions out of one attempt: %v", len(sessions), statuses)
	}
}

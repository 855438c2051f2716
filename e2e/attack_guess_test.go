// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// atOnce sends n codes of one attempt at the same time, in the same browser,
// and hands each answer to look.
func atOnce(t *testing.T, v *harness.Visitor, page *harness.Page, n int, code func(i int) string, look func(p *harness.Page)) {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	work := make(chan int)
	for range 50 {
		twin := v.Twin()
		all.Go(func() {
			defer twin.Close()
			for i := range work {
				p, err := twin.Submit(page, "verify", map[string]string{"code": code(i)})
				mu.Lock()
				if err != nil {
					t.Error(err)
				} else {
					look(p)
				}
				mu.Unlock()
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	all.Wait()
}

func TestThousandWrongCodesAtOnce(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	knownUser(t, g, "jo@example.org")
	v := g.NewVisitor()
	page, err := v.Ask("/home", "jo@example.org")
	if err != nil {
		t.Fatal(err)
	}
	right := g.Outbox.Code(t, "jo@example.org", 2)
	judged, others := 0, map[string]int{}
	atOnce(t, v, page, 1000, func(i int) string {
		if code := fmt.Sprintf("%06d", i*997%1000000); code != right {
			return code
		}
		return "999999"
	}, func(p *harness.Page) {
		switch {
		case p.Contains("That code is incorrect"):
			judged++
		case p.Status >= 400 && p.Status < 500:
			others[fmt.Sprint(p.Status)]++
		default:
			t.Errorf("a wrong code got %d", p.Status)
		}
	})
	if judged > 5 || judged < 4 { // the fifth may be worded as the last
		t.Errorf("%d codes were judged", judged)
	}
	t.Logf("%d judged, others %v", judged, others)
	p, err := v.Submit(page, "verify", map[string]string{"code": right})
	if err != nil || p.Status < 400 || v.Cookie(harness.SessionCookie) != "" {
		t.Errorf("after all guesses were spent, the right code got %d %v", p.Status, err)
	}
}

func TestFiftyRightCodesAtOnce(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	for what, path := range map[string]string{"sign-in": "/home", "sign-up": "/.auth/sign-up"} {
		address := what + "@example.org"
		v := g.NewVisitor()
		var page *harness.Page
		var err error
		n := 1
		if what == "sign-in" {
			knownUser(t, g, address)
			n = 2
			page, err = v.Ask(path, address)
		} else if page, err = v.Open(path); err == nil {
			page, err = v.Follow(v.Submit(page, "sign_up", map[string]string{"email_address": address}))
		}
		if err != nil {
			t.Fatal(err)
		}
		code := g.Outbox.Code(t, address, n)
		sessions := map[string]int{}
		atOnce(t, v, page, 50, func(int) string { return code }, func(p *harness.Page) {
			for _, c := range (&http.Response{Header: p.Header}).Cookies() {
				if c.Name == harness.SessionCookie && c.Value != "" {
					sessions[c.Value]++
				}
			}
			if p.Status >= 500 {
				t.Errorf("%s: a right code got %d", what, p.Status)
			}
		})
		if len(sessions) != 1 {
			t.Errorf("%s: %d sessions out of one code", what, len(sessions))
		}
		if id, status, err := v.WhoAmI(); id == nil || id.Email != address {
			t.Errorf("%s: the session got %d %v", what, status, err)
		}
	}
}

func TestAddressesDoNotTellWhoExists(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"open", "closed"} {
		g := harness.Start(t, harness.Config{Directive: generous})
		knownUser(t, g, "known@example.org")
		if mode == "closed" {
			g.Config.Directive += "sign_up closed"
			g.Write(g.Caddyfile())
			if err := g.Reload(); err != nil {
				t.Fatal(err)
			}
		}
		answers := map[string]string{}
		for _, name := range []string{"known", "nobody"} {
			v := g.NewVisitor()
			v.Retries = overReloads
			p, err := v.Ask("/home", name+"@example.org")
			if err != nil {
				t.Fatal(err)
			}
			f, _ := p.Form("verify")
			text := secondsLeft.ReplaceAllString(p.Body, "~")
			for _, own := range []string{f.Action, f.Inputs["attempt"], f.Inputs["form_token"], name[:1] + "•••@example.org"} {
				if own != "" {
					text = replaceAll(text, own, "~")
				}
			}
			wrongPage, err := v.Submit(p, "verify", map[string]string{"code": "000000"})
			if err != nil {
				t.Fatal(err)
			}
			answers[name] = fmt.Sprint(p.Status, len(p.Header["Set-Cookie"]), text, wrongPage.Status, wrongPage.Contains("4 more tries"))
		}
		if answers["known"] != answers["nobody"] {
			t.Errorf("sign-up %s: the pages differ:\n%s\n---\n%s", mode, answers["known"], answers["nobody"])
		}
	}
}

// TestFormsOfOthersDoNothing posts what other sites, and other browsers, could.
func TestFormsOfOthersDoNothing(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	other := g.NewVisitor()
	page, err := other.Open("/.auth/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := page.Form("identify")
	sent := len(g.Outbox.All())
	for what, h := range map[string]http.Header{
		"another site":         {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
		"another site, silent": {"Sec-Fetch-Site": {"cross-site"}, "Origin": nil},
		"a sibling":            {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://evil.localhost"}},
		"an old browser":       {"Sec-Fetch-Site": nil, "Sec-Fetch-Mode": nil, "Sec-Fetch-Dest": nil, "Origin": {"https://evil.example"}},
		"a sandbox":            {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
		"an old sandbox":       {"Sec-Fetch-Site": nil, "Sec-Fetch-Mode": nil, "Sec-Fetch-Dest": nil, "Origin": {"null"}},
		"another port":         {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://localhost:1"}},
	} {
		for path, body := range map[string]string{
			"/.auth/sign-out": "", "/.auth/sign-in": filled(f, "identifier", "identify"), "/.auth/sign-up": filled(f, "email_address", "sign_up"),
		} {
			h.Set("Content-Type", "application/x-www-form-urlencoded")
			p, err := v.Do(http.MethodPost, path, h, reader(body))
			if err != nil || p.Status != 403 {
				t.Errorf("%s: %s got %d %v", what, path, p.Status, err)
			}
		}
	}
	// The right origin, but a form that was given to another browser.
	p, err := v.Post("/.auth/sign-in", filled(f, "identifier", "identify"))
	if err != nil || p.Status != 403 || !p.Contains("nothing was done") {
		t.Errorf("another browser's form got %d %v", p.Status, err)
	}
	for _, method := range []string{"GET", "HEAD"} {
		if p, err := v.Do(method, "/.auth/sign-out", nil, nil); err != nil || p.Status != 405 {
			t.Errorf("%s of sign-out got %d %v", method, p.Status, err)
		}
	}
	if id, status, err := v.WhoAmI(); id == nil {
		t.Errorf("the session is gone: %d %v", status, err)
	}
	if n := len(g.Outbox.All()); n != sent {
		t.Errorf("%d messages were sent", n-sent)
	}
}

// filled is a form's body with somebody's address in it.
func filled(f harness.Form, field, step string) string {
	values := f.Values()
	values.Set(field, "evil@example.org")
	values.Set("step", step)
	return values.Encode()
}

// TestSlowSendersAreCut keeps many connections busy with heads
// and bodies that never end.
func TestSlowSendersAreCut(t *testing.T) {
	t.Parallel()
	slow(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	var cut atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if i%2 == 0 {
				cut.Add(drip(g, "POST /.auth/sign-in HTTP/1.1\r\nHost: localhost:"+fmt.Sprint(g.Port)+
					"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nidentifier=", "a"))
			} else {
				cut.Add(drip(g, "GET /.auth/sign-in HTTP/1.1\r\nHost: localhost:"+fmt.Sprint(g.Port)+"\r\n", "X: y\r\n"))
			}
		})
	}
	for i := range 10 {
		v := g.NewVisitor()
		quickly(t, "the sign-in page", func() (*harness.Page, error) { return v.Open("/home") }, 401)
		if err := v.SignIn("/home", fmt.Sprintf("h%d@example.org", i)); err != nil {
			t.Errorf("somebody honest: %v", err)
		}
		v.Close()
	}
	all.Wait()
	if n := cut.Load(); n != 200 {
		t.Errorf("%d of 200 slow senders were cut", n)
	}
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestAPIWays goes the ways that fewer programs go.
func TestAPIWays(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: "sign_up open {\nemail required\nphone required\n}\n"})
	for name, run := range map[string]func(t *testing.T, g *harness.Gate){
		"both addresses": bothAddresses, "a link": firstByLink, "an answer that is thrown away": thrownAway, "odd requests": oddRequests, "another browser's session": anothersSession,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, g)
		})
	}
}

// signUpTwice proves an address and a number in one sign-up.
func signUpTwice(p *harness.Program, address, digits string) *harness.Reply {
	p.T.Helper()
	a := p.Post("/client/sign_ups", "email_address", address).OK().Want("response.missing_fields", `["phone_number"]`)
	step := "/client/sign_ups/" + a.Str("response.id")
	a = p.As("PATCH", step, "phone_number", digits).OK().Want("response.missing_fields", "[]").Want("response.unverified_fields", `["email_address","phone_number"]`)
	for i, to := range []string{address, digits} {
		strategy := []string{"email_code", "phone_code"}[i]
		a.Want("response.status", "missing_requirements").Want("client.sessions", "[]")
		p.Post(step+"/prepare_verification", "strategy", strategy).OK()
		a = p.Post(step+"/attempt_verification", "strategy", strategy, "code", p.Gate.Outbox.Code(p.T, to, 1)).OK()
	}
	return a.Want("response.status", "complete").Want("response.unverified_fields", "[]")
}

func bothAddresses(t *testing.T, g *harness.Gate) {
	p, address, digits := g.NewProgram(t), someone("both"), someNumber()
	id := admitted(t, p, signUpTwice(p, address, digits))
	if id.Email != address || id.Phone != digits {
		t.Errorf("the app sees %+v", id)
	}
	for _, one := range []string{address, digits} {
		p.SignOut()
		n := len(g.Outbox.To(one))
		a := p.Post("/client/sign_ins", "identifier", one, "strategy", map[bool]string{true: "email_code", false: "phone_code"}[one == address]).OK()
		if again := admitted(t, p, p.EnterCode(a.Str("response.id"), one, g.Outbox.Code(t, one, n+1)).OK()); again.User != id.User {
			t.Errorf("%s: another user", one)
		}
	}
}

// firstByLink signs in by a link alone, which the page waits for.
func firstByLink(t *testing.T, g *harness.Gate) {
	p, address := g.NewProgram(t), someone("link")
	signUpTwice(p, address, someNumber())
	p.SignOut()
	n := len(g.Outbox.To(address))
	step := "/client/sign_ins/" + p.Post("/client/sign_ins", "identifier", address).OK().Str("response.id")
	p.Post(step+"/prepare_first_factor", "strategy", "email_link", "redirect_url", g.URL()+"/open").OK().
		Want("response.first_factor_verification.strategy", "email_link").Want("response.first_factor_verification.status", "unverified")
	m, err := g.Outbox.Find(address, n+1)
	if err != nil || m.Link() == "" {
		t.Fatalf("%+v %v", m, err)
	}
	elsewhere := g.NewVisitor()
	if opened := page(t)(elsewhere.Follow(elsewhere.Open(m.Link()))); len(opened.Forms) > 0 && len(opened.Forms[0].Steps) > 0 {
		page(t)(elsewhere.Submit(opened, opened.Forms[0].Steps[0], nil))
	}
	outside(t, elsewhere, "the link in another browser")
	p.Get(step).OK().Want("response.status", "needs_first_factor")
	opened := page(t)(p.Follow(p.Open(m.Link())))
	if len(opened.Forms) == 0 || len(opened.Forms[0].Steps) == 0 {
		t.Fatalf("nothing to press: %d %.900s", opened.Status, opened.Body)
	}
	page(t)(p.Submit(opened, opened.Forms[0].Steps[0], nil))
	a := p.Get(step).OK().Want("response.status", "complete").Want("response.first_factor_verification.status", "verified")
	admitted(t, p, a)
}

// thrownAway hangs up as soon as the last step is sent, as a page does that goes
// elsewhere: it counts all the same, and the next page finds out by itself.
func thrownAway(t *testing.T, g *harness.Gate) {
	p, address := g.NewProgram(t), someone("gone")
	signUpTwice(p, address, someNumber())
	p.SignOut()
	id, code := p.AskCode(address)
	body := url.Values{"strategy": {"email_code"}, "code": {code}}.Encode()
	conn, err := net.Dial("tcp", g.Addr())
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(conn, fmt.Sprintf("POST %s/client/sign_ins/%s/attempt_first_factor HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nUser-Agent: Mozilla/5.0 (raw program)\r\n%sContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		harness.APIBase, id, strings.TrimPrefix(g.URL(), "http://"), g.URL(), p.CookieHeader(), len(body), body))
	if err != nil || conn.Close() != nil {
		t.Fatal(err)
	}
	var a *harness.Reply
	for end := time.Now().Add(harness.Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if a = p.Get("/client").OK(); a.Len("response.sessions") > 0 {
			break
		}
	}
	a.Want("response.sessions.0.status", "active").Want("response.sign_in", "null")
	if id := inside(t, p.Visitor, "after an answer that was thrown away"); id.Session != a.Str("response.sessions.0.id") {
		t.Errorf("the app sees %+v", id)
	}
	noProblems(t, g)
	if p.Cookie("__client_uat") == "" || p.Cookie("__client_uat") == "0" {
		t.Errorf("__client_uat is %q", p.Cookie("__client_uat"))
	}
}

// oddRequests are answered as an API answers, and do nothing.
func oddRequests(t *testing.T, g *harness.Gate) {
	p, address := g.NewProgram(t), someone("odd")
	send := func(method, path, kind, body string, want ...int) {
		t.Helper()
		h := http.Header(originOf(g))
		h["Content-Type"] = []string{kind}
		got := page(t)(p.Do(method, harness.APIBase+path, h, strings.NewReader(body)))
		for _, status := range want {
			if got.Status == status && (got.Body == "" || got.Header.Get("Content-Type") == "application/json") {
				return
			}
		}
		t.Errorf("%s %s %s: %d %s %.300s", method, path, kind, got.Status, got.Header.Get("Content-Type"), got.Body)
	}
	const form = "application/x-www-form-urlencoded"
	send("POST", "/client/sign_ins", form, "identifier="+strings.Repeat("x", 100_000), 413, 422, 400)
	send("POST", "/client/sign_ins", form, "identifier=%zz", 400, 422)
	send("POST", "/client/sign_ins", form, "identifier=%ff%00", 400, 422)
	send("POST", "/client/sign_ins", "application/json", `{"identifier":"`+address+`"}`, 400, 415, 422)
	send("POST", "/client/sign_ins?identifier="+url.QueryEscape(address), form, "", 422)
	send("POST", "/client?_method=TRACE", form, "", 404, 405)
	send("GET", "/client?_method=DELETE", form, "", 200)
	send("PUT", "/client/sign_ins", form, "identifier="+address, 404, 405)
	send("OPTIONS", "/client", form, "", 200, 204)
	if all := g.Outbox.To(address); len(all) != 0 {
		t.Errorf("sent: %+v", all)
	}
}

// anothersSession names the session of somebody else wherever a session is named.
func anothersSession(t *testing.T, g *harness.Gate) {
	p, other := g.NewProgram(t), g.NewProgram(t)
	signUpTwice(p, someone("one"), someNumber())
	session := signUpTwice(other, someone("two"), someNumber()).Str("response.created_session_id")
	for _, step := range []string{"/touch", "/tokens", "/end", "/remove", "/verify", "/verify/prepare_first_factor", "/tokens/hasura"} {
		p.Post("/client/sessions/"+session+step, "strategy", "email_code", "level", "first_factor").Refused(401, "signed_out", "")
	}
	p.Get("/client/sessions/"+session).Refused(401, "signed_out", "")
	p.Session = session
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		p.As(method, "/me", "first_name", "Eve").Refused(401, "signed_out", "")
	}
	inside(t, other.Visitor, "after all that")
}

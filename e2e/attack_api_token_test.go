// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// navigation is what a browser sends that opens a page, with a signed token in
// place of cookies.
func navigation(token string) http.Header {
	return http.Header{
		"Authorization": {"Bearer " + token}, "Accept": {"text/html"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"},
	}
}

// TestAttackTokenRenewsItself: a signed token is good for a minute. Whoever has got
// hold of one must not get the next one for it.
func TestAttackTokenRenewsItself(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + bothKinds + "frontend_api\n"})
	p := g.NewProgram(t)
	session := p.SignUp("ada@example.org").Str("response.created_session_id")
	token := p.Post("/client/sessions/" + session + "/tokens").OK().Str("jwt")
	thief := g.NewVisitor()
	t.Cleanup(thief.Close)
	page, err := thief.Do(http.MethodGet, "/home", navigation(token), nil)
	if err != nil || page.Status != http.StatusOK {
		t.Fatalf("the token itself is not taken: %d %v", page.Status, err)
	}
	for _, line := range page.Header.Values("Set-Cookie") {
		if strings.HasPrefix(line, "__session") {
			t.Errorf("a request with a token alone is answered with another token")
		}
	}
}

// TestAttackTemplateBeforeTask: tokens of templates say nothing of what a session
// still owes, so one that owes something gets none.
func TestAttackTemplateBeforeTask(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{
		Sender:    twoSenders,
		Directive: generous + bothKinds + "second_factor required\ntoken_template hasura {\nmail {user.email}\n}\nfrontend_api\n",
	})
	p := g.NewProgram(t)
	a := p.SignUp("ada@example.org").Want("client.sessions.0.status", "pending")
	path := "/client/sessions/" + a.Str("response.created_session_id") + "/tokens"
	p.Post(path).OK() // says that the session is pending
	if r := p.Post(path + "/hasura"); r.Status == http.StatusOK {
		t.Errorf("a session that owes %s is given a token of a template", a.Str("client.sessions.0.tasks"))
	}
}

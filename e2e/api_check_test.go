// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestAPICheckerSeesFaults shows answers to the checker that every test relies on
// which are nearly right.
func TestAPICheckerSeesFaults(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{})
	p := g.NewProgram(t)
	a := p.SignUp(someone("ada"))
	document := page(t)(p.Fetch("/.auth/openapi.json"))
	c, err := harness.NewChecker([]byte(document.Body), harness.APIBase)
	if err != nil {
		t.Fatal(err)
	}
	good := p.Get("/client").OK()
	path := harness.APIBase + "/client"
	typed := func(kind, cache string) http.Header {
		return http.Header{"Content-Type": {kind}, "Cache-Control": {cache}}
	}
	right := typed("application/json", "no-store")
	for what, row := range map[string]struct {
		path, method, body string
		status             int
		header             http.Header
		wrong              bool
	}{
		"as it was":              {path, "GET", good.Body, 200, right, false},
		"elsewhere":              {"/app", "GET", "x", 200, http.Header{}, false},
		"text":                   {path, "GET", good.Body, 200, typed("application/json; charset=utf-8", "no-store"), true},
		"kept":                   {path, "GET", good.Body, 200, typed("application/json", ""), true},
		"a field less":           {path, "GET", strings.Replace(good.Body, `"last_active_session_id"`, `"last_session_id"`, 1), 200, right, true},
		"seconds as text":        {path, "GET", strings.Replace(good.Body, `"object":"client"`, `"object":1`, 1), 200, right, true},
		"null for a list":        {path, "GET", `{"response":{"sessions":null},"client":null}`, 200, right, true},
		"no envelope":            {path, "GET", `{}`, 200, right, true},
		"a refusal of its own":   {path, "GET", `{"error":"no"}`, 404, right, true},
		"a page":                 {path, "GET", `<html>`, 500, right, true},
		"a call that is not one": {path + "/nothing", "GET", `{}`, 200, right, true},
		"another method":         {path + "?_method=TRACE", "POST", good.Body, 200, right, true},
	} {
		err := c.Check(httptest.NewRequest(row.method, row.path, nil), row.status, row.header, []byte(row.body))
		if (err != nil) != row.wrong {
			t.Errorf("%s: %v", what, err)
		}
	}
	p.Post("/client/sessions/" + a.Str("response.created_session_id") + "/touch").OK()
}

// TestAPIFromAPage has a real browser call the API from a page of the site, and every
// answer checked on its way there.
func TestAPIFromAPage(t *testing.T) {
	t.Parallel()
	harness.NeedBrowser(t)
	g := startAPI(t, apiSetup{Config: harness.Config{Checked: true}})
	tab, address := g.NewTab(t, harness.Look{}), someone("page")
	tab.Open("/open")
	tab.Eval(`window.post = async (path, fields) => (await fetch('/.auth/v1/client' + path, {method: 'POST', body: new URLSearchParams(fields)})).json(); 0`)
	id := tab.Eval(`post('/sign_ups', {email_address: '` + address + `'}).then(a => a.response.id)`)
	tab.Eval(`post('/sign_ups/` + id + `/prepare_verification', {strategy: 'email_code'}).then(a => a.response.status)`)
	attempt := `post('/sign_ups/` + id + `/attempt_verification', {strategy: 'email_code', code: '` + g.Outbox.Code(t, address, 1) + `'})`
	user := tab.Eval(attempt + `.then(a => a.response.created_user_id)`)
	tab.Eval(`post('/nothing', {}).then(a => a.errors[0].code)`)
	if n := g.Checked(); n != 4 {
		t.Errorf("%d answers were checked", n)
	}
	tab.Open("/orders")
	tab.WaitFor("#app")
	if !tab.Shows(user) || !strings.HasPrefix(user, "user_") {
		t.Errorf("the app does not see %q", user)
	}
}

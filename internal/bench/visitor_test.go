// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// password is what every visitor chooses, where the site takes passwords.
const password = "correct horse battery staple"

var tokenField = regexp.MustCompile(`name="form_token" value="([^"]*)"`)

// visitor is a browser with one account.
type visitor struct {
	site    *site
	address string
	cookies map[string]string
	token   string
}

// newVisitor opens the sign-in page and makes an account.
func newVisitor(b *testing.B, s *site, n int) *visitor {
	b.Helper()
	v := &visitor{site: s, address: fmt.Sprintf("visitor%d@example.com", n), cookies: map[string]string{}}
	page := v.do(http.MethodGet, "/.auth/sign-up", nil)
	v.token = tokenField.FindStringSubmatch(page.Body.String())[1]
	answer := v.do(http.MethodPost, "/.auth/sign-up", url.Values{"email_address": {v.address}, "password": {password}})
	v.giveCode(b, answer.Header().Get("Location"))
	return v
}

// signIn proves the address once more and gets a new session.
func (v *visitor) signIn(b *testing.B) {
	answer := v.do(http.MethodPost, "/.auth/sign-in", url.Values{"identifier": {v.address}})
	if answer.Code != http.StatusSeeOther {
		b.Fatalf("sign-in answered %d: %s", answer.Code, answer.Body)
	}
	v.giveCode(b, answer.Header().Get("Location"))
}

// signInByPassword does the same with the password, in a browser that is known.
func (v *visitor) signInByPassword(b *testing.B) {
	answer := v.do(http.MethodPost, "/.auth/sign-in", url.Values{"identifier": {v.address}})
	at := answer.Header().Get("Location")
	answer = v.do(http.MethodPost, at, url.Values{"step": {"password"}, "password": {password}})
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/" {
		b.Fatalf("the password was answered with %d: %s", answer.Code, answer.Body)
	}
}

func (v *visitor) giveCode(b *testing.B, at string) {
	code := <-v.site.mail.box(v.address)
	answer := v.do(http.MethodPost, at, url.Values{"step": {"verify"}, "code": {code}})
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/" {
		b.Fatalf("the code was answered with %d: %s", answer.Code, answer.Body)
	}
}

func (v *visitor) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	if form != nil {
		form.Set("form_token", v.token)
	}
	r := httptest.NewRequest(method, origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.site.pages.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c.Value
	}
	return w
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzHandler sends anything to a site with a visitor in the middle of a
// sign-in. In path, query and body, ATTEMPT stands for that attempt and TOKEN
// for the visitor's form token, so that the inner steps are reached too.
func FuzzHandler(f *testing.F) {
	const media = "application/x-www-form-urlencoded"
	for _, path := range []string{
		"/", "/.auth", "/.auth/", "/.auth/sign-in", "/.auth/sign-in/ATTEMPT", "/.auth/sign-up", "/.auth/sign-up/ATTEMPT", "/.auth/sign-out", "/.auth/account",
		"/.auth/signed-out", "/.auth/assets/x", "/.auth/.well-known/jwks.json", "/.auth/outbox", "/.auth/sign-in/\x00\xff", "//evil.example", "",
		"/.auth/link/ATTEMPT", "/.auth/not-me/sess_1", "/.auth/verify", "/.auth/tasks/setup-mfa", "/.auth/tasks/x", "/.auth/.well-known/change-password", "/payroll", "/vault",
	} {
		f.Add("GET", path, "return_to=/a&attempt=ATTEMPT&notice=resent", "", "", "1")
		f.Add("POST", path, "", media, "form_token=TOKEN&identifier=jo%40example.com&step=identify&return_to=/a", "")
	}
	f.Add("POST", "/.auth/sign-in/ATTEMPT", "", media, "form_token=TOKEN&code=123456&step=verify", "1")
	f.Add("POST", "/.auth/sign-in/ATTEMPT", "", media, "form_token=TOKEN&step=resend", "")
	f.Add("POST", "/.auth/sign-in/ATTEMPT", "", media, "form_token=TOKEN&step=create", "")
	f.Add("POST", "/.auth/sign-in/ATTEMPT", "", media, "form_token=TOKEN&step=nonsense", "")
	f.Add("POST", "/.auth/sign-up", "", media, "form_token=TOKEN&email_address=a%40example.com&first_name=%F0%9F%94%91", "")
	for _, step := range []string{
		"step=password&password=x", "step=prepare&way=email_link", "step=prepare&way=totp", "step=prepare&way=x%3Ay&factor=second", "step=passkey&credential=%7B%7D",
		"step=new_password&password=x", "step=verify&factor=second&strategy=backup_code&code=x", "step=resend&strategy=reset_password_email_code",
	} {
		f.Add("POST", "/.auth/sign-in/ATTEMPT", "", media, "form_token=TOKEN&"+step, "")
	}
	f.Add("POST", "/.auth/sign-in", "", media, "form_token=TOKEN&step=passkey&credential=%7B%22id%22%3A1%7D", "1")
	f.Add("POST", "/.auth/link/ATTEMPT", "", media, "form_token=TOKEN&step=link&t=x", "")
	f.Add("POST", "/.auth/not-me/sess_1", "", media, "form_token=TOKEN&step=disown&t=x", "")
	f.Add("POST", "/.auth/verify", "", media, "form_token=TOKEN&step=again&level=x", "1")
	f.Add("POST", "/.auth/tasks/accept-terms", "", media, "form_token=TOKEN&step=accept&version=1", "")
	f.Add("GET", "/.auth/sign-in/ATTEMPT", "way=%00&ways=1", "", "", "")
	f.Add("GET", "/.auth/sign-up", "invitation=inv_1.x", "", "", "")
	f.Add("PUT", "/.auth/sign-in", "a=%zz;", "text/plain", "\x00\xff", "\x00")

	w := newWorld(f, everything, withPasswords)
	b := w.browser().identify("/.auth/sign-in", "jo@example.com")
	fill := strings.NewReplacer("ATTEMPT", b.form.fields.Get("attempt"), "TOKEN", b.token())
	f.Fuzz(func(t *testing.T, method, path, query, mediaType, body, script string) {
		w.t = t
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(fill.Replace(body)))
		r.Method, r.URL, r.Host = method, &url.URL{Path: fill.Replace(path), RawQuery: fill.Replace(query)}, "app.example.com"
		r.Header = http.Header{"Origin": {origin}, "Content-Type": {mediaType}, "Gatelatch-Script": {script}, "Accept": {"text/html"}}
		for name, value := range b.cookies {
			r.Header.Add("Cookie", name+"="+value)
		}
		rec := httptest.NewRecorder()
		reports := len(w.reports)
		w.ServeHTTP(rec, r)
		h := rec.Header()
		if rec.Code >= 500 || len(w.reports) != reports {
			t.Errorf("%s %q?%q: %d, %v", method, path, query, rec.Code, w.reports[reports:])
		}
		if rec.Code >= 400 && rec.Body.Len() == 0 || h.Get("Cache-Control") == "" {
			t.Errorf("%s %q: %d without an explanation: %v", method, path, rec.Code, h)
		}
		if strings.HasPrefix(h.Get("Content-Type"), "text/html") && h.Get("Content-Security-Policy") == "" {
			t.Errorf("%s %q: a page without a policy: %v", method, path, h)
		}
		for _, to := range []string{h.Get("Location"), h.Get("Gatelatch-Location")} {
			if to != "" && (to[0] != '/' || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t\x00")) {
				t.Errorf("%s %q?%q leads to %q", method, path, query, to)
			}
		}
		if w.user("jo@example.com") || w.user("a@example.com") {
			t.Fatal("an account without a code")
		}
		if h.Get("Set-Cookie") != "" && strings.Contains(strings.Join(h["Set-Cookie"], " "), w.handler.Jar.Session+"=") && !strings.Contains(strings.Join(h["Set-Cookie"], " "), w.handler.Jar.Session+"=;") {
			t.Fatal("a session without a code")
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func queryEscape(s string) string { return url.QueryEscape(s) }

func newExchange(method, target, body string) (*httptest.ResponseRecorder, *http.Request) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "app.example.com"
	return httptest.NewRecorder(), r
}

// untouched asserts that a request has changed nothing: the store was not even
// asked.
func untouched(t *testing.T, w *world, name string, act func()) {
	t.Helper()
	calls, messages := w.store.asked(), len(w.queued())
	act()
	if w.store.asked() != calls || len(w.queued()) != messages {
		t.Errorf("%s: the store was asked %d times, %d messages", name, w.store.asked()-calls, len(w.queued())-messages)
	}
}

func TestForeignFormsChangeNothing(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/.auth/sign-in")
	fill := func() { b.form.fields.Set("identifier", "victim@example.com") }
	for name, extra := range map[string]http.Header{
		"cross-site":                     {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
		"cross-site, own origin claimed": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {origin + ".evil.example"}},
		"same-site":                      {"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://other.example.com"}},
		"a signal nobody knows":          {"Sec-Fetch-Site": {"same-origin, cross-site"}, "Origin": {"https://evil.example"}},
		"cross-site without origin":      {"Sec-Fetch-Site": {"cross-site"}, "Origin": nil},
		"foreign origin":                 {"Sec-Fetch-Site": nil, "Origin": {"https://evil.example"}},
		"null origin":                    {"Sec-Fetch-Site": nil, "Origin": {"null"}},
		"another port":                   {"Sec-Fetch-Site": nil, "Origin": {origin + ":8443"}},
		"look-alike suffix":              {"Sec-Fetch-Site": nil, "Origin": {origin + ".evil.example"}},
		"look-alike prefix":              {"Sec-Fetch-Site": nil, "Origin": {"https://evilapp.example.com"}},
		"user part":                      {"Sec-Fetch-Site": nil, "Origin": {"https://app.example.com@evil.example"}},
		"another host for both":          {"Sec-Fetch-Site": nil, "Origin": {"https://evil.example"}, "X-Forwarded-Host": {"evil.example"}},
	} {
		fill()
		form := b.shown
		b.extra = extra
		untouched(t, w, name, func() { b.post("identify").says(403, "That was not carried out") })
		b.shown, b.extra = form, http.Header{}
	}
	fill()
	b.press("identify").says(200, "Check your email") // the same form, by the browser it was given to
}

// TestFormsOfTheSiteItself come by other names of the site, and with an origin that
// a referrer policy hides, as many apps have it.
func TestFormsOfTheSiteItself(t *testing.T) {
	for name, extra := range map[string]http.Header{
		"its origin":              {"Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}},
		"its origin alone":        {"Origin": {origin}, "Sec-Fetch-Site": nil},
		"a hidden origin":         {"Origin": {"null"}, "Sec-Fetch-Site": {"same-origin"}},
		"an old browser's":        {"Origin": nil, "Sec-Fetch-Site": nil},
		"no origin, says same":    {"Origin": nil, "Sec-Fetch-Site": {"same-origin"}},
		"no origin, says nothing": {"Origin": nil, "Sec-Fetch-Site": {"none"}},
	} {
		b := newWorld(t).browser().open("/.auth/sign-in")
		b.extra = extra
		b.press("identify", "identifier=jo@example.com")
		if b.status != 200 {
			t.Errorf("%s: %d", name, b.status)
		}
	}
}

// A form is worth something in the browser that got it, and nowhere else.
func TestFormTokens(t *testing.T) {
	w := newWorld(t)
	victim, attacker := w.browser().open("/.auth/sign-in"), w.browser().open("/.auth/sign-in")
	if victim.token() == attacker.token() || len(victim.token()) < 22 {
		t.Fatalf("%q and %q", victim.token(), attacker.token())
	}
	good := victim.token()
	for name, token := range map[string]string{
		"none": "", "another browser's": attacker.token(), "cut": good[1:], "longer": good + "A", "other case": strings.ToUpper(good), "a cookie": attacker.cookies[w.handler.Jar.Client],
	} {
		victim.form.fields.Set("form_token", token)
		victim.form.fields.Set("identifier", "jo@example.com")
		untouched(t, w, name, func() { victim.post("identify").says(403, "That page was out of date, so nothing was done.") })
		if victim.token() != good || victim.form.fields.Get("identifier") != "jo@example.com" {
			t.Errorf("%s: the page shown instead is no use: %v", name, victim.form.fields)
		}
	}
	for name, cookie := range map[string]string{"no cookie of the gate": "", "a forged cookie": strings.Repeat("A", 64), "a session cookie": w.handler.Tokens.ForSession("x").Reveal()} {
		lost := &browser{t: t, w: w, cookies: map[string]string{"theme": "dark"}, extra: http.Header{}, shown: victim.shown}
		if cookie != "" {
			lost.cookies[w.handler.Jar.Client] = cookie
		}
		untouched(t, w, name, func() { lost.post("identify").says(403, "out of date") })
		lost.press("identify", "identifier=jo@example.com").says(200, "Check your email") // the page shown instead works
	}
	bare := &browser{t: t, w: w, cookies: victim.cookies, extra: http.Header{"Sec-Fetch-Site": nil, "Origin": nil}, shown: victim.shown}
	bare.form.fields.Set("form_token", "")
	untouched(t, w, "no headers and no token", func() { bare.post("identify").says(403) })
}

func TestMethodsThatAPathDoesNotTake(t *testing.T) {
	w := newWorld(t)
	for path, allow := range map[string]string{
		"/.auth/sign-in": "GET, HEAD, POST", "/.auth/sign-in/sia_1": "GET, HEAD, POST", "/.auth/sign-up": "GET, HEAD, POST", "/.auth/sign-up/sua_1": "GET, HEAD, POST",
		"/.auth/sign-out": "POST", "/.auth/signed-out": "GET, HEAD", "/.auth/account": "GET, HEAD", "/.auth/outbox": "GET, HEAD",
		"/.auth/.well-known/jwks.json": "GET, HEAD", "/.auth/assets/x.css": "GET, HEAD", "/.auth/.well-known/change-password": "GET, HEAD",
		"/.auth/link/sia_1": "GET, HEAD, POST", "/.auth/not-me/sess_1": "GET, HEAD, POST", "/.auth/verify": "GET, HEAD, POST", "/.auth/tasks/accept-terms": "GET, HEAD, POST",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X"} {
			if strings.Contains(", "+allow+",", ", "+method+",") {
				continue
			}
			b := w.browser()
			untouched(t, w, method+" "+path, func() { b.send(method, path, "", http.Header{"Origin": {origin}}) })
			if b.status != 405 || b.header.Get("Allow") != allow {
				t.Errorf("%s %s: %d, Allow %q, want %q", method, path, b.status, b.header.Get("Allow"), allow)
			}
		}
	}
}

// badBody is a body that is no plain form, and the answer that it deserves.
type badBody struct {
	name, mediaType, body string
	status                int
}

func badBodies(token string) []badBody {
	const form = "application/x-www-form-urlencoded"
	good := "form_token=" + token + "&identifier=jo%40example.com&step=identify"
	return []badBody{
		{"no content type", "", good, 415},
		{"json", "application/json", `{"identifier":"jo@example.com"}`, 415},
		{"text", "text/plain", good, 415},
		{"multipart", "multipart/form-data; boundary=x", "--x\r\n\r\n--x--", 415},
		{"malformed content type", "application/x-www-form-urlencoded; ;", good, 415},
		{"two content types", form + ", text/plain", good, 415},
		{"10 MB", form, good + "&pad=" + strings.Repeat("a", 10<<20), 413},
		{"just too large", form, good + "&pad=" + strings.Repeat("a", 64<<10), 413},
		{"20,000 fields", form, good + strings.Repeat("&a=b", 19997)[:60000], 400},
		{"101 fields", form, good + strings.Repeat("&", 100), 400},
		{"identifier twice", form, good + "&identifier=victim%40example.com", 400},
		{"token twice", form, good + "&form_token=" + token, 400},
		{"step twice", form, good + "&step=create", 400},
		{"an empty name twice", form, good + "&=a&=b", 400},
		{"NUL", form, good + "&x=%00", 400},
		{"NUL in the identifier", form, strings.Replace(good, "jo%40", "jo%00%40", 1), 400},
		{"control byte", form, good + "&x=%1b%5b", 400},
		{"control byte in a name", form, good + "&a%07=x", 400},
		{"delete", form, good + "&x=%7f", 400},
		{"invalid UTF-8", form, good + "&x=%ff", 400},
		{"cut UTF-8", form, good + "&x=%e2%82", 400},
		{"overlong UTF-8", form, good + "&x=%c0%af", 400},
		{"surrogate", form, good + "&x=%ed%a0%80", 400},
		{"malformed escape", form, good + "&x=%zz", 400},
		{"cut escape", form, good + "&x=%", 400},
		{"semicolons", form, strings.ReplaceAll(good, "&", ";"), 400},
		{"raw bytes", form, "\x00\x01\x02\xff\xfe", 400},
		{"raw NUL", form, good + "\x00", 400},
	}
}

func TestBodiesThatAreNoForm(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/.auth/sign-in")
	token := b.token()
	for _, path := range []string{
		"/.auth/sign-in", "/.auth/sign-up", "/.auth/sign-in/sia_1", "/.auth/sign-up/sua_1", "/.auth/link/sia_1", "/.auth/not-me/sess_1", "/.auth/verify",
		"/.auth/tasks/accept-terms",
	} {
		for _, bad := range badBodies(token) {
			h := http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}}
			if bad.mediaType != "" {
				h.Set("Content-Type", bad.mediaType)
			}
			untouched(t, w, path+": "+bad.name, func() { b.send(http.MethodPost, path, bad.body, h) })
			if b.status != bad.status {
				t.Errorf("%s: %s: %d, want %d", path, bad.name, b.status, bad.status)
			}
			if strings.Contains(b.body, "victim@") {
				t.Errorf("%s: %s: the page repeats what was sent", path, bad.name)
			}
		}
	}
	if len(w.reports) != 0 {
		t.Errorf("reported as failures: %v", w.reports)
	}
}

// Whoever has no form of this browser gets nothing done on any page of these
// steps, and sees the page again.
func TestFormTokensOfEveryStep(t *testing.T) {
	w := newWorld(t, withPasswords)
	in := w.joined("jo@example.com")
	attacker := w.browser().open("/.auth/sign-in")
	for path, words := range map[string]string{
		"/.auth/link/sia_1?t=x": "Go on in this browser", "/.auth/not-me/sess_1?t=x": "Was this not you?", "/.auth/verify?level=second_factor": "Confirm that it is you",
		"/.auth/tasks/setup-mfa": "Set up a second step", "/.auth/tasks/accept-terms": "Sign in", "/.auth/tasks/reset-password": "Choose a new password", "/.auth/tasks/nonsense": "Sign in",
	} {
		target, _, _ := strings.Cut(path, "?")
		for name, token := range map[string]string{"none": "", "another browser's": attacker.token()} {
			for step, extra := range map[string]http.Header{"here": {}, "elsewhere": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}} {
				in.extra = extra
				body := url.Values{"form_token": {token}, "t": {"x"}, "password": {"x"}, "level": {"second_factor"}, "step": {"again"}}.Encode()
				untouched(t, w, path+" "+name, func() {
					in.send(http.MethodPost, target, body, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}})
				})
				want := words
				if step == "elsewhere" {
					want = "That was not carried out"
				}
				in.says(403, want)
			}
		}
	}
	in.extra = http.Header{}
	in.open("/").says(200, "the app")
}

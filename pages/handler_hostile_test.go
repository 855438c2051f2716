// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var variable = regexp.MustCompile(`(sia|sua)_[0-9a-z]{26}|name="form_token" value="[^"]*"`)

// trace is what somebody sees of an answer: everything but ids and tokens.
func trace(b *browser, address string) string {
	var head strings.Builder
	h := b.header.Clone()
	for i, c := range h["Set-Cookie"] {
		name, rest, _ := strings.Cut(c, "=")
		_, attributes, _ := strings.Cut(rest, ";")
		h["Set-Cookie"][i] = name + "=" + attributes
	}
	_ = h.Write(&head)
	text := fmt.Sprintf("%d\n%s\n%s", b.status, head.String(), b.body)
	return strings.ReplaceAll(variable.ReplaceAllString(text, "ID"), address, "ADDRESS")
}

// Who exists shows nowhere before the code is given: not in a status, a header,
// a cookie, or a byte of a page.
func TestKnownAndUnknownAddressesLookAlike(t *testing.T) {
	const known, unknown = "jo.known@example.com", "jo.other@example.com"
	wrongCode := []string{"code=00000"}
	scripts := map[string][]struct {
		step   string
		values []string
		wait   time.Duration
	}{
		"/.auth/sign-in": {
			{"identify", []string{"identifier=ADDRESS"}, 0},
			{"verify", wrongCode, 0},
			{"resend", nil, 0},
			{"resend", nil, 30 * time.Second},
			{"verify", nil, 0},
			{"verify", nil, 0},
			{"resend", nil, time.Minute},
			{"verify", nil, 0},
			{"verify", nil, 0},
			{"verify", nil, 0},
		},
		"/.auth/sign-up": {
			{"sign_up", []string{"email_address=ADDRESS"}, 0},
			{"verify", wrongCode, 0},
			{"resend", nil, 0},
			{"resend", nil, time.Minute},
			{"verify", nil, 0},
			{"verify", nil, 0},
			{"verify", nil, 0},
			{"verify", nil, 0},
			{"verify", nil, 0},
		},
	}
	for _, open := range []bool{true, false} {
		for page, script := range scripts {
			if !open && page == "/.auth/sign-up" {
				continue
			}
			var traces [2][]string
			for i, address := range []string{known, unknown} {
				w := newWorld(t)
				w.browser().signUp(known)
				if !open { // closed after the account was made, on the same store
					closed := newWorld(t, closedSignUp)
					closed.store = w.store
					closed.handler.Flow.Repo = w.store
					w.handler.Flow, w.handler.Renderer, w.handler.Site = closed.handler.Flow, closed.handler.Renderer, closed.handler.Site
					closed.now = w.now
					w.handler.Now, w.handler.Flow.Now = func() time.Time { return w.now }, func() time.Time { return w.now }
				}
				w.pass(time.Hour)
				b := w.browser().open(page)
				for n, step := range script {
					w.pass(step.wait)
					values := slices.Clone(step.values)
					for j := range values {
						values[j] = strings.Replace(values[j], "ADDRESS", address, 1)
					}
					if step.step == "verify" && values == nil {
						values = []string{"code=" + never(w, n)}
					}
					if b.form == nil {
						t.Fatalf("%s: no form before step %d:\n%s", page, n, b.text)
					}
					b.post(step.step, values...)
					traces[i] = append(traces[i], trace(b, address))
					b.follow()
					traces[i] = append(traces[i], trace(b, address))
				}
				b.open("/x")
				traces[i] = append(traces[i], trace(b, address))
			}
			for n := range traces[0] {
				if traces[0][n] != traces[1][n] {
					t.Errorf("%s, sign-up open %v, answer %d differs:\nknown:\n%s\nunknown:\n%s", page, open, n, traces[0][n], traces[1][n])
				}
			}
		}
	}
}

// never returns a code that nobody was sent.
func never(w *world, n int) string {
	sent := map[string]bool{}
	for range w.queued() {
		sent[w.code()] = true
	}
	for i := n; ; i++ {
		if code := fmt.Sprintf("%06d", i); !sent[code] {
			return code
		}
	}
}

func TestAStoreThatIsAwayLetsNobodyIn(t *testing.T) {
	w := newWorld(t)
	w.mayFail = true
	in := w.browser().signUp("jo@example.com")
	begun := w.browser().signIn("jo@example.com")
	action, form := begun.form.action, begun.form
	code := w.code()
	w.pass(10 * time.Minute / 2) // what is cached is out of date
	w.store.set(true)
	down := func(b *browser, name string) {
		t.Helper()
		if b.status != 503 || b.header.Get("Retry-After") != "5" {
			t.Errorf("%s: %d, Retry-After %q", name, b.status, b.header.Get("Retry-After"))
		}
		b.says(503, "Sign-in is not available right now")
		for name := range b.cookies {
			if name == w.handler.Jar.Session && b != in {
				t.Errorf("%s: has got a session", name)
			}
		}
	}
	for _, target := range []string{"/", "/.auth/sign-in", "/.auth/sign-up", "/.auth/account"} {
		down(in.open(target), "GET "+target)
	}
	down(begun.open(action), "GET the attempt")
	for step, value := range map[string]string{"verify": code, "resend": ""} {
		begun.shown.form = form
		down(begun.post(step, "code="+value), step)
	}
	b := w.browser().open("/.auth/sign-in").says(200) // without a session nobody has to be asked
	down(b.post("identify", "identifier=jo@example.com"), "identify")
	in.send(http.MethodPost, "/.auth/sign-out", "", http.Header{"Origin": {origin}})
	down(in, "sign-out")
	if _, kept := in.cookies[w.handler.Jar.Session]; !kept {
		t.Error("a sign-out that failed has taken the cookie back")
	}
	if len(w.reports) == 0 {
		t.Error("nobody was told")
	}
	for _, err := range w.reports {
		if text := err.Error(); strings.Contains(text, code) || strings.Contains(text, "jo@example.com") {
			t.Errorf("an error tells %q", text)
		}
	}
	w.store.set(false) // and everything goes on where it stood
	in.open("/").says(200, "the app")
	begun.shown.form = form
	begun.press("verify", "code="+code).says(200, "the app")
}

// Links, cookies and forms come from configuration; what a request says about
// itself changes no byte.
func TestHostileHeadersChangeNothing(t *testing.T) {
	w := newWorld(t)
	plain := w.browser().open("/reports")
	client := plain.cookies
	for name, value := range map[string]string{
		"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "1", "X-Forwarded-For": "127.0.0.1",
		"X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example;proto=http;for=127.0.0.1", "X-Original-Url": "/evil", "X-Rewrite-Url": "/evil",
		"X-Forwarded-Uri": "/healthz", "X-Http-Method-Override": "POST", "Referer": "javascript:alert(1)", "User-Agent": "<script>evil</script>",
		"X-Real-Ip": "127.0.0.1", "Accept-Language": "<evil>, \x00, " + strings.Repeat("x-", 4000), "Accept-Encoding": "evil", "Cookie2": "evil=1",
		"Content-Type": "evil", "Remote-User": "evil", "Authorization": "Bearer evil",
	} {
		b := &browser{t: t, w: w, cookies: client, extra: http.Header{name: {value}}}
		b.open("/reports")
		plain.open("/reports")
		if b.body != plain.body || b.status != plain.status || !equalHeaders(b.header, plain.header) {
			t.Errorf("%s changes the page:\n%s\n%v", name, b.body, b.header)
		}
	}
}

func equalHeaders(a, b http.Header) bool {
	var x, y strings.Builder
	_ = a.Write(&x)
	_ = b.Write(&y)
	return x.String() == y.String()
}

// Ids in addresses are looked up by nobody when they cannot be ids.
func TestMalformedIDsInAddresses(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signIn("jo@example.com")
	for _, id := range []string{"%00", "%ff", "a%00b", "%c0%ae", "%0a", "%7f", strings.Repeat("a", 10000), "'%20OR%201=1", "%3Cscript%3E", "..", "%2e%2e"} {
		for _, page := range []string{"/.auth/sign-in", "/.auth/sign-up"} {
			untouched(t, w, page+" "+id, func() { b.open(page + "?attempt=" + id).says(200) })
			if strings.Contains(b.body, "<script>") {
				t.Errorf("%s repeats markup", id)
			}
		}
	}
	if len(w.reports) != 0 {
		t.Errorf("%v", w.reports)
	}
}

func TestMarkupIsNeverReflected(t *testing.T) {
	const mark = `"><script>alert(1)</script><a href="javascript:alert(1)">`
	w := newWorld(t, everything)
	for _, target := range []string{
		"/" + queryEscape(mark), "/?q=" + queryEscape(mark), "/.auth/sign-in?return_to=/" + queryEscape(mark), "/.auth/sign-in?notice=" + queryEscape(mark),
		"/.auth/sign-up?return_to=/" + queryEscape(mark), "/.auth/" + queryEscape(mark), "/.auth/sign-in/" + queryEscape(mark), "/.auth/sign-in?attempt=" + queryEscape(mark),
	} {
		b := w.browser().open(target)
		if strings.Contains(b.body, "<script>alert") || strings.Contains(b.body, `href="javascript`) {
			t.Errorf("%s:\n%s", target, b.body)
		}
	}
	b := w.browser().open("/.auth/sign-up")
	b.press("sign_up", "email_address="+mark, "phone_number="+mark, "first_name="+mark, "last_name="+mark).says(422)
	if strings.Contains(b.body, "<script>alert") || b.form.fields.Get("first_name") != mark {
		t.Errorf("%s", b.body)
	}
}

// A development machine must not ask browsers to insist on https for ever.
func TestStrictTransportIsForPublicSites(t *testing.T) {
	for site, want := range map[string]bool{
		"https://app.example.com": true, "https://localhosting.example": true, "https://127.example.com": true, "https://app.example.com:8443": true,
		"https://localhost": false, "https://localhost:8443": false, "https://app.localhost": false, "https://app.localhost:443": false,
		"https://127.0.0.1": false, "https://[::1]:8443": false, "http://app.example.com": false, "": false,
	} {
		w := newWorld(t)
		w.handler.Origins = []string{site}
		if site == "" {
			w.handler.Origins = nil
		}
		rec, r := newExchange(http.MethodGet, "/.auth/signed-out", "")
		w.handler.ServeHTTP(rec, r)
		if got := rec.Header().Get("Strict-Transport-Security") != ""; got != want {
			t.Errorf("%s: %v", site, got)
		}
	}
}

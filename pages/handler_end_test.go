// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/pages"
)

func TestSignOut(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signUp("jo@example.com")
	stolen := &browser{t: t, w: w, cookies: maps.Clone(b.cookies), extra: http.Header{}}
	b.open("/.auth/account").says(200, "You are signed in", "jo@example.com").post("sign_out")
	if b.status != 303 || b.header.Get("Location") != "/.auth/signed-out" || b.header.Get("Clear-Site-Data") != `"cache"` {
		t.Errorf("%d %v", b.status, b.header)
	}
	if _, kept := b.cookies[w.handler.Jar.Session]; kept || b.cookies[w.handler.Jar.Client] == "" {
		t.Errorf("cookies left: %v", b.cookies)
	}
	b.follow().says(200, "You are signed out")
	b.open("/").says(401, "Sign in")
	stolen.open("/").says(401, "Sign in")
	stolen.open("/.auth/account").says(401, "Sign in")
}

// TestSignedOutIsTrue: the page is for those who are. Who has signed in again, and
// goes back to it, goes on.
func TestSignedOutIsTrue(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signUp("jo@example.com")
	b.open("/.auth/signed-out").says(200, "the app, for jo@example.com")
	b.open("/.auth/account").press("sign_out").says(200, "You are signed out")
	w.browser().open("/.auth/signed-out").says(200, "You are signed out")
}

// Buttons of the app post here without a form token; another site cannot.
func TestSignOutFromTheApp(t *testing.T) {
	for name, row := range map[string]struct {
		header http.Header
		status int
		out    bool
	}{
		"a form of the app":      {http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}, 303, true},
		"a script of the app":    {http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}, 204, true},
		"an old browser":         {http.Header{"Origin": {origin}}, 303, true},
		"a form of another site": {http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}}, 403, false},
		"a sibling":              {http.Header{"Origin": {"https://evil.example.com"}, "Sec-Fetch-Site": {"same-site"}}, 403, false},
		"an old browser, there":  {http.Header{"Origin": {"https://evil.example"}}, 403, false},
		"a sandbox":              {http.Header{"Origin": {"null"}}, 403, false},
	} {
		w := newWorld(t)
		b := w.browser().signUp("jo@example.com")
		b.send(http.MethodPost, "/.auth/sign-out", "", row.header)
		if b.status != row.status {
			t.Errorf("%s: %d", name, b.status)
		}
		if b.open("/"); (b.status == 401) != row.out {
			t.Errorf("%s: afterwards the app answers %d", name, b.status)
		}
	}
}

func TestSignOutWithoutASessionIsFine(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.cookies[w.handler.Jar.Session] = "left over"
	b.send(http.MethodPost, "/.auth/sign-out", "", http.Header{"Origin": {origin}}).follow().says(200, "You are signed out")
	if _, kept := b.cookies[w.handler.Jar.Session]; kept {
		t.Error("the dead cookie is still there")
	}
}

func TestDeadCookiesAreTakenBack(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{"/", "/.auth/sign-in", "/.auth/sign-up", "/.auth/account"} {
		b := w.browser()
		b.cookies[w.handler.Jar.Session] = strings.Repeat("x", 64)
		b.open(target)
		if _, kept := b.cookies[w.handler.Jar.Session]; kept {
			t.Errorf("%s keeps the dead cookie", target)
		}
	}
}

func TestWhatWasPostedIsNotPassedOn(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	b := w.browser()
	b.send(http.MethodPost, "/orders?draft=1", "item=secret-item", http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"navigate"},
	})
	b.says(401, "What you sent has not been passed on.", "data-posted")
	if strings.Contains(b.body, "secret-item") {
		t.Error("the page shows what was posted")
	}
	b.press("identify", "identifier=jo@example.com").press("verify", "code="+w.code()).says(200, "the app")
	if b.at != "/orders?draft=1" {
		t.Errorf("ends at %s", b.at)
	}
}

// away lists what people are sent to sign in with by others.
var away = []string{
	"https://evil.example", "//evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example", "javascript:alert(1)", "/\t/evil.example",
	"/%2fevil.example", "/%5cevil.example", " //evil.example", "http://app.example.com.evil.example", "/.auth/sign-in", "/.auth/sign-out", "evil.example",
	"/a\r\nSet-Cookie: x=y", "/\x00", "data:text/html,x", "//app.example.com@evil.example",
}

func TestReturnTargetsNeverLeaveTheOrigin(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	for _, target := range away {
		for _, page := range []string{"/.auth/sign-in", "/.auth/sign-up"} {
			b := w.browser().open(page + "?return_to=" + queryEscape(target)).says(200)
			if got := b.form.fields.Get("return_to"); got != "" {
				t.Errorf("%s puts %q into its form for %q", page, got, target)
			}
			b.form.fields.Set("return_to", target) // and whoever writes it into the form
			if page == "/.auth/sign-up" {
				b.press("sign_up", "email_address=jo@example.com")
			} else {
				b.press("identify", "identifier=jo@example.com")
			}
			if b.status == 400 && strings.ContainsAny(target, "\x00") {
				continue
			}
			if b.press("verify", "code="+w.code()).says(200, "the app"); b.at != "/" {
				t.Errorf("%q ends at %s", target, b.at)
			}
			if b.open(page + "?return_to=" + queryEscape(target)); b.at != "/" { // signed in already
				t.Errorf("%q leads on to %s", target, b.at)
			}
		}
	}
}

func TestAccountNeedsASession(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	b := w.browser().open("/.auth/account").says(401, "Sign in")
	b.press("identify", "identifier=jo@example.com").press("verify", "code="+w.code()).says(200, "You are signed in")
}

func TestFilesAndKeys(t *testing.T) {
	w := newWorld(t)
	b := w.browser().open("/.auth/sign-in")
	for _, file := range []string{"css", "js"} {
		i := strings.Index(b.body, "/.auth/assets/gatelatch.")
		path := b.body[i : i+len("/.auth/assets/gatelatch.0123456789ab.")+len(file)]
		b.body = b.body[i+10:]
		rest := b.body
		b.open(path).says(200)
		if b.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || b.header.Get("X-Content-Type-Options") != "nosniff" || b.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", path, b.header)
		}
		b.body = rest
	}
	for _, path := range []string{"/.auth/assets/", "/.auth/assets/x", "/.auth/assets/../templates/top.html", "/.auth/x", "/.auth/", "/.auth/sign-in/", "/.auth/sign-in/a/b", "/.auth/outbox", "/.auth/%73ign-in/"} {
		b.open(path).says(404, "There is no such page")
	}
	b.open("/.auth/.well-known/jwks.json").says(200)
	if b.header.Get("Content-Type") != "application/jwk-set+json" || b.body != `{"keys":[]}` {
		t.Errorf("%v %s", b.header, b.body)
	}
}

func TestTheOutboxIsForThisMachineAlone(t *testing.T) {
	const here, elsewhere = "127.0.0.1:5000", "10.0.0.1:5000"
	for name, c := range map[string]struct {
		peer, client, host string
		header             http.Header
		status             int
	}{
		"a browser here":                {here, "127.0.0.1", "app.example.com", nil, 200},
		"over IPv6":                     {"[::1]:5000", "::1", "APP.example.com", nil, 200},
		"mapped":                        {"[::ffff:127.0.0.1]:5000", "::ffff:127.0.0.1", "app.example.com", nil, 200},
		"another machine":               {elsewhere, "10.0.0.1", "app.example.com", nil, 404},
		"a trusted proxy says here":     {elsewhere, "127.0.0.1", "app.example.com", nil, 404},
		"a trusted proxy says there":    {here, "10.0.0.1", "app.example.com", nil, 404},
		"no address":                    {"@", "127.0.0.1", "app.example.com", nil, 404},
		"a proxy here":                  {here, "127.0.0.1", "app.example.com", http.Header{"X-Forwarded-For": {"8.8.8.8"}}, 404},
		"a tunnel":                      {here, "127.0.0.1", "app.example.com", http.Header{"Via": {"1.1 tunnel"}}, 404},
		"a name made to point here":     {here, "127.0.0.1", "evil.example", nil, 404},
		"the same name, another port":   {here, "127.0.0.1", "app.example.com:99", nil, 404},
		"no name in the usual spelling": {here, "127.0.0.1", "", nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.handler.Outbox = func() ([]pages.OutboxEntry, error) {
				return []pages.OutboxEntry{{To: "jo@example.com", Channel: "email", Code: "424242", At: noon}}, nil
			}
			w.handler.ClientIP = func(*http.Request) netip.Addr { return netip.MustParseAddr(c.client) }
			r := httptest.NewRequest(http.MethodGet, "/.auth/outbox", nil)
			r.RemoteAddr, r.Host = c.peer, c.host
			maps.Copy(r.Header, c.header)
			answer := httptest.NewRecorder()
			w.handler.ServeHTTP(answer, r)
			if shown := strings.Contains(answer.Body.String(), "424242"); answer.Code != c.status || shown != (c.status == 200) {
				t.Errorf("%d, code shown: %v", answer.Code, shown)
			}
		})
	}
}

func TestScriptGetsItsAnswersInPlace(t *testing.T) {
	w := newWorld(t)
	w.browser().signUp("jo@example.com")
	b := w.browser().open("/reports")
	b.extra.Set("Gatelatch-Script", "1")
	b.extra.Set("Sec-Fetch-Mode", "same-origin")
	b.extra.Set("Sec-Fetch-Dest", "empty")
	b.post("identify", "identifier=jo@").says(422, "Error:")
	b.post("identify", "identifier=jo@example.com").says(200, "Check your email")
	if strings.Contains(b.body, "data-posted") {
		t.Error("a document that was fetched counts as posted")
	}
	b.post("verify", "code="+w.wrong()).says(422, "incorrect")
	b.post("verify", "code="+w.code())
	if b.status != 204 || b.header.Get("Gatelatch-Location") != "/reports" || b.header.Get("Location") != "" || b.body != "" {
		t.Errorf("%d %v", b.status, b.header)
	}
	b.extra.Del("Gatelatch-Script")
	b.open("/reports").says(200, "the app")
	b.open("/.auth/account")
	b.extra.Set("Gatelatch-Script", "1")
	b.post("sign_out")
	if b.status != 204 || b.header.Get("Gatelatch-Location") != "/.auth/signed-out" {
		t.Errorf("%d %v", b.status, b.header)
	}
}

func TestTheFramePageMayStandInAFrame(t *testing.T) {
	w := newWorld(t)
	rec, r := newExchange(http.MethodGet, "/widget", "")
	w.handler.Frame(rec, r)
	h := rec.Header()
	if rec.Code != 401 || !strings.HasSuffix(h.Get("Content-Security-Policy"), "frame-ancestors *") || h.Get("X-Frame-Options") != "" ||
		h.Get("Cache-Control") != "no-store" || h.Get("WWW-Authenticate") == "" || h.Get("Set-Cookie") != "" || strings.Contains(rec.Body.String(), "<form") {
		t.Errorf("%d %v\n%s", rec.Code, h, rec.Body)
	}
}

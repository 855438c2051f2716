// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser is one without script: it keeps cookies, fills in the form that it
// was shown, follows redirects, and knows nothing else.
type browser struct {
	t       testing.TB
	w       *world
	cookies map[string]string
	// extra goes into every request, over what the browser sends itself.
	extra http.Header
	// script posts forms as the pages' own script does.
	script bool
	at     string
	*shown
}

// shown is the answer on the screen. form is the first form on it.
type shown struct {
	status int
	header http.Header
	body   string
	form   *shownForm
	forms  []*shownForm
	text   string
}

// shownForm is a form. buttons holds what the buttons send as "step", and names
// what those send that have another name.
type shownForm struct {
	action, method string
	fields         url.Values
	buttons        []string
	names          map[string]string
}

// with returns the form that has a button.
func (s *shown) with(button string) *shownForm {
	if s.form != nil && slices.Contains(s.form.buttons, button) {
		return s.form
	}
	for _, f := range s.forms {
		if slices.Contains(f.buttons, button) {
			return f
		}
	}
	return nil
}

func (w *world) browser() *browser {
	return &browser{t: w.t, w: w, cookies: map[string]string{}, extra: http.Header{}}
}

// open goes to an address as if it had been typed.
func (b *browser) open(target string) *browser {
	b.t.Helper()
	b.send(http.MethodGet, target, "", http.Header{"Sec-Fetch-Site": {"none"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}})
	return b.follow()
}

// press fills in fields of the form ("name=value") and presses a button.
func (b *browser) press(step string, values ...string) *browser {
	b.t.Helper()
	b.post(step, values...)
	return b.follow()
}

// post is press without following where it leads.
func (b *browser) post(step string, values ...string) *browser {
	b.t.Helper()
	form := b.with(step)
	if form == nil {
		b.t.Fatalf("no button %q on %s:\n%s", step, b.at, b.text)
	}
	fields := url.Values{}
	for name, all := range form.fields {
		fields[name] = all
	}
	for _, v := range values {
		name, value, _ := strings.Cut(v, "=")
		if _, there := fields[name]; !there {
			b.t.Fatalf("no field %q on %s:\n%s", name, b.at, b.text)
		}
		fields.Set(name, value)
	}
	name := form.names[step]
	if name == "" {
		name = "step"
	}
	fields.Set(name, step)
	h := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {"same-origin"},
		"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"},
	}
	if b.script {
		h.Set("Gatelatch-Script", "1")
		h.Set("Sec-Fetch-Mode", "same-origin")
		h.Set("Sec-Fetch-Dest", "empty")
	}
	b.send(http.MethodPost, form.action, fields.Encode(), h)
	return b
}

func (b *browser) follow() *browser {
	b.t.Helper()
	for range 5 {
		to := b.header.Get("Location") + b.header.Get("Gatelatch-Location")
		if b.status != http.StatusSeeOther && b.status != http.StatusNoContent || to == "" {
			return b
		}
		b.send(http.MethodGet, to, "", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}})
	}
	b.t.Fatal("the browser is sent in circles")
	return b
}

// send sends one request and looks at the answer.
func (b *browser) send(method, target, body string, h http.Header) *browser {
	b.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "app.example.com"
	r.Header = h
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	var pairs []string
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	if len(pairs) > 0 {
		r.Header.Set("Cookie", strings.Join(pairs, "; "))
	}
	for name, values := range b.extra {
		if name == "Host" {
			r.Host = values[0]
			continue
		}
		r.Header[name] = values
		if values == nil {
			delete(r.Header, name)
		}
	}
	recorder := httptest.NewRecorder()
	b.w.ServeHTTP(recorder, r)
	b.take(target, recorder.Result(), recorder.Body.String())
	return b
}

func (b *browser) take(target string, answer *http.Response, body string) {
	b.t.Helper()
	b.at = target
	b.shown = &shown{status: answer.StatusCode, header: answer.Header, body: body}
	for _, c := range answer.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
		b.w.secrets[c.Value] = true
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		b.read(body)
	}
	b.inspect()
}

// read finds the form of a page, as somebody without script has it.
func (b *browser) read(body string) {
	b.t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	var text strings.Builder
	var form *shownForm
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style":
			text.WriteString(n.Data)
		case n.Type != html.ElementNode:
		case n.Data == "form":
			form = &shownForm{action: attr(n, "action"), method: attr(n, "method"), fields: url.Values{}, names: map[string]string{}}
			b.forms = append(b.forms, form)
		case n.Data == "input" && form != nil:
			form.fields.Add(attr(n, "name"), attr(n, "value"))
		case n.Data == "button" && form != nil:
			form.buttons = append(form.buttons, attr(n, "value"))
			form.names[attr(n, "value")] = attr(n, "name")
		}
		for _, a := range n.Attr {
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && a.Val != "data:," && !ofAnApp(a.Val) {
				b.checkURL(a.Val)
			}
		}
	}
	if len(b.forms) > 0 {
		b.form = b.forms[0]
	}
	b.text = strings.Join(strings.Fields(text.String()), " ")
	if b.form != nil && b.form.fields.Get("form_token") != "" {
		b.w.secrets[b.form.fields.Get("form_token")] = true
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// says asserts status and words of what is shown.
func (b *browser) says(status int, words ...string) *browser {
	b.t.Helper()
	if b.status != status {
		b.t.Errorf("%s is %d, want %d:\n%s", b.at, b.status, status, b.text)
	}
	for _, word := range words {
		if !strings.Contains(b.text+b.body, word) {
			b.t.Errorf("%s does not say %q:\n%s", b.at, word, b.text)
		}
	}
	return b
}

// checkURL asserts that an address on a page or in a header carries no secret
// and leads nowhere else.
func (b *browser) checkURL(address string) {
	b.t.Helper()
	for secret := range b.w.secrets {
		if secret != "" && strings.Contains(address, secret) {
			b.t.Errorf("%s: a secret stands in the address %s", b.at, address)
		}
	}
	if !strings.HasPrefix(address, "#") && !strings.HasPrefix(address, "mailto:help@") && (!strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//")) {
		b.t.Errorf("%s: leads to %s", b.at, address)
	}
}

// inspect asserts what holds for every answer of the gate.
func (b *browser) inspect() {
	b.t.Helper()
	if b.status >= 500 && !b.w.mayFail {
		b.t.Errorf("%s answers %d:\n%s", b.at, b.status, b.text)
	}
	for _, name := range []string{"Location", "Gatelatch-Location"} {
		if to := b.header.Get(name); to != "" {
			b.checkURL(to)
		}
	}
	if strings.HasPrefix(b.body, "the app") || b.header.Get("Content-Type") == "application/jwk-set+json" || strings.Contains(b.at, "/assets/") && b.status == 200 {
		return
	}
	want := map[string]string{"Cache-Control": "no-store"}
	if b.body != "" {
		maps.Copy(want, pageHeaders)
		if strings.Contains(b.at, "?t=") || strings.Contains(b.at, "?invitation=") || strings.Contains(b.at, "__clerk_ticket=") {
			want["Referrer-Policy"] = "strict-origin" // the app must not learn the token
		}
	}
	for name, value := range want {
		if got := b.header[name]; len(got) != 1 || got[0] != value {
			b.t.Errorf("%s: %s is %q, want %q", b.at, name, got, value)
		}
	}
	for secret := range b.w.secrets {
		if secret != "" && secret != b.token() && strings.Contains(b.body, secret) {
			b.t.Errorf("%s shows the secret %q", b.at, secret)
		}
	}
}

func (b *browser) token() string {
	if b.shown == nil || b.form == nil {
		return ""
	}
	return b.form.fields.Get("form_token")
}

// pageHeaders are those of OWASP ASVS 5.0 section 3.4 and of the answers to
// CSRF, framing and caching.
var pageHeaders = map[string]string{
	"Content-Type":  "text/html; charset=utf-8",
	"Cache-Control": "no-store",
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=(), otp-credentials=(self)",
	"Referrer-Policy":              "same-origin",
	"Strict-Transport-Security":    "max-age=31536000",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

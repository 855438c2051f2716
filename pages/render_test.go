// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/pages"
)

func TestNoPageNeedsInlineStyleOrScript(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script[^>]*>[^<]|https?://`)
	for _, e := range gallery() {
		if found := forbidden.FindString(render(t, e.site, e.view)); found != "" {
			t.Errorf("%s contains %q, which the content security policy forbids or which leaves the origin", e.name, found)
		}
	}
}

func TestEveryFormCarriesItsHiddenFields(t *testing.T) {
	for _, e := range gallery() {
		html := render(t, e.site, e.view)
		forms := strings.Count(html, "<form ")
		for _, hidden := range []string{`name="form_token" value="form-token"`, `name="return_to" value="/reports?year=2026"`} {
			if got := strings.Count(html, hidden); got != forms {
				t.Errorf("%s: %d forms, %d times %s", e.name, forms, got, hidden)
			}
		}
		if got := strings.Count(html, `<form method="post"`); got != forms {
			t.Errorf("%s: a form does not post", e.name)
		}
		if strings.Contains(html, "[redacted]") {
			t.Errorf("%s prints a secret's stand-in", e.name)
		}
	}
}

func TestHelpComesLastOnEveryPage(t *testing.T) {
	for _, e := range gallery() {
		html := render(t, e.site, e.view)
		links := regexp.MustCompile(`<a [^>]*href="([^"]*)"`).FindAllStringSubmatch(html, -1)
		if e.view.Page == pages.PageOutbox || e.view.Page == pages.PageFrame {
			continue
		}
		if last := links[len(links)-1][1]; last != "mailto:help@acme.example" {
			t.Errorf("%s: the last link is %s", e.name, last)
		}
	}
}

// A page offers each way out once, and not the page that it is.
func TestNoPageOffersTheSameTwice(t *testing.T) {
	link := regexp.MustCompile(`<a [^>]*>([^<]+)</a>`)
	for _, e := range gallery() {
		html, seen := render(t, e.site, e.view), map[string]bool{}
		for _, m := range link.FindAllStringSubmatch(html, -1) {
			if seen[m[1]] && !strings.Contains(m[0], "aria-labelledby") { // of lists
				t.Errorf("%s offers %q twice", e.name, m[1])
			}
			seen[m[1]] = true
		}
		if e.view.Page == pages.PageMethods && seen["Use another method"] {
			t.Errorf("%s offers another page to choose a method", e.name)
		}
	}
}

func TestRefusalIsShownInTitleSummaryAndField(t *testing.T) {
	html := render(t, acme(), codeView(func(v *pages.View) {
		v.Refusal = refused(gatelatch.CodeIncorrect, "code", "That code is incorrect.")
	}))
	for _, want := range []string{
		"<title>Error: Check your email", `role="alert"`, `<a href="#code">That code is incorrect.</a>`,
		`<p class="error" id="code-error">That code is incorrect.</p>`,
		`aria-describedby="code-error lead" aria-invalid="true"`, `required autofocus>`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestRefusalWithoutFieldTakesTheFocusItself(t *testing.T) {
	html := render(t, acme(), view(pages.PageSignIn, func(v *pages.View) {
		v.Refusal = refused(gatelatch.CodeTooManyRequests, "", "Too many codes were asked for.")
		v.Refusal.RetryAfter = 61 * time.Second
	}))
	if !strings.Contains(html, `role="alert" tabindex="-1" autofocus`) || strings.Count(html, "autofocus") != 1 {
		t.Error("the summary does not have the focus alone")
	}
	if !strings.Contains(html, "Try again in 2 minutes.") {
		t.Error("it does not say when to try again")
	}
}

func TestCodePageSaysOnlyWhatIsTrue(t *testing.T) {
	closedSite := acmeWith(closed)
	for _, row := range []struct {
		name string
		site pages.Site
		view pages.View
		want string
	}{
		{"open", acme(), codeView(nil), "We sent a 6-digit code to <bdi>j•••@example.com</bdi>. It works for 10 minutes."},
		{"closed, nobody may learn who exists", closedSite, codeView(nil), "If <bdi>j•••@example.com</bdi> has an account here, a 6-digit code is on its way to it."},
		{"the last minute", acme(), codeView(func(v *pages.View) { v.Now = noon.Add(9*time.Minute + time.Second) }), "It works for 59 seconds."},
		{"one minute", acme(), codeView(func(v *pages.View) { v.Now = noon.Add(9 * time.Minute) }), "It works for 1 minute."},
		{"over", acme(), codeView(func(v *pages.View) { v.Now = v.ExpireAt }), `value="resend">Send a new code</button>`},
		{"may resend", acme(), codeView(func(v *pages.View) { v.Now = v.ResendAt }), `formnovalidate>Send the code again</button>`},
		{"may not resend yet", acme(), codeView(nil), `in <span data-countdown="24">24 seconds</span>`},
		{"text message", acme(), codeView(func(v *pages.View) { v.Channel = pages.ChannelSMS }), `data-webotp`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if html := render(t, row.site, row.view); !strings.Contains(html, row.want) {
				t.Errorf("no %q in\n%s", row.want, html)
			}
		})
	}
}

func TestPostedPagesAreMarked(t *testing.T) {
	for name, row := range map[string]struct {
		view pages.View
		want bool
	}{
		"plain":                    {view(pages.PageSignIn, nil), false},
		"answer to a post":         {view(pages.PageSignIn, func(v *pages.View) { v.Posted = true }), true},
		"the app's own form":       {view(pages.PageSignIn, func(v *pages.View) { v.Notice = pages.NoticePosted }), true},
		"some other piece of news": {view(pages.PageSignIn, func(v *pages.View) { v.Notice = pages.NoticeEnded }), false},
	} {
		if got := strings.Contains(render(t, acme(), row.view), " data-posted>"); got != row.want {
			t.Errorf("%s: data-posted is %v", name, got)
		}
	}
}

func TestEveryStatusHasWords(t *testing.T) {
	for _, status := range []int{0, 400, 401, 403, 404, 405, 413, 418, 422, 429, 500, 502, 503, 504} {
		html := render(t, acme(), view(pages.PageError, func(v *pages.View) { v.StatusCode = status }))
		if !strings.Contains(html, "<h1 ") || status > 0 && strings.Contains(html, strconv.Itoa(status)) {
			t.Errorf("%d: no heading, or a bare number", status)
		}
	}
}

func TestOperatorsTemplateReplacesOneFile(t *testing.T) {
	site := acmeWith(func(s *pages.Site) {
		s.Templates = fstest.MapFS{
			"signed_out.html": {Data: []byte(`{{template "top.html" .}}<p>So long, {{.Site.Name}}.</p>{{template "bottom.html" .}}`)},
			"README":          {Data: []byte("not a template")},
		}
	})
	if html := render(t, site, view(pages.PageSignedOut, nil)); !strings.Contains(html, "<p>So long, Acme.</p>") {
		t.Error("the operator's page is not shown")
	}
	if html := render(t, site, view(pages.PageSignIn, nil)); !strings.Contains(html, `name="identifier"`) {
		t.Error("the other pages are gone")
	}
}

func TestBadChoicesAreRefusedByName(t *testing.T) {
	own := func(name, text string) func(*pages.Site) {
		return func(s *pages.Site) { s.Templates = fstest.MapFS{name: {Data: []byte(text)}} }
	}
	for _, row := range []struct {
		name   string
		change func(*pages.Site)
		want   string
	}{
		{"template does not parse", own("code.html", "{{if}}"), "code.html"},
		{"template names nothing", own("code.html", "{{.Nothing}}"), "code.html"},
		{"template breaks a tag", own("code.html", "<a href='{{if .To}}'{{end}}>"), "code.html"},
		{"message unknown", own("code.html", `{{t "no.such.message"}}`), "no.such.message"},
		{"template replaces nothing", own("signin.html", ""), "sign_in.html"},
		{"accent is a word", func(s *pages.Site) { s.Accent = "red" }, `accent "red"`},
		{"accent is short", func(s *pages.Site) { s.Accent = "#abc" }, `accent "#abc"`},
		{"logo elsewhere", func(s *pages.Site) { s.Logo = "https://cdn.example/logo.svg" }, "logo"},
		{"logo elsewhere, in disguise", func(s *pages.Site) { s.Logo = "//cdn.example/logo.svg" }, "logo"},
		{"stylesheet elsewhere", func(s *pages.Site) { s.Stylesheet = `/\cdn.example/a.css` }, "stylesheet"},
		{"help by script", func(s *pages.Site) { s.Help = "javascript:alert(1)" }, "help"},
		{"base missing", func(s *pages.Site) { s.Base = "" }, "base"},
		{"base with a slash", func(s *pages.Site) { s.Base = "/.auth/" }, "base"},
		{"nobody can be identified", func(s *pages.Site) { s.Email = false }, "email"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := pages.NewRenderer(acmeWith(row.change))
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error about %s", err, row.want)
			}
		})
	}
}

func TestUnknownPageWritesNothing(t *testing.T) {
	r, err := pages.NewRenderer(acme())
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := r.Render(&buf, pages.View{Page: "../code"}); err == nil || buf.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, buf.Len())
	}
}

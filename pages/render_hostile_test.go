// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/pages"
)

// skeleton lists the tags of a document and the names of their attributes.
// Whatever people type must never change it.
func skeleton(document string) []string {
	var tags []string
	z := html.NewTokenizer(strings.NewReader(document))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tags
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			tag := token.Data
			for _, a := range token.Attr {
				tag += " " + a.Key
			}
			tags = append(tags, tag)
		}
	}
}

// typed is a view with one text wherever a stranger can put text.
func typed(page pages.Page, text string) pages.View {
	return codeView(func(v *pages.View) {
		v.Page, v.Identifier, v.To, v.Attempt, v.Return, v.ContinueURL = page, "x"+text, "x"+text, "x"+text, "/"+text, "/"+text
		v.Fields = []pages.Field{{Name: "email_address", Value: text}, {Name: "last_name", Value: text}}
		v.Refusal = refused(gatelatch.CodeFormat, "identifier", "x"+text)
		v.Account = typedAccount(page, text)
		v.Entries = []pages.OutboxEntry{{To: text, Code: "x" + text, Subject: "x" + text, Body: text}}
		v.Auth = typedAuth(text)
	})
}

// typedAuth is the same for what only some steps show.
func typedAuth(text string) pages.Auth {
	return pages.Auth{
		Strategy: gatelatch.Strategy("x" + text), AddressID: "x" + text, Passkey: "x" + text, LinkToken: gatelatch.Secret("x" + text),
		LinkCode: gatelatch.Secret("x" + text), Level: flow.Level("x" + text), MinLength: 8, Task: true, Others: true, Second: true, TrustDays: 30,
		Methods: []pages.Method{{Way: "x" + text, Strategy: gatelatch.EmailCode, To: text}, {Way: text, Strategy: gatelatch.ResetByPhone, To: text}},
		SetUps:  []pages.SetUp{{Name: "totp", Href: "/" + text}, {Name: "passkey", Href: "/" + text}},
		Terms:   flow.Terms{URL: "/" + text, Version: "x" + text},
	}
}

func hostileTexts() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus=alert(1) x='`,
		`</title><script>alert(1)</script>`, `{{.Token}}`, `</pre><b>`, `javascript:alert(1)`, "\x00<\x01>\xff\xfe",
		"\u202e\u2066moc.elpmaxe@ada", "-->", "`${alert(1)}`", `&lt;script&gt;`, strings.Repeat("<", 5000),
	}
}

func TestHostileTextStaysText(t *testing.T) {
	plain := skeletons(t, acme(), "a")
	for _, text := range hostileTexts() {
		site := acmeWith(func(s *pages.Site) { s.Name = "x" + text })
		for page, got := range skeletons(t, site, text) {
			if !slices.Equal(got, plain[page]) {
				t.Errorf("%s: %q changes the document to %q", page, text, got)
			}
		}
	}
}

// skeletons draws every page of a site with one text everywhere.
func skeletons(t testing.TB, s pages.Site, text string) map[pages.Page][]string {
	t.Helper()
	r := rendererOf(t, s)
	all := map[pages.Page][]string{}
	for _, page := range pages.Pages() {
		all[page] = skeleton(draw(t, r, typed(page, text)))
	}
	return all
}

func draw(t testing.TB, r *pages.Renderer, v pages.View) string {
	t.Helper()
	var out strings.Builder
	if err := r.Render(&out, v); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestScriptAddressesAreDefused(t *testing.T) {
	out := render(t, acme(), view(pages.PageSignedOut, func(v *pages.View) { v.ContinueURL = "javascript:alert(1)" }))
	if strings.Contains(out, "javascript:") {
		t.Error("a link runs script")
	}
}

func FuzzRender(f *testing.F) {
	for _, text := range hostileTexts() {
		f.Add(text)
	}
	site := acmeWith(both)
	plain := skeletons(f, site, "a")
	f.Fuzz(func(t *testing.T, text string) {
		text = text[:min(len(text), 200)] // every page repeats it many times
		for page, got := range skeletons(t, site, text) {
			if !slices.Equal(got, plain[page]) {
				t.Errorf("%s: %q changes the document to %q", page, text, got)
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/gatelatch/gatelatch"
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
		v.Account = &pages.Account{Name: "x" + text, Email: "x" + text, Phone: "x" + text}
		v.Entries = []pages.OutboxEntry{{To: text, Code: "x" + text, Subject: "x" + text, Body: text}}
	})
}

func hostileTexts() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus=alert(1) x='`,
		`</title><script>alert(1)</script>`, `{{.Token}}`, `</pre><b>`, `javascript:alert(1)`, "\x00<\x01>\xff\xfe",
		"\u202e\u2066moc.elpmaxe@ada", "-->", "`${alert(1)}`", `&lt;script&gt;`, strings.Repeat("<", 5000),
	}
}

func TestHostileTextStaysText(t *testing.T) {
	for _, page := range pages.Pages() {
		plain := skeleton(render(t, acme(), typed(page, "a")))
		for _, text := range hostileTexts() {
			site := acmeWith(func(s *pages.Site) { s.Name = "x" + text })
			got := skeleton(render(t, site, typed(page, text)))
			if !slices.Equal(got, plain) {
				t.Errorf("%s: %q changes the document to %q", page, text, got)
			}
		}
	}
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
	r, err := pages.NewRenderer(acmeWith(both))
	if err != nil {
		f.Fatal(err)
	}
	draw := func(t *testing.T, v pages.View) []string {
		var out strings.Builder
		if err := r.Render(&out, v); err != nil {
			t.Fatal(err)
		}
		return skeleton(out.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, page := range pages.Pages() {
			if got, plain := draw(t, typed(page, text)), draw(t, typed(page, "a")); !slices.Equal(got, plain) {
				t.Errorf("%s: %q changes the document to %q", page, text, got)
			}
		}
	})
}

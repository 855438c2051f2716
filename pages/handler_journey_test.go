// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"strings"

	"golang.org/x/net/html"
)

// signUp makes an account for an address in this browser and ends in the app.
func (b *browser) signUp(email string) *browser {
	b.t.Helper()
	b.open("/.auth/sign-up").says(200).press("sign_up", "email_address="+email).says(200)
	return b.press("verify", "code="+b.w.code()).says(200, "the app, for "+email)
}

// signIn asks for a code for an address and ends on the page that takes it.
func (b *browser) signIn(email string) *browser {
	b.t.Helper()
	return b.open("/.auth/sign-in").says(200).press("identify", "identifier="+email).says(200, "Check your email")
}

// link returns where the link with a text leads.
func (b *browser) link(text string) string {
	b.t.Helper()
	doc, err := html.Parse(strings.NewReader(b.body))
	if err != nil {
		b.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && n.FirstChild != nil && n.FirstChild.Data == text {
			return attr(n, "href")
		}
	}
	b.t.Fatalf("no link %q on %s:\n%s", text, b.at, b.text)
	return ""
}

// has reports whether there is a link with a text.
func (b *browser) has(text string) bool { return strings.Contains(b.body, ">"+text+"</a>") }

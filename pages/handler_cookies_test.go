// SPDX-License-Identifier: Apache-2.0

package pages_test

import "testing"

// TestCookiesAreOff: a browser that takes no cookies cannot get in. It is told so in
// a sentence, each time, and what was typed stays; once it takes them it goes on.
func TestCookiesAreOff(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t)
		b := w.browser().open("/report")
		b.script = script
		for range 3 {
			clear(b.cookies)
			untouched(t, w, "a form without cookies", func() {
				b.post("identify", "identifier=jo@example.com").says(403, "Your browser sent no cookie, so nothing was done.", "allow cookies for this site")
			})
			if got := b.form.fields; got.Get("identifier") != "jo@example.com" || got.Get("return_to") != "/report" {
				t.Fatalf("the page shown instead holds %v", got)
			}
		}
		b.press("identify").says(200, "Check your email")
	})
}

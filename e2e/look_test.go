// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

var looks = []harness.Look{{Width: 320}, {Width: 320, Dark: true}, {Width: 1280}, {Width: 1280, Dark: true}}

func lookName(l harness.Look) string {
	scheme := "light"
	if l.Dark {
		scheme = "dark"
	}
	return fmt.Sprintf("%d-%s", l.Width, scheme)
}

// TestEveryPage shows every page in every state that matters, small and wide,
// light and dark: nothing overflows, nothing is out of reach, nothing is noted
// in the console, and nothing is loaded from elsewhere.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	harness.NeedBrowser(t)
	showAll(t, scenes)
}

func showAll(t *testing.T, scenes []scene) {
	t.Helper()
	gates := map[site]*harness.Gate{}
	for _, s := range scenes {
		if gates[s.site] == nil {
			gates[s.site] = harness.Start(t, sites[s.site])
		}
		t.Run(s.name, func(t *testing.T) {
			tab := gates[s.site].NewTab(t, harness.Look{})
			s.show(t, tab)
			inspect(t, tab, s.name)
		})
	}
	for _, g := range gates {
		noProblems(t, g)
	}
}

// TestEveryPageBeyondCodes is the same for passwords, new devices and second
// steps.
func TestEveryPageBeyondCodes(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	showAll(t, authScenes)
}

// inspect looks at a page in every way.
func inspect(t *testing.T, tab *harness.Tab, name string) {
	t.Helper()
	for _, l := range looks {
		tab.SetLook(l)
		tab.Picture(name + "-" + lookName(l))
		if testing.Short() && l.Dark != (l.Width == 320) {
			continue
		}
		for _, v := range tab.Violations() {
			t.Errorf("%s: %s", lookName(l), v)
		}
		fits(t, tab, lookName(l))
	}
	tab.SetLook(looks[0])
	tab.Eval("document.documentElement.dir = 'rtl'; 0")
	fits(t, tab, "right to left")
	tab.Picture(name + "-rtl")
	tab.Eval("document.documentElement.dir = 'ltr'; 0")
	tab.SetLook(harness.Look{Width: 640})
	tab.Eval("document.documentElement.style.fontSize = '200%'; 0")
	fits(t, tab, "text of double size")
	for _, p := range tab.Problems() {
		t.Errorf("the console: %s", p)
	}
	for _, r := range tab.Requests() {
		if !strings.HasPrefix(r.URL, tab.Gate.URL()+"/") && !strings.HasPrefix(r.URL, "data:") {
			t.Errorf("a request to %s", r.URL)
		}
	}
}

// fits fails when the page can be scrolled sideways, or something sticks out.
func fits(t *testing.T, tab *harness.Tab, look string) {
	t.Helper()
	var out []string
	tab.EvalInto(`[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()).filter(e => {
		const r = e.getBoundingClientRect(); return r.width > 0 && (r.left < -1 || r.right > innerWidth + 1);
	}).map(e => e.outerHTML.slice(0, 120)).slice(0, 3)`, &out)
	if len(out) > 0 {
		t.Errorf("%s: sticks out: %s", look, strings.Join(out, "\n"))
	}
	if !tab.Soon("document.documentElement.scrollWidth <= document.documentElement.clientWidth") {
		t.Errorf("%s: the page scrolls sideways: %s", look, tab.Eval("document.documentElement.scrollWidth + ' > ' + document.documentElement.clientWidth"))
	}
	if !tab.Soon(`[...document.querySelectorAll('button.primary, a.primary, input')].every(e => !e.checkVisibility() ||
		e.getBoundingClientRect().height >= (e.type === 'checkbox' ? 24 : 44))`) {
		t.Errorf("%s: something to press is less than 44 px high", look)
	}
}

// TestLargeText shows text of double size in a narrow window: a whole code is to be
// seen, and the letter that stands for a logo has room.
func TestLargeText(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	tab := harness.Start(t, sites[plainSite]).NewTab(t, harness.Look{Width: 320})
	atCode(t, tab, "/home")
	tab.Eval("document.documentElement.style.fontSize = '200%'; document.getElementById('code').value = '888888'; 0")
	fits(t, tab, "text of double size")
	if !tab.Soon("(e => e.scrollWidth <= e.clientWidth)(document.getElementById('code'))") {
		t.Error("a part of the code is out of sight")
	}
	if !tab.Soon("(e => e.getBoundingClientRect().width >= 1.5 * parseFloat(getComputedStyle(e).fontSize))(document.querySelector('.mark'))") {
		t.Error("the letter of the name fills its box")
	}
	tab.Picture("large-text")
}

// maxWeight is what a page may weigh with all that it loads, in bytes.
const maxWeight = 40 << 10

func TestPagesAreLight(t *testing.T) {
	harness.NeedBrowser(t)
	for kind, extra := range map[site]int{plainSite: 0, brandedSite: 1} {
		g := harness.Start(t, sites[kind])
		tab := g.NewTab(t, harness.Look{})
		tab.NoCache()
		tab.Open("/home")
		ask(tab, "jo@example.org")
		attempt := tab.Eval("new URL(document.querySelector('form').action).pathname")
		for _, path := range []string{"/home", "/.auth/sign-up", attempt, "/.auth/signed-out", "/.auth/nowhere"} {
			tab.Forget()
			tab.Open(path)
			tab.Wait("document.readyState === 'complete'")
			weight, loaded := 0, map[string]bool{}
			for _, r := range tab.Loaded() {
				if !strings.HasPrefix(r.URL, "data:") {
					loaded[r.URL] = true
					weight += r.Bytes
				}
			}
			allowed := 3 + extra // the page, its style, its script, and the logo
			if path == "/.auth/signed-out" {
				allowed++ // an empty file with which the browser is asked to forget
			}
			if len(loaded) > allowed {
				t.Errorf("%s %s loads %v", kind, path, slices.Sorted(maps.Keys(loaded)))
			}
			if weight > maxWeight || weight < 1000 {
				t.Errorf("%s %s weighs %d bytes", kind, path, weight)
			}
			t.Logf("%s %s: %d bytes, %d files", kind, path, weight, len(loaded))
		}
	}
}

// TestPagesHaveTheirHeaders checks what every page says to the browser.
func TestPagesHaveTheirHeaders(t *testing.T) {
	g := harness.Start(t, harness.Config{})
	v := g.NewVisitor()
	for path, status := range map[string]int{
		"/": 401, "/.auth/sign-in": 200, "/.auth/sign-up": 200, "/.auth/signed-out": 200, "/.auth/nowhere": 404, "/.auth/sign-in/x": 404,
	} {
		p, err := v.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if p.Status != status {
			t.Errorf("%s: %d, want %d", path, p.Status, status)
		}
		want := map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
		}
		for name, value := range want {
			if got := p.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		policy := p.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
			if !contains(policy, part) {
				t.Errorf("%s: the policy %q lacks %s", path, policy, part)
			}
		}
		if contains(policy, "unsafe") || contains(p.Body, "<style") || contains(p.Body, " style=") || contains(p.Body, " onclick") {
			t.Errorf("%s: inline script or style", path)
		}
	}
}

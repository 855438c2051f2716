// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// askLink asks for a link in a tab and returns the message that brings it.
func askLink(t *testing.T, tab *harness.Tab, path, address string, n int) harness.Message {
	t.Helper()
	tab.Open(path)
	ask(tab, address)
	follow(tab, "Use another method")
	tab.WaitText("Choose a method")
	click(tab, "button[value=email_link]", "Email a link to "+mask(address))
	tab.WaitText("Open it in this browser")
	m, err := tab.Gate.Outbox.Find(address, n)
	if err != nil || m.Link() == "" {
		t.Fatalf("no link in %+v, %v", m, err)
	}
	return m
}

func mask(address string) string { return address[:1] + "•••@example.org" }

func TestLinkInTheSameBrowser(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		knownUser(t, tab.Gate, jo)
		n := tab.Gate.Upstream.Count()
		m := askLink(t, tab, "/orders?x=1", jo, 3)
		fromMail := tab.Another(harness.Look{NoScript: !scripted(t)})
		fromMail.Open(m.Link())
		fromMail.WaitText("This is the browser that asked for the link")
		notYet(t, tab, n, "after the link was opened")
		press(fromMail, "Continue")
		landed(t, fromMail, "/orders?x=1")
		if fromMail.Shows(m.Code) {
			t.Error("the code is shown")
		}
		session := tab.Cookie(harness.SessionCookie)
		fromMail.Open(m.Link()) // opened and pressed once more
		press(fromMail, "Continue")
		landed(t, fromMail, "/orders?x=1")
		if again := tab.Cookie(harness.SessionCookie); again != session {
			t.Error("one link, two sessions")
		}
		tab.Open("/orders?x=1")
		tab.WaitFor("#app")
	})
}

func TestLinkInAnotherBrowser(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		const jo = "jo@example.org"
		knownUser(t, tab.Gate, jo)
		n := tab.Gate.Upstream.Count()
		m := askLink(t, tab, "/orders", jo, 3)
		phone := tab.Gate.NewTab(t, harness.Look{NoScript: !scripted(t), Width: 320})
		phone.Open(m.Link())
		phone.WaitFor(".digits")
		if got := replaceAll(phone.Eval("document.querySelector('.digits').innerText"), " ", ""); got != m.Code {
			t.Errorf("the link shows %q, the mail %s", got, m.Code)
		}
		if phone.True("document.querySelector('button')") {
			t.Error("there is something to press")
		}
		notYet(t, phone, n, "in the other browser")
		notYet(t, tab, n, "in this browser")
		enter(tab, m.Code, scripted(t))
		landed(t, tab, "/orders")
		phone.Open(m.Link())
		phone.WaitText("This link does not work any more")
		notYet(t, phone, n+1, "with a link that is spent")
	})
}

// TestScannersOfMailChangeNothing opens a link as programs do that look at mail,
// and presses its button from another browser.
func TestScannersOfMailChangeNothing(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	const jo = "jo@example.org"
	knownUser(t, g, jo)
	v := g.NewVisitor()
	p := page(t)(v.Ask("/home", jo))
	p = page(t)(v.Open(p.URL.Path + "?ways=1"))
	page(t)(v.Follow(v.Choose(p, "email_link")))
	m, err := g.Outbox.Find(jo, 3)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 { // as often as scanners, prefetchers and previews may
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
			scanner := g.NewVisitor()
			scanner.Header.Set("User-Agent", "Mozilla/5.0 (compatible; scanner)")
			got := page(t)(scanner.Do(method, m.Link(), nil, nil))
			if got.Status >= 500 || scanner.Cookie(harness.SessionCookie) != "" {
				t.Errorf("%s: %d", method, got.Status)
			}
			scanner.Close()
		}
	}
	own := page(t)(v.Open(m.Link()))
	outside(t, v, "after the link was opened in the same browser")
	stranger := g.NewVisitor()
	theirs := page(t)(stranger.Open("/.auth/sign-in"))
	f, _ := own.Form("link")
	for what, token := range map[string]string{"its own form token": theirs.Forms[0].Inputs["form_token"], "the browser's": f.Inputs["form_token"]} {
		values := f.Values()
		values.Set("form_token", token)
		values.Set("step", "link")
		if got := page(t)(stranger.Post(f.Action, values.Encode())); got.Status < 400 {
			t.Errorf("another browser with %s got %d", what, got.Status)
		}
		outside(t, stranger, "with "+what)
	}
	for what, path := range map[string]string{
		"no token": own.URL.Path, "another token": own.URL.Path + "?t=AAAAAAAAAAAAAAAAAAAAAA", "a long token": own.URL.Path + "?t=" + m.Link() + m.Link() + m.Link(),
	} {
		if got := page(t)(stranger.Open(path)); got.Status < 400 || got.Contains(m.Code) {
			t.Errorf("%s: %d %.300s", what, got.Status, got.Body)
		}
	}
	if got := page(t)(v.Submit(own, "link", nil)); !v.Admitted(got) {
		t.Errorf("the browser that asked got %d %.300s", got.Status, got.Body)
	}
	inside(t, v, "after the button")
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// A page that stays open while the world around it changes, and trips by way of
// the gate that SDKs and backends send browsers on.

// tokenOf has the page ask for a new token, and returns whose it is.
func tokenOf(t *testing.T, tab *harness.Tab) string {
	t.Helper()
	var token string
	run(tab, `return clerk.session.getToken({skipCache: true})`, &token)
	return tokenClaims(t, token).Sub
}

// TestSDKPageOutlivesTheGate has a page of another origin stay open while the gate
// reads its configuration anew, ends and starts again, and is away for a while.
func TestSDKPageOutlivesTheGate(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Bare: true})
	tab := s.NewTab(t, harness.Look{})
	s.openElsewhere(tab, "vanilla", "sign-up")
	s.ask(tab, people["email"])
	put(tab, "#code", s.Outbox.Code(t, people["email"], 1))
	push(tab, "#check")
	user := who(tab)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := tokenOf(t, tab); got != user {
		t.Errorf("after a reload the token is of %q", got)
	}
	s.Kill()
	tab.Eval(`window.waiting = clerk.session.getToken({skipCache: true}).then(t => window.answer = t, e => window.answer = String(e)), 0`)
	tab.Eval(`clerk.session.touch().catch(() => {}), 0`)
	tab.Wait(`performance.getEntriesByType('resource').some(r => r.name.includes('/tokens') && !r.responseStatus)`)
	if got := tab.Eval(`document.getElementById('who').textContent`); got != user {
		t.Errorf("while the gate is away the page shows %s", got)
	}
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	if got := tokenOf(t, tab); got != user {
		t.Errorf("after a restart the token is of %q", got)
	}
	run(tab, `await clerk.user.reload(); await clerk.session.touch()`, nil)
	who(tab)
	getsOut(tab)
}

// TestSDKBackAfterSignOut goes back to a page of the app after the program has
// signed out: nothing of it is kept.
func TestSDKBackAfterSignOut(t *testing.T) {
	s, tab, user := vanillaSite(t, sdkSetup{}, people["email"])
	passes(t, tab, user)
	s.open(tab, "vanilla", "sign-in")
	who(tab)
	run(tab, `await clerk.signOut({redirectUrl: '#out'})`, nil)
	tab.Eval(`setTimeout(() => history.go(location.hash ? -2 : -1)), 0`)
	tab.Wait(`location.pathname === '/orders' && document.readyState === 'complete'`)
	tab.WaitFor("#identifier")
	if tab.Shows(user) {
		t.Error("the app's page is shown from the browser's memory")
	}
	faultless(t, s, tab)
}

// TestSDKHandshake sends a browser that has lost the cookies of scripts on the
// trip that Clerk's backends send it on.
func TestSDKHandshake(t *testing.T) {
	s, tab, user := vanillaSite(t, sdkSetup{}, people["email"])
	for name, page := range map[string]string{"the gate's origin": s.URL(), "another port": s.Elsewhere} {
		back := page + "/app/vanilla/sign-in?came=back"
		tab.Open("/app/vanilla/sign-in")
		who(tab)
		tab.Open("/.auth/signed-out") // a page without clerk-js, which would put them back
		tab.Eval(`document.cookie.split('; ').map(c => c.split('=')[0]).forEach(n => document.cookie = n + '=; path=/; max-age=0'), 0`)
		if left := tab.Eval(`document.cookie`); strings.Contains(left, "__session") {
			t.Fatalf("the cookies %s are left", left)
		}
		tab.Open("/.auth/v1/client/handshake?format=nonce&suffixed_cookies=true&__clerk_api_version=2026-05-12&__clerk_hs_reason=session-token-but-no-client-uat&redirect_url=" + url.QueryEscape(back))
		if got := tab.Location(); got != back {
			t.Errorf("%s: the trip ends at %s", name, got)
		}
		for _, cookie := range []string{"__session=", "__session_", "__client_uat=", "__client_uat_"} {
			if !tab.True(fmt.Sprintf(`document.cookie.split('; ').some(c => c.startsWith(%q))`, cookie)) {
				t.Errorf("%s: no cookie %s in %s", name, cookie, tab.Eval("document.cookie"))
			}
		}
		if got := who(tab); got != user {
			t.Errorf("%s: signed in as %s", name, got)
		}
	}
	tab.Open("/.auth/v1/client/handshake?redirect_url=" + url.QueryEscape("https://evil.example/"))
	if got := tab.Location(); !strings.HasPrefix(got, s.URL()) {
		t.Errorf("the trip leads to %s", got)
	}
}

// TestSDKDecoratedURL finishes a sign-in while the client cookie is about to be
// forgotten: the program then leads by way of the gate, which gives it anew.
func TestSDKDecoratedURL(t *testing.T) {
	for program, leave := range map[string]string{
		"vanilla":  `navigate: ({decorateUrl}) => { location.href = decorateUrl(location.pathname + '?came=back') }`,
		"vanilla5": `redirectUrl: location.pathname + '?came=back'`,
	} {
		t.Run(program, func(t *testing.T) {
			s, tab, user := vanillaSite(t, sdkSetup{}, people["email"])
			s.openElsewhere(tab, program, "sign-in")
			who(tab)
			tab.Forget()
			tab.Eval(`Object.defineProperty(clerk.client, 'cookieExpiresAt', {get: () => new Date(Date.now() + 864e5), set() {}});
				clerk.setActive({session: clerk.session.id, ` + leave + `}), 0`)
			tab.Wait(`location.search === '?came=back' && document.readyState === 'complete'`)
			if got := who(tab); got != user {
				t.Errorf("signed in as %s", got)
			}
			trip := false
			for _, r := range tab.Requests() {
				trip = trip || strings.Contains(r.URL, "/v1/client/touch?")
			}
			if !trip {
				t.Errorf("the way does not lead by the gate: %s", tab.Describe())
			}
			passes(t, tab, user)
		})
	}
}

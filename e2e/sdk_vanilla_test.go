// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// vanillas are the pages without a framework, for both major versions of
// clerk-js.
var vanillas = []string{"vanilla", "vanilla5"}

// people are the two kinds of addresses.
var people = map[string]string{"phone": "+12015550123", "email": "jo@example.org"}

// eachVanilla runs a test for both versions.
func eachVanilla(t *testing.T, setup sdkSetup, test func(t *testing.T, s *sdkSite, program string)) {
	t.Helper()
	harness.NeedBrowser(t)
	for _, program := range vanillas {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			test(t, startSDK(t, setup), program)
		})
	}
}

// ask gives an address on a vanilla page and waits for the form that takes the
// code.
func (s *sdkSite) ask(tab *harness.Tab, address string) {
	tab.T.Helper()
	put(tab, "#identifier", address)
	push(tab, "#go")
	tab.WaitFor("#code")
}

// vanillaIn brings a tab from the sign-up or sign-in page to a session.
func (s *sdkSite) vanillaIn(t *testing.T, tab *harness.Tab, program, show, address string) string {
	t.Helper()
	n := len(s.Outbox.To(address))
	s.open(tab, program, show)
	s.ask(tab, address)
	put(tab, "#code", s.Outbox.Code(t, address, n+1))
	push(tab, "#check")
	return who(tab)
}

func TestSDKVanillaUpOutAndIn(t *testing.T) {
	eachVanilla(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		for kind, address := range people {
			t.Run(kind, func(t *testing.T) {
				tab := s.NewTab(t, harness.Look{})
				user := s.vanillaIn(t, tab, program, "sign-up", address)
				passes(t, tab, user)

				s.open(tab, program, "sign-in")
				if got := who(tab); got != user {
					t.Errorf("after a navigation it is %s, not %s", got, user)
				}
				getsOut(tab)
				stops(t, tab)

				if got := s.vanillaIn(t, tab, program, "sign-in", address); got != user {
					t.Errorf("signed in as %s, not %s", got, user)
				}
				tab.Reload()
				who(tab)
				passes(t, tab, user)
				faultless(t, s, tab)
			})
		}
	})
}

func TestSDKVanillaSecondTabFollows(t *testing.T) {
	eachVanilla(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		tab := s.NewTab(t, harness.Look{})
		user := s.vanillaIn(t, tab, program, "sign-up", people["email"])
		other := tab.Another(harness.Look{})
		s.open(other, program, "sign-in")
		if got := who(other); got != user {
			t.Errorf("the second tab sees %s, not %s", got, user)
		}
		getsOut(other)
		nobody(tab)
	})
}

// TestSDKVanillaCarelessForm throws the answer to the right code away, as the
// documents' own page does: the browser submits the form while the code is on
// its way.
func TestSDKVanillaCarelessForm(t *testing.T) {
	eachVanilla(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		for _, show := range []string{"sign-up", "sign-in"} {
			tab := s.NewTab(t, harness.Look{})
			address := people["phone"]
			n := len(s.Outbox.To(address))
			s.open(tab, program, show, "careless")
			s.ask(tab, address)
			code := s.Outbox.Code(t, address, n+1)
			put(tab, "#code", code)
			push(tab, "#check")
			tab.Wait(`location.search === '?code=` + code + `'`)
			user := settled(tab)
			passes(t, tab, user)
			if contains(s.Log(), code) {
				t.Error("the code is in the gate's log")
			}
		}
	})
}

// settled returns the user that a page shows once the gate has judged the code:
// the page may have asked before.
func settled(tab *harness.Tab) string {
	tab.T.Helper()
	starts(tab)
	tab.Until(`document.getElementById('who').textContent !== 'nobody'`, func() {
		tab.Reload()
		starts(tab)
	})
	return who(tab)
}

func TestSDKVanillaWrongCode(t *testing.T) {
	eachVanilla(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		for _, show := range []string{"sign-up", "sign-in"} {
			tab := s.NewTab(t, harness.Look{})
			address := people["email"]
			n := len(s.Outbox.To(address))
			s.open(tab, program, show)
			s.ask(tab, address)
			code := s.Outbox.Code(t, address, n+1)
			put(tab, "#code", wrong(code))
			push(tab, "#check")
			complains(t, tab, "form_code_incorrect", "code")
			if !tab.Shows("is incorrect") {
				t.Error(tab.Describe())
			}
			put(tab, "#code", code)
			push(tab, "#check")
			who(tab)
		}
	})
}

// complains waits for an error on a vanilla page.
func complains(t *testing.T, tab *harness.Tab, code, param string) {
	t.Helper()
	tab.Wait(`document.getElementById('error').dataset.code`)
	if got := tab.Eval(`document.getElementById('error').dataset.code`); got != code {
		t.Errorf("the error is %s, not %s: %s", got, code, tab.Describe())
	}
	if got := tab.Eval(`document.getElementById('error').dataset.param`); got != param {
		t.Errorf("the error belongs to %q, not %q", got, param)
	}
	if tab.Eval(`document.getElementById('error').textContent`) == "" {
		t.Error("the error has no words")
	}
}

func TestSDKVanillaBadAddress(t *testing.T) {
	eachVanilla(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		for show, param := range map[string]string{"sign-up": "email_address", "sign-in": "identifier"} {
			tab := s.NewTab(t, harness.Look{})
			s.open(tab, program, show)
			put(tab, "#identifier", "nonsense")
			push(tab, "#go")
			complains(t, tab, "form_param_format_invalid", param)
		}
		if n := len(s.Outbox.All()); n != 0 {
			t.Errorf("%d messages were sent", n)
		}
	})
}

// TestSDKVanillaReloadResumes loads the page again between address and code.
func TestSDKVanillaReloadResumes(t *testing.T) {
	eachVanilla(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		for _, show := range []string{"sign-up", "sign-in"} {
			tab := s.NewTab(t, harness.Look{})
			n := len(s.Outbox.To(people["phone"]))
			s.open(tab, program, show)
			s.ask(tab, people["phone"])
			code := s.Outbox.Code(t, people["phone"], n+1)
			tab.Reload()
			put(tab, "#code", code)
			push(tab, "#check")
			who(tab)
		}
	})
}

// TestSDKVanillaNewDevice: clerk-js 6 is told needs_client_trust, clerk-js 5
// needs_second_factor. Either is confirmed with a code, once for a browser.
func TestSDKVanillaNewDevice(t *testing.T) {
	statuses := map[string]string{"vanilla": "needs_client_trust", "vanilla5": "needs_second_factor"}
	eachVanilla(t, sdkSetup{Directive: "password optional\n"}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		withPassword(t, s.Gate, jo, horse)
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, program, "sign-in")
		give := func() {
			put(tab, "#identifier", jo)
			tab.Fill("#password", horse)
			push(tab, "#go")
		}
		give()
		tab.WaitFor("#code")
		if got := tab.Eval("clerk.client.signIn.status"); got != statuses[program] {
			t.Errorf("the status is %s", got)
		}
		if got := tab.Eval("clerk.client.signIn.clientTrustState ?? 'untold'"); got != "new" && program == "vanilla" {
			t.Errorf("the client is %s", got)
		}
		put(tab, "#code", s.Outbox.Code(t, jo, 2))
		push(tab, "#check")
		user := who(tab)
		passes(t, tab, user)

		s.open(tab, program, "sign-in")
		getsOut(tab)
		s.open(tab, program, "sign-in")
		give()
		if got := who(tab); got != user {
			t.Errorf("signed in as %s, not %s", got, user)
		}
		if n := len(s.Outbox.To(jo)); n != 2 {
			t.Errorf("%d codes were sent, the last to a known browser", n)
		}
	})
}

func TestSDKVanillaWrongPassword(t *testing.T) {
	eachVanilla(t, sdkSetup{Directive: "password optional\n"}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		withPassword(t, s.Gate, jo, horse)
		for _, address := range []string{jo, "stranger@example.org"} {
			tab := s.NewTab(t, harness.Look{})
			s.open(tab, program, "sign-in")
			put(tab, "#identifier", address)
			tab.Fill("#password", donkey)
			push(tab, "#go")
			complains(t, tab, "form_password_incorrect", "password")
		}
	})
}

// TestSDKVanillaElsewhere has the page on another port: everything crosses
// origins, cookies included.
func TestSDKVanillaElsewhere(t *testing.T) {
	eachVanilla(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		tab := s.NewTab(t, harness.Look{})
		s.openElsewhere(tab, program, "sign-up")
		address := people["phone"]
		s.ask(tab, address)
		put(tab, "#code", s.Outbox.Code(t, address, 1))
		push(tab, "#check")
		user := who(tab)
		tab.Reload()
		if got := who(tab); got != user {
			t.Errorf("after a reload it is %s, not %s", got, user)
		}
		passes(t, tab, user)
		s.openElsewhere(tab, program, "sign-in")
		getsOut(tab)
		stops(t, tab)
	})
}

// TestSDKVanillaForeign has the page on a port that is not allowed: it can neither
// read an answer nor start anything.
func TestSDKVanillaForeign(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Foreign: true})
	tab := s.NewTab(t, harness.Look{})
	tab.Open(s.Elsewhere + "/app/vanilla/sign-up")
	for _, request := range []string{
		`fetch('%s/.auth/v1/client', {credentials: 'include'})`,
		`fetch('%s/.auth/v1/client/sign_ins', {method: 'POST', credentials: 'include', body: new URLSearchParams({identifier: 'jo@example.org'})})`,
	} {
		if got := tab.Eval(fmt.Sprintf(request, s.URL()) + `.then(r => 'read ' + r.status, () => 'refused')`); got != "refused" {
			t.Errorf("%s: %s", request, got)
		}
		// What a page may send without reading the answer is refused as well.
		tab.Eval(fmt.Sprintf(strings.Replace(request, "{", "{mode: 'no-cors', ", 1), s.URL()) + `.then(() => 0, () => 0)`)
	}
	for _, r := range tab.Requests() { // a GET without CORS has no Origin, and nobody can read its answer
		if contains(r.URL, "/v1/") && r.Method == http.MethodPost && r.Status != 0 && r.Status != http.StatusBadRequest {
			t.Errorf("%s %s is answered with %d", r.Method, r.URL, r.Status)
		}
	}
	if n := len(s.Outbox.All()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

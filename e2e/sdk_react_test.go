// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// reacts are the same app twice: with clerk-js in its bundle, and as most apps
// are, with script files that the gate serves.
var reacts = []string{"react", "react-bundled"}

// eachReact runs a test for both.
func eachReact(t *testing.T, setup sdkSetup, test func(t *testing.T, s *sdkSite, program string)) {
	t.Helper()
	harness.NeedBrowser(t)
	for _, program := range reacts {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			test(t, startSDK(t, setup), program)
		})
	}
}

// reactCode goes from a page's first form through the code to a session.
func (s *sdkSite) reactCode(t *testing.T, tab *harness.Tab, field, address string) string {
	t.Helper()
	n := len(s.Outbox.To(address))
	put(tab, field, address)
	push(tab, "#go")
	put(tab, "#code", s.Outbox.Code(t, address, n+1))
	push(tab, "#go")
	return who(tab)
}

func TestSDKReactUpOutAndIn(t *testing.T) {
	eachReact(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		for _, hooks := range []string{"", "legacy-"} {
			for kind, address := range people {
				t.Run(hooks+kind, func(t *testing.T) {
					tab := s.NewTab(t, harness.Look{})
					if hooks != "" {
						address = "2" + address
						if kind == "phone" {
							address = "+12015550124"
						}
					}
					s.open(tab, program, hooks+"sign-up")
					user := s.reactCode(t, tab, "#address", address)
					tab.WaitText(address)
					passes(t, tab, user)
					s.open(tab, program, hooks+"sign-in")
					getsOut(tab)
					stops(t, tab)

					s.open(tab, program, hooks+"sign-in")
					if got := s.reactCode(t, tab, "#identifier", address); got != user {
						t.Errorf("signed in as %s, not %s", got, user)
					}
					tab.Reload()
					if got := who(tab); got != user {
						t.Errorf("after a reload it is %s, not %s", got, user)
					}
					faultless(t, s, tab)
				})
			}
		}
	})
}

// wrongAt waits for an error at a field, with this code.
func wrongAt(t *testing.T, tab *harness.Tab, field, code string) {
	t.Helper()
	tab.WaitFor("#" + field + "-error")
	if got := tab.Eval(fmt.Sprintf("document.getElementById('%s-error').dataset.code", field)); got != code {
		t.Errorf("the error is %s, not %s: %s", got, code, tab.Describe())
	}
	if tab.Eval(fmt.Sprintf("document.getElementById('%s-error').textContent", field)) == "" {
		t.Error("the error has no words")
	}
}

// TestSDKReactErrorsStandAtTheirFields gives addresses and codes that are wrong.
func TestSDKReactErrorsStandAtTheirFields(t *testing.T) {
	eachReact(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		for _, hooks := range []string{"", "legacy-"} {
			for show, field := range map[string]string{"sign-up": "address", "sign-in": "identifier"} {
				t.Run(hooks+show, func(t *testing.T) {
					tab := s.NewTab(t, harness.Look{})
					s.open(tab, program, hooks+show)
					put(tab, "#"+field, "nonsense")
					push(tab, "#go")
					wrongAt(t, tab, field, "form_param_format_invalid")
					address := hooks + show + "@example.org"
					put(tab, "#"+field, address)
					push(tab, "#go")
					code := s.Outbox.Code(t, address, 1)
					put(tab, "#code", wrong(code))
					push(tab, "#go")
					wrongAt(t, tab, "code", "form_code_incorrect")
					if !tab.Shows("is incorrect") {
						t.Error(tab.Describe())
					}
				})
			}
		}
	})
}

// TestSDKReactRightCodeAfterWrongOnes also spends all tries: then no code helps.
func TestSDKReactRightCodeAfterWrongOnes(t *testing.T) {
	eachReact(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		tab := s.NewTab(t, harness.Look{})
		const jo = "jo@example.org"
		s.open(tab, program, "sign-up")
		put(tab, "#address", jo)
		push(tab, "#go")
		code := s.Outbox.Code(t, jo, 1)
		for range 4 {
			put(tab, "#code", wrong(code))
			tab.Eval("document.getElementById('code-error')?.setAttribute('data-code', 'old'); 0")
			push(tab, "#go")
			tab.Wait("document.getElementById('code-error')?.dataset.code === 'form_code_incorrect'")
		}
		put(tab, "#code", code)
		push(tab, "#go")
		who(tab)
	})
}

func TestSDKReactTokenIsFresh(t *testing.T) {
	eachReact(t, sdkSetup{}, func(t *testing.T, s *sdkSite, program string) {
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, program, "sign-up")
		user := s.reactCode(t, tab, "#address", people["email"])
		push(tab, "#ask")
		tab.Wait(`document.getElementById('token').textContent`)
		claims := tokenClaims(t, tab.Eval(`document.getElementById('token').textContent`))
		if claims.Sub != user || claims.Iss != "https://"+sdkIssuer || claims.Azp != s.URL() || claims.Version != 2 || claims.Status != "active" {
			t.Errorf("%+v", claims)
		}
		if claims.Exp-claims.Iat != 60 || claims.Nbf != claims.Iat-10 || len(claims.FVA) != 2 || claims.FVA[1] != -1 {
			t.Errorf("%+v", claims)
		}
		if got := tab.Eval(`document.getElementById('who').dataset.session`); got != claims.Sid {
			t.Errorf("the token is for %s, the session is %s", claims.Sid, got)
		}
	})
}

// passwordIn gives address and password on the page that takes them.
func (s *sdkSite) passwordIn(tab *harness.Tab, address, password string) {
	tab.T.Helper()
	put(tab, "#identifier", address)
	tab.Fill("#password", password)
	push(tab, "#go")
}

func TestSDKReactNewDevice(t *testing.T) {
	// Another code has to be too early also where all of this takes its time.
	eachReact(t, sdkSetup{Directive: "password optional\ncode {\nresend_after 5m\n}\n"}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		withPassword(t, s.Gate, jo, horse)
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, program, "password")
		s.passwordIn(tab, jo, donkey)
		wrongAt(t, tab, "password", "form_password_incorrect")
		s.passwordIn(tab, jo, horse)
		tab.WaitFor("form[data-status=needs_client_trust]")
		code := s.Outbox.Code(t, jo, 2)
		put(tab, "#code", wrong(code))
		push(tab, "#go")
		wrongAt(t, tab, "code", "form_code_incorrect")
		stops(t, tab)

		// A new page goes on where the last one was. It is too early for another code,
		// but the one that was sent still works.
		s.open(tab, program, "password")
		tab.WaitFor("form[data-status=needs_client_trust]")
		push(tab, "#email_code")
		tab.WaitText("You can ask for another one shortly.")
		put(tab, "#code", code)
		push(tab, "#go")
		user := who(tab)
		passes(t, tab, user)

		s.open(tab, program, "password")
		getsOut(tab)
		s.open(tab, program, "password")
		s.passwordIn(tab, jo, horse)
		if got := who(tab); got != user {
			t.Errorf("signed in as %s, not %s", got, user)
		}
	})
}

func TestSDKReactStartOver(t *testing.T) {
	eachReact(t, sdkSetup{Directive: "password optional\n"}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		withPassword(t, s.Gate, jo, horse)
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, program, "password")
		s.passwordIn(tab, jo, horse)
		first := s.Outbox.Code(t, jo, 2)
		push(tab, "#restart")
		tab.WaitFor("#identifier")
		s.passwordIn(tab, jo, horse)
		second := s.Outbox.Code(t, jo, 3)
		if first != second { // the code of an attempt that was left helps nobody
			put(tab, "#code", first)
			push(tab, "#go")
			wrongAt(t, tab, "code", "form_code_incorrect")
		}
		put(tab, "#code", second)
		push(tab, "#go")
		who(tab)
	})
}

func TestSDKReactSecondSteps(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password optional\nsecond_factor optional\n"})
	const jo = "jo@example.org"
	_, app, codes := withApp(t, s.Gate, jo, horse)
	for _, row := range []struct {
		way, wrong string
		code       func() string
	}{
		{"totp", "000000", app.Next},
		{"backup_code", "aaaaa-22222", func() string { return codes[0] }},
	} {
		t.Run(row.way, func(t *testing.T) {
			tab := s.NewTab(t, harness.Look{})
			s.open(tab, "react-bundled", "password")
			s.passwordIn(tab, jo, horse)
			tab.WaitFor("form[data-status=needs_second_factor]")
			push(tab, "#"+row.way)
			put(tab, "#code", row.wrong)
			push(tab, "#go")
			wrongAt(t, tab, "code", "form_code_incorrect")
			put(tab, "#code", row.code())
			push(tab, "#go")
			passes(t, tab, who(tab))
		})
	}
}

func TestSDKReactForgottenPassword(t *testing.T) {
	eachReact(t, sdkSetup{Directive: "password optional\n"}, func(t *testing.T, s *sdkSite, program string) {
		const jo = "jo@example.org"
		withPassword(t, s.Gate, jo, horse)
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, program, "new-password")
		put(tab, "#identifier", jo)
		push(tab, "#go")
		put(tab, "#code", s.Outbox.Code(t, jo, 2))
		push(tab, "#go")
		put(tab, "#password", "short")
		push(tab, "#go")
		wrongAt(t, tab, "password", "form_password_length_too_short")
		put(tab, "#password", donkey)
		push(tab, "#go")
		user := who(tab)
		passes(t, tab, user)
		s.open(tab, program, "password")
		getsOut(tab)
		s.open(tab, program, "password")
		s.passwordIn(tab, jo, horse)
		wrongAt(t, tab, "password", "form_password_incorrect")
		s.passwordIn(tab, jo, donkey)
		who(tab)
	})
}

// TestSDKReactElsewhere has the app on another port, with the whole proxy URL.
func TestSDKReactElsewhere(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{})
	tab := s.NewTab(t, harness.Look{})
	s.openElsewhere(tab, "react-bundled", "sign-up")
	user := s.reactCode(t, tab, "#address", people["email"])
	push(tab, "#ask")
	tab.Wait(`document.getElementById('token').textContent`)
	if azp := tokenClaims(t, tab.Eval(`document.getElementById('token').textContent`)).Azp; azp != s.Elsewhere {
		t.Errorf("the token is for %s, the page is at %s", azp, s.Elsewhere)
	}
	passes(t, tab, user)
	faultless(t, s, tab)
}

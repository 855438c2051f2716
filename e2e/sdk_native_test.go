// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"strings"
	"testing"
)

// Screens of an Expo app, with clerk-js's native build and without cookies. They
// run in Node: a browser would send an Origin along.

// phoneApp starts the app with what its secure store holds.
func (s *sdkSite) phoneApp(t testing.TB, page, vault string) *sdkProgram {
	t.Helper()
	p := startProgram(t, map[string]any{
		"publishableKey": s.Key, "proxyUrl": s.URL() + sdkBase, "token": vault, "page": page,
	}, "dist/expo.mjs")
	p.loaded()
	return p
}

func TestSDKNativeSignUp(t *testing.T) {
	t.Parallel()
	s := startSDK(t, sdkSetup{})
	for _, row := range []struct{ page, address string }{
		{"sign-up", "jo@example.org"}, {"sign-up", "+12015550123"}, {"legacy-sign-up", "+12015550124"},
	} {
		t.Run(row.page+" "+row.address, func(t *testing.T) {
			p := s.phoneApp(t, row.page, "")
			p.fill("Address", row.address)
			p.press("Sign up")
			code := s.Outbox.Code(t, row.address, 1)
			p.fill("Code", wrong(code))
			if row.page == "sign-up" {
				p.press("Verify")
				p.shows("is incorrect")
			}
			p.fill("Code", code)
			p.press("Verify")
			before := p.signedIn()
			claims := tokenClaims(t, p.say(map[string]any{"do": "token"}).Token)
			if claims.Sub != before.User || claims.Sid != before.Session || claims.Azp != "" {
				t.Errorf("%+v for %+v", claims, before)
			}

			// The app is closed and opened again: the store alone says who it is.
			again := s.phoneApp(t, "account", before.Vault)
			if after := again.signedIn(); after.User != before.User || after.Session != before.Session {
				t.Errorf("opened as %+v, closed as %+v", after, before)
			}
			again.say(map[string]any{"do": "signOut"})
			again.until("nobody is signed in", func(s screen) bool { return s.User == "" })
			if third := s.phoneApp(t, "account", again.state().Vault).shows("Nobody"); third.User != "" {
				t.Errorf("after signing out it is %s", third.User)
			}
		})
	}
	noProblems(t, s.Gate)
}

// TestSDKNativeNewDevice: a phone is a device like any other, known by what its
// store holds.
func TestSDKNativeNewDevice(t *testing.T) {
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password optional\n"})
	const jo = "jo@example.org"
	withPassword(t, s.Gate, jo, horse)
	p := s.phoneApp(t, "sign-in", "")
	p.fill("Address", jo)
	p.fill("Password", horse)
	p.press("Sign in")
	p.fill("Code", s.Outbox.Code(t, jo, 2))
	p.press("Verify")
	first := p.signedIn()
	p.say(map[string]any{"do": "signOut"})

	again := s.phoneApp(t, "sign-in", p.state().Vault)
	again.fill("Address", jo)
	again.fill("Password", horse)
	again.press("Sign in")
	if second := again.signedIn(); second.User != first.User {
		t.Errorf("signed in as %s, not %s", second.User, first.User)
	}
	if n := len(s.Outbox.To(jo)); n != 2 {
		t.Errorf("%d codes were sent, the last to a known phone", n)
	}
}

// TestSDKNativeReachesTheApp sends the session token where a native app sends
// it: to the app behind the gate.
func TestSDKNativeReachesTheApp(t *testing.T) {
	t.Parallel()
	s := startSDK(t, sdkSetup{})
	p := s.phoneApp(t, "sign-up", "")
	p.fill("Address", "jo@example.org")
	p.press("Sign up")
	p.fill("Code", s.Outbox.Code(t, "jo@example.org", 1))
	p.press("Verify")
	user := p.signedIn().User
	token := p.say(map[string]any{"do": "token"}).Token

	v := s.NewVisitor()
	defer v.Close()
	for name, row := range map[string]struct {
		header string
		status int
	}{
		"the token":         {"Bearer " + token, http.StatusOK},
		"a broken one":      {"Bearer " + token[:len(token)-6] + "AAAAAA", http.StatusUnauthorized},
		"the client's own":  {p.state().Vault, http.StatusUnauthorized},
		"no token":          {"", http.StatusUnauthorized},
		"without signature": {"Bearer " + token[:strings.LastIndex(token, ".")+1], http.StatusUnauthorized},
	} {
		answer, err := v.Do(http.MethodGet, "/api/orders", http.Header{
			"Accept": {"application/json"}, "Authorization": {row.header}, "Sec-Fetch-Mode": nil, "Sec-Fetch-Dest": nil, "Sec-Fetch-Site": nil, "Sec-Fetch-User": nil,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Status != row.status {
			t.Errorf("%s: %d %.300s", name, answer.Status, answer.Body)
		}
		if row.status == http.StatusOK && !answer.Contains(user) {
			t.Errorf("the app does not see %s: %.600s", user, answer.Body)
		}
	}
}

func TestSDKNativeCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	s := startSDK(t, sdkSetup{API: "native off"})
	answer, err := s.NewVisitor().Do(http.MethodPost, "/.auth/v1/client/sign_ups?_is_native=1", http.Header{
		"Authorization": {""}, "Content-Type": {"application/x-www-form-urlencoded"},
	}, strings.NewReader("email_address=jo%40example.org"))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Status != http.StatusBadRequest || !answer.Contains("native_api_disabled") {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

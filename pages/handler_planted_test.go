// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"net/http"
	"testing"
)

// Whoever signs in on a client that somebody else has planted, and is signed in on,
// gets another one: where a client holds several sessions, the cookie of one shows
// all.
func TestPlantedClient(t *testing.T) {
	for name, early := range map[string]bool{"before the page is open": true, "while the page is open": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, manySessions)
			thief, victim := w.browser(), w.browser()
			thief.extra = http.Header{"User-Agent": {"thief"}}
			thief.open("/.auth/sign-up").says(200)
			planted := thief.cookies[w.handler.Jar.Client]
			victim.cookies[w.handler.Jar.Client] = planted
			if early {
				thief.signUp("eve@example.com")
				victim.signUp("ada@example.com")
			} else {
				victim.open("/.auth/sign-up").says(200)
				thief.signUp("eve@example.com")
				victim.press("sign_up", "email_address=ada@example.com").says(http.StatusForbidden)
				victim.signUp("ada@example.com")
			}
			if victim.cookies[w.handler.Jar.Client] == planted {
				t.Error("the victim goes on with the planted cookie")
			}
			thief.open("/").says(200, "the app, for eve@example.com")
			if thief.open("/.auth/account"); thief.cookies[w.handler.Jar.Client] != planted {
				t.Error("a browser with the cookies of a session was given another client")
			}
		})
	}
}

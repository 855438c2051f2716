// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/flow"
)

// TestCancel: who is asked once more may leave it at that, on each page of it, and
// lands on a page that does not ask again.
func TestCancel(t *testing.T) {
	eachWay(t, func(t *testing.T, script bool) {
		w := newWorld(t)
		b := w.browser().signUp("jo@example.com")
		b.script = script
		w.pass(flow.DefaultPolicy().Code.Lifetime + 1)
		for path, lands := range map[string]string{
			"/payroll": "/", "/.auth/verify?return_to=%2F": "/.auth/account", "/.auth/verify": "/.auth/account",
			"/.auth/verify?return_to=%2F.auth%2Faccount%2Fdelete": "/.auth/account", "/.auth/verify?return_to=%2Fpayroll%3Fx%3D1": "/",
		} {
			b.open(path)
			if got := b.link("Cancel"); got != lands {
				t.Errorf("%s: Cancel leads to %s, want %s", path, got, lands)
			}
			b.press("again").says(200, "To confirm that it is you")
			if got := b.link("Cancel"); got != lands {
				t.Errorf("%s, with the code: Cancel leads to %s, want %s", path, got, lands)
			}
			b.open(b.link("Cancel")).says(200)
		}
	})
	// In a sign-in there is nothing to go back to.
	b := newWorld(t).browser().signIn("jo@example.com")
	if b.has("Cancel") {
		t.Error("a sign-in can be cancelled")
	}
}

// TestCancelASecondStepToSetUp: it cannot be cancelled where the site asks everybody
// for one, but where one path does.
func TestCancelASecondStepToSetUp(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.SecondFactor = flow.Optional })
	b := w.browser().signUp("jo@example.com").open("/vault").says(401, "Set up a second step")
	if got := b.link("Cancel"); got != "/" {
		t.Errorf("Cancel leads to %s", got)
	}
	w = newWorld(t, func(s *setting) { s.policy.SecondFactor = flow.Required })
	b = w.browser().open("/.auth/sign-up").press("sign_up", "email_address=jo@example.com")
	b.press("verify", "code="+w.code()).says(401, "Set up a second step")
	if b.has("Cancel") {
		t.Error("a task can be cancelled")
	}
}

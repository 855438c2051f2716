// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestExpiredCode waits until a code is over, gives it all the same, and gets a
// new one.
func TestExpiredCode(t *testing.T) {
	t.Parallel()
	slow(t)
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + "name Acme\ncode {\nlifetime 1m\nresend_after 1s\n}"})
	knownUser(t, g, "jo@example.org")
	tab, plain := g.NewTab(t, harness.Look{}), g.NewTab(t, harness.Look{NoScript: true})
	old := atCode(t, tab, "/home")
	stale := atCode(t, plain, "/home")
	time.Sleep(61 * time.Second) // the least that a code can live
	enter(tab, old, true)
	tab.WaitText("This code has expired. Ask for a new one.")
	inspect(t, tab, "code-expired")
	tab.SetLook(harness.Look{})
	enter(plain, stale, false)
	plain.WaitText("This code has expired. Ask for a new one.")
	for i, at := range []*harness.Tab{tab, plain} {
		at.Click("[value=resend]")
		at.WaitFor("#code")
		fresh := g.Outbox.Code(t, "jo@example.org", 4+i)
		if fresh == old || fresh == stale {
			t.Error("an expired code was sent again")
		}
		enter(at, fresh, i == 0)
		at.WaitFor("#app")
	}
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestInspectionSeesFaults checks that what looks at pages finds something on
// the upstream's page, which has faults enough.
func TestInspectionSeesFaults(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: "public /open"})
	tab := g.NewTab(t, harness.Look{Width: 320})
	tab.Open("/open")
	tab.WaitFor("#app")
	if len(tab.Violations()) == 0 {
		t.Error("axe found nothing on a page whose field has no label")
	}
	tab.Eval("console.error('a fault'); 0")
	tab.Eval("setTimeout(() => { throw new Error('another') }); 0")
	tab.Wait("true")
	if n := len(tab.Problems()); n < 1 {
		t.Errorf("%d faults noted in the console", n)
	}
}

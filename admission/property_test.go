// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admission"
	"pgregory.net/rapid"
)

var (
	somePatterns = rapid.SampledFrom([]string{
		"ada@example.com", "bob@mail.example.com", "example.com", "*.example.com", "example.org", "+12015550123", "US", "GB", "unreadable",
	})
	someAddresses = rapid.SampledFrom([]string{
		"ada@example.com", "bob@mail.example.com", "eve@example.org", "x@notexample.com", "+12015550123", "+12015550199", "+447400123456",
	})
)

// TestRulesProperties: a block only ever takes away, an allowance takes nothing
// from those who were allowed by name, and the order of lines means nothing.
func TestRulesProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(drawLine), 0, 8).Draw(rt, "lines")
		var who []gatelatch.Identifier
		for _, text := range rapid.SliceOfN(someAddresses, 1, 3).Draw(rt, "who") {
			who = append(who, id(t, text))
		}
		rules := (admission.Rules{}).With(lines)
		before := rules.Judge(who, nil)
		if blocked := rules.With([]gatelatch.Restriction{{List: gatelatch.BlockList, Pattern: somePatterns.Draw(rt, "block")}}); !before && blocked.Judge(who, nil) {
			rt.Fatal("a block has let somebody in")
		}
		if before && !rules.Judge(who, who) {
			rt.Fatal("an invitation has shut somebody out")
		}
		if mixed := (admission.Rules{}).With(rapid.Permutation(lines).Draw(rt, "order")); mixed.Judge(who, nil) != before {
			rt.Fatal("the order of the lines decides")
		}
		for _, one := range who {
			if before && !(admission.Rules{Block: rules.Block}).Permits(one) {
				rt.Fatal("one of the addresses is blocked")
			}
		}
	})
}

func drawLine(t *rapid.T) gatelatch.Restriction {
	l := rapid.SampledFrom([]gatelatch.RestrictionList{gatelatch.AllowList, gatelatch.BlockList}).Draw(t, "list")
	return gatelatch.Restriction{List: l, Pattern: somePatterns.Draw(t, "pattern")}
}

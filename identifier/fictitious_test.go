// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

func TestAddressesForTests(t *testing.T) {
	p := identifier.Policy{Email: true, Phone: true, Countries: []string{"US", "CA", "GB", "PR"}}
	for typed, want := range map[string]bool{
		"ada+clerk_test@example.com":     true,
		"Ada+Clerk_Test@EXAMPLE.com":     true,
		"a+b+clerk_test@example.com":     true,
		"ada@example.com":                false,
		"clerk_test@example.com":         false,
		"ada+clerk_tests@example.com":    false,
		"ada+clerk_test.x@example.com":   false,
		"ada+clerk_test1@example.com":    false,
		"ada@clerk-test.example.com":     false,
		"ada+clerk-test@example.com":     false,
		"+1 201 555 0100":                true,
		"+1 (201) 555-0199":              true,
		"+1 416 555 0142":                true,
		"+1 201 555 0099":                false,
		"+1 201 555 0200":                false,
		"+1 201 556 0100":                false,
		"+44 20 7946 0018":               false,
		"ada+clerk_test@sub.example.com": true,
	} {
		parsed, r := p.Parse(typed)
		if r != nil {
			t.Errorf("%s: %s", typed, r.Message)
			continue
		}
		if got := identifier.Test(parsed.Identifier); got != want {
			t.Errorf("%s: %t", typed, got)
		}
	}
	for _, id := range []gatelatch.Identifier{
		{},
		{Kind: gatelatch.EmailAddress, Value: "+12015550100"},
		{Kind: gatelatch.PhoneNumber, Value: "ada+clerk_test@example.com"},
		{Kind: gatelatch.PhoneNumber, Value: "+120155501000"},
		{Kind: gatelatch.PhoneNumber, Value: "+442015550100"},
		{Kind: gatelatch.EmailAddress, Value: "ada+clerk_test"},
		{Kind: "user_name", Value: "ada+clerk_test@example.com"},
	} {
		if identifier.Test(id) {
			t.Errorf("%+v is for tests", id)
		}
	}
}

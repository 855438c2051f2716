// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"strings"

	"github.com/gatelatch/gatelatch"
)

// Test reports whether an identifier is one that Clerk sets aside for tests: an
// e-mail address whose local part ends in "+clerk_test", or one of the fictitious
// numbers +1 XXX 555 0100 to 0199, which the North American plan gives to nobody
// (https://clerk.com/docs/testing/test-emails-and-phones). The identifier is in
// its canonical form.
func Test(id gatelatch.Identifier) bool {
	switch id.Kind {
	case gatelatch.EmailAddress:
		local, _, ok := strings.Cut(id.Value, "@")
		return ok && strings.HasSuffix(local, "+clerk_test")
	case gatelatch.PhoneNumber:
		return isFictitious(id.Value)
	}
	return false
}

// isFictitious reports whether an E.164 number is +1, any area code, 555, and 01
// with two more digits.
func isFictitious(e164 string) bool {
	number, ok := strings.CutPrefix(e164, "+1")
	return ok && len(number) == 10 && number[3:8] == "55501"
}

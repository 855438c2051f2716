// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/identifier"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"name@example.com", "Jo@BÜCHER.de", "jo@例え。jp", "\"a@b\"@c.de", "jo@[127.0.0.1]", "jo＠example.com",
		"+1 (201) 555-0123", "0049 (0)151 11234567", "＋１２０１５５５０１２３", "+881612345678", "0151/11234567",
		"+12015550123;ext=4", "\u202a+12015550123\u202c", "\x00", "\xff@\xff.de", strings.Repeat("ü", 600),
	} {
		f.Add(seed, "")
		f.Add(seed, "DE")
	}
	f.Fuzz(func(t *testing.T, input, region string) {
		p := identifier.Policy{Email: true, Phone: true, Region: region}
		got, no := p.Parse(input)
		if no == nil {
			checkParsed(t, p, got)
			return
		}
		if got != (identifier.Parsed{}) || no.Status() != 422 || no.Param != "identifier" {
			t.Fatalf("%q: %+v, %+v", input, got, no)
		}
	})
}

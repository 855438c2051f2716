// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/identifier"
)

func BenchmarkParse(b *testing.B) {
	p := identifier.Policy{Email: true, Phone: true, Region: "US", Countries: []string{"US", "DE"}}
	for _, c := range []struct{ name, input string }{
		{"email", "Jane.Doe@example.com"},
		{"email_idn", "jane@bücher.example"},
		{"phone_e164", "+12015550123"},
		{"phone_national", "(201) 555-0123"},
		{"refused_email", "jane@example"},
		{"refused_words", "correct horse battery staple"},
		{"refused_long_idn", "jane@" + strings.Repeat("ü", 500)},
		{"refused_megabyte", strings.Repeat("a", 1<<20)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Parse(c.input)
			}
		})
	}
}

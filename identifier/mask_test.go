// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

func TestMask(t *testing.T) {
	email, phone := gatelatch.EmailAddress, gatelatch.PhoneNumber
	for _, c := range []struct {
		name  string
		kind  gatelatch.IdentifierKind
		value string
		want  string
	}{
		{"e-mail", email, "jane@example.com", "j•••@example.com"},
		{"two letters", email, "jo@example.com", "j•••@example.com"},
		{"one letter", email, "j@example.com", "•••@example.com"},
		{"longest local part", email, strings.Repeat("l", 64) + "@example.com", "l•••@example.com"},
		{"IDN stays in ASCII", email, "jo@xn--bcher-kva.de", "j•••@xn--bcher-kva.de"},
		{"long domain", email, "jo@" + strings.Repeat("d", 60) + ".example", "j•••@…" + strings.Repeat("d", 32) + ".example"},
		{"number", phone, "+12015550123", "+1 •••• 23"},
		{"two-digit country code", phone, "+442079460123", "+44 •••• 23"},
		{"three-digit country code", phone, "+3546101234", "+354 •••• 34"},
		{"short number", phone, "+29051234", "+290 ••••"},
		{"satellite", phone, "+881612345678", "+881 •••• 78"},
		{"nobody", "", "", ""},
		{"nobody by e-mail", email, "", ""},
		{"unknown kind", "username", "jane", "•••"},
		{"not an e-mail address", email, "jane", "•••"},
		{"e-mail with a line break", email, "j@example.com\nx", "•••"},
		{"e-mail without a domain", email, "jane@", "•••"},
		{"e-mail with two @", email, "jane@doe@example.com", "•••"},
		{"not a number", phone, "jane", "••••"},
		{"number without plus", phone, "12015550123", "••••"},
		{"number with letters", phone, "+1201555x123", "••••"},
		{"country code that does not exist", phone, "+2101234567", "••••"},
		{"zero is not a country code", phone, "+0112345678", "••••"},
		{"longer than E.164", phone, "+1234567890123456", "••••"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := identifier.Mask(gatelatch.Identifier{Kind: c.kind, Value: c.value}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPrefix(t *testing.T) {
	for _, c := range []struct {
		name string
		kind gatelatch.IdentifierKind
		value,
		want string
	}{
		{"number", gatelatch.PhoneNumber, "+12015550123", "+1201555"},
		{"its neighbour", gatelatch.PhoneNumber, "+12015559999", "+1201555"},
		{"short number", gatelatch.PhoneNumber, "+29051234", "+2905"},
		{"not a number", gatelatch.PhoneNumber, "+123", ""},
		{"e-mail", gatelatch.EmailAddress, "name@example.com", ""},
		{"nobody", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := identifier.Prefix(gatelatch.Identifier{Kind: c.kind, Value: c.value}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

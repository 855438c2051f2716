// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
	"pgregory.net/rapid"
)

var everything = identifier.Policy{Email: true, Phone: true}

// TestSpellingsOfAnEmailAddress: case and white space never make two people
// of one address.
func TestSpellingsOfAnEmailAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringMatching(`[a-z0-9!#$%&'*+/=?^_{|}~-]{1,20}(\.[a-z0-9]{1,10}){0,3}`).Draw(t, "local")
		domain := rapid.StringMatching(`[a-z0-9]{1,20}(\.[a-z]{2,10}){1,3}`).Draw(t, "domain")
		address := local + "@" + domain
		want, no := everything.Parse(address)
		if no != nil {
			t.Fatalf("%q refused: %s", address, no.Message)
		}
		spelling := rapid.SampledFrom([]string{"", " ", "\n", "\u00a0"}).Draw(t, "space") + mixCase(t, address)
		got, no := everything.Parse(spelling)
		if no != nil {
			t.Fatalf("%q refused: %s", spelling, no.Message)
		}
		if got.Identifier != want.Identifier {
			t.Fatalf("%q is %q, %q is %q", address, want.Value, spelling, got.Value)
		}
		checkParsed(t, everything, got)
	})
}

// TestSpellingsOfANumber: separators, digits of other scripts and the way the
// country code is written never make two people of one number.
func TestSpellingsOfANumber(t *testing.T) {
	digits := rapid.SampledFrom([]rune{'0', '０', '٠', '۰'})
	separators := rapid.SampledFrom([]string{"", "", "", " ", "-", ".", "(", ") ", "\u00a0", "–"})
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]string{
			"+12015550123", "+4915111234567", "+447400123456", "+390612345678", "+33612345678", "+29051234",
		}).Draw(t, "number")
		zero := digits.Draw(t, "script")
		var b strings.Builder
		b.WriteString(rapid.SampledFrom([]string{"+", "＋", "00", "(+"}).Draw(t, "plus"))
		for _, r := range value[1:] {
			b.WriteRune(zero + r - '0')
			b.WriteString(separators.Draw(t, "separator"))
		}
		got, no := everything.Parse(b.String())
		if utf8.RuneCountInString(strings.TrimSpace(b.String())) > 40 {
			if no == nil || no.Code != gatelatch.CodeTooLong {
				t.Fatalf("%q is too long and was not refused", b.String())
			}
			return
		}
		if no != nil || got.Value != value {
			t.Fatalf("%q is %q (%v), want %q", b.String(), got.Value, no, value)
		}
		checkParsed(t, everything, got)
	})
}

// TestDigitsHaveOneCanonicalForm tries digits at random, in the plans of many
// countries.
func TestDigitsHaveOneCanonicalForm(t *testing.T) {
	regions := rapid.SampledFrom([]string{"", "US", "GB", "DE", "IT", "FI", "AR", "BR", "MX", "JP", "RU", "KZ", "AU", "ID", "CN", "CI", "HU"})
	numbers := rapid.StringMatching(`(\+|00|0|8|1|011)?[1-9][0-9]{4,14}`)
	rapid.Check(t, func(t *rapid.T) {
		p := identifier.Policy{Phone: true, Region: regions.Draw(t, "region")}
		got, no := p.ParsePhone(numbers.Draw(t, "number"))
		if no == nil {
			checkParsed(t, p, got)
		}
	})
}

func mixCase(t *rapid.T, s string) string {
	b := []byte(s)
	for i := range b {
		if rapid.Bool().Draw(t, "upper") {
			b[i] = strings.ToUpper(string(b[i]))[0]
		}
	}
	return string(b)
}

// checkParsed states what holds of everything that was ever accepted.
func checkParsed(t interface{ Fatalf(string, ...any) }, p identifier.Policy, got identifier.Parsed) {
	for _, form := range []string{got.Value, got.Display} {
		again, no := p.Parse(form)
		if no != nil {
			t.Fatalf("%q was made of an accepted address and is refused: %s", form, no.Message)
		}
		if again.Identifier != got.Identifier {
			t.Fatalf("%q is %q, read again %q", form, got.Value, again.Value)
		}
	}
	if got.Value != strings.ToLower(got.Display) {
		t.Fatalf("delivery to %q, look-up by %q", got.Display, got.Value)
	}
	for i := range len(got.Display) {
		if c := got.Display[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`,;:<>()[]"\`, c) >= 0 {
			t.Fatalf("byte %#x in %q", c, got.Display)
		}
	}
	switch got.Kind {
	case gatelatch.EmailAddress:
		checkEmail(t, got)
	case gatelatch.PhoneNumber:
		checkPhone(t, got)
	default:
		t.Fatalf("kind %q", got.Kind)
	}
}

func checkEmail(t interface{ Fatalf(string, ...any) }, got identifier.Parsed) {
	local, domain, _ := strings.Cut(got.Value, "@")
	if len(got.Value) > 254 || len(local) > 64 || !strings.Contains(domain, ".") {
		t.Fatalf("%q is out of bounds", got.Value)
	}
	mask := identifier.Mask(got.Identifier)
	shown, tail, ok := strings.Cut(mask, "•••@")
	if !ok || len(shown) > 1 || len(shown) >= len(local) || utf8.RuneCountInString(tail) > 41 {
		t.Fatalf("%q is masked as %q", got.Value, mask)
	}
	if identifier.Prefix(got.Identifier) != "" || identifier.Country(got.Identifier) != "" {
		t.Fatalf("%q has a prefix or a country", got.Value)
	}
}

func checkPhone(t interface{ Fatalf(string, ...any) }, got identifier.Parsed) {
	if got.Display != got.Value || len(got.Value) > 16 || got.Value[0] != '+' {
		t.Fatalf("%q is not E.164", got.Value)
	}
	mask := identifier.Mask(got.Identifier)
	shown := len(strings.Map(keepDigits, mask))
	if !strings.Contains(mask, "••••") || utf8.RuneCountInString(mask) > 12 || len(got.Value)-1-shown < 4 {
		t.Fatalf("%q is masked as %q", got.Value, mask)
	}
	prefix := identifier.Prefix(got.Identifier)
	if len(prefix) != len(got.Value)-4 || !strings.HasPrefix(got.Value, prefix) {
		t.Fatalf("the prefix of %q is %q", got.Value, prefix)
	}
	if len(identifier.Country(got.Identifier)) != 2 {
		t.Fatalf("the country of %q is %q", got.Value, identifier.Country(got.Identifier))
	}
}

func keepDigits(r rune) rune {
	if '0' <= r && r <= '9' {
		return r
	}
	return -1
}

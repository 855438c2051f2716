// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"pgregory.net/rapid"
)

func codes(length int) flow.Codes {
	var key gatelatch.Key
	for i := range key {
		key[i] = byte(i)
	}
	return flow.Codes{Key: key, Length: length}
}

func challenge(f flow.Factor, nonce string) flow.Verification {
	return flow.Verification{Factor: f, Nonce: []byte(nonce)}
}

func TestReadCode(t *testing.T) {
	for _, c := range []struct {
		name, typed, want string
		refusal           gatelatch.Code
	}{
		{"plain", "123456", "123456", ""},
		{"leading zeros are digits", "000007", "000007", ""},
		{"a space in the middle", "123 456", "123456", ""},
		{"spaces everywhere", "  1 2 3 4 5 6\t\r\n", "123456", ""},
		{"a hyphen", "123-456", "123456", ""},
		{"a dot", "123.456", "123456", ""},
		{"a dash as mail programs set it", "123–456", "123456", ""},
		{"an em dash", "123—456", "123456", ""},
		{"a hyphen that does not break", "123\u2011456", "123456", ""},
		{"a space that does not break", "123\u00a0456", "123456", ""},
		{"a narrow space", "123\u202f456", "123456", ""},
		{"full-width digits", "１２３４５６", "123456", ""},
		{"full-width digits, space and hyphen", "１２３　－４５６", "123456", ""},
		{"Arabic-Indic digits", "١٢٣٤٥٦", "123456", ""},
		{"Persian digits", "۱۲۳۴۵۶", "123456", ""},
		{"digits of several scripts", "１2٣4۵6", "123456", ""},
		{"with direction marks around", "\u200e123456\u200f", "123456", ""},
		{"isolated for right-to-left text", "\u2066123456\u2069", "123456", ""},
		{"with zero-width spaces", "123\u200b456", "123456", ""},
		{"with a byte order mark", "\ufeff123456", "123456", ""},

		{"nothing", "", "", gatelatch.CodeMissing},
		{"blanks", " \t\u00a0 ", "", gatelatch.CodeMissing},
		{"too short", "12345", "", gatelatch.CodeFormat},
		{"too long", "1234567", "", gatelatch.CodeFormat},
		{"far too long", strings.Repeat("1", 65), "", gatelatch.CodeFormat},
		{"ten megabytes", strings.Repeat("1", 10<<20), "", gatelatch.CodeFormat},
		{"letters", "12345a", "", gatelatch.CodeFormat},
		{"an O for a zero", "12345O", "", gatelatch.CodeFormat},
		{"a sentence around it", "Your code is 123456", "", gatelatch.CodeFormat},
		{"a sign", "+12345", "", gatelatch.CodeFormat},
		{"an exponent", "1e5", "", gatelatch.CodeFormat},
		{"two codes", "123456,654321", "", gatelatch.CodeFormat},
		{"a NUL byte", "12345\x006", "", gatelatch.CodeFormat},
		{"invalid UTF-8", "12345\xff", "", gatelatch.CodeFormat},
		{"superscripts are no digits", "¹²³⁴⁵⁶", "", gatelatch.CodeFormat},
		{"Roman numerals are no digits", "ⅠⅡⅢⅣⅤⅥ", "", gatelatch.CodeFormat},
		{"Devanagari is not offered", "१२३४५६", "", gatelatch.CodeFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, r := codes(6).ReadCode(c.typed)
			if got.Reveal() != c.want || code(r) != c.refusal {
				t.Fatalf("read %q, refused with %q", got.Reveal(), code(r))
			}
			if r != nil && (r.Param != "code" || r.RetryAfter != 0) {
				t.Errorf("refusal %+v", r)
			}
		})
	}
}

func TestReadCodeSaysWhatIsWrong(t *testing.T) {
	seen := map[string]string{}
	for name, typed := range map[string]string{"nothing": "", "too short": "123", "too long": "12345678", "letters": "abcdef"} {
		_, r := codes(6).ReadCode(typed)
		if other, twice := seen[r.Message]; twice {
			t.Errorf("%s and %s have the same words: %s", name, other, r.Message)
		}
		seen[r.Message] = name
	}
	for _, length := range []int{6, 8, 10} {
		if _, r := codes(length).ReadCode("1"); !strings.Contains(r.Message, fmt.Sprintf("%d digits", length)) {
			t.Errorf("does not say how long a code is: %s", r.Message)
		}
	}
}

func TestReadCodeReadsEveryCodeHoweverItIsSpaced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := codes(rapid.IntRange(6, 10).Draw(t, "length"))
		want := c.Code(rapid.String().Draw(t, "attempt"), flow.PurposeSignIn, challenge(emailFactor(ada), "n")).Reveal()
		zero := rapid.SampledFrom([]rune{'0', '０', '٠', '۰'}).Draw(t, "script")
		mark := rapid.SampledFrom([]string{"", " ", "-", "\u200b", "\u00a0"}).Draw(t, "mark")
		var typed strings.Builder
		for _, d := range want {
			typed.WriteString(string(zero+d-'0') + mark)
		}
		if got, r := c.ReadCode(typed.String()); r != nil || got.Reveal() != want {
			t.Fatalf("%q is read as %q", typed.String(), got.Reveal())
		}
	})
}

// TestCodeVectors pins the derivation. A change here makes every code that is
// on its way to somebody worthless. The values were found by another program.
func TestCodeVectors(t *testing.T) {
	for _, c := range []struct {
		length  int
		attempt string
		purpose flow.Purpose
		factor  flow.Factor
		nonce   string
		want    string
	}{
		{6, "sia_01", flow.PurposeSignIn, emailFactor(ada), "0123456789abcdef", "146626"},
		{6, "sua_01", flow.PurposeSignUp, emailFactor(ada), "0123456789abcdef", "890574"},
		{6, "sia_01", flow.PurposeSignIn, phoneFactor(number), "0123456789abcdef", "117288"},
		{8, "sia_01", flow.PurposeSignIn, emailFactor(ada), "0123456789abcdef", "89146626"},
		{10, "sia_01", flow.PurposeSignIn, emailFactor(ada), "0123456789abcdef", "4289146626"},
		{6, "sia_01", flow.PurposeSignIn, emailFactor(ada), "", "511154"},
	} {
		got := codes(c.length).Code(c.attempt, c.purpose, challenge(c.factor, c.nonce)).Reveal()
		if got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.attempt, c.purpose, c.factor.Strategy, got, c.want)
		}
	}
}

// TestACodeIsBoundToEverything: change any one thing and the code is another.
func TestACodeIsBoundToEverything(t *testing.T) {
	c, v := codes(10), challenge(emailFactor(ada), "nonce")
	const attempt, purpose = "sia_1", flow.PurposeSignIn
	right := c.Code(attempt, purpose, v)
	if !c.Matches(right, attempt, purpose, v) {
		t.Fatal("the code does not match its own challenge")
	}
	key := c
	key.Key[31] ^= 1
	strategy, to, nonce := v, v, v
	strategy.Strategy = gatelatch.PhoneCode
	to.To.Value = "adb@example.com"
	nonce.Nonce = []byte("noncf")
	for what, matches := range map[string]bool{
		"key":        key.Matches(right, attempt, purpose, v),
		"attempt":    c.Matches(right, "sia_2", purpose, v),
		"purpose":    c.Matches(right, attempt, flow.PurposeSignUp, v),
		"strategy":   c.Matches(right, attempt, purpose, strategy),
		"identifier": c.Matches(right, attempt, purpose, to),
		"nonce":      c.Matches(right, attempt, purpose, nonce),
		"length":     codes(6).Matches(right, attempt, purpose, v),
	} {
		if matches {
			t.Errorf("the code is not bound to the %s", what)
		}
	}
}

// TestPartsDoNotRunIntoEachOther: a byte moved from one part to the next makes
// another code.
func TestPartsDoNotRunIntoEachOther(t *testing.T) {
	c := codes(10)
	a := c.Code("sia_1", "xy", challenge(emailFactor(ada), "n"))
	b := c.Code("sia_1x", "y", challenge(emailFactor(ada), "n"))
	if a == b {
		t.Error("attempt and purpose run into each other")
	}
	moved := emailFactor(ada + "n")
	if a == c.Code("sia_1", "xy", challenge(moved, "")) {
		t.Error("identifier and nonce run into each other")
	}
}

// TestCodesAreUniform counts two million digits. The bound is so generous that
// an honest derivation passes for every key; this key is fixed all the same.
func TestCodesAreUniform(t *testing.T) {
	const n, length = 200_000, 10
	c := codes(length)
	var counts [length][10]int
	for i := range n {
		got := c.Code(fmt.Sprint("sia_", i), flow.PurposeSignIn, challenge(emailFactor(ada), "n")).Reveal()
		if len(got) != length {
			t.Fatalf("a code of %d digits", len(got))
		}
		for place, d := range got {
			counts[place][d-'0']++
		}
	}
	for place, digits := range counts {
		chi := 0.0
		for _, seen := range digits {
			d := float64(seen) - n/10
			chi += d * d / (n / 10)
		}
		if chi > 45 { // nine degrees of freedom: exceeded once in a million
			t.Errorf("place %d: chi-square %.1f, %v", place, chi, digits)
		}
	}
}

func TestACodeCannotPrintItself(t *testing.T) {
	c := codes(6).Code("sia_1", flow.PurposeSignIn, challenge(emailFactor(ada), "n"))
	for _, verb := range []string{"%v", "%s", "%q", "%x", "%d", "%#v"} {
		if strings.Contains(fmt.Sprintf(verb, c), c.Reveal()) {
			t.Errorf("%s prints the code", verb)
		}
	}
}

func FuzzReadCode(f *testing.F) {
	for _, s := range []string{"123456", "123 456", "１２３４５６", "\u200e١٢٣٤٥٦", "12345", "\xff", "", "+12345"} {
		f.Add(s, uint8(6))
	}
	f.Fuzz(func(t *testing.T, typed string, length uint8) {
		c := codes(6 + int(length%5))
		got, r := c.ReadCode(typed)
		if (r == nil) == (got == "") {
			t.Fatalf("read %q and refused with %v", got.Reveal(), r)
		}
		if r != nil {
			if r.Message == "" || r.Param != "code" {
				t.Fatalf("refusal %+v", r)
			}
			return
		}
		if len(got) != c.Length || strings.Trim(got.Reveal(), "0123456789") != "" {
			t.Fatalf("read %q", got.Reveal())
		}
		if again, r := c.ReadCode(got.Reveal()); r != nil || again != got {
			t.Fatalf("what was read is not read again: %v", r)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/admission"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"Ada@Example.com":     "ada@example.com",
		" ada+x@example.com ": "ada+x@example.com",
		"example.com":         "example.com",
		"EXAMPLE.COM":         "example.com",
		"*@example.com":       "example.com",
		"*.example.com":       "*.example.com",
		"*@*.Example.com":     "*.example.com",
		"bücher.example":      "xn--bcher-kva.example",
		"*@*.bücher.example":  "*.xn--bcher-kva.example",
		"+1 201 555 0123":     "+12015550123",
		"us":                  "US",
	} {
		p, err := admission.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if p.String() != want {
			t.Errorf("%q became %q, want %q", text, p, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "  ", "*", "@", "*@", "*.", "*@*", "*@*.", "com", "*.com", "ada@", "@example.com", "ada@*.example.com",
		"*a@example.com@b.example", "*.*.example.com", "exa*mple.com", "a@b@c.example", ".example.com", "example.com.", "exa mple.com", "10.0.0.1",
		"+1", "+12015550123456789", "2015550123", "ZZ", "U1", "USA", "\xff\xff.example", strings.Repeat("a", 2000) + ".example",
	} {
		p, err := admission.Parse(text)
		if !errors.Is(err, admission.ErrPattern) {
			t.Errorf("%q was read as %q, %v", text, p, err)
		}
		if p != (admission.Pattern{}) {
			t.Errorf("%q is refused and yet a pattern", text)
		}
	}
}

func TestAnErrorDoesNotRepeatThePattern(t *testing.T) {
	for _, text := range []string{"whoever@somewhere", "whoever@*.somewhere.example", "+1555whoever", "whoever somewhere"} {
		_, err := admission.Parse(text)
		if err == nil || strings.Contains(err.Error(), "whoever") || strings.Contains(err.Error(), "somewhere") {
			t.Errorf("%v", err)
		}
	}
}

// FuzzParse: whatever is read is written in a form that is read as the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"ada@example.com", "*@example.com", "*@*.example.com", "*.bücher.example", "+12015550123", "US", "*@*", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := admission.Parse(text)
		if err != nil {
			if !errors.Is(err, admission.ErrPattern) || p != (admission.Pattern{}) {
				t.Fatalf("refused with %v as %q", err, p)
			}
			return
		}
		again, err := admission.Parse(p.String())
		if err != nil || again != p {
			t.Fatalf("%q was written as %q, which was read as %q, %v", text, p, again, err)
		}
	})
}

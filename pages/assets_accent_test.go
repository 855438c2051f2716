// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustColor(t *testing.T, hex string) color {
	t.Helper()
	c, err := parseColor(hex)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContrast(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#ffffff", "#ffffff", 1},
		{"#777777", "#ffffff", 4.48}, // the best-known near miss of WCAG
		{"#767676", "#ffffff", 4.54},
		{"#ff0000", "#ffffff", 4.00},
		{"#0000ff", "#ffffff", 8.59},
		{"#ffff00", "#000000", 19.56},
	} {
		got := contrast(mustColor(t, row.a), mustColor(t, row.b))
		if math.Abs(got-row.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", row.a, row.b, got, row.want)
		}
	}
}

func TestTextOnAccent(t *testing.T) {
	for accent, want := range map[string]string{
		"#5b5bd6": "#ffffff", "#000000": "#ffffff", "#b3261e": "#ffffff", "#767676": "#ffffff",
		"#ffffff": "#1b1b1f", "#ffd400": "#1b1b1f", "#7cc4ff": "#1b1b1f", "#ff7a00": "#1b1b1f",
	} {
		if got := textOn(mustColor(t, accent)).String(); got != want {
			t.Errorf("on %s: %s, want %s", accent, got, want)
		}
	}
}

// Whatever colour an operator picks, people can read the button and see it.
func TestEveryAccentIsReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint32Range(0, 0xffffff).Draw(t, "accent")
		accent := color{uint8(n >> 16), uint8(n >> 8), uint8(n)} //nolint:gosec // the bytes of 24 bits
		for _, surface := range []color{surfaceLight, surfaceDark} {
			p := paletteOn(accent, surface)
			for name, row := range map[string]struct {
				a, b  color
				least float64
			}{
				"button":         {p.on, p.accent, textContrast},
				"hovered button": {p.on, p.hover, textContrast},
				"link":           {p.ink, surface, textContrast},
				"outline":        {p.edge, surface, outlineContrast},
			} {
				if got := contrast(row.a, row.b); got < row.least {
					t.Errorf("%s of %s on %s: %.2f", name, accent, surface, got)
				}
			}
		}
	})
}

// The stylesheet and the code must mean the same surfaces.
func TestStylesheetColours(t *testing.T) {
	css, err := embedded.ReadFile("assets/gatelatch.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark := schemes(t, string(css))
	for name, scheme := range map[string]map[string]color{"light": light, "dark": dark} {
		for _, pair := range []struct {
			ink, ground string
			least       float64
		}{
			{"ink", "surface", textContrast},
			{"ink", "page", textContrast},
			{"muted", "surface", textContrast},
			{"muted", "page", textContrast},
			{"danger", "surface", textContrast},
			{"danger", "danger-wash", textContrast},
			{"surface", "danger", textContrast},
			{"edge", "surface", outlineContrast},
		} {
			if got := contrast(scheme[pair.ink], scheme[pair.ground]); got < pair.least {
				t.Errorf("%s: %s on %s: %.2f", name, pair.ink, pair.ground, got)
			}
		}
	}
	if light["surface"] != surfaceLight || dark["surface"] != surfaceDark || light["ink"] != inkLight {
		t.Error("the stylesheet has other surfaces than the code")
	}
}

// schemes reads the custom properties of the two :root blocks.
func schemes(t *testing.T, css string) (light, dark map[string]color) {
	t.Helper()
	first, rest, _ := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	second, _, _ := strings.Cut(rest, "\n}\n")
	read := func(block string) map[string]color {
		found := map[string]color{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
			found[m[1]] = mustColor(t, m[2])
		}
		return found
	}
	return read(first), read(second)
}

func FuzzParseColor(f *testing.F) {
	for _, seed := range []string{"#5b5bd6", "#FFF", "", "#", "#+12345", "#12345g", "red", "#12_345"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseColor(text)
		if err == nil && c.String() != strings.ToLower(text) {
			t.Errorf("%q became %s", text, c)
		}
	})
}

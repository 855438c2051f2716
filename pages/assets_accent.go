// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"math"
	"strconv"
)

// The card's colours in the two schemes, as the stylesheet has them. Accents
// are measured against these.
var (
	surfaceLight = color{0xff, 0xff, 0xff}
	surfaceDark  = color{0x1a, 0x1a, 0x1d}
	inkLight     = color{0x1b, 0x1b, 0x1f}
)

// The least contrasts of WCAG 2.2: 1.4.3 for text and 1.4.11 for the outline
// of a control.
const (
	textContrast    = 4.5
	outlineContrast = 3.0
)

// color is an sRGB colour.
type color [3]uint8

func parseColor(hex string) (color, error) {
	n, err := strconv.ParseUint(hex[min(1, len(hex)):], 16, 24)
	if err != nil || len(hex) != 7 || hex[0] != '#' {
		return color{}, fmt.Errorf("pages: accent %q: want #rrggbb", hex)
	}
	return color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil //nolint:gosec // the bytes of 24 bits
}

func (c color) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// luminance is the relative luminance of WCAG 2.2.
func (c color) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b color) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// mix moves a share of the way from c to other.
func (c color) mix(other color, share float64) color {
	var out color
	for i := range c {
		out[i] = uint8(math.Round(float64(c[i]) + (float64(other[i])-float64(c[i]))*share))
	}
	return out
}

// textOn picks the text for a background: white while it can be read, because
// that is what people expect on a colour, else near-black, else black.
func textOn(background color) color {
	white, black := color{0xff, 0xff, 0xff}, color{}
	switch {
	case contrast(white, background) >= textContrast:
		return white
	case contrast(inkLight, background) >= textContrast:
		return inkLight
	case contrast(white, background) > contrast(black, background):
		return white
	}
	return black
}

// readable moves c away from the surface until the two differ enough.
func (c color) readable(surface color, least float64) color {
	target := color{}
	if surface.luminance() < 0.18 {
		target = color{0xff, 0xff, 0xff}
	}
	for share := 0.0; share < 1; share += 0.02 {
		if m := c.mix(target, share); contrast(m, surface) >= least {
			return m
		}
	}
	return target
}

// grey reports whether a colour is too dull to keep its hue.
func (c color) grey() bool {
	return int(max(c[0], c[1], c[2]))-int(min(c[0], c[1], c[2])) < 32
}

// palette is an accent made fit for one scheme.
type palette struct{ accent, hover, on, ink, edge color }

// paletteOn fits an accent to a surface. A grey that would drown in it turns
// into its opposite (a black button is white in the dark); a colour is kept and
// gets an outline that can be seen.
func paletteOn(accent, surface color) palette {
	if accent.grey() && contrast(accent, surface) < outlineContrast {
		accent = accent.readable(surface, 14)
	}
	on := textOn(accent)
	away := color{0xff, 0xff, 0xff}
	if on == away {
		away = color{}
	}
	return palette{
		accent: accent, on: on, hover: accent.mix(away, 0.14),
		ink:  accent.readable(surface, textContrast+0.5),
		edge: accent.readable(surface, outlineContrast),
	}
}

func (p palette) css() string {
	return fmt.Sprintf("--accent:%s;--accent-hover:%s;--on-accent:%s;--accent-ink:%s;--accent-edge:%s;--accent-halo:%s24",
		p.accent, p.hover, p.on, p.ink, p.edge, p.ink)
}

// accentStyles is the end of the stylesheet: the accent in both schemes.
func accentStyles(hex string) (string, error) {
	accent := inkLight
	if hex != "" {
		var err error
		if accent, err = parseColor(hex); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf(":root{%s}\n@media (prefers-color-scheme:dark){:root{%s}}\n",
		paletteOn(accent, surfaceLight).css(), paletteOn(accent, surfaceDark).css()), nil
}

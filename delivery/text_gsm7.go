// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The GSM 7-bit default alphabet and its extension (3GPP TS 23.038, section
// 6.2.1), without carriage return, form feed and escape.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€"
)

// gsmInstead holds what Unicode does not decompose.
var gsmInstead = strings.NewReplacer(
	"‘", "'", "’", "'", "‚", "'", "‛", "'", "`", "'", "´", "'", "ʼ", "'", "′", "'",
	"“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "″", `"`, "‹", "'", "›", "'",
	"‐", "-", "‒", "-", "–", "-", "—", "-", "―", "-", "−", "-",
	"…", "...", "·", ".", "•", "-", "×", "x", "®", "", "™", "", "©", "",
	"ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ð", "d", "Ð", "D", "þ", "th", "Þ", "Th",
	"œ", "oe", "Œ", "OE", "ı", "i", "ħ", "h", "Ħ", "H", "ŋ", "n", "Ŋ", "N", "ẞ", "SS", "ŧ", "t", "Ŧ", "T",
)

// septet returns how many septets r takes, or 0 when it is not in the alphabet.
func septet(r rune) int {
	switch {
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtended, r):
		return 2
	default:
		return 0
	}
}

// septets returns the length of s, which must be in the alphabet.
func septets(s string) int {
	n := 0
	for _, r := range s {
		n += septet(r)
	}
	return n
}

// cutSeptets returns as much of s as fits in limit septets, and no space at
// its end.
func cutSeptets(s string, limit int) string {
	n := 0
	for i, r := range s {
		n += septet(r)
		if n > limit {
			return strings.TrimRight(s[:i], " ")
		}
	}
	return s
}

// gsmName writes a name in the GSM 7-bit alphabet: accents that the alphabet
// lacks and symbols go. It returns nothing when a letter or digit of the name
// cannot be written, or none is left: half a name in another script would name
// nobody.
func gsmName(name string) string {
	var b strings.Builder
	for _, r := range gsmInstead.Replace(norm.NFC.String(oneLine(name, maxName))) {
		if septet(r) > 0 {
			b.WriteRune(r)
			continue
		}
		plain, ok := gsmBase(r)
		if !ok {
			return ""
		}
		b.WriteString(plain)
	}
	out := strings.Join(strings.Fields(b.String()), " ")
	if !strings.ContainsFunc(out, isWordRune) {
		return ""
	}
	return out
}

// gsmBase returns what of r's compatibility decomposition is in the alphabet:
// "c" for "č", "12" for a full-width 12. It is false when a letter or digit is
// not.
func gsmBase(r rune) (string, bool) {
	var b strings.Builder
	for _, d := range norm.NFKD.String(string(r)) {
		switch {
		case septet(d) > 0:
			b.WriteRune(d)
		case d == '\u2044': // the fraction slash of "½"
			b.WriteByte('/')
		case isWordRune(d):
			return "", false
		}
	}
	return b.String(), true
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"strings"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"golang.org/x/net/idna"
)

// The limits of RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3 (a path of 256 has
// two angle brackets), and of RFC 1035, section 2.3.4. All count bytes.
const (
	maxLocal = 64
	maxEmail = 254
	maxLabel = 63
)

// atextSigns are the signs of RFC 5322, section 3.2.3.
const atextSigns = "!#$%&'*+-/=?^_`{|}~"

// parseEmail reads an address that has been trimmed and is not empty.
func parseEmail(text string) (Parsed, *refusal) {
	local, typed, ok := strings.Cut(text, "@")
	if !ok || local == "" || typed == "" || strings.Contains(typed, "@") {
		return Parsed{}, refuse(gatelatch.CodeFormat, sayEmail)
	}
	// ASCII or nothing: a look-up that folds Unicode would take a dotless i
	// for an i and hand one person's account to the other.
	if !isDotAtom(local) {
		return Parsed{}, refuse(gatelatch.CodeFormat, sayEmailLocal)
	}
	if len(local) > maxLocal {
		return Parsed{}, refuse(gatelatch.CodeTooLong, sayEmailTooLong)
	}
	domain, ok := parseDomain(typed)
	if !ok {
		return Parsed{}, refuse(gatelatch.CodeFormat, sayEmailDomain)
	}
	display := local + "@" + domain
	if len(display) > maxEmail {
		return Parsed{}, refuse(gatelatch.CodeTooLong, sayEmailTooLong)
	}
	id := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: strings.ToLower(display)}
	return Parsed{Identifier: id, Display: display}, nil
}

// isDotAtom reports whether s is atext in parts separated by single dots.
func isDotAtom(s string) bool {
	previous := byte('.')
	for i := range len(s) {
		c := s[i]
		if c == '.' && previous == '.' || c != '.' && !isAtext(c) {
			return false
		}
		previous = c
	}
	return previous != '.'
}

func isAtext(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte(atextSigns, c) >= 0
}

func isAlphanumeric(c byte) bool {
	return isLetter(c) || '0' <= c && c <= '9'
}

func isLetter(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z'
}

// parseDomain returns the domain as it stands in DNS: lower-case letters,
// digits and hyphens. The mapping of IDNA happens here, once; mail goes to the
// mapped domain, so a domain that maps onto another one is that other one.
func parseDomain(typed string) (string, bool) {
	if !utf8.ValidString(typed) {
		return "", false // idna would read each bad byte as U+FFFD
	}
	domain, err := idna.Lookup.ToASCII(typed)
	if err != nil {
		return "", false
	}
	domain = strings.ToLower(domain)
	labels, last := 0, ""
	for last = range strings.SplitSeq(domain, ".") {
		if !isLabel(last) {
			return "", false
		}
		labels++
	}
	// No top-level domain begins with a digit, while IPv4 addresses do, in all
	// the spellings that resolvers accept.
	return domain, labels >= 2 && isLetter(last[0])
}

// isLabel reports whether s is a letter-digit-hyphen label (RFC 5890, section
// 2.3.1). The empty label is none, so there are no double and no final dots.
func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && s[i] != '-' {
			return false
		}
	}
	return true
}

// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"strconv"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/nyaruka/phonenumbers"
)

const (
	hidden = "•••"
	// hiddenNumber stands for the digits left out, however many.
	hiddenNumber = "••••"
	// maxMaskedDomain bounds a mask; of longer domains the end is shown, which
	// says whose they are.
	maxMaskedDomain = 40
	// shownDigits stand at the end of a masked number if at least hiddenDigits
	// of the number in its country stay hidden.
	shownDigits  = 2
	hiddenDigits = 4
	// prefixCut is how many last digits a number prefix leaves out.
	prefixCut = 4
)

// Mask returns a form of an identifier for pages and logs that helps its owner
// to recognise it and nobody else to learn it: "j•••@example.com",
// "+1 •••• 23". The count of bullets says nothing about the length. A domain
// stays in ASCII, so that look-alike letters show for what they are. A value
// that this package did not make is hidden whole; nobody is "".
func Mask(id gatelatch.Identifier) string {
	switch {
	case id.IsZero():
		return ""
	case id.Kind == gatelatch.EmailAddress:
		return maskEmail(id.Value)
	case id.Kind == gatelatch.PhoneNumber:
		return maskPhone(id.Value)
	default:
		return hidden
	}
}

func maskEmail(value string) string {
	local, domain, ok := strings.Cut(value, "@")
	if !ok || !isDotAtom(local) || !isDomainText(domain) {
		return hidden
	}
	if len(domain) > maxMaskedDomain {
		domain = "…" + domain[len(domain)-maxMaskedDomain:]
	}
	if len(local) == 1 {
		return hidden + "@" + domain
	}
	return local[:1] + hidden + "@" + domain
}

func isDomainText(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

func maskPhone(value string) string {
	code, national := splitE164(value)
	if code == "" {
		return hiddenNumber
	}
	if len(national) < hiddenDigits+shownDigits {
		return "+" + code + " " + hiddenNumber
	}
	return "+" + code + " " + hiddenNumber + " " + national[len(national)-shownDigits:]
}

// splitE164 returns the country code and the digits behind it, or nothing when
// value is not E.164. No country code is the beginning of another.
func splitE164(value string) (code, national string) {
	digits, ok := strings.CutPrefix(value, "+")
	if !ok || len(value) > maxE164 || strings.HasPrefix(digits, "0") || strings.Trim(digits, "0123456789") != "" {
		return "", ""
	}
	for n := 1; n <= min(phonenumbers.MAX_LENGTH_COUNTRY_CODE, len(digits)); n++ {
		number, err := strconv.Atoi(digits[:n])
		if err == nil && phonenumbers.GetRegionCodeForCountryCode(number) != noRegion {
			return digits[:n], digits[n:]
		}
	}
	return "", ""
}

// Prefix returns the key by which neighbouring numbers are limited together:
// the E.164 number without its last four digits. Sending to rows of adjacent
// numbers is how texts are turned into money. It is "" for e-mail addresses.
func Prefix(id gatelatch.Identifier) string {
	if id.Kind != gatelatch.PhoneNumber || len(id.Value) <= prefixCut {
		return ""
	}
	return id.Value[:len(id.Value)-prefixCut]
}

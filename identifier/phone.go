// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/nyaruka/phonenumbers"
)

const (
	maxPhone = 40 // characters as typed
	maxE164  = 16 // the plus and 15 digits, ITU-T E.164 section 6.1
)

// noRegion tells phonenumbers that a number carries its own country code;
// worldRegion is its word for country codes that belong to no country.
const (
	noRegion    = phonenumbers.UNKNOWN_REGION
	worldRegion = "001"
)

// parsePhone reads a number that has been trimmed and is not empty.
func (p Policy) parsePhone(text string) (Parsed, *refusal) {
	if utf8.RuneCountInString(text) > maxPhone {
		return Parsed{}, refuse(gatelatch.CodeTooLong, sayPhoneTooLong)
	}
	dialled, ok := cleanNumber(text)
	if !ok {
		return Parsed{}, refuse(gatelatch.CodeFormat, sayPhoneDigits)
	}
	region := noRegion
	if dialled[0] != '+' {
		if region = strings.ToUpper(p.Region); region == "" {
			return Parsed{}, refuse(gatelatch.CodeFormat, sayPhonePlus)
		}
	}
	number, value, ok := settle(dialled, region)
	if !ok {
		return Parsed{}, refuse(gatelatch.CodeFormat, sayPhoneWrong)
	}
	if no := p.judge(number); no != nil {
		return Parsed{}, no
	}
	id := gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: value}
	return Parsed{Identifier: id, Display: value}, nil
}

// cleanNumber returns ASCII digits, after a plus if there was one (or 00). It
// refuses what is neither digit nor separator, and a plus anywhere else.
func cleanNumber(text string) (string, bool) {
	clean := make([]byte, 0, maxPhone)
	for _, r := range text {
		switch d, ok := digit(r); {
		case ok:
			clean = append(clean, d)
		case (r == '+' || r == '＋') && len(clean) == 0:
			clean = append(clean, '+')
		case !isSeparator(r):
			return "", false
		}
	}
	s := string(clean)
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + rest
	}
	return s, strings.Trim(s, "+") != ""
}

// digit returns the ASCII digit that a keyboard or an autofill meant: ASCII,
// full-width, Arabic-Indic or extended Arabic-Indic.
func digit(r rune) (byte, bool) {
	for _, zero := range [...]rune{'0', '０', '٠', '۰'} {
		if zero <= r && r <= zero+9 {
			return byte('0' + r - zero), true
		}
	}
	return 0, false
}

// isSeparator reports whether r may stand between digits: spaces, brackets,
// hyphens and dashes, dots, the slash of German numbers, and the invisible
// direction marks that come along when a number is copied from a contact.
func isSeparator(r rune) bool {
	return strings.ContainsRune("()[]（）-‐‑‒–—―−－.．/", r) ||
		unicode.Is(unicode.Zs, r) ||
		r == '\u200e' || r == '\u200f' || '\u202a' <= r && r <= '\u202c' || '\u2066' <= r && r <= '\u2069'
}

// settle returns the number and its E.164 form, which must be a fixed point:
// reading the form again has to give the same form, or one telephone would
// have two canonical forms. (Of two trunk zeros typed in a row, each reading
// drops one.)
func settle(dialled, region string) (*phonenumbers.PhoneNumber, string, bool) {
	number, err := phonenumbers.Parse(dialled, region)
	if err != nil {
		return nil, "", false
	}
	value := phonenumbers.Format(number, phonenumbers.E164)
	if value != dialled {
		number, err = phonenumbers.Parse(value, noRegion)
		if err != nil || phonenumbers.Format(number, phonenumbers.E164) != value {
			return nil, "", false
		}
	}
	return number, value, len(value) <= maxE164
}

// judge refuses numbers that do not exist and those that are never texted.
func (p Policy) judge(number *phonenumbers.PhoneNumber) *refusal {
	if isGlobal(number) {
		return refuse(gatelatch.CodeCountryNotAllowed, sayType)
	}
	region := phonenumbers.GetRegionCodeForNumber(number)
	if !phonenumbers.IsValidNumberForRegion(number, region) { // which implies a possible length
		return refuse(gatelatch.CodeFormat, sayPhoneWrong)
	}
	if !p.allows(region) {
		return refuse(gatelatch.CodeCountryNotAllowed, sayCountry)
	}
	if !isTexted(phonenumbers.GetNumberType(number)) {
		return refuse(gatelatch.CodeCountryNotAllowed, sayType)
	}
	return nil
}

// isGlobal reports whether the country code belongs to satellites, worldwide
// networks or services instead of a country. Texts there cost dollars each,
// and it is where those who are paid per text send them.
func isGlobal(number *phonenumbers.PhoneNumber) bool {
	code := int(number.GetCountryCode())
	switch code {
	case 870, 878, 881, 882, 883, 888, 979:
		return true
	}
	return phonenumbers.GetRegionCodeForCountryCode(code) == worldRegion
}

// isTexted reports whether numbers of a type are sent codes. Premium, shared
// cost, toll-free, company and voicemail numbers and pagers are not: nobody
// signs in there, and some pay their owner for each text.
//
// Fixed lines are. Numbers keep their range when they move to another network,
// several countries deliver texts to fixed lines or read them aloud, and in
// North America the plan cannot tell the two apart anyway. A fixed line that
// takes no texts costs its owner a code that does not arrive; refusing the type
// would shut out people whose line does take them.
func isTexted(kind phonenumbers.PhoneNumberType) bool {
	switch kind {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.FIXED_LINE,
		phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER:
		return true
	default:
		return false
	}
}

// allows reports whether numbers of a country may be texted.
func (p Policy) allows(region string) bool {
	if len(p.Countries) == 0 {
		return p.Region == "" || strings.EqualFold(region, p.Region)
	}
	return slices.ContainsFunc(p.Countries, func(c string) bool { return strings.EqualFold(c, region) })
}

// Country returns the ISO 3166 alpha-2 code of a number's country, and "" for
// an e-mail address and for a number of no country.
func Country(id gatelatch.Identifier) string {
	if id.Kind != gatelatch.PhoneNumber {
		return ""
	}
	number, err := phonenumbers.Parse(id.Value, noRegion)
	if err != nil {
		return ""
	}
	region := phonenumbers.GetRegionCodeForNumber(number)
	if region == worldRegion {
		return ""
	}
	return region
}

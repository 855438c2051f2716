// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"fmt"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/nyaruka/phonenumbers"
)

// maxInput is the most bytes that are looked at. It is above every address that
// can be accepted: 254 ASCII bytes may be typed as about a thousand bytes of
// Unicode.
const maxInput = 1024

// The wire names of the fields, used as [gatelatch.Refusal.Param].
const (
	paramEither = "identifier"
	paramEmail  = string(gatelatch.EmailAddress)
	paramPhone  = string(gatelatch.PhoneNumber)
)

// Policy says which addresses a site accepts. The zero value accepts none.
type Policy struct {
	// Email and Phone say which kinds are accepted.
	Email, Phone bool
	// Region is the country of numbers typed without a country code, as ISO
	// 3166 alpha-2. When empty, numbers must start with + or 00.
	Region string
	// Countries are those whose numbers may be texted, as ISO 3166 alpha-2.
	// When empty it is the country of Region alone, and every country when
	// Region is empty too. Territories count for themselves: PR is not part of
	// US, nor JE of GB, though they share a calling code.
	Countries []string
}

// Parsed is what was typed, understood. The zero value is nobody's address.
type Parsed struct {
	// Identifier is the canonical form, for look-up and limits: the whole
	// e-mail address in ASCII lower case, the number in E.164.
	gatelatch.Identifier
	// Display is the form to deliver to: the e-mail address with its local part
	// as typed and its domain in ASCII lower case, the number in E.164.
	Display string
}

// Validate reports the first country code of the policy that does not exist.
// Letters may be of either case.
func (p Policy) Validate() error {
	if p.Region != "" && !knownRegion(p.Region) {
		return fmt.Errorf("region %q is not an ISO 3166 alpha-2 country code such as US", p.Region)
	}
	for _, c := range p.Countries {
		if !knownRegion(c) {
			return fmt.Errorf("country %q is not an ISO 3166 alpha-2 country code such as US", c)
		}
	}
	return nil
}

func knownRegion(region string) bool {
	return len(region) == 2 && phonenumbers.GetCountryCodeForRegion(strings.ToUpper(region)) != 0
}

// Parse reads an address of either kind: an "@" makes it an e-mail address.
// A refusal names the field "identifier".
func (p Policy) Parse(input string) (Parsed, *gatelatch.Refusal) {
	parsed, no := p.parse(input)
	return parsed, no.about(paramEither)
}

func (p Policy) parse(input string) (Parsed, *refusal) {
	text, no := trim(input, p.askMissing())
	if no != nil {
		return Parsed{}, no
	}
	switch email := strings.Contains(text, "@"); {
	case email && p.Email:
		return parseEmail(text)
	case email || !p.Phone:
		return Parsed{}, refuse(gatelatch.CodeFormat, p.ask())
	}
	parsed, no := p.parsePhone(text)
	if no != nil && no.message == sayPhoneDigits && p.Email {
		no = refuse(gatelatch.CodeFormat, p.ask()) // more likely half an e-mail address than a number
	}
	return parsed, no
}

// ParseEmail reads an e-mail address: one "@", a dot-atom of ASCII before it
// (RFC 5322; no quoted strings, no comments), and behind it a domain of two or
// more labels that IDNA can look up (RFC 5891). White space around it is
// dropped. Neither dots nor +suffixes are folded: those are different
// addresses, and only the provider knows whether they share a mailbox. A
// refusal names the field "email_address".
func (p Policy) ParseEmail(input string) (Parsed, *gatelatch.Refusal) {
	parsed, no := p.emailOnly(input)
	return parsed, no.about(paramEmail)
}

func (p Policy) emailOnly(input string) (Parsed, *refusal) {
	text, no := trim(input, sayEmailMissing)
	if no != nil {
		return Parsed{}, no
	}
	if !p.Email {
		return Parsed{}, refuse(gatelatch.CodeFormat, sayEmailNotTaken)
	}
	return parseEmail(text)
}

// ParsePhone reads a phone number: digits (ASCII, full-width, Arabic-Indic)
// with the usual separators, after + or 00 or in the form of p.Region. It must
// be a number that exists in its country's plan, of a type that takes texts,
// in a country that p allows. A refusal names the field "phone_number".
func (p Policy) ParsePhone(input string) (Parsed, *gatelatch.Refusal) {
	parsed, no := p.phoneOnly(input)
	return parsed, no.about(paramPhone)
}

func (p Policy) phoneOnly(input string) (Parsed, *refusal) {
	text, no := trim(input, sayPhoneMissing)
	if no != nil {
		return Parsed{}, no
	}
	if !p.Phone {
		return Parsed{}, refuse(gatelatch.CodeFormat, sayPhoneNotTaken)
	}
	return p.parsePhone(text)
}

// trim looks at the length before anything else, then drops white space around
// the input and refuses an empty one with the sentence given.
func trim(input, missing string) (string, *refusal) {
	if len(input) > maxInput {
		return "", refuse(gatelatch.CodeTooLong, sayTooLong)
	}
	text := strings.TrimSpace(input)
	if text == "" {
		return "", refuse(gatelatch.CodeMissing, missing)
	}
	return text, nil
}

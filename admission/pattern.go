// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

// Pattern is one line of a list: an e-mail address, a domain ("example.com",
// also written *@example.com), all subdomains of one ("*.example.com", also
// *@*.example.com), a phone number in E.164, or the country of a number
// ("US"). The zero value matches nobody.
type Pattern struct {
	kind patternKind
	// text is what is compared: an address, a domain, a number, a country.
	text string
}

type patternKind uint8

const (
	nobody patternKind = iota
	address
	domain
	subdomains
	number
	country
	everybody // a block that could not be read
)

// ErrPattern says that a text is no pattern. Errors of Parse wrap it.
var ErrPattern = errors.New("not an address, a domain, a phone number or a country")

// Parse reads a pattern. Case does not matter, and international domains may be
// written in their own script. The error says what is wrong without repeating
// the text, which may be somebody's address.
func Parse(text string) (Pattern, error) {
	text = strings.TrimSpace(text)
	rest, wildcard := strings.CutPrefix(text, "*@")
	switch {
	case text == "":
		return Pattern{}, fmt.Errorf("the pattern is empty: %w", ErrPattern)
	case len(text) == len("US"):
		return parseCountry(text)
	case text[0] == '+':
		return parseNumber(text)
	case strings.HasPrefix(rest, "*."):
		return parseDomain(subdomains, rest[len("*."):])
	case wildcard || !strings.Contains(text, "@"):
		return parseDomain(domain, rest)
	}
	return parseAddress(text)
}

func parseCountry(text string) (Pattern, error) {
	text = strings.ToUpper(text)
	if err := (identifier.Policy{Region: text}).Validate(); err != nil {
		return Pattern{}, fmt.Errorf("no country has this ISO 3166 alpha-2 code: %w", ErrPattern)
	}
	return Pattern{country, text}, nil
}

func parseNumber(text string) (Pattern, error) {
	parsed, r := (identifier.Policy{Phone: true}).ParsePhone(text)
	if r != nil {
		return Pattern{}, fmt.Errorf("the phone number cannot be used, write it like +12015550123: %w", ErrPattern)
	}
	return Pattern{number, parsed.Value}, nil
}

func parseAddress(text string) (Pattern, error) {
	parsed, r := (identifier.Policy{Email: true}).ParseEmail(text)
	if r != nil {
		return Pattern{}, fmt.Errorf("the email address cannot be used, write it like name@example.com: %w", ErrPattern)
	}
	return Pattern{address, parsed.Value}, nil
}

func parseDomain(kind patternKind, text string) (Pattern, error) {
	name, ok := normalDomain(text)
	if !ok {
		return Pattern{}, fmt.Errorf("the domain cannot be used, write it like example.com or *.example.com: %w", ErrPattern)
	}
	return Pattern{kind, name}, nil
}

// normalDomain has package identifier read a domain as it reads those of
// addresses, so that the two forms are the same.
func normalDomain(text string) (string, bool) {
	if strings.ContainsAny(text, "@*") {
		return "", false
	}
	parsed, r := (identifier.Policy{Email: true}).ParseEmail("a@" + text)
	if r != nil {
		return "", false
	}
	return domainOf(parsed.Identifier), true
}

func domainOf(id gatelatch.Identifier) string {
	return id.Value[strings.LastIndexByte(id.Value, '@')+1:]
}

// String returns the normalised form, which [Parse] reads; of the zero value it
// is empty.
func (p Pattern) String() string {
	if p.kind == subdomains {
		return "*." + p.text
	}
	return p.text
}

// of returns the kind of address that a pattern is about; empty when about none.
func (p Pattern) of() gatelatch.IdentifierKind {
	switch p.kind {
	case address, domain, subdomains:
		return gatelatch.EmailAddress
	case number, country:
		return gatelatch.PhoneNumber
	default:
		return ""
	}
}

// matches compares a pattern with an address; from is the country of a number.
func (p Pattern) matches(id gatelatch.Identifier, from string) bool {
	switch {
	case p.kind == everybody:
		return true
	case p.kind == nobody || p.of() != id.Kind:
		return false
	}
	switch p.kind {
	case domain:
		return domainOf(id) == p.text
	case subdomains:
		return strings.HasSuffix(domainOf(id), "."+p.text)
	case country:
		return from == p.text
	default:
		return id.Value == p.text
	}
}

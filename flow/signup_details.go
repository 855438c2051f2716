// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

// maxName is the longest first or last name, in characters.
const maxName = 100

// readDetails understands typed fields, or says which one is at fault.
func (s *Service) readDetails(p SignUpParams) (in Details, r *gatelatch.Refusal) {
	if in.Email, r = readAddress(p.Email, gatelatch.EmailCode, s.Identifiers.ParseEmail); r != nil {
		return in, r
	}
	if in.Phone, r = readAddress(p.Phone, gatelatch.PhoneCode, s.Identifiers.ParsePhone); r != nil {
		return in, r
	}
	if in.FirstName, r = readName(p.FirstName, FieldFirstName); r != nil {
		return in, r
	}
	if in.LastName, r = readName(p.LastName, FieldLastName); r != nil {
		return in, r
	}
	return in, readMore(p, &in)
}

func readAddress(typed *string, st gatelatch.Strategy, parse func(string) (identifier.Parsed, *gatelatch.Refusal)) (*Factor, *gatelatch.Refusal) {
	if typed == nil || strings.TrimSpace(*typed) == "" {
		return nil, nil
	}
	parsed, r := parse(*typed)
	if r != nil {
		return nil, r
	}
	return &Factor{Strategy: st, To: parsed.Identifier, Display: parsed.Display}, nil
}

func readName(typed *string, param string) (*string, *gatelatch.Refusal) {
	if typed == nil {
		return nil, nil
	}
	name := strings.Join(strings.Fields(*typed), " ")
	switch {
	case !utf8.ValidString(*typed) || strings.ContainsFunc(name, invisible) || name != "" && !strings.ContainsFunc(name, unicode.IsLetter):
		return nil, refusal(gatelatch.CodeFormat, param, "A name consists of letters, spaces and punctuation.")
	case utf8.RuneCountInString(name) > maxName:
		return nil, refusal(gatelatch.CodeTooLong, param, fmt.Sprintf("A name has at most %d characters.", maxName))
	}
	return &name, nil
}

// invisible reports characters that change how the text around them looks, or
// show nothing; but the joiners that some scripts need inside words.
func invisible(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	if r == zeroWidthJoiner || r == zeroWidthNonJoiner {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}

// ReadName understands a first or last name as it was typed; param is the wire
// name of the field. An empty name is one.
func ReadName(typed, param string) (string, *gatelatch.Refusal) {
	name, r := readName(&typed, param)
	if r != nil {
		return "", r
	}
	return *name, nil
}

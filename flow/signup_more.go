// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/metadata"
)

// ParamUnsafeMetadata is the wire name of the bag that a program gives with a
// sign-up.
const ParamUnsafeMetadata = "unsafe_metadata"

// readMetadata understands a bag of metadata. One that is empty stays an object, so
// that it replaces what was given before.
func readMetadata(text json.RawMessage) (json.RawMessage, *gatelatch.Refusal) {
	if len(text) == 0 {
		return nil, nil
	}
	bag, err := metadata.Read(text)
	switch {
	case errors.Is(err, metadata.ErrLong):
		return nil, refusal(gatelatch.CodeTooLong, ParamUnsafeMetadata, "These metadata are too long. They have at most 8 KB.")
	case err != nil:
		return nil, refusal(gatelatch.CodeMetadata, ParamUnsafeMetadata, "These metadata are no JSON object, or one that is too deep, or hold what other programs cannot read.")
	case bag == nil:
		return json.RawMessage("{}"), nil
	}
	return bag, nil
}

// maxLocale is the longest language tag, in bytes: RFC 5646, section 4.4.1, asks
// programs to take 35.
const maxLocale = 35

// ReadLocale returns a language tag in the shape of BCP 47 (RFC 5646): subtags of
// letters and digits, the first of letters, with hyphens between. Anything else is
// none: browsers send it by themselves, and nobody should be kept out by it.
func ReadLocale(text string) (string, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), "_", "-")
	if text == "" || len(text) > maxLocale {
		return "", false
	}
	for i, subtag := range strings.Split(text, "-") {
		if len(subtag) < 1 || len(subtag) > 8 || i == 0 && len(subtag) < 2 {
			return "", false
		}
		if strings.ContainsFunc(subtag, func(r rune) bool { return !letter(r) && (i == 0 || r < '0' || r > '9') }) {
			return "", false
		}
	}
	return text, true
}

func letter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// readMore understands what programs give beside the fields.
func readMore(p SignUpParams, in *Details) (r *gatelatch.Refusal) {
	if in.UnsafeMetadata, r = readMetadata(p.UnsafeMetadata); r != nil {
		return r
	}
	if p.Locale != nil {
		in.Locale, _ = ReadLocale(*p.Locale)
	}
	in.AcceptTerms = p.AcceptTerms
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package password

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
)

// The lengths of a password when nothing else is said (NIST SP 800-63B-4,
// section 3.1.1.2: 8 beside another factor, 15 alone).
const (
	DefaultMinLength = 8
	AloneMinLength   = 15
	DefaultMaxLength = 128
)

// maxBytesEach bounds what is normalised: no code point of an NFKC form comes
// from more bytes than this, but in texts made to be strange.
const maxBytesEach = 16

// Rules say which passwords are good enough. There are no rules about kinds of
// characters: they make passwords worse.
type Rules struct {
	// MinLength and MaxLength are in Unicode code points after NFKC; zero means 8
	// and 128.
	MinLength, MaxLength int
	// Breached reports passwords that are known from breaches; nil asks nobody.
	// An error counts as no.
	Breached func(ctx context.Context, plain gatelatch.Secret) (bool, error)
}

// Judge returns why a new password is refused, or nil. about are words that it
// must not be made of: names and addresses of the user, the name of the site.
// param names the field. It takes some milliseconds at most, beside what
// Breached takes.
func (r Rules) Judge(ctx context.Context, plain gatelatch.Secret, param string, about ...string) *gatelatch.Refusal {
	code, message := r.judge(ctx, plain, about)
	if code == "" {
		return nil
	}
	return &gatelatch.Refusal{Code: code, Message: message, Param: param}
}

func (r Rules) judge(ctx context.Context, plain gatelatch.Secret, about []string) (gatelatch.Code, string) {
	if code, message := r.form(plain); code != "" {
		return code, message
	}
	text := normal(plain)
	if common(text) {
		return gatelatch.CodePasswordWeak, "This is one of the most common passwords. Choose another one."
	}
	if why := weakness(text, about); why != "" {
		return gatelatch.CodePasswordWeak, why
	}
	if r.breached(ctx, plain) {
		return gatelatch.CodePasswordPwned,
			"This password is in a list of passwords that were stolen from other sites. Choose another one."
	}
	return "", ""
}

// form checks what can be counted.
func (r Rules) form(plain gatelatch.Secret) (gatelatch.Code, string) {
	low, high := orDefault(r.MinLength, DefaultMinLength), orDefault(r.MaxLength, DefaultMaxLength)
	if plain == "" {
		return gatelatch.CodeMissing, "Enter a password."
	}
	if len(plain) > high*maxBytesEach {
		return gatelatch.CodePasswordLong, fmt.Sprintf("A password may have %d characters at most; this one has more.", high)
	}
	text := normal(plain)
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return gatelatch.CodeFormat, "A password may hold any characters but control characters, such as tabs."
	}
	switch n := utf8.RuneCountInString(text); {
	case n < low:
		return gatelatch.CodePasswordShort, fmt.Sprintf("A password needs at least %d characters; this one has %d.", low, n)
	case n > high:
		return gatelatch.CodePasswordLong, fmt.Sprintf("A password may have %d characters at most; this one has %d.", high, n)
	}
	return "", ""
}

// breached asks the list. When it cannot answer, nobody is kept from choosing a
// password.
func (r Rules) breached(ctx context.Context, plain gatelatch.Secret) bool {
	if r.Breached == nil {
		return false
	}
	found, err := r.Breached(ctx, plain)
	return found && err == nil
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

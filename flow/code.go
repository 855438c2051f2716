// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// Purpose says what a code is for; a code for one purpose is worthless for
// another.
type Purpose string

// The purposes.
const (
	PurposeSignIn Purpose = "sign_in"
	PurposeSignUp Purpose = "sign_up"
	// PurposeTrust is the code after a right password on a new device,
	// PurposeSecond a text as second step, PurposeReset a forgotten password,
	// PurposeAgain a session that is asked once more.
	PurposeTrust  Purpose = "client_trust"
	PurposeSecond Purpose = "second_factor"
	PurposeReset  Purpose = "reset_password"
	PurposeAgain  Purpose = "reverify"
	// PurposeAdd proves a new address of an account, PurposeDelete confirms that
	// the account is to be deleted.
	PurposeAdd    Purpose = "add_address"
	PurposeDelete Purpose = "delete_account"
)

// NonceSize is the size of a verification's nonce in bytes.
const NonceSize = 16

// Codes derives one-time codes. Nothing derived is ever stored: the code is
// found again from the verification and a key that is not in the database.
type Codes struct {
	Key    gatelatch.Key
	Length int
}

// Code returns the decimal code of a verification within one attempt. It is
// HMAC-SHA256 over everything the code is bound to, reduced to Length digits
// without bias.
func (c Codes) Code(attemptID string, p Purpose, v Verification) gatelatch.Secret {
	modulus := uint64(math.Pow10(c.Length))
	mac := hmac.New(sha256.New, c.Key[:])
	for round := byte(0); ; round++ {
		mac.Reset()
		for _, part := range []string{attemptID, string(p), string(v.Strategy), v.To.Value, string(v.Nonce)} {
			_ = binary.Write(mac, binary.BigEndian, uint32(len(part))) //nolint:gosec // parts are short
			mac.Write([]byte(part))
		}
		mac.Write([]byte{round})
		if n, ok := unbiased(mac.Sum(nil), modulus); ok {
			return gatelatch.Secret(fmt.Sprintf("%0*d", c.Length, n))
		}
	}
}

// unbiased reads numbers from random bytes until one falls into the largest
// range that is a whole multiple of modulus.
func unbiased(random []byte, modulus uint64) (uint64, bool) {
	limit := math.MaxUint64 - math.MaxUint64%modulus
	for ; len(random) >= 8; random = random[8:] {
		if n := binary.BigEndian.Uint64(random); n < limit {
			return n % modulus, true
		}
	}
	return 0, false
}

// Matches compares a typed code with the derived one in constant time.
func (c Codes) Matches(typed gatelatch.Secret, attemptID string, p Purpose, v Verification) bool {
	want := c.Code(attemptID, p, v).Reveal()
	return subtle.ConstantTimeCompare([]byte(typed.Reveal()), []byte(want)) == 1
}

// maxTyped bounds what is looked at: a code with separators is far shorter.
const maxTyped = 64

// ReadCode turns what somebody typed or pasted into plain digits: it drops
// spaces, hyphens and invisible marks, and reads full-width and Arabic-Indic
// digits. Anything else is refused before a guess is counted, with a sentence
// that says what is wrong.
func (c Codes) ReadCode(typed string) (gatelatch.Secret, *gatelatch.Refusal) {
	if strings.TrimSpace(typed) == "" {
		return "", refusal(gatelatch.CodeMissing, "code", "Enter the code from the message.")
	}
	if len(typed) > maxTyped {
		return "", c.refuseLength("is too long")
	}
	digits, ok := plainDigits(typed)
	switch {
	case !ok:
		return "", refusal(gatelatch.CodeFormat, "code", "The code consists of digits only.")
	case len(digits) < c.Length:
		return "", c.refuseLength("is too short")
	case len(digits) > c.Length:
		return "", c.refuseLength("is too long")
	}
	return gatelatch.Secret(digits), nil
}

func (c Codes) refuseLength(what string) *gatelatch.Refusal {
	return refusal(gatelatch.CodeFormat, "code", fmt.Sprintf("That code %s. It has %d digits.", what, c.Length))
}

func plainDigits(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		if separator(r) {
			continue
		}
		d, ok := digit(r)
		if !ok {
			return "", false
		}
		b.WriteByte(d)
	}
	return b.String(), true
}

// separator reports the marks that people and mail programs put between digits.
func separator(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '-', '.', '\u00a0', '\u2007', '\u2009', '\u202f', '\u3000',
		'\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\uff0d',
		'\u200b', '\u200e', '\u200f', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff':
		return true
	}
	return false
}

// digit reads the decimal digits of the scripts whose keyboards type them.
func digit(r rune) (byte, bool) {
	for _, zero := range []rune{'0', '\uff10', '\u0660', '\u06f0'} {
		if r >= zero && r <= zero+9 {
			return byte('0' + r - zero), true
		}
	}
	return 0, false
}

// SPDX-License-Identifier: Apache-2.0

// Package secondfactor knows authenticator apps (RFC 6238) and backup codes.
package secondfactor

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"math"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/gatelatch/gatelatch"
)

// What authenticator apps understand everywhere, and what they assume when an
// address does not say (RFC 6238, section 4).
const (
	secretSize = 20 // bytes, the output size of SHA-1
	digits     = 6
	period     = 30 // seconds
	// skew is how many steps a clock may be off, either way (RFC 6238, section
	// 5.2).
	skew = 1
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret returns 20 random bytes.
func NewSecret() gatelatch.Secret {
	b := make([]byte, secretSize)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return gatelatch.Secret(b)
}

// Readable returns the secret as people type it: base32 in groups of four.
func Readable(secret gatelatch.Secret) gatelatch.Secret {
	text := base32Plain.EncodeToString([]byte(secret.Reveal()))
	var b strings.Builder
	for i, c := range text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return gatelatch.Secret(b.String())
}

// MatchTOTP looks for a code among the steps around now, all of them after
// lastStep, and returns the step it belongs to. Save that step with what the
// code has opened: neither it nor one before it is taken again. A code that
// belongs to two steps, once in half a million, spends the later one.
func MatchTOTP(secret, code gatelatch.Secret, now time.Time, lastStep int64) (step int64, ok bool) {
	if secret == "" {
		return 0, false // there is a code for it, and everybody knows it
	}
	current := stepAt(now)
	for s := max(current-skew, lastStep+1, 0); s <= current+skew; s++ {
		want, err := codeAt(secret, s)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code.Reveal())) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// stepAt numbers the half minutes since 1970.
func stepAt(now time.Time) int64 {
	return int64(math.Floor(float64(now.Unix()) / period))
}

func codeAt(secret gatelatch.Secret, step int64) (string, error) {
	text := base32Plain.EncodeToString([]byte(secret.Reveal()))
	return hotp.GenerateCodeCustom(text, uint64(step), hotp.ValidateOpts{ //nolint:gosec // not negative
		Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
}

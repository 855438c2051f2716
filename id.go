// SPDX-License-Identifier: Apache-2.0

package gatelatch

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// The prefixes say what an id names; they are Clerk's where Clerk has one.
const (
	PrefixUser    = "user"
	PrefixAddress = "idn"
	PrefixClient  = "client"
	PrefixSession = "sess"
	PrefixSignIn  = "sia"
	PrefixSignUp  = "sua"
	PrefixMessage = "msg"

	PrefixTOTP        = "totp"
	PrefixPasskey     = "psk"
	PrefixChange      = "chg"
	PrefixInvitation  = "inv"
	PrefixWaitlist    = "wle"
	PrefixRestriction = "rst"
	PrefixSignInToken = "sit"
)

// idAlphabet keeps the byte order, so ids of one kind sort by age.
var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID returns prefix_ followed by 26 characters: 48 bits of Unix
// milliseconds, then 80 random bits (the layout of a ULID). Ids are public
// names, not secrets.
func NewID(prefix string, now time.Time) string {
	var b [16]byte
	ms := uint64(max(now.UnixMilli(), 0)) //nolint:gosec // not negative by max
	binary.BigEndian.PutUint64(b[:8], ms<<16)
	_, _ = rand.Read(b[6:]) // never fails, see crypto/rand
	return IDOf(prefix, b)
}

// IDBytes returns the 16 bytes that an id of [NewID] is made of, and false for
// anything else: another prefix, or an id of another make.
func IDBytes(prefix, id string) (raw [16]byte, ok bool) {
	text, ok := strings.CutPrefix(id, prefix+"_")
	if !ok || len(text) != idAlphabet.EncodedLen(len(raw)) {
		return raw, false
	}
	_, err := idAlphabet.Decode(raw[:], []byte(text))
	return raw, err == nil && IDOf(prefix, raw) == id
}

// IDOf is the id with a prefix that is made of these bytes.
func IDOf(prefix string, raw [16]byte) string {
	return prefix + "_" + idAlphabet.EncodeToString(raw[:])
}

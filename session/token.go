// SPDX-License-Identifier: Apache-2.0

// Package session answers one question: who does this request come from? It
// makes and reads the two cookies, keeps what was looked up in a bounded
// cache, ends sessions, and mints the short-lived tokens for the upstream.
package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/gatelatch/gatelatch"
)

// Kind separates what tokens are for: a value of one kind never passes for another.
type Kind string

// The kinds of token: those of the two cookies, and the one that a native app keeps
// in place of both. That one lets its holder in by itself, so it is no cookie, and
// no cookie is one.
const (
	ClientToken  Kind = "client"
	SessionToken Kind = "session"
	NativeToken  Kind = "native"
)

const (
	secretSize  = 32
	tagSize     = 16
	tokenSize   = secretSize + tagSize
	tokenLength = tokenSize / 3 * 4 // 64 characters, a whole number of base64 groups
)

// Token is the value of a cookie: 256 secret bits, and a tag by which the
// gate knows its own values without asking the database. The zero value is no
// token. It cannot print itself.
type Token struct{ raw [tokenSize]byte }

// Reveal returns the text of the cookie, 64 characters of base64url.
func (t Token) Reveal() string { return base64.RawURLEncoding.EncodeToString(t.raw[:]) }

// Hash returns SHA-256 of the secret part: what the store keeps.
func (t Token) Hash() gatelatch.TokenHash { return sha256.Sum256(t.raw[:secretSize]) }

// IsZero reports whether t is no token.
func (t Token) IsZero() bool { return t == Token{} }

// Format implements [fmt.Formatter] and hides the value from every verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// MarshalText keeps the value out of JSON and logs.
func (t Token) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// Tokens makes and recognises tokens. It is safe for concurrent use.
type Tokens struct{ Key gatelatch.Key }

// New returns a fresh random token.
func (k Tokens) New(kind Kind) Token {
	var t Token
	_, _ = rand.Read(t.raw[:secretSize]) // never fails, see crypto/rand
	k.seal(kind, &t)
	return t
}

// ForSession returns the token of a session. It is derived from the session's
// id with a key outside the database, so the answer that carried the cookie can
// be repeated when a browser gave up waiting for it, and still only the hash is
// stored.
func (k Tokens) ForSession(sessionID string) Token {
	var t Token
	mac := hmac.New(sha256.New, k.Key[:])
	_, _ = io.WriteString(mac, "session token of "+sessionID)
	copy(t.raw[:secretSize], mac.Sum(nil))
	k.seal(SessionToken, &t)
	return t
}

// Parse reads the text of a cookie, and returns the zero value where it is none. It
// refuses anything that this installation has not made, in a few microseconds and
// without the database.
func (k Tokens) Parse(kind Kind, s string) (Token, bool) {
	t, ok := decode(s)
	if !ok {
		return Token{}, false
	}
	sealed := t
	k.seal(kind, &sealed)
	if subtle.ConstantTimeCompare(t.raw[:], sealed.raw[:]) != 1 {
		return Token{}, false
	}
	return t, true
}

// decode reads the form of a token and does not look at its tag.
func decode(s string) (Token, bool) {
	var t Token
	if len(s) != tokenLength {
		return Token{}, false
	}
	n, err := base64.RawURLEncoding.Decode(t.raw[:], []byte(s))
	return t, err == nil && n == tokenSize
}

func (k Tokens) seal(kind Kind, t *Token) {
	mac := hmac.New(sha256.New, k.Key[:])
	_, _ = io.WriteString(mac, "tag of "+string(kind)+" ")
	mac.Write(t.raw[:secretSize])
	copy(t.raw[secretSize:], mac.Sum(nil))
}

// SPDX-License-Identifier: Apache-2.0

package gatelatch

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// SiteSecretSize is the length of a site secret in bytes.
const SiteSecretSize = 32

// Keys are all the keys of one installation, derived from its site secret by
// HKDF-SHA256 (RFC 5869), one label each, so that none reveals another. The
// secret lives outside the database: whoever copies the database alone learns
// no code, no cookie and no signing key.
type Keys struct {
	Code    Key // derives one-time codes
	Token   Key // derives and authenticates cookie values
	Budget  Key // hides addresses in the names of budgets
	Form    Key // binds forms to the browser that got them
	Encrypt Key // encrypts signing keys, password hashes and secrets of factors at rest (AES-256)
	Factor  Key // hides backup codes; binds challenges of passkeys
	Link    Key // binds links in messages to what they are about
	// Check is a value the database may remember: a wrong secret is then found
	// at start instead of by users whose sessions all broke.
	Check string
}

// Key is 256 bits that cannot print themselves.
type Key [32]byte

// String implements [fmt.Stringer] and hides the key.
func (Key) String() string { return redacted }

// GoString hides the key from %#v.
func (Key) GoString() string { return redacted }

// Format implements [fmt.Formatter], so that no verb, not even %d, prints the
// key.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps the key out of JSON, XML and logs.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalBinary keeps the key out of gob.
func (Key) MarshalBinary() ([]byte, error) { return []byte(redacted), nil }

// ErrShortSecret says that a site secret has fewer than [SiteSecretSize] bytes.
var ErrShortSecret = errors.New("the site secret must hold at least 32 bytes")

// DeriveKeys makes the keys of an installation from its site secret, which
// must hold at least [SiteSecretSize] bytes of randomness.
func DeriveKeys(secret []byte) (Keys, error) {
	if len(secret) < SiteSecretSize {
		return Keys{}, ErrShortSecret
	}
	var k Keys
	for label, to := range map[string]*Key{
		"code": &k.Code, "token": &k.Token, "budget": &k.Budget, "form": &k.Form, "encrypt": &k.Encrypt,
		"factor": &k.Factor, "link": &k.Link,
	} {
		if err := expand(secret, label, to); err != nil {
			return Keys{}, err
		}
	}
	var check Key
	if err := expand(secret, "check", &check); err != nil {
		return Keys{}, err
	}
	k.Check = hex.EncodeToString(check[:])
	return k, nil
}

func expand(secret []byte, label string, to *Key) error {
	b, err := hkdf.Key(sha256.New, secret, nil, "gatelatch "+label+" v1", len(to))
	copy(to[:], b)
	return err
}

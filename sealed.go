// SPDX-License-Identifier: Apache-2.0

package gatelatch

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Sealed is encrypted with a key that is not in the database: whoever copies
// the database alone can neither read it nor try passwords against it. It goes
// into JSON as it is, and never into a log.
type Sealed []byte

// Format implements [fmt.Formatter] and shows nothing.
func (Sealed) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements [slog.LogValuer].
func (Sealed) LogValue() slog.Value { return slog.StringValue(redacted) }

// ErrSealed says that something was not sealed with this key for this purpose.
var ErrSealed = errors.New("sealed with another key, or for something else")

// Seal encrypts plain with AES-256-GCM (NIST SP 800-38D) and a random nonce.
// purpose says what it is and whose, such as "password user_1": what was sealed
// for one purpose does not open for another.
func (k Key) Seal(purpose string, plain []byte) Sealed {
	aead := k.aead()
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails, see crypto/rand
	return aead.Seal(nonce, nonce, plain, []byte(purpose))
}

// Open decrypts what Seal has made for the same purpose, or returns [ErrSealed].
func (k Key) Open(purpose string, s Sealed) ([]byte, error) {
	aead := k.aead()
	if len(s) < aead.NonceSize() {
		return nil, ErrSealed
	}
	plain, err := aead.Open(nil, s[:aead.NonceSize()], s[aead.NonceSize():], []byte(purpose))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// aead cannot fail: the key has one of the sizes that AES knows.
func (k Key) aead() cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

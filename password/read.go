// SPDX-License-Identifier: Apache-2.0

package password

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

var (
	errForm      = errors.New("the hash has none of the forms argon2id, argon2i, bcrypt, scrypt and PBKDF2")
	errMalformed = errors.New("the hash is malformed")
)

// Lengths of what a hash may hold, in bytes. A key that is too short is hit by
// chance.
const (
	maxStored = 1024
	maxSalt   = 256
	minKey    = 16
	maxKey    = 64
)

// reading is a stored hash, understood and of bearable cost.
type reading struct {
	// matches takes the time and the memory that the hash costs.
	matches func(plain string) bool
	// params are those of argon2id, or nil of another scheme.
	params *Params
	// short says that salt or key are shorter than those made now.
	short bool
}

// matchesAny reports whether one of the spellings is the password.
func (r reading) matchesAny(spellings []string) bool {
	found := false
	for _, s := range spellings {
		found = r.matches(s) || found
	}
	return found
}

func (r reading) outdated(now Params) bool {
	return r.params == nil || r.short || r.params.below(now)
}

// Readable says why a hash made elsewhere cannot be taken over: of an unknown
// form, malformed, or so costly that a sign-in could stop the machine. It reads
// argon2id, argon2i, scrypt and PBKDF2 (SHA-256 and SHA-512) as PHC strings,
// PBKDF2 as passlib and Django write it, and bcrypt ($2a$, $2b$, $2y$). The
// error says nothing of the hash.
func Readable(stored string) error {
	_, err := read(stored)
	return err
}

// read finds the form by its beginning.
func read(stored string) (reading, error) {
	if len(stored) > maxStored || strings.ContainsAny(stored, "\r\n") { // which base64 would skip
		return reading{}, errMalformed
	}
	for _, form := range []struct {
		prefix string
		read   func(stored string) (reading, error)
	}{
		{"$argon2id$", readArgon2id},
		{"$argon2i$", readArgon2i},
		{"$2a$", readBcrypt},
		{"$2b$", readBcrypt},
		{"$2y$", readBcrypt},
		{"$scrypt$", readScrypt},
		{"$pbkdf2-sha256$", readPBKDF2},
		{"$pbkdf2-sha512$", readPBKDF2},
		{"pbkdf2_sha256$", readDjango},
		{"pbkdf2_sha512$", readDjango},
	} {
		if strings.HasPrefix(stored, form.prefix) {
			return form.read(stored)
		}
	}
	return reading{}, errForm
}

// bytesOf reads the base64 of PHC strings, which has no padding. passlib writes
// a dot where others write a plus.
func bytesOf(salt, key string) (s, k []byte, err error) {
	encoding := base64.RawStdEncoding.Strict()
	s, errSalt := encoding.DecodeString(strings.ReplaceAll(salt, ".", "+"))
	k, errKey := encoding.DecodeString(strings.ReplaceAll(key, ".", "+"))
	if errSalt != nil || errKey != nil {
		return nil, nil, errMalformed
	}
	return s, k, sizes(s, k)
}

func sizes(salt, key []byte) error {
	if len(salt) == 0 || len(salt) > maxSalt || len(key) < minKey || len(key) > maxKey {
		return errMalformed
	}
	return nil
}

// figures reads "m=65536,t=3,p=2" in the order of names; every one must be
// there, and no other.
func figures(text string, names ...string) ([]uint64, error) {
	parts := strings.Split(text, ",")
	if len(parts) != len(names) {
		return nil, errMalformed
	}
	found := make([]uint64, len(names))
	for i, part := range parts {
		digits, ok := strings.CutPrefix(part, names[i]+"=")
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil {
			return nil, errMalformed
		}
		found[i] = n
	}
	return found, nil
}

func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

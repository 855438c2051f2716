// SPDX-License-Identifier: Apache-2.0

package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strconv"
	"strings"
)

// maxRounds bounds the iterations of PBKDF2: about a second.
const maxRounds = 2_000_000

// readPBKDF2 reads "$pbkdf2-sha256$i=600000$salt$key", with or without the
// length of the key behind the iterations, and passlib's form, in which the
// number stands alone.
func readPBKDF2(stored string) (reading, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 5 {
		return reading{}, errMalformed
	}
	rounds, length, _ := strings.Cut(parts[2], ",")
	salt, key, err := bytesOf(parts[3], parts[4])
	if err != nil {
		return reading{}, err
	}
	if length != "" && length != "l="+strconv.Itoa(len(key)) {
		return reading{}, errMalformed
	}
	return pbkdf2Reading(parts[1], strings.TrimPrefix(rounds, "i="), salt, key)
}

// readDjango reads "pbkdf2_sha256$600000$salt$key", whose salt is text.
func readDjango(stored string) (reading, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 4 {
		return reading{}, errMalformed
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[3])
	if err != nil {
		return reading{}, errMalformed
	}
	salt := []byte(parts[2])
	if err := sizes(salt, key); err != nil {
		return reading{}, err
	}
	return pbkdf2Reading(parts[0], parts[1], salt, key)
}

func pbkdf2Reading(name, rounds string, salt, key []byte) (reading, error) {
	n, err := strconv.ParseUint(rounds, 10, 32)
	if err != nil || n == 0 {
		return reading{}, errMalformed
	}
	fresh, size := pbkdf2Hash(name)
	blocks := uint64((len(key) + size - 1) / size) //nolint:gosec // bounded by maxKey
	if n*blocks > maxRounds {
		return reading{}, errCost
	}
	return reading{matches: func(plain string) bool {
		made, err := pbkdf2.Key(fresh, plain, salt, int(n), len(key)) //nolint:gosec // bounded above
		return err == nil && same(made, key)
	}}, nil
}

func pbkdf2Hash(name string) (func() hash.Hash, int) {
	if strings.HasSuffix(name, "sha512") {
		return sha512.New, sha512.Size
	}
	return sha256.New, sha256.Size
}

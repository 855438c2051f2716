// SPDX-License-Identifier: Apache-2.0

package password

import (
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2Key is one of the two variants.
type argon2Key func(plain, salt []byte, time, memory uint32, threads uint8, size uint32) []byte

var (
	argon2idKey argon2Key = argon2.IDKey
	argon2iKey  argon2Key = argon2.Key
)

func readArgon2id(stored string) (reading, error) { return readArgon2(stored, argon2idKey) }

func readArgon2i(stored string) (reading, error) {
	r, err := readArgon2(stored, argon2iKey)
	r.params = nil // made anew as argon2id
	return r, err
}

// readArgon2 reads "$argon2id$v=19$m=19456,t=2,p=1$salt$key". The library that
// writes hashes reads them too, but loosely, and figures that make the
// algorithm panic.
func readArgon2(stored string, variant argon2Key) (reading, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[2] != "v=19" {
		return reading{}, errMalformed
	}
	f, err := figures(parts[3], "m", "t", "p")
	if err != nil || f[2] > maxParallelism {
		return reading{}, errMalformed
	}
	p := Params{Memory: uint32(f[0]), Iterations: uint32(f[1]), Parallelism: uint8(f[2])} //nolint:gosec // figures reads 32 bits
	if err := p.Check(); err != nil {
		return reading{}, err
	}
	salt, key, err := bytesOf(parts[4], parts[5])
	if err != nil {
		return reading{}, err
	}
	return argon2Reading(variant, p, salt, key), nil
}

func argon2Reading(variant argon2Key, p Params, salt, key []byte) reading {
	return reading{
		matches: func(plain string) bool {
			size := uint32(len(key)) //nolint:gosec // bounded by maxKey
			return same(variant([]byte(plain), salt, p.Iterations, p.Memory, p.Parallelism, size), key)
		},
		params: &p,
		short:  len(salt) < saltSize || len(key) < keySize,
	}
}

// SPDX-License-Identifier: Apache-2.0

package password

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// maxBcrypt is the highest cost of bcrypt that is compared; each step doubles
// the time, and this one takes about a second.
const maxBcrypt = 14

var bcryptForm = regexp.MustCompile(`^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$`)

// readBcrypt reads "$2b$12$" followed by salt and key. Bcrypt looks at no more
// than 72 bytes of a password, here as elsewhere.
func readBcrypt(stored string) (reading, error) {
	found := bcryptForm.FindStringSubmatch(stored)
	if found == nil {
		return reading{}, errMalformed
	}
	cost, err := strconv.Atoi(found[1])
	if err != nil || cost < bcrypt.MinCost || cost > bcrypt.MaxCost {
		return reading{}, errMalformed
	}
	if cost > maxBcrypt {
		return reading{}, errCost
	}
	return reading{matches: func(plain string) bool {
		return bcrypt.CompareHashAndPassword([]byte(stored), []byte(plain)) == nil
	}}, nil
}

// readScrypt reads "$scrypt$ln=17,r=8,p=1$salt$key".
func readScrypt(stored string) (reading, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 5 {
		return reading{}, errMalformed
	}
	f, err := figures(parts[2], "ln", "r", "p")
	if err != nil {
		return reading{}, err
	}
	ln, r, p := f[0], f[1], f[2]
	if ln < 1 || r < 1 || p < 1 {
		return reading{}, errMalformed
	}
	if scryptTooCostly(ln, r, p) {
		return reading{}, errCost
	}
	salt, key, err := bytesOf(parts[3], parts[4])
	if err != nil {
		return reading{}, err
	}
	return reading{matches: func(plain string) bool {
		//nolint:gosec // bounded above
		made, err := scrypt.Key([]byte(plain), salt, 1<<ln, int(r), int(p), len(key))
		return err == nil && same(made, key)
	}}, nil
}

// scryptTooCostly holds scrypt to the figures of argon2: it fills 128*r*N bytes
// and walks over them twice, p times. Small memory many times over is bounded
// too.
func scryptTooCostly(ln, r, p uint64) bool {
	if ln > 21 || r > 1<<10 || p > 1<<10 {
		return true
	}
	memory := r << ln >> 3 // KiB
	return memory > maxMemory || r*p > 1<<12 || (r*p)<<ln>>3 > maxWork
}

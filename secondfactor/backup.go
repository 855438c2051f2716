// SPDX-License-Identifier: Apache-2.0

package secondfactor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"

	"github.com/gatelatch/gatelatch"
)

// BackupCount is how many backup codes a set has.
const BackupCount = 10

// backupLength is the length of a code in characters of five bits: 50 bits, out
// of reach for guesses that are counted.
const backupLength = 10

// backupAlphabet leaves out what looks alike on paper (Crockford's base32).
const backupAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

var backupEncoding = base32.NewEncoding(backupAlphabet).WithPadding(base32.NoPadding)

// NewBackupCodes returns a fresh set, to be shown once as it is
// ("abcde-fghjk"), and what to keep of it.
func NewBackupCodes(key gatelatch.Key, userID string) ([]gatelatch.Secret, []gatelatch.BackupHash) {
	shown := make([]gatelatch.Secret, BackupCount)
	kept := make([]gatelatch.BackupHash, BackupCount)
	for i := range BackupCount {
		code := newBackupCode()
		shown[i] = gatelatch.Secret(code[:backupLength/2] + "-" + code[backupLength/2:])
		kept[i] = gatelatch.BackupHash{Hash: backupHash(key, userID, code)}
	}
	return shown, kept
}

// KeepBackupCode returns what to keep of a code that was made elsewhere, in the
// form that ReadBackup returned.
func KeepBackupCode(key gatelatch.Key, userID string, code gatelatch.Secret) gatelatch.BackupHash {
	return gatelatch.BackupHash{Hash: backupHash(key, userID, code.Reveal())}
}

// newBackupCode draws 56 bits and keeps the 50 that ten characters take.
func newBackupCode() string {
	var random [7]byte
	_, _ = rand.Read(random[:]) // never fails, see crypto/rand
	return backupEncoding.EncodeToString(random[:])[:backupLength]
}

// backupHash is keyed: whoever copies the database alone cannot try codes.
func backupHash(key gatelatch.Key, userID, code string) []byte {
	mac := hmac.New(sha256.New, key[:])
	for _, part := range []string{"backup code", userID, code} {
		_ = binary.Write(mac, binary.BigEndian, uint32(len(part))) //nolint:gosec // parts are short
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// FindBackup returns the index of the unused code that was typed, or -1. It looks
// at all of them, in constant time. typed is what ReadBackup returned.
func FindBackup(key gatelatch.Key, userID string, codes []gatelatch.BackupHash, typed gatelatch.Secret) int {
	hash := backupHash(key, userID, typed.Reveal())
	found := -1
	for i, c := range codes {
		matches := subtle.ConstantTimeCompare(c.Hash, hash)
		if !c.UsedAt.IsZero() {
			matches = 0
		}
		found = subtle.ConstantTimeSelect(matches, i, found)
	}
	return found
}

// UnusedBackup returns how many codes of a set are left.
func UnusedBackup(codes []gatelatch.BackupHash) int {
	left := 0
	for _, c := range codes {
		if c.UsedAt.IsZero() {
			left++
		}
	}
	return left
}

// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/gatelatch/gatelatch"
)

// ChallengeLifetime is how long a challenge may be answered.
const ChallengeLifetime = 10 * time.Minute

// The parts of a challenge, in bytes. 16 random bytes are what W3C asks for
// (Web Authentication Level 3, section 13.4.3).
const (
	nonceSize     = 16
	expirySize    = 8 // Unix milliseconds
	macSize       = 16
	challengeSize = nonceSize + expirySize + macSize
)

// Challenges makes challenges that need no storage: random bytes, the end of
// their life, and a MAC over both, what they are for and whom they are bound
// to. Whoever takes one must see to it that it is taken once.
type Challenges struct{ Key gatelatch.Key }

// New returns a challenge for a purpose, bound to a client, an attempt or a
// session.
func (c Challenges) New(purpose, bound string, now time.Time) []byte {
	b := make([]byte, nonceSize+expirySize, challengeSize)
	_, _ = rand.Read(b[:nonceSize]) // never fails, see crypto/rand
	end := max(now.Add(ChallengeLifetime).UnixMilli(), 0)
	binary.BigEndian.PutUint64(b[nonceSize:], uint64(end)) //nolint:gosec // not negative by max
	return append(b, c.mac(b, purpose, bound)...)
}

// Check reports whether a challenge was made here for that purpose and that
// bond, and is not over; and when it will be. The limit is exclusive.
func (c Challenges) Check(challenge []byte, purpose, bound string, now time.Time) (expireAt time.Time, ok bool) {
	if len(challenge) != challengeSize {
		return time.Time{}, false
	}
	signed, mac := challenge[:nonceSize+expirySize], challenge[nonceSize+expirySize:]
	if !hmac.Equal(mac, c.mac(signed, purpose, bound)) {
		return time.Time{}, false
	}
	end := time.UnixMilli(int64(binary.BigEndian.Uint64(signed[nonceSize:]))) //nolint:gosec // written by New
	return end, now.Before(end)
}

func (c Challenges) mac(signed []byte, purpose, bound string) []byte {
	mac := hmac.New(sha256.New, c.Key[:])
	for _, part := range []string{"passkey challenge", purpose, bound, string(signed)} {
		_ = binary.Write(mac, binary.BigEndian, uint32(len(part))) //nolint:gosec // parts are short
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)[:macSize]
}

// SPDX-License-Identifier: Apache-2.0

package gatelatch

import "time"

// TokenHash is SHA-256 of a cookie's random part. Only hashes are stored.
type TokenHash [32]byte

// Client is one browser or native app, known by a long-lived secret cookie
// that survives sign-out.
type Client struct {
	ID        string
	TokenHash TokenHash
	CreatedAt time.Time
	ExpireAt  time.Time
}

// ClientTrust records that a user has proven an address, or a second factor,
// on a client. For a while a password is then enough there; and it gives that
// browser a guess budget of its own, so that a stranger who spends the public
// one cannot lock its owner out.
type ClientTrust struct {
	UserID   string
	ClientID string
	// TrustedAt is the last proof; LastUsedAt the last sign-in or the last
	// request of a session there, to within a minute.
	TrustedAt  time.Time
	LastUsedAt time.Time
	// UserAgent is what the browser called itself then, cut to 300 bytes, and IP
	// its network address.
	UserAgent string
	IP        string
}

// LiveAt reports whether the trust still spares the user a code at now. A
// lifetime of zero means that nothing is trusted. The limit is exclusive.
func (t ClientTrust) LiveAt(now time.Time, lifetime time.Duration) bool {
	return lifetime > 0 && now.Before(t.LastUsedAt.Add(lifetime))
}

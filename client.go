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

// ClientTrust records that a user has proven an address with a code on a
// client. It gives that browser a guess budget of its own, so that a stranger
// who spends the public one cannot lock its owner out.
type ClientTrust struct {
	UserID    string
	ClientID  string
	TrustedAt time.Time
}

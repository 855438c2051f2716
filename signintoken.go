// SPDX-License-Identifier: Apache-2.0

package gatelatch

import "time"

// SignInToken lets whoever has its text sign in as a user, once. Operators make
// them. The text is derived from the id with a key outside the database, so the
// store holds nothing that signs anybody in.
type SignInToken struct {
	ID        string // "sit_..."
	UserID    string
	CreatedAt time.Time
	ExpireAt  time.Time
	// AcceptedAt is when it was used, RevokedAt when it was taken back; zero when
	// not.
	AcceptedAt time.Time
	RevokedAt  time.Time
}

// LiveAt reports whether the token still signs its user in. The limit is
// exclusive.
func (t SignInToken) LiveAt(now time.Time) bool {
	return t.AcceptedAt.IsZero() && t.RevokedAt.IsZero() && now.Before(t.ExpireAt)
}

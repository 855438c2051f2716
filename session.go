// SPDX-License-Identifier: Apache-2.0

package gatelatch

import "time"

// SessionStatus is Clerk's word for where a session stands.
type SessionStatus string

// What is stored; "expired" and "abandoned" are computed from the two limits
// and the time, never written.
const (
	SessionActive  SessionStatus = "active"
	SessionEnded   SessionStatus = "ended"
	SessionRevoked SessionStatus = "revoked"
)

// Session is what a completed attempt leaves: this user on this client.
type Session struct {
	ID        string
	UserID    string
	ClientID  string
	TokenHash TokenHash
	Status    SessionStatus
	// Strategy is the way the address was proven when the session was made.
	Strategy Strategy
	// CreatedAt is the moment of authentication.
	CreatedAt time.Time
	// LastActiveAt is the last request seen, to within a minute.
	LastActiveAt time.Time
	// ExpireAt is the absolute limit.
	ExpireAt time.Time
}

// LiveAt reports whether the session lets its holder in at now: active, under
// its absolute limit, and used within idle (no limit when idle is zero). Both
// limits are exclusive: at the very instant the session is over.
func (s Session) LiveAt(now time.Time, idle time.Duration) bool {
	if s.Status != SessionActive || !now.Before(s.ExpireAt) {
		return false
	}
	return idle <= 0 || now.Before(s.LastActiveAt.Add(idle))
}

// Strategy is a method of proving who one is, in Clerk's words.
type Strategy string

// The strategies offered.
const (
	EmailCode Strategy = "email_code"
	PhoneCode Strategy = "phone_code"
)

// CodeStrategy returns the strategy that proves an address of a kind by a
// code sent to it.
func CodeStrategy(kind IdentifierKind) Strategy {
	if kind == PhoneNumber {
		return PhoneCode
	}
	return EmailCode
}

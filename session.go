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
	// SessionReplaced ends a session in whose browser somebody has signed in
	// anew: the same user, anybody where a browser holds one session, or one more
	// where it holds as many as it may.
	SessionReplaced SessionStatus = "replaced"
	// SessionRemoved ends a session that its holder took off a browser.
	SessionRemoved SessionStatus = "removed"
)

// Session is what a completed attempt leaves: this user on this client.
type Session struct {
	ID        string
	UserID    string
	ClientID  string
	TokenHash TokenHash
	Status    SessionStatus
	// Strategy is the first factor, and FirstAt when it was last proven: at the
	// sign-in, or since, when the user was asked again.
	Strategy Strategy
	FirstAt  time.Time
	// Second is the second factor, and SecondAt when it was last proven; zero
	// values when there was none. A passkey is both.
	Second   Strategy
	SecondAt time.Time
	// UserAgent is what the browser called itself at sign-in, cut to 300 bytes,
	// and IP its network address then.
	UserAgent string
	IP        string
	// CreatedAt is the moment of authentication.
	CreatedAt time.Time
	// LastActiveAt is the last request seen, to within a minute.
	LastActiveAt time.Time
	// ExpireAt is the absolute limit.
	ExpireAt time.Time
	// EndedAt is when somebody ended it; zero for a session that nobody has ended.
	EndedAt time.Time
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

// OverAt is when a session that is not live has come to its end: when it was
// ended, or at the limit that came first, also where somebody has ended it after
// that. Zero for one that was ended nobody knows when.
func (s Session) OverAt(idle time.Duration) time.Time {
	at := s.ExpireAt
	if last := s.LastActiveAt.Add(idle); idle > 0 && last.Before(at) {
		at = last
	}
	if s.Status != SessionActive && s.EndedAt.Before(at) {
		return s.EndedAt
	}
	return at
}

// Strategy is a method of proving who one is, in Clerk's words.
type Strategy string

// The strategies offered.
const (
	EmailCode        Strategy = "email_code"
	PhoneCode        Strategy = "phone_code"
	EmailLink        Strategy = "email_link"
	PasswordStrategy Strategy = "password"
	TOTPCode         Strategy = "totp"
	BackupCode       Strategy = "backup_code"
	PasskeyStrategy  Strategy = "passkey"
	// ResetByEmail and ResetByPhone prove an address in order to set a new
	// password.
	ResetByEmail Strategy = "reset_password_email_code"
	ResetByPhone Strategy = "reset_password_phone_code"
	// Ticket is a token that an operator has made: it signs one user in, once, or
	// invites an address.
	Ticket Strategy = "ticket"
)

// Task is something that a session still owes before it lets its holder in, in
// Clerk's words.
type Task string

// The tasks, in the order in which they come.
const (
	TaskResetPassword Task = "reset-password"
	TaskSetupMFA      Task = "setup-mfa"
	TaskAcceptTerms   Task = "accept-terms"
)

// CodeStrategy returns the strategy that proves an address of a kind by a
// code sent to it.
func CodeStrategy(kind IdentifierKind) Strategy {
	if kind == PhoneNumber {
		return PhoneCode
	}
	return EmailCode
}

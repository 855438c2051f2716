// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"time"

	"github.com/gatelatch/gatelatch"
)

// Need says whether a sign-up asks for something.
type Need string

// The three answers.
const (
	Off      Need = "off"
	Optional Need = "optional"
	Required Need = "required"
)

// Policy is what the operator decided. It is a plain value, so the pure
// transitions can read it.
type Policy struct {
	// SignUpOpen lets a proven, unknown address become a user.
	SignUpOpen bool
	Fields     Fields
	Code       CodePolicy
	// SessionLifetime is the absolute limit of a session.
	SessionLifetime time.Duration
}

// Fields says what a sign-up asks for. When neither address is Required, one
// of those that are not Off is enough.
type Fields struct {
	Email, Phone        Need
	FirstName, LastName Need
}

// CodePolicy rules one-time codes.
type CodePolicy struct {
	// Length in decimal digits, 6 to 10 (NIST SP 800-63B-4 3.1.3.2 asks 6).
	Length int
	// Lifetime from making to use; at most 10 minutes (same source).
	Lifetime time.Duration
	// Attempts is how many guesses are judged in one attempt, resends included.
	Attempts int
	// ResendAfter is the least time between two messages of one attempt.
	ResendAfter time.Duration
}

// How long an attempt may stand unfinished before it is swept.
const (
	SignInLifetime = time.Hour
	SignUpLifetime = 24 * time.Hour
)

// DefaultPolicy is open sign-up by e-mail, 6 digits, 10 minutes, 5 guesses, 30
// seconds between messages, sessions of 7 days.
func DefaultPolicy() Policy {
	return Policy{
		SignUpOpen:      true,
		Fields:          Fields{Email: Required, Phone: Off, FirstName: Off, LastName: Off},
		Code:            CodePolicy{Length: 6, Lifetime: 10 * time.Minute, Attempts: 5, ResendAfter: 30 * time.Second},
		SessionLifetime: 7 * 24 * time.Hour,
	}
}

// Env is what a pure step may know beside its state and its input: the time,
// the policy, and values made beforehand because a pure step makes none.
type Env struct {
	Now    time.Time
	Policy Policy
	Fresh  Fresh
}

// Fresh holds random values for one step; a step uses those it needs.
type Fresh struct {
	Nonce     []byte
	UserID    string
	SessionID string
	EmailID   string
	PhoneID   string
}

// Step is the outcome of a pure transition.
type Step[S any] struct {
	// Next is saved even when Refusal is set: counters stick.
	Next    S
	Effects []Effect
	// Refusal is nil when the input was accepted.
	Refusal *gatelatch.Refusal
}

// Effect is something the shell does for a step, in the step's transaction.
type Effect interface{ effect() }

// SendCode queues a message with the code of a verification.
type SendCode struct{ Verification Verification }

// CreateUser stores a new user, whose addresses are all proven.
type CreateUser struct{ User gatelatch.User }

// IssueSession starts a session for a user on the attempt's client, and
// records that the user has proven an address there.
type IssueSession struct {
	SessionID, UserID string
	Strategy          gatelatch.Strategy
}

func (SendCode) effect()     {}
func (CreateUser) effect()   {}
func (IssueSession) effect() {}

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
	// SignUp says who may become a user, as long as no [Settings] at run time
	// say otherwise.
	SignUp SignUpMode
	Fields Fields
	Code   CodePolicy
	// SessionLifetime is the absolute limit of a session.
	SessionLifetime time.Duration
	// Password says whether sign-ups and sign-ins take a password.
	Password Need
	// ClientTrust is how long, from its last use, a browser is spared a code
	// after a right password; zero trusts none and asks for none.
	ClientTrust time.Duration
	// SecondFactor says whether users may, or must, set up a second step.
	SecondFactor Need
	// DeleteSelf lets users delete their account.
	DeleteSelf bool
	// Terms are what every user has to accept; zero for none.
	Terms Terms
	// OneSession ends the other sessions of a browser when somebody signs in there,
	// and refuses attempts of programs while somebody is signed in.
	OneSession bool
	// Reveal answers at once whether an address has a user, as Clerk does by default.
	// Without it nothing tells.
	Reveal bool
	// TestMode has test addresses (see identifier.Test) proven by one fixed code, and
	// sends them nothing.
	TestMode bool
}

// Terms are the operator's terms of use. Another version is to be accepted
// anew.
type Terms struct{ URL, Version string }

// SignUpMode says who may become a user.
type SignUpMode string

// The modes. Who has a user already gets in under each of them.
const (
	// SignUpOpen takes everybody with a proven address that no list refuses.
	SignUpOpen SignUpMode = "open"
	// SignUpInvite takes whoever holds an address that was invited.
	SignUpInvite SignUpMode = "invite"
	// SignUpWaitlist has others prove an address and wait to be let in.
	SignUpWaitlist SignUpMode = "waitlist"
	// SignUpClosed takes nobody.
	SignUpClosed SignUpMode = "closed"
)

// Settings are what operators change at run time. They are kept in the store
// and go for all sites that share it.
type Settings struct {
	// SignUp replaces the configured mode; empty for none.
	SignUp SignUpMode `json:"sign_up,omitempty"`
}

// Admission is what the rules say about the addresses of a sign-up. The shell
// finds it out, see package admission.
type Admission uint8

// The admissions. The zero value lets nobody in.
const (
	Refused Admission = iota
	Waits
	Admitted
)

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
	// ResetLifetime is how long the code of a forgotten password stands for its
	// address: the new password, and the second step after it, come before its end.
	ResetLifetime  = 10 * time.Minute
	SignUpLifetime = 24 * time.Hour
)

// DefaultPolicy is open sign-up by e-mail, 6 digits, 10 minutes, 5 guesses, 30
// seconds between messages, sessions of 7 days.
func DefaultPolicy() Policy {
	return Policy{
		SignUp:          SignUpOpen,
		Password:        Off,
		ClientTrust:     30 * 24 * time.Hour,
		SecondFactor:    Off,
		DeleteSelf:      true,
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
	// Admit is what the rules say about an address that nobody holds.
	Admit Admission
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

// CreateUser stores a new user, whose addresses are all proven. Password, where
// there is one, is still sealed for the attempt. InvitationID is the invitation
// whose ticket the sign-up came with, or empty.
type CreateUser struct {
	User         gatelatch.User
	Password     gatelatch.Sealed
	InvitationID string
}

// Wait puts a proven address on the waitlist.
type Wait struct {
	To      gatelatch.Identifier
	Display string
}

// IssueSession starts a session for a user on the attempt's client, and
// records that the client is theirs.
type IssueSession struct {
	SessionID, UserID string
	// Strategy is the first step, and FirstAt when it was taken; zero means now.
	Strategy gatelatch.Strategy
	FirstAt  time.Time
	// Second is the second step, taken now; empty for none.
	Second gatelatch.Strategy
	// Bare says that nothing but a password was given, on a client that is the
	// user's already, or where none is: no client becomes theirs by that.
	Bare bool
}

// ReplacePassword gives a user another password, ends the trust of other clients
// and, with EndOthers, all sessions that there are. Hash is sealed for the
// attempt.
type ReplacePassword struct {
	UserID    string
	Hash      gatelatch.Sealed
	EndOthers bool
}

// MarkProven records on a session that its user was asked once more: the first
// step was taken at FirstAt, the second now. An empty strategy was not asked for.
type MarkProven struct {
	SessionID, UserID string
	First, Second     gatelatch.Strategy
	FirstAt           time.Time
}

func (SendCode) effect()     {}
func (CreateUser) effect()   {}
func (Wait) effect()         {}
func (IssueSession) effect() {}

func (ReplacePassword) effect() {}
func (MarkProven) effect()      {}

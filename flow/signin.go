// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"time"

	"github.com/gatelatch/gatelatch"
)

// SignInStatus is Clerk's word for where a sign-in stands.
type SignInStatus string

// The statuses of a sign-in.
const (
	NeedsIdentifier   SignInStatus = "needs_identifier"
	NeedsFirstFactor  SignInStatus = "needs_first_factor"
	NeedsNewPassword  SignInStatus = "needs_new_password"
	NeedsSecondFactor SignInStatus = "needs_second_factor"
	NeedsClientTrust  SignInStatus = "needs_client_trust"
	SignInComplete    SignInStatus = "complete"
)

// TrustState says what a client is to the user whose first factor was proven,
// in Clerk's words.
type TrustState string

// The trust states; empty while the first factor is not proven.
const (
	TrustNew   TrustState = "new"
	TrustKnown TrustState = "known"
)

// Level says what a session that is asked again has to prove, in Clerk's words.
type Level string

// The levels.
const (
	LevelFirst  Level = "first_factor"
	LevelSecond Level = "second_factor"
	LevelMulti  Level = "multi_factor"
)

// Again is a sign-in that asks the holder of a session once more, and makes no
// new one.
type Again struct {
	SessionID string `json:"session_id"`
	Level     Level  `json:"level"`
}

// SignIn is one attempt to sign in, bound to one client.
type SignIn struct {
	ID         string               `json:"id"`
	ClientID   string               `json:"client_id"`
	Status     SignInStatus         `json:"status"`
	Identifier gatelatch.Identifier `json:"identifier"`
	// Factors are the ways in that are offered: only those of the address that
	// was typed, so that nothing else of an account shows.
	Factors []Factor      `json:"factors"`
	First   *Verification `json:"first,omitempty"`
	// FirstBy is what has proven the first step, and FirstAt when.
	FirstBy gatelatch.Strategy `json:"first_by,omitempty"`
	FirstAt time.Time          `json:"first_at"`
	// SecondFactors are the ways to take the second step, once there is one; they
	// are the user's own, since the first has been proven.
	SecondFactors []Factor           `json:"second_factors,omitempty"`
	Second        *Verification      `json:"second,omitempty"`
	SecondBy      gatelatch.Strategy `json:"second_by,omitempty"`
	// Tries and SecondTries count judged guesses that no Verification counts: at
	// the password; at an app's code, a backup code or a passkey.
	Tries       int        `json:"tries,omitempty"`
	SecondTries int        `json:"second_tries,omitempty"`
	Trust       TrustState `json:"trust,omitempty"`
	// NewPassword is what "forgot password" has led to: a PHC string, sealed for
	// "password <attempt id>". It becomes the user's when the sign-in is complete.
	NewPassword gatelatch.Sealed `json:"new_password,omitempty"`
	// EndOthers ends the user's other sessions when the sign-in is complete.
	EndOthers bool `json:"end_others,omitempty"`
	// Again is set when a session is asked once more.
	Again *Again `json:"again,omitempty"`
	// UserID is the holder of the identifier when the attempt began, or empty.
	UserID string `json:"user_id,omitempty"`
	// Decoy attempts look like any other and can never succeed; no message is
	// sent for them.
	Decoy     bool   `json:"decoy,omitempty"`
	SessionID string `json:"session_id,omitempty"`
	// TransferTo is the sign-up, or the sign-in, that has taken the proof over.
	TransferTo string `json:"transfer_to,omitempty"`
	// ReturnTo is a same-origin path, kept here and not in the URL.
	ReturnTo  string    `json:"return_to,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	AbandonAt time.Time `json:"abandon_at"`
}

// Transferable reports whether the address was proven and belongs to nobody:
// the visitor may be offered an account.
func (s SignIn) Transferable() bool { return s.First != nil && s.First.Status == Transferable }

// SignInInput is what can be done to a sign-in.
type SignInInput interface{ signIn() InputKind }

// Identify names who wants in. User is nil when nobody holds the address.
type Identify struct {
	Factor Factor
	User   *gatelatch.User
}

// Prepare asks for a code, or for the same code once more. AddressID picks one of
// several addresses of a strategy; empty means the first. Where the attempt knows
// its user, Owner is who that is now: at the first step of a session that is asked
// once more, and at every second step.
type Prepare struct {
	Strategy  gatelatch.Strategy
	AddressID string
	Owner     Owner
}

// Attempt gives something back that proves a step: a code that was sent, an
// app's code, a backup code, a passkey. At the first step Owner is who holds the
// address now, at the second whose sign-in it is.
type Attempt struct {
	Strategy gatelatch.Strategy
	Correct  bool
	Owner    Owner
}

// Adopt goes on in a fresh sign-in with an address that a sign-up has just
// proven and that turned out to have a user.
type Adopt struct {
	Proven Verification
	Owner  Owner
}

// CountGuess counts a guess at the password, before anybody looks at it.
type CountGuess struct{}

// JudgeGuess is what a guess that was counted has turned out to be.
type JudgeGuess struct {
	Correct bool
	Owner   Owner
}

// SetPassword is the new password of somebody who has forgotten the old one:
// its hash, sealed for "password <attempt id>".
type SetPassword struct {
	Hash      gatelatch.Sealed
	EndOthers bool
	Owner     Owner
}

// ShowPasskey completes a fresh sign-in with a passkey that was verified.
type ShowPasskey struct {
	Identifier gatelatch.Identifier
	Owner      Owner
}

// AskOnce begins a sign-in that asks the holder of a session once more. Factors
// are the ways to take the first step.
type AskOnce struct {
	Again      Again
	Identifier gatelatch.Identifier
	Factors    []Factor
	Owner      Owner
}

// InputKind names an input in the transition table.
type InputKind string

// The kinds of input of both machines.
const (
	InputIdentify InputKind = "identify"
	InputPrepare  InputKind = "prepare"
	InputAttempt  InputKind = "attempt"
	InputAdopt    InputKind = "adopt"
	InputDetails  InputKind = "details"
	InputCount    InputKind = "count"
	InputPassword InputKind = "password"
	InputReset    InputKind = "reset"
	InputPasskey  InputKind = "passkey"
	InputAgain    InputKind = "again"
)

func (Identify) signIn() InputKind    { return InputIdentify }
func (Prepare) signIn() InputKind     { return InputPrepare }
func (Attempt) signIn() InputKind     { return InputAttempt }
func (Adopt) signIn() InputKind       { return InputAdopt }
func (CountGuess) signIn() InputKind  { return InputCount }
func (JudgeGuess) signIn() InputKind  { return InputPassword }
func (SetPassword) signIn() InputKind { return InputReset }
func (ShowPasskey) signIn() InputKind { return InputPasskey }
func (AskOnce) signIn() InputKind     { return InputAgain }

// NewSignIn is a sign-in before its first input.
func NewSignIn(id, clientID string, now time.Time) SignIn {
	return SignIn{ID: id, ClientID: clientID, Status: NeedsIdentifier, CreatedAt: now, AbandonAt: now.Add(SignInLifetime)}
}

// signInTable says which inputs a status allows; all else is refused.
var signInTable = map[SignInStatus][]InputKind{
	NeedsIdentifier:   {InputIdentify, InputAdopt, InputPasskey, InputTicket, InputAgain},
	NeedsFirstFactor:  {InputPrepare, InputAttempt, InputCount, InputPassword},
	NeedsNewPassword:  {InputReset},
	NeedsSecondFactor: {InputPrepare, InputAttempt},
	NeedsClientTrust:  {InputPrepare, InputAttempt},
	SignInComplete:    {},
}

// Allows returns the inputs that the sign-in's status admits. Both views ask
// it what to offer.
func (s SignIn) Allows() []InputKind { return signInTable[s.Status] }

// AdvanceSignIn is the sign-in machine: pure, total, and refusing by default.
func AdvanceSignIn(s SignIn, in SignInInput, env Env) Step[SignIn] {
	if r := refuseSignIn(s, in, env); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	switch in := in.(type) {
	case Identify:
		return s.identify(in, env)
	case Prepare:
		return s.prepare(in, env)
	case Attempt:
		return s.attempt(in, env)
	case Adopt:
		return s.adopt(in, env)
	case CountGuess:
		return s.countGuess(env)
	case JudgeGuess:
		return s.judgeGuess(in, env)
	case SetPassword:
		return s.setPassword(in, env)
	case ShowPasskey:
		return s.showPasskey(in, env)
	case ShowTicket:
		return s.showTicket(in, env)
	case AskOnce:
		return s.askOnce(in)
	}
	return Step[SignIn]{Next: s, Refusal: refuseState()}
}

func refuseSignIn(s SignIn, in SignInInput, env Env) *gatelatch.Refusal {
	switch {
	case in == nil:
		return refuseState()
	case s.Status == SignInComplete:
		return refuseAlreadyVerified()
	case s.over(env.Now):
		return refuseAbandoned()
	case !allowed(s.Allows(), in.signIn()):
		return refuseState()
	}
	return nil
}

// over reports whether it is too late to go on: the attempt is too old, or what
// has proven that a password was forgotten is.
func (s SignIn) over(now time.Time) bool {
	stale := s.Status != SignInComplete && resets(s.FirstBy) && !now.Before(s.FirstAt.Add(ResetLifetime))
	return stale || !now.Before(s.AbandonAt)
}

func allowed(kinds []InputKind, k InputKind) bool {
	for _, a := range kinds {
		if a == k {
			return true
		}
	}
	return false
}

func refuseState() *gatelatch.Refusal {
	return refusal(gatelatch.CodeStateInvalid, "", "That step does not fit here. Start over.")
}

func refuseStrategy() *gatelatch.Refusal {
	return refusal(gatelatch.CodeStrategyInvalid, "strategy", "That way to sign in is not available here.")
}

func refuseAbandoned() *gatelatch.Refusal {
	return refusal(gatelatch.CodeNotFound, "", "This attempt is over. Start again.")
}

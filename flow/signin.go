// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"time"

	"github.com/gatelatch/gatelatch"
)

// SignInStatus is Clerk's word for where a sign-in stands.
type SignInStatus string

// The statuses a sign-in by code can have.
const (
	NeedsIdentifier  SignInStatus = "needs_identifier"
	NeedsFirstFactor SignInStatus = "needs_first_factor"
	SignInComplete   SignInStatus = "complete"
)

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

// strategy is how the attempt is proven when nobody says: by its first factor.
func (s SignIn) strategy() gatelatch.Strategy {
	if len(s.Factors) == 0 {
		return ""
	}
	return s.Factors[0].Strategy
}

// SignInInput is what can be done to a sign-in.
type SignInInput interface{ signIn() InputKind }

// Identify names who wants in. User is nil when nobody holds the address.
type Identify struct {
	Factor Factor
	User   *gatelatch.User
}

// Prepare asks for a code, or for the same code once more.
type Prepare struct{ Strategy gatelatch.Strategy }

// Attempt gives a code back. Owner is who holds the address now, or empty.
type Attempt struct {
	Strategy gatelatch.Strategy
	Correct  bool
	Owner    string
}

// Adopt completes a fresh sign-in with an address that a sign-up has just
// proven and that turned out to have a user.
type Adopt struct {
	Proven Verification
	Owner  string
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
)

func (Identify) signIn() InputKind { return InputIdentify }
func (Prepare) signIn() InputKind  { return InputPrepare }
func (Attempt) signIn() InputKind  { return InputAttempt }
func (Adopt) signIn() InputKind    { return InputAdopt }

// NewSignIn is a sign-in before its first input.
func NewSignIn(id, clientID string, now time.Time) SignIn {
	return SignIn{ID: id, ClientID: clientID, Status: NeedsIdentifier, CreatedAt: now, AbandonAt: now.Add(SignInLifetime)}
}

// signInTable says which inputs a status allows; all else is refused.
var signInTable = map[SignInStatus][]InputKind{
	NeedsIdentifier:  {InputIdentify, InputAdopt},
	NeedsFirstFactor: {InputPrepare, InputAttempt},
	SignInComplete:   {},
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
	}
	return Step[SignIn]{Next: s, Refusal: refuseState()}
}

func refuseSignIn(s SignIn, in SignInInput, env Env) *gatelatch.Refusal {
	switch {
	case in == nil:
		return refuseState()
	case s.Status == SignInComplete:
		return refuseAlreadyVerified()
	case !env.Now.Before(s.AbandonAt):
		return refuseAbandoned()
	case !allowed(s.Allows(), in.signIn()):
		return refuseState()
	}
	return nil
}

func (s SignIn) identify(in Identify, env Env) Step[SignIn] {
	s.Identifier = in.Factor.To
	s.Status = NeedsFirstFactor
	if in.User != nil {
		s.UserID = in.User.ID
		in.Factor = known(in.Factor, *in.User)
	}
	s.Decoy = in.User == nil && !env.Policy.SignUpOpen
	s.Factors = []Factor{in.Factor}
	return Step[SignIn]{Next: s}
}

// known binds a factor to the stored address: mail goes there, never to the
// form that was typed. The wire name stays as made: the stored one would come
// again in the next attempt and tell who exists.
func known(f Factor, u gatelatch.User) Factor {
	if a, ok := u.Address(f.To); ok {
		f.Display = a.Display
	}
	return f
}

func (s SignIn) prepare(in Prepare, env Env) Step[SignIn] {
	f, ok := factorOf(s.Factors, in.Strategy)
	if !ok {
		return Step[SignIn]{Next: s, Refusal: refuseStrategy()}
	}
	v, r := prepare(s.First, f, env)
	s.First = &v
	if r != nil || s.Decoy {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	return Step[SignIn]{Next: s, Effects: []Effect{SendCode{v}}}
}

func (s SignIn) attempt(in Attempt, env Env) Step[SignIn] {
	if r := judgeable(s.First, env); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	if in.Strategy != s.First.Strategy {
		return Step[SignIn]{Next: s, Refusal: refuseStrategy()}
	}
	v, r := judge(*s.First, in.Correct && !s.Decoy, env)
	s.First = &v
	if r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	if in.Owner == "" {
		s.First.Status = Transferable
		return Step[SignIn]{Next: s}
	}
	return s.complete(in.Owner, env)
}

func (s SignIn) adopt(in Adopt, env Env) Step[SignIn] {
	if !in.Proven.Proven() || in.Owner == "" {
		return Step[SignIn]{Next: s, Refusal: refuseState()}
	}
	in.Proven.Status = Verified
	s.Identifier, s.Factors, s.First = in.Proven.To, []Factor{in.Proven.Factor}, &in.Proven
	return s.complete(in.Owner, env)
}

// complete is the one way to a session: it is reached with a proven first
// factor of an address that owner holds.
func (s SignIn) complete(owner string, env Env) Step[SignIn] {
	s.Status, s.UserID, s.SessionID = SignInComplete, owner, env.Fresh.SessionID
	return Step[SignIn]{Next: s, Effects: []Effect{IssueSession{
		SessionID: s.SessionID, UserID: owner, Strategy: s.First.Strategy,
	}}}
}

func factorOf(factors []Factor, st gatelatch.Strategy) (Factor, bool) {
	for _, f := range factors {
		if f.Strategy == st {
			return f, true
		}
	}
	return Factor{}, false
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

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"time"

	"github.com/gatelatch/gatelatch"
)

// OpenAt reports whether the sign-in can still go on at now: it is not complete,
// not over, and no other attempt has taken its proof over.
func (s SignIn) OpenAt(now time.Time) bool {
	return s.Status != SignInComplete && !s.over(now) && s.TransferTo == ""
}

// OpenAt reports whether the sign-up can still go on at now.
func (s SignUp) OpenAt(now time.Time) bool {
	return s.Status == MissingRequirements && now.Before(s.AbandonAt) && s.TransferTo == ""
}

// AddressOf returns the address of a kind that was given, nil when none was.
func (s SignUp) AddressOf(kind gatelatch.IdentifierKind) *Factor {
	if kind == gatelatch.PhoneNumber {
		return s.Phone
	}
	return s.Email
}

// ProofOf returns the challenge of the address of a kind, nil before it began.
func (s SignUp) ProofOf(kind gatelatch.IdentifierKind) *Verification {
	if kind == gatelatch.PhoneNumber {
		return s.PhoneProof
	}
	return s.EmailProof
}

// NextAction is what is to be done next about an address, in Clerk's words.
type NextAction string

// The actions; empty when there is nothing to do.
const (
	NeedsPrepare NextAction = "needs_prepare"
	NeedsAttempt NextAction = "needs_attempt"
)

// NextActionOf says what a sign-up needs for its address of a kind at now: a code,
// or the code given back.
func (s SignUp) NextActionOf(kind gatelatch.IdentifierKind, now time.Time) NextAction {
	proof := s.ProofOf(kind)
	switch {
	case s.AddressOf(kind) == nil || proof.Proven():
		return ""
	case proof == nil || proof.StatusAt(now) == Expired:
		return NeedsPrepare
	case proof.Status == Failed:
		return ""
	}
	return NeedsAttempt
}

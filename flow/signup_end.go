// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"github.com/gatelatch/gatelatch"
)

// proven goes on after an address was proven that nobody holds: to the waitlist,
// where there is one, or towards a user.
func (s SignUp) proven(env Env) Step[SignUp] {
	if env.Admit == Waits {
		return s.wait()
	}
	return s.settle(env)
}

// settle completes the sign-up when nothing is missing and nothing unproven.
// That is where the rules are asked for the last time: they may have changed
// since the code was sent, and what is said now is said to whoever holds the
// addresses.
func (s SignUp) settle(env Env) Step[SignUp] {
	if len(s.MissingFields(env.Policy)) > 0 || len(s.UnverifiedFields()) > 0 {
		return Step[SignUp]{Next: s}
	}
	switch env.Admit {
	case Admitted:
		return s.complete(env)
	case Waits:
		return s.wait()
	default:
		return Step[SignUp]{Next: s, Refusal: refuseNotAllowed()}
	}
}

func (s SignUp) complete(env Env) Step[SignUp] {
	s.Status, s.UserID, s.SessionID = SignUpComplete, env.Fresh.UserID, env.Fresh.SessionID
	made := CreateUser{User: s.user(env), Password: s.Password, InvitationID: s.InvitationID}
	s.HadPassword, s.Password = len(s.Password) > 0, nil
	return Step[SignUp]{Next: s, Effects: []Effect{
		made, IssueSession{SessionID: s.SessionID, UserID: s.UserID, Strategy: s.lastProven().Strategy},
	}}
}

// wait ends the sign-up: whoever holds the address hears when it may come in,
// and begins again then. A password is not kept for that long.
func (s SignUp) wait() Step[SignUp] {
	s.Status, s.Password = SignUpWaiting, nil
	var effects []Effect
	for _, v := range []*Verification{s.EmailProof, s.PhoneProof} {
		if v.Proven() {
			effects = append(effects, Wait{To: v.To, Display: v.Display})
		}
	}
	return Step[SignUp]{Next: s, Effects: effects}
}

// user is the user that the sign-up makes; only proven addresses go into it.
func (s SignUp) user(env Env) gatelatch.User {
	u := gatelatch.User{
		ID: s.UserID, FirstName: s.FirstName, LastName: s.LastName,
		CreatedAt: env.Now, UpdatedAt: env.Now, LastSignInAt: env.Now,
		Factors: gatelatch.Factors{Password: len(s.Password) > 0},
		Locale:  s.Locale, TermsVersion: s.TermsVersion, TermsAcceptedAt: s.TermsAt, ExternalID: s.ExternalID,
	}
	if string(s.UnsafeMetadata) != "{}" {
		u.Metadata.Unsafe = s.UnsafeMetadata
	}
	for _, v := range []*Verification{s.EmailProof, s.PhoneProof} {
		if v.Proven() {
			u.Addresses = append(u.Addresses, v.address(env.Fresh))
		}
	}
	return u
}

func (v *Verification) address(fresh Fresh) gatelatch.Address {
	id := fresh.EmailID
	if v.To.Kind == gatelatch.PhoneNumber {
		id = fresh.PhoneID
	}
	return gatelatch.Address{ID: id, Identifier: v.To, Display: v.Display, VerifiedAt: v.VerifiedAt, Primary: true}
}

func (s SignUp) lastProven() *Verification {
	if !s.EmailProof.Proven() {
		return s.PhoneProof
	}
	if s.PhoneProof.Proven() && s.PhoneProof.VerifiedAt.After(s.EmailProof.VerifiedAt) {
		return s.PhoneProof
	}
	return s.EmailProof
}

// refuseNotAllowed is said only to somebody who has proven the addresses.
func refuseNotAllowed() *gatelatch.Refusal {
	return refusal(gatelatch.CodeNotAllowed, "", "This address cannot be used to sign up here.")
}

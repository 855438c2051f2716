// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"github.com/gatelatch/gatelatch"
)

// Invited is the address of an invitation whose ticket a sign-up came with. It
// counts as proven: the ticket came by mail to it.
type Invited struct {
	InvitationID string
	Factor       Factor
}

// invite puts an invited address into the sign-up. The proof is over at once, as
// far as accounts that there are go: a link that was sent days ago must not open
// one.
func (s SignUp) invite(in Invited, env Env) SignUp {
	f := in.Factor
	f.Strategy = gatelatch.CodeStrategy(f.To.Kind)
	s.InvitationID = in.InvitationID
	if f.To.Kind == gatelatch.PhoneNumber {
		s.Phone, s.PhoneProof = &f, provenByTicket(s.PhoneProof, f, env)
	} else {
		s.Email, s.EmailProof = &f, provenByTicket(s.EmailProof, f, env)
	}
	return s
}

// instead leaves out an address that was given beside the invited one.
func (i Invited) instead(in Details) Details {
	if i.Factor.To.Kind == gatelatch.PhoneNumber {
		in.Phone = nil
	} else {
		in.Email = nil
	}
	return in
}

// provenByTicket is the proof of an invited address. One that a code has given
// stays, and guesses stay counted.
func provenByTicket(old *Verification, f Factor, env Env) *Verification {
	proof := &Verification{Factor: f, Status: Verified, VerifiedAt: env.Now, ExpireAt: env.Now}
	proof.Strategy = gatelatch.Ticket
	if old != nil && old.To == f.To {
		if old.Proven() {
			return old
		}
		proof.Attempts, proof.Sends, proof.SentAt = old.Attempts, old.Sends, old.SentAt
	}
	return proof
}

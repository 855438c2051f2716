// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"encoding/json"
	"time"

	"github.com/gatelatch/gatelatch"
)

// SignUpStatus is Clerk's word for where a sign-up stands.
type SignUpStatus string

// The statuses of a sign-up.
const (
	MissingRequirements SignUpStatus = "missing_requirements"
	SignUpComplete      SignUpStatus = "complete"
	// SignUpTransferred ends a sign-up whose proven address turned out to have
	// a user: a sign-in has taken it over. Clerk's wire calls it abandoned.
	SignUpTransferred SignUpStatus = "abandoned"
	// SignUpWaiting ends a sign-up whose proven address has to wait to be let in.
	SignUpWaiting SignUpStatus = "waitlisted"
)

// SignUp is one attempt to become a user, bound to one client. Nothing of it
// is a user before every required address is proven.
type SignUp struct {
	ID       string       `json:"id"`
	ClientID string       `json:"client_id"`
	Status   SignUpStatus `json:"status"`
	// Email and Phone are the addresses given, nil when none was.
	Email     *Factor `json:"email,omitempty"`
	Phone     *Factor `json:"phone,omitempty"`
	FirstName string  `json:"first_name,omitempty"`
	LastName  string  `json:"last_name,omitempty"`
	// Password is the hash of the password given: a PHC string, sealed for
	// "password <attempt id>". It goes when the sign-up is over: to the new user, or
	// away when the address turns out to have a user, or has to wait.
	Password gatelatch.Sealed `json:"password,omitempty"`
	// HadPassword says, once the sign-up is complete, that the user has one.
	HadPassword bool `json:"had_password,omitempty"`
	// UnsafeMetadata, Locale and TermsVersion, which was accepted at TermsAt, go to
	// the user.
	UnsafeMetadata json.RawMessage `json:"unsafe_metadata,omitempty"`
	Locale         string          `json:"locale,omitempty"`
	TermsVersion   string          `json:"terms_version,omitempty"`
	TermsAt        time.Time       `json:"terms_at,omitzero"`
	// ExternalID goes to the user, unless somebody has it by then, and CustomAction
	// says that a program of the operator's has done its part; programs alone set them.
	ExternalID   string `json:"external_id,omitempty"`
	CustomAction bool   `json:"custom_action,omitempty"`
	// InvitationID is the invitation whose ticket the sign-up came with.
	InvitationID string `json:"invitation_id,omitempty"`
	// EmailProof and PhoneProof are the challenges of the two addresses.
	EmailProof *Verification `json:"email_proof,omitempty"`
	PhoneProof *Verification `json:"phone_proof,omitempty"`
	// UserID and SessionID are set when the sign-up is complete.
	UserID    string `json:"user_id,omitempty"`
	SessionID string `json:"session_id,omitempty"`
	// TransferTo is the sign-in that took over, when there is one.
	TransferTo string    `json:"transfer_to,omitempty"`
	ReturnTo   string    `json:"return_to,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	AbandonAt  time.Time `json:"abandon_at"`
}

// SignUpInput is what can be done to a sign-up.
type SignUpInput interface{ signUp() InputKind }

// Details gives fields. Nil leaves a field as it is; an address that differs
// from the one held starts its proof anew. Password is sealed for the attempt.
type Details struct {
	Email, Phone        *Factor
	FirstName, LastName *string
	Password            gatelatch.Sealed
	// UnsafeMetadata and Locale go to the user; empty ones were not given.
	UnsafeMetadata json.RawMessage
	Locale         string
	// AcceptTerms accepts the terms in force.
	AcceptTerms bool
	// Invited is an address that a ticket has proven.
	Invited *Invited
}

// AdoptProof puts an address that a sign-in has just proven, and that nobody
// holds, into a fresh sign-up, with the details that were given along. It stands in
// the place of one of its kind among them.
type AdoptProof struct {
	Proven  Verification
	Details Details
}

// Yield ends a sign-up in favour of a sign-in.
type Yield struct{ SignInID string }

// InputYield is the kind of [Yield].
const InputYield InputKind = "yield"

func (Details) signUp() InputKind    { return InputDetails }
func (Prepare) signUp() InputKind    { return InputPrepare }
func (Attempt) signUp() InputKind    { return InputAttempt }
func (AdoptProof) signUp() InputKind { return InputAdopt }
func (Yield) signUp() InputKind      { return InputYield }

var signUpTable = map[SignUpStatus][]InputKind{
	MissingRequirements: {InputDetails, InputPrepare, InputAttempt, InputAdopt, InputYield},
	SignUpComplete:      {},
	SignUpTransferred:   {},
	SignUpWaiting:       {},
}

// NewSignUp is a sign-up before its first input.
func NewSignUp(id, clientID string, now time.Time) SignUp {
	return SignUp{ID: id, ClientID: clientID, Status: MissingRequirements, CreatedAt: now, AbandonAt: now.Add(SignUpLifetime)}
}

// Allows returns the inputs that the sign-up's status admits.
func (s SignUp) Allows() []InputKind { return signUpTable[s.Status] }

// Addresses returns the addresses given.
func (s SignUp) Addresses() []gatelatch.Identifier {
	var ids []gatelatch.Identifier
	for _, f := range []*Factor{s.Email, s.Phone} {
		if f != nil {
			ids = append(ids, f.To)
		}
	}
	return ids
}

// Transferable reports whether a proven address turned out to have a user:
// the visitor may go on as that user, and in no other way.
func (s SignUp) Transferable() bool {
	return s.EmailProof != nil && s.EmailProof.Status == Transferable ||
		s.PhoneProof != nil && s.PhoneProof.Status == Transferable
}

// AdvanceSignUp is the sign-up machine: pure, total, and refusing by default.
func AdvanceSignUp(s SignUp, in SignUpInput, env Env) Step[SignUp] {
	if r := refuseSignUp(s, in, env); r != nil {
		return Step[SignUp]{Next: s, Refusal: r}
	}
	switch in := in.(type) {
	case Details:
		return s.details(in, env)
	case Prepare:
		return s.prepare(in, env)
	case Attempt:
		return s.attempt(in, env)
	case AdoptProof:
		return s.adopt(in, env)
	case Yield:
		return s.yield(in)
	}
	return Step[SignUp]{Next: s, Refusal: refuseState()}
}

func refuseSignUp(s SignUp, in SignUpInput, env Env) *gatelatch.Refusal {
	switch {
	case in == nil:
		return refuseState()
	case s.Status == SignUpComplete:
		return refuseAlreadyVerified()
	case !env.Now.Before(s.AbandonAt):
		return refuseAbandoned()
	case env.Policy.SignUp == SignUpClosed && in.signUp() != InputYield: // an owner gets in all the same
		return refusal(gatelatch.CodeSignUpClosed, "", "Sign-up is closed here.")
	case !allowed(s.Allows(), in.signUp()):
		return refuseState()
	case s.Transferable() && in.signUp() != InputYield:
		return refuseAlreadyVerified()
	}
	return nil
}

func (s SignUp) details(in Details, env Env) Step[SignUp] {
	if in.Invited != nil && env.Admit == Refused {
		return Step[SignUp]{Next: s, Refusal: refuseNotAllowed()}
	}
	step := s.given(in, env).settle(env)
	if step.Refusal != nil {
		step.Next = s
	}
	return step
}

// given takes the fields that the policy asks for or allows. An address that was
// invited is taken as it is.
func (s SignUp) given(in Details, env Env) SignUp {
	p, before := env.Policy, s
	if in.Invited != nil {
		s, in = s.invite(*in.Invited, env), in.Invited.instead(in)
	}
	s.Email, s.EmailProof = replace(s.Email, s.EmailProof, in.Email, p.Fields.Email)
	s.Phone, s.PhoneProof = replace(s.Phone, s.PhoneProof, in.Phone, p.Fields.Phone)
	if in.FirstName != nil && p.Fields.FirstName != Off {
		s.FirstName = *in.FirstName
	}
	if in.LastName != nil && p.Fields.LastName != Off {
		s.LastName = *in.LastName
	}
	if len(in.Password) > 0 && p.Password != Off {
		s.Password = in.Password
	}
	return s.more(in, env).after(before)
}

// after takes off what programs have given to the sign-up as it was before, when an
// address was replaced since: they have read there whose it is.
func (s SignUp) after(before SignUp) SignUp {
	if replaced(before.Email, s.Email) || replaced(before.Phone, s.Phone) {
		s.ExternalID, s.CustomAction = "", false
	}
	return s
}

func replaced(old, given *Factor) bool { return old != nil && old.To != given.To }

// more takes what is not a field, and what nobody has to give.
func (s SignUp) more(in Details, env Env) SignUp {
	if len(in.UnsafeMetadata) > 0 {
		s.UnsafeMetadata = in.UnsafeMetadata
	}
	if in.Locale != "" {
		s.Locale = in.Locale
	}
	if terms := env.Policy.Terms.Version; in.AcceptTerms && terms != "" && s.TermsVersion != terms {
		s.TermsVersion, s.TermsAt = terms, env.Now
	}
	return s
}

// replace takes a newly given address and drops the proof of another one.
func replace(old *Factor, proof *Verification, given *Factor, need Need) (*Factor, *Verification) {
	if given == nil || need == Off {
		return old, proof
	}
	if old != nil && old.To == given.To {
		return old, proof
	}
	return given, nil
}

func (s SignUp) prepare(in Prepare, env Env) Step[SignUp] {
	f, proof := s.proof(in.Strategy)
	if f == nil {
		return Step[SignUp]{Next: s, Refusal: refuseStrategy()}
	}
	v, r := prepare(*proof, *f, env)
	*proof = &v
	// Who may not sign up sees what others see, and is sent nothing.
	if r != nil || env.Admit == Refused {
		return Step[SignUp]{Next: s, Refusal: r}
	}
	return Step[SignUp]{Next: s, Effects: []Effect{SendCode{v}}}
}

// proof returns the address that a strategy proves and the place of its
// challenge; nil when the sign-up has no such address.
func (s *SignUp) proof(st gatelatch.Strategy) (*Factor, **Verification) {
	switch {
	case st == gatelatch.EmailCode && s.Email != nil:
		return s.Email, &s.EmailProof
	case st == gatelatch.PhoneCode && s.Phone != nil:
		return s.Phone, &s.PhoneProof
	}
	return nil, nil
}

func (s SignUp) attempt(in Attempt, env Env) Step[SignUp] {
	f, proof := s.proof(in.Strategy)
	if f == nil {
		return Step[SignUp]{Next: s, Refusal: refuseStrategy()}
	}
	if r := judgeable(*proof, env); r != nil {
		return Step[SignUp]{Next: s, Refusal: r}
	}
	v, r := judge(**proof, in.Correct && env.Admit != Refused, env)
	*proof = &v
	if r != nil {
		return Step[SignUp]{Next: s, Refusal: r}
	}
	if in.Owner.Exists() {
		v.Status, s.Password = Transferable, nil
		return Step[SignUp]{Next: s}
	}
	return s.proven(env)
}

func (s SignUp) adopt(in AdoptProof, env Env) Step[SignUp] {
	if !in.Proven.Proven() {
		return Step[SignUp]{Next: s, Refusal: refuseState()}
	}
	if env.Admit == Refused {
		return Step[SignUp]{Next: s, Refusal: refuseNotAllowed()}
	}
	before := s
	s = s.given(in.Details, env)
	in.Proven.Status = Verified
	f := in.Proven.Factor
	f.Strategy = gatelatch.CodeStrategy(f.To.Kind) // the proof keeps its own, such as a link
	switch f.To.Kind {
	case gatelatch.PhoneNumber:
		s.Phone, s.PhoneProof = &f, &in.Proven
	default:
		s.Email, s.EmailProof = &f, &in.Proven
	}
	return s.after(before).proven(env)
}

func (s SignUp) yield(in Yield) Step[SignUp] {
	if !s.Transferable() {
		return Step[SignUp]{Next: s, Refusal: refuseState()}
	}
	s.Status, s.TransferTo, s.Password = SignUpTransferred, in.SignInID, nil
	return Step[SignUp]{Next: s}
}

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/gatelatch/gatelatch"
)

// SignUpParams give fields of a sign-up as they were typed; nil fields were
// not given.
type SignUpParams struct {
	Email, Phone        *string
	FirstName, LastName *string
	Password            *gatelatch.Secret
	// UnsafeMetadata, a JSON object of at most gatelatch.MaxMetadata bytes, replaces
	// the one given before and goes to the user. So does Locale, a language tag;
	// anything else there is as good as nothing.
	UnsafeMetadata json.RawMessage
	Locale         *string
	// AcceptTerms accepts the terms in force, where there are any.
	AcceptTerms bool
	// Ticket is the text of an invitation: its address counts as proven, and stands
	// in the place of one of its kind that is given beside it.
	Ticket gatelatch.Secret
	// Prepare asks for the code of the first unproven address in the same step.
	Prepare bool
	// ReturnTo is a same-origin path, checked by the caller.
	ReturnTo string
}

// CreateSignUp begins a sign-up. Nothing in its answer tells whether the
// address has a user already, unless [Policy].Reveal asks for that; then it is
// refused with gatelatch.CodeExists. With a ticket it may be complete at once, and
// is refused with gatelatch.CodeTicketInvalid or gatelatch.CodeTicketExpired when
// the ticket is no good.
func (s *Service) CreateSignUp(ctx context.Context, who Caller, p SignUpParams) (Outcome, error) {
	in, refused := s.readDetails(p)
	if refused != nil {
		return refuse(refused)
	}
	id := gatelatch.NewID(gatelatch.PrefixSignUp, s.Now())
	given := s.takesPassword(p)
	if given {
		if out, err := s.readPassword(ctx, who, id, *p.Password, &in, nil); out.Refusal != nil || err != nil {
			return out, err
		}
	}
	return s.run(ctx, InputDetails, who, func(ctx context.Context, o *operation) (Outcome, error) {
		if !given { // else the hash has been paid for, and the start with it
			if r, err := o.countStart(ctx); r != nil || err != nil {
				return Outcome{Refusal: r}, err
			}
		}
		c, err := o.client(ctx, SignUpLifetime)
		if err != nil {
			return Outcome{}, err
		}
		su := NewSignUp(id, c.ID, o.env.Now)
		su.ReturnTo = p.ReturnTo
		given, r, err := o.withTicket(ctx, in, p.Ticket)
		if r != nil || err != nil {
			return Outcome{Refusal: r}, err
		}
		return o.giveDetails(ctx, su, given, p.Prepare)
	})
}

// UpdateSignUp gives or changes fields. An address that changes has to be
// proven anew.
func (s *Service) UpdateSignUp(ctx context.Context, who Caller, id string, p SignUpParams) (Outcome, error) {
	in, refused := s.readDetails(p)
	if refused == nil && s.takesPassword(p) {
		if out, err := s.readPasswordOf(ctx, who, id, *p.Password, &in); out.Refusal != nil || err != nil {
			return out, err
		}
	}
	return s.run(ctx, InputDetails, who, func(ctx context.Context, o *operation) (Outcome, error) {
		su, err := o.signUp(ctx, id)
		if err != nil || su == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		if su.over() {
			return o.repeatSignUp(ctx, *su, doubleClick)
		}
		if refused != nil {
			return Outcome{SignUp: su, Refusal: refused}, nil
		}
		given, r, err := o.withTicket(ctx, in, p.Ticket)
		if r != nil || err != nil {
			return Outcome{SignUp: su, Refusal: r}, err
		}
		return o.giveDetails(ctx, *su, given, p.Prepare)
	})
}

// withTicket adds the address of an invitation to what was given.
func (o *operation) withTicket(ctx context.Context, in Details, ticket gatelatch.Secret) (Details, *gatelatch.Refusal, error) {
	var r *gatelatch.Refusal
	var err error
	in.Invited, r, err = o.invitedBy(ctx, ticket)
	return in, r, err
}

// giveDetails advances with fields and, when asked to, with the first code.
// Fields that are still missing are refused by name before anything is sent.
func (o *operation) giveDetails(ctx context.Context, su SignUp, in Details, andPrepare bool) (Outcome, error) {
	for _, f := range []*Factor{in.Email, in.Phone} {
		if f != nil {
			f.AddressID = gatelatch.NewID(gatelatch.PrefixAddress, o.env.Now)
		}
	}
	admitted, err := o.admit(ctx, su.given(in, o.env).Addresses()...)
	if err != nil {
		return Outcome{}, err
	}
	o.env.Admit = admitted
	if r, err := o.revealTaken(ctx, in.Email, in.Phone); r != nil || err != nil {
		return Outcome{SignUp: &su, Refusal: r}, err
	}
	step := AdvanceSignUp(su, in, o.env)
	if step.Refusal != nil { // refused fields change nothing, so there is nothing to save
		return Outcome{SignUp: &su, Refusal: step.Refusal}, nil
	}
	if !andPrepare || step.Next.Status != MissingRequirements {
		return o.saveSignUp(ctx, step)
	}
	if missing := step.Next.MissingFields(o.env.Policy); len(missing) > 0 {
		return Outcome{SignUp: &step.Next, Refusal: o.env.Policy.Fields.refuseMissing(missing[0])}, nil
	}
	return o.prepareSignUp(ctx, step.Next, step.Next.NextStrategy())
}

// NextStrategy is how the first unproven address is proven; empty when none is
// left.
func (s SignUp) NextStrategy() gatelatch.Strategy {
	switch unverified := s.UnverifiedFields(); {
	case len(unverified) == 0:
		return ""
	case unverified[0] == FieldPhone:
		return gatelatch.PhoneCode
	}
	return gatelatch.EmailCode
}

// Proof returns the challenge that a strategy answers, nil before it began.
func (s SignUp) Proof(st gatelatch.Strategy) *Verification {
	if _, proof := s.proof(st); proof != nil {
		return *proof
	}
	return nil
}

// refuseMissing asks for a field by name; for either address where either will do.
func (f Fields) refuseMissing(name string) *gatelatch.Refusal {
	if name == FieldEmail && f.Email == Optional && f.Phone == Optional {
		return refusal(gatelatch.CodeMissing, name, "Enter an email address or a phone number.")
	}
	sentence := map[string]string{
		FieldEmail:     "Enter your email address.",
		FieldPhone:     "Enter your phone number.",
		FieldFirstName: "Enter your first name.",
		FieldLastName:  "Enter your last name.",
		FieldPassword:  "Choose a password.",
	}[name]
	return refusal(gatelatch.CodeMissing, name, sentence)
}

// PrepareVerification sends the code of one address, or sends it once more. An
// empty strategy means the first unproven address.
func (s *Service) PrepareVerification(ctx context.Context, who Caller, id string, st gatelatch.Strategy) (Outcome, error) {
	return s.run(ctx, InputPrepare, who, func(ctx context.Context, o *operation) (Outcome, error) {
		su, err := o.signUp(ctx, id)
		if err != nil || su == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		return o.prepareSignUp(ctx, *su, cmp.Or(st, su.NextStrategy()))
	})
}

func (o *operation) prepareSignUp(ctx context.Context, su SignUp, st gatelatch.Strategy) (Outcome, error) {
	owner, err := o.admitProof(ctx, su, st)
	if err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignUp(su, Prepare{Strategy: st}, o.env)
	if step.Refusal != nil {
		return o.saveSignUp(ctx, step)
	}
	if f, _ := su.proof(st); owner != nil && o.env.Policy.Reveal {
		return Outcome{SignUp: &su, Refusal: RefuseTaken(f.To.Kind)}, nil
	}
	r, err := o.countSend(ctx, su.ClientID, userID(owner), step.Next.Proof(st).To)
	if r != nil || err != nil {
		return Outcome{SignUp: &su, Refusal: r}, err
	}
	bindToStored(step.Next.Proof(st), step.Effects, owner)
	return o.saveSignUp(ctx, step)
}

// bindToStored sends to the stored form of an address that somebody holds,
// never to the form that was typed.
func bindToStored(v *Verification, effects []Effect, owner *gatelatch.User) {
	if owner == nil {
		return
	}
	if a, ok := owner.Address(v.To); ok {
		v.Display = a.Display
		for i := range effects {
			effects[i] = SendCode{*v}
		}
	}
}

func userID(u *gatelatch.User) string {
	if u == nil {
		return ""
	}
	return u.ID
}

// AttemptVerification judges a code as it was typed. The last one needed makes
// the user and the session; one for an address that has a user makes the
// sign-up transferable. An empty strategy means the first unproven address.
func (s *Service) AttemptVerification(ctx context.Context, who Caller, id string, st gatelatch.Strategy, typed string) (Outcome, error) {
	code, malformed := s.Codes.ReadCode(typed)
	return s.run(ctx, InputAttempt, who, func(ctx context.Context, o *operation) (Outcome, error) {
		su, err := o.signUp(ctx, id)
		if err != nil || su == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		if su.Status == SignUpWaiting || su.Status == SignUpComplete && malformed == nil && o.matches(code, su.ID, PurposeSignUp, *su.lastProven()) {
			return o.repeatSignUp(ctx, *su, 0)
		}
		if malformed != nil && su.Status != SignUpComplete {
			return Outcome{SignUp: su, Refusal: malformed}, nil
		}
		return o.attemptSignUp(ctx, *su, cmp.Or(st, su.NextStrategy()), code)
	})
}

func (o *operation) attemptSignUp(ctx context.Context, su SignUp, st gatelatch.Strategy, code gatelatch.Secret) (Outcome, error) {
	before := su.Proof(st)
	if before == nil || judgeable(before, o.env) != nil {
		return o.saveSignUp(ctx, AdvanceSignUp(su, Attempt{Strategy: st}, o.env))
	}
	if _, err := o.admitProof(ctx, su, st); err != nil {
		return Outcome{}, err
	}
	owner, guess, err := o.beforeGuess(ctx, su.ClientID, before.To)
	if err != nil || guess.refusal != nil {
		return Outcome{SignUp: &su, Refusal: guess.refusal}, err
	}
	correct := o.matches(code, su.ID, PurposeSignUp, *before)
	step := AdvanceSignUp(su, Attempt{Strategy: st, Correct: correct, Owner: Owner{ID: owner}}, o.env)
	if err := o.afterGuess(ctx, guess, before, step.Next.Proof(st)); err != nil {
		return Outcome{}, err
	}
	return o.saveSignUp(ctx, step)
}

// over reports that nothing more can be given.
func (s SignUp) over() bool { return s.Status == SignUpComplete || s.Status == SignUpWaiting }

// repeatSignUp answers a repeated request with what the first one led to.
func (o *operation) repeatSignUp(ctx context.Context, su SignUp, within time.Duration) (Outcome, error) {
	if su.Status == SignUpWaiting {
		return Outcome{SignUp: &su, Waiting: true}, nil
	}
	issued, err := o.reissue(ctx, su.SessionID, su.lastProven(), within)
	return Outcome{SignUp: &su, Issued: issued, Refusal: refuseAlreadyVerified()}, err
}

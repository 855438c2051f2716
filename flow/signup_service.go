// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
)

// SignUpParams give fields of a sign-up as they were typed; nil fields were
// not given.
type SignUpParams struct {
	Email, Phone        *string
	FirstName, LastName *string
	Password            *gatelatch.Secret
	// Prepare asks for the code of the first unproven address in the same step.
	Prepare bool
	// ReturnTo is a same-origin path, checked by the caller.
	ReturnTo string
}

// CreateSignUp begins a sign-up. Nothing in its answer tells whether the
// address has a user already.
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
		c, err := o.client(ctx)
		if err != nil {
			return Outcome{}, err
		}
		su := NewSignUp(id, c.ID, o.env.Now)
		su.ReturnTo = p.ReturnTo
		return o.giveDetails(ctx, su, in, p.Prepare)
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
		return o.giveDetails(ctx, *su, in, p.Prepare)
	})
}

// giveDetails advances with fields and, when asked to, with the first code.
// Fields that are still missing are refused by name before anything is sent.
func (o *operation) giveDetails(ctx context.Context, su SignUp, in Details, andPrepare bool) (Outcome, error) {
	for _, f := range []*Factor{in.Email, in.Phone} {
		if f != nil {
			f.AddressID = gatelatch.NewID(gatelatch.PrefixAddress, o.env.Now)
		}
	}
	admitted, err := o.admit(ctx, su.given(in, o.env.Policy).Addresses()...)
	if err != nil {
		return Outcome{}, err
	}
	o.env.Admit = admitted
	step := AdvanceSignUp(su, in, o.env)
	if step.Refusal != nil { // refused fields change nothing, so there is nothing to save
		return Outcome{SignUp: &su, Refusal: step.Refusal}, nil
	}
	if !andPrepare || step.Next.Status != MissingRequirements {
		return o.saveSignUp(ctx, step)
	}
	if missing := step.Next.MissingFields(o.env.Policy); len(missing) > 0 {
		return Outcome{SignUp: &step.Next, Refusal: refuseMissing(missing[0])}, nil
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

func refuseMissing(name string) *gatelatch.Refusal {
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
		if su.Status == SignUpWaiting || su.Status == SignUpComplete && malformed == nil && o.Codes.Matches(code, su.ID, PurposeSignUp, *su.lastProven()) {
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
	correct := o.Codes.Matches(code, su.ID, PurposeSignUp, *before)
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

// SignUp returns the caller's own sign-up as it stands.
func (s *Service) SignUp(ctx context.Context, who Caller, id string) (Outcome, error) {
	return s.view(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		su, err := o.signUp(ctx, id)
		if err != nil || su == nil || !o.env.Now.Before(su.AbandonAt) {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		return Outcome{SignUp: su, Waiting: su.Status == SignUpWaiting}, nil
	})
}

// signUp loads and locks an attempt of the caller; nil when there is none of
// that id, or it belongs to another client.
func (o *operation) signUp(ctx context.Context, id string) (*SignUp, error) {
	c, err := o.knownClient(ctx)
	if err != nil || c == nil {
		return nil, err
	}
	su, err := o.tx.SignUp(ctx, id)
	if errors.Is(err, gatelatch.ErrNotFound) || err == nil && su.ClientID != c.ID {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("loading the sign-up: %w", err)
	}
	return &su, o.yieldTaken(ctx, su)
}

// yieldTaken makes a proof transferable whose address somebody has taken since
// it was given: whoever proved it may go on as that user, and no second one is
// made.
func (o *operation) yieldTaken(ctx context.Context, su SignUp) error {
	for _, v := range []*Verification{su.EmailProof, su.PhoneProof} {
		if su.Status != MissingRequirements || v == nil || v.Status != Verified {
			continue
		}
		if owner, err := o.user(ctx, v.To); err != nil {
			return err
		} else if owner != nil {
			v.Status = Transferable
		}
	}
	return nil
}

func (o *operation) saveSignUp(ctx context.Context, step Step[SignUp]) (Outcome, error) {
	out := Outcome{SignUp: &step.Next, Refusal: step.Refusal, Waiting: step.Next.Status == SignUpWaiting}
	if err := o.record(ctx); err != nil {
		return Outcome{}, err
	}
	if err := o.tx.PutSignUp(ctx, step.Next); err != nil {
		return Outcome{}, fmt.Errorf("saving the sign-up: %w", err)
	}
	a := attempt{step.Next.ID, step.Next.ClientID, PurposeSignUp}
	return out, o.apply(ctx, a, step.Effects, &out)
}

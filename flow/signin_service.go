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

// SignInParams begin a sign-in.
type SignInParams struct {
	// Identifier is an address as it was typed.
	Identifier string
	// Prepare asks for the code in the same step.
	Prepare bool
	// ReturnTo is a same-origin path, checked by the caller.
	ReturnTo string
}

// CreateSignIn begins a sign-in. Nothing in its answer tells whether the
// address has a user.
func (s *Service) CreateSignIn(ctx context.Context, who Caller, p SignInParams) (Outcome, error) {
	parsed, refused := s.Identifiers.Parse(p.Identifier)
	if refused != nil {
		return refuse(refused)
	}
	f := Factor{Strategy: gatelatch.CodeStrategy(parsed.Kind), To: parsed.Identifier, Display: parsed.Display}
	return s.run(ctx, InputIdentify, who, func(ctx context.Context, o *operation) (Outcome, error) {
		if r, err := o.countStart(ctx); r != nil || err != nil {
			return Outcome{Refusal: r}, err
		}
		c, err := o.client(ctx)
		if err != nil {
			return Outcome{}, err
		}
		return o.beginSignIn(ctx, c, f, p)
	})
}

func (o *operation) beginSignIn(ctx context.Context, c gatelatch.Client, f Factor, p SignInParams) (Outcome, error) {
	u, err := o.user(ctx, f.To)
	if err != nil {
		return Outcome{}, err
	}
	// The wire name is made up for everybody: a stored one would tell who exists.
	f.AddressID = gatelatch.NewID(gatelatch.PrefixAddress, o.env.Now)
	si := NewSignIn(gatelatch.NewID(gatelatch.PrefixSignIn, o.env.Now), c.ID, o.env.Now)
	si.ReturnTo = p.ReturnTo
	step := AdvanceSignIn(si, Identify{Factor: f, User: u}, o.env)
	if step.Refusal != nil || !p.Prepare {
		return o.saveSignIn(ctx, step)
	}
	return o.prepareSignIn(ctx, step.Next, f.Strategy, u)
}

// PrepareFirstFactor sends the code of a sign-in, or sends it once more. An
// empty strategy means the attempt's own.
func (s *Service) PrepareFirstFactor(ctx context.Context, who Caller, id string, st gatelatch.Strategy) (Outcome, error) {
	return s.run(ctx, InputPrepare, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		owner, err := o.user(ctx, si.Identifier)
		if err != nil {
			return Outcome{}, err
		}
		return o.prepareSignIn(ctx, *si, cmp.Or(st, si.strategy()), owner)
	})
}

// prepareSignIn advances first and pays second: a step that would be refused
// costs nobody's budget, and without budget the step is not saved.
func (o *operation) prepareSignIn(ctx context.Context, si SignIn, st gatelatch.Strategy, owner *gatelatch.User) (Outcome, error) {
	step := AdvanceSignIn(si, Prepare{Strategy: st}, o.env)
	if step.Refusal == nil {
		r, err := o.countSend(ctx, si.ClientID, userID(owner), step.Next.First.To)
		if r != nil || err != nil {
			return Outcome{SignIn: &si, Refusal: r}, err
		}
		bindToStored(step.Next.First, step.Effects, owner)
	}
	return o.saveSignIn(ctx, step)
}

// AttemptFirstFactor judges a code as it was typed. A correct one completes
// the sign-in, or makes it transferable when nobody holds the address. An empty
// strategy means the attempt's own.
func (s *Service) AttemptFirstFactor(ctx context.Context, who Caller, id string, st gatelatch.Strategy, typed string) (Outcome, error) {
	code, malformed := s.Codes.ReadCode(typed)
	return s.run(ctx, InputAttempt, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		if si.Status == SignInComplete && malformed == nil && o.Codes.Matches(code, si.ID, PurposeSignIn, *si.First) {
			return o.repeatSignIn(ctx, *si, 0)
		}
		if malformed != nil && si.Status != SignInComplete {
			return Outcome{SignIn: si, Refusal: malformed}, nil
		}
		return o.attemptSignIn(ctx, *si, cmp.Or(st, si.strategy()), code)
	})
}

func (o *operation) repeatSignIn(ctx context.Context, si SignIn, within time.Duration) (Outcome, error) {
	issued, err := o.reissue(ctx, si.SessionID, si.First, within)
	return Outcome{SignIn: &si, Issued: issued, Refusal: refuseAlreadyVerified()}, err
}

func (o *operation) attemptSignIn(ctx context.Context, si SignIn, st gatelatch.Strategy, code gatelatch.Secret) (Outcome, error) {
	if judgeable(si.First, o.env) != nil {
		return o.saveSignIn(ctx, AdvanceSignIn(si, Attempt{Strategy: st}, o.env))
	}
	owner, guess, err := o.beforeGuess(ctx, si.ClientID, si.First.To)
	if err != nil || guess.refusal != nil {
		return Outcome{SignIn: &si, Refusal: guess.refusal}, err
	}
	correct := o.Codes.Matches(code, si.ID, PurposeSignIn, *si.First)
	step := AdvanceSignIn(si, Attempt{Strategy: st, Correct: correct, Owner: owner}, o.env)
	if err := o.afterGuess(ctx, guess, si.First, step.Next.First); err != nil {
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, step)
}

// TransferToSignUp turns a sign-in with a proven address that nobody holds
// into a sign-up with that address, which is complete when nothing else is
// asked for. Where somebody has taken the address meanwhile, it is their
// sign-in.
func (s *Service) TransferToSignUp(ctx context.Context, who Caller, id string) (Outcome, error) {
	return s.run(ctx, InputAdopt, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		if si.Status == SignInComplete {
			return o.repeatSignIn(ctx, *si, doubleClick)
		}
		if si.TransferTo != "" {
			return o.repeatTransferUp(ctx, *si)
		}
		if !si.Transferable() || !o.env.Now.Before(si.AbandonAt) {
			return Outcome{SignIn: si, Refusal: refuseState()}, nil
		}
		return o.transferToSignUp(ctx, *si)
	})
}

func (o *operation) transferToSignUp(ctx context.Context, si SignIn) (Outcome, error) {
	u, err := o.user(ctx, si.First.To)
	if err != nil {
		return Outcome{}, err
	}
	if u != nil && !o.env.Now.Before(si.First.ExpireAt) {
		return Outcome{Refusal: refuseAbandoned()}, nil // an old proof opens nobody's account
	}
	if u != nil {
		out, err := o.adoptSignIn(ctx, si.ClientID, *si.First, u.ID, si.ReturnTo)
		return o.endSignIn(ctx, si, out, err)
	}
	su := NewSignUp(gatelatch.NewID(gatelatch.PrefixSignUp, o.env.Now), si.ClientID, o.env.Now)
	su.ReturnTo = si.ReturnTo
	step := AdvanceSignUp(su, AdoptProof{Proven: *si.First}, o.env)
	if step.Refusal != nil {
		return Outcome{SignIn: &si, Refusal: step.Refusal}, nil
	}
	out, err := o.saveSignUp(ctx, step)
	return o.endSignIn(ctx, si, out, err)
}

// endSignIn ends a sign-in whose proof another attempt has taken over: one
// proof leads to one session, also when the request comes again.
func (o *operation) endSignIn(ctx context.Context, si SignIn, out Outcome, err error) (Outcome, error) {
	if err != nil || out.Refusal != nil {
		return out, err
	}
	si.AbandonAt, si.TransferTo = o.env.Now, out.id()
	if err := o.tx.PutSignIn(ctx, si); err != nil {
		return Outcome{}, fmt.Errorf("ending the sign-in: %w", err)
	}
	return out, nil
}

// repeatTransferUp answers a repeated request with what the first one led to.
func (o *operation) repeatTransferUp(ctx context.Context, si SignIn) (Outcome, error) {
	su, err := o.signUp(ctx, si.TransferTo)
	switch {
	case err != nil:
		return Outcome{}, err
	case su != nil && su.Status == SignUpComplete:
		return o.repeatSignUp(ctx, *su, doubleClick)
	case su != nil:
		return Outcome{SignUp: su}, nil
	}
	taken, err := o.signIn(ctx, si.TransferTo)
	if err != nil || taken == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	return o.repeatSignIn(ctx, *taken, doubleClick)
}

// adoptSignIn makes a complete sign-in out of an address proven elsewhere on
// the same client.
func (o *operation) adoptSignIn(ctx context.Context, clientID string, proven Verification, owner, returnTo string) (Outcome, error) {
	si := NewSignIn(gatelatch.NewID(gatelatch.PrefixSignIn, o.env.Now), clientID, o.env.Now)
	si.ReturnTo = returnTo
	return o.saveSignIn(ctx, AdvanceSignIn(si, Adopt{Proven: proven, Owner: owner}, o.env))
}

// SignIn returns the caller's own sign-in as it stands.
func (s *Service) SignIn(ctx context.Context, who Caller, id string) (Outcome, error) {
	return s.run(ctx, inputView, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil || !o.env.Now.Before(si.AbandonAt) {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		return Outcome{SignIn: si}, nil
	})
}

// signIn loads and locks an attempt of the caller; nil when there is none of
// that id, or it belongs to another client.
func (o *operation) signIn(ctx context.Context, id string) (*SignIn, error) {
	c, err := o.knownClient(ctx)
	if err != nil || c == nil {
		return nil, err
	}
	si, err := o.tx.SignIn(ctx, id)
	if errors.Is(err, gatelatch.ErrNotFound) || err == nil && si.ClientID != c.ID {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("loading the sign-in: %w", err)
	}
	return &si, nil
}

func (o *operation) saveSignIn(ctx context.Context, step Step[SignIn]) (Outcome, error) {
	out := Outcome{SignIn: &step.Next, Refusal: step.Refusal}
	if err := o.record(ctx); err != nil {
		return Outcome{}, err
	}
	if err := o.tx.PutSignIn(ctx, step.Next); err != nil {
		return Outcome{}, fmt.Errorf("saving the sign-in: %w", err)
	}
	a := attempt{step.Next.ID, step.Next.ClientID, PurposeSignIn}
	return out, o.apply(ctx, a, step.Effects, &out)
}

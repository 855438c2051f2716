// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// TransferToSignUp turns a sign-in with a proven address that nobody holds
// into a sign-up with that address, which is complete when nothing else is
// asked for. The names, the password and the like in p go along, and another
// address than the proven one; its ticket and its ReturnTo do not. Where somebody
// has taken the address meanwhile, it is their sign-in, and p is nothing.
func (s *Service) TransferToSignUp(ctx context.Context, who Caller, id string, p SignUpParams) (Outcome, error) {
	in, refused := s.readDetails(p)
	upID := gatelatch.NewID(gatelatch.PrefixSignUp, s.Now())
	if refused == nil && s.takesPassword(p) {
		if out, err := s.readPasswordAlong(ctx, who, id, upID, *p.Password, &in); out.Refusal != nil || err != nil {
			return out, err
		}
	}
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
		if refused != nil {
			return Outcome{SignIn: si, Refusal: refused}, nil
		}
		return o.transferToSignUp(ctx, *si, upID, in)
	})
}

// readPasswordAlong is readPassword for the sign-up that a sign-in leads to. A
// sign-in that leads to none costs no hash.
func (s *Service) readPasswordAlong(ctx context.Context, who Caller, id, upID string, plain gatelatch.Secret, in *Details) (Outcome, error) {
	out, err := s.SignIn(ctx, who, id)
	if err != nil || out.SignIn == nil || !out.SignIn.Transferable() || out.SignIn.TransferTo != "" {
		return Outcome{}, err
	}
	read, err := s.readPassword(ctx, who, upID, plain, in, &SignUp{Email: &out.SignIn.First.Factor})
	return Outcome{SignIn: out.SignIn, Refusal: read.Refusal}, err
}

func (o *operation) transferToSignUp(ctx context.Context, si SignIn, upID string, in Details) (Outcome, error) {
	u, err := o.user(ctx, si.First.To)
	if err != nil {
		return Outcome{}, err
	}
	if u != nil && reserved(*u, si.First.To) {
		return Outcome{Refusal: refuseAbandoned()}, nil // one number must not be both steps
	}
	if u != nil && !o.env.Now.Before(si.First.ExpireAt) {
		return Outcome{Refusal: refuseAbandoned()}, nil // an old proof opens nobody's account
	}
	if u != nil {
		out, err := o.adoptSignIn(ctx, si.ClientID, *si.First, *u, si.ReturnTo)
		return o.endSignIn(ctx, si, out, err)
	}
	su := NewSignUp(upID, si.ClientID, o.env.Now)
	su.ReturnTo = si.ReturnTo
	in, r, err := o.besides(ctx, su, in, si.First.To)
	if r != nil || err != nil {
		return Outcome{SignIn: &si, Refusal: r}, err
	}
	step := AdvanceSignUp(su, AdoptProof{Proven: *si.First, Details: in}, o.env)
	if step.Refusal != nil {
		return Outcome{SignIn: &si, Refusal: step.Refusal}, nil
	}
	if _, err := o.client(ctx, SignUpLifetime); err != nil { // which is kept as long as the sign-up
		return Outcome{}, err
	}
	out, err := o.saveSignUp(ctx, step)
	return o.endSignIn(ctx, si, out, err)
}

// besides makes details ready to go along with a proven address, and finds out who
// of all the addresses may sign up.
func (o *operation) besides(ctx context.Context, su SignUp, in Details, proven gatelatch.Identifier) (Details, *gatelatch.Refusal, error) {
	for _, f := range []**Factor{&in.Email, &in.Phone} {
		switch {
		case *f == nil:
		case (*f).To.Kind == proven.Kind: // the proven one stands
			*f = nil
		default:
			(*f).AddressID = gatelatch.NewID(gatelatch.PrefixAddress, o.env.Now)
		}
	}
	var err error
	if o.env.Admit, err = o.admit(ctx, append(su.given(in, o.env).Addresses(), proven)...); err != nil {
		return in, nil, err
	}
	r, err := o.revealTaken(ctx, in.Email, in.Phone)
	return in, r, err
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
		return Outcome{SignUp: su, Waiting: su.Status == SignUpWaiting}, nil
	}
	taken, err := o.signIn(ctx, si.TransferTo)
	if err != nil || taken == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	return o.repeatSignIn(ctx, *taken, doubleClick)
}

// adoptSignIn makes a sign-in out of an address proven elsewhere on the same
// client. It is complete, unless its user takes a second step.
func (o *operation) adoptSignIn(ctx context.Context, clientID string, proven Verification, u gatelatch.User, returnTo string) (Outcome, error) {
	owner, err := o.owner(ctx, &u, clientID, proven.To)
	if err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignIn(o.newSignIn(clientID, returnTo), Adopt{Proven: proven, Owner: owner}, o.env)
	if step.Refusal != nil {
		return Outcome{Refusal: step.Refusal}, nil
	}
	if _, err := o.client(ctx, SignInLifetime); err != nil { // which is kept as long as the sign-in
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, step)
}

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// TransferToSignIn signs in the holder of an address that was proven in a
// sign-up and turned out to have a user.
func (s *Service) TransferToSignIn(ctx context.Context, who Caller, id string) (Outcome, error) {
	return s.run(ctx, InputYield, who, func(ctx context.Context, o *operation) (Outcome, error) {
		su, err := o.signUp(ctx, id)
		if err != nil || su == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		if su.TransferTo != "" {
			return o.repeatTransfer(ctx, *su)
		}
		if !su.Transferable() || !o.env.Now.Before(su.AbandonAt) {
			return Outcome{SignUp: su, Refusal: refuseState()}, nil
		}
		return o.transferToSignIn(ctx, *su)
	})
}

func (o *operation) repeatTransfer(ctx context.Context, su SignUp) (Outcome, error) {
	si, err := o.signIn(ctx, su.TransferTo)
	if err != nil || si == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	return o.repeatSignIn(ctx, *si, doubleClick)
}

func (o *operation) transferToSignIn(ctx context.Context, su SignUp) (Outcome, error) {
	proven := su.EmailProof
	if proven == nil || proven.Status != Transferable {
		proven = su.PhoneProof
	}
	if !o.env.Now.Before(proven.ExpireAt) {
		return Outcome{Refusal: refuseAbandoned()}, nil // an old proof opens nobody's account
	}
	u, err := o.user(ctx, proven.To)
	if err != nil || u == nil {
		return Outcome{SignUp: &su, Refusal: refuseState()}, err
	}
	if reserved(*u, proven.To) { // since it was proven: one number must not be both steps
		return Outcome{SignUp: &su, Refusal: refusal(gatelatch.CodeNotAllowed, "", "This number cannot be used to sign in.")}, nil
	}
	out, err := o.adoptSignIn(ctx, su.ClientID, *proven, *u, su.ReturnTo)
	if err != nil || out.Refusal != nil {
		return out, err
	}
	step := AdvanceSignUp(su, Yield{SignInID: out.SignIn.ID}, o.env)
	if err := o.tx.PutSignUp(ctx, step.Next); err != nil {
		return Outcome{}, fmt.Errorf("saving the sign-up: %w", err)
	}
	return out, nil
}

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

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

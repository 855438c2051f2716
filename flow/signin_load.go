// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// SignIn returns the caller's own sign-in as it stands.
func (s *Service) SignIn(ctx context.Context, who Caller, id string) (Outcome, error) {
	return s.view(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil || si.over(o.env.Now) {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		return Outcome{SignIn: si}, nil
	})
}

// signIn loads and locks an attempt of the caller; nil when there is none of
// that id, or it belongs to another client, or to a session that is over.
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
	if live, err := o.stillAsked(ctx, si); err != nil || !live {
		return nil, err
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
	a := attempt{step.Next.ID, step.Next.ClientID, step.Next.purpose()}
	return out, o.apply(ctx, a, step.Effects, &out)
}

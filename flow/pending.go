// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// Attempts are what a client has under way; nil where nothing is.
type Attempts struct {
	SignIn *SignIn
	SignUp *SignUp
}

// Pending returns the newest sign-in and the newest sign-up of the caller, as far
// as they are neither complete, nor over, nor taken over by another. An older one
// does not come back when a newer one is over.
func (s *Service) Pending(ctx context.Context, who Caller) (Attempts, error) {
	var under Attempts
	_, err := s.view(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		under = Attempts{}
		c, err := o.knownClient(ctx)
		if err != nil || c == nil {
			return Outcome{}, err
		}
		if under.SignIn, err = o.pendingSignIn(ctx, c.ID); err != nil {
			return Outcome{}, err
		}
		under.SignUp, err = o.pendingSignUp(ctx, c.ID)
		return Outcome{}, err
	})
	return under, err
}

func (o *operation) pendingSignIn(ctx context.Context, clientID string) (*SignIn, error) {
	si, err := o.tx.LatestSignIn(ctx, clientID, false, o.env.Now)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for a sign-in: %w", err)
	}
	if !si.OpenAt(o.env.Now) {
		return nil, nil
	}
	return &si, nil
}

func (o *operation) pendingSignUp(ctx context.Context, clientID string) (*SignUp, error) {
	su, err := o.tx.LatestSignUp(ctx, clientID, o.env.Now)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for a sign-up: %w", err)
	}
	if !su.OpenAt(o.env.Now) {
		return nil, nil
	}
	return &su, o.yieldTaken(ctx, su)
}

// PendingAgain returns the sign-in by which a session of the caller was last asked
// once more, nil when there is none, the session is over, or another session of
// the caller was asked since. It may be complete.
func (s *Service) PendingAgain(ctx context.Context, who Caller, sessionID string) (*SignIn, error) {
	var found *SignIn
	_, err := s.view(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		found = nil
		c, err := o.knownClient(ctx)
		if err != nil || c == nil {
			return Outcome{}, err
		}
		si, err := o.tx.LatestSignIn(ctx, c.ID, true, o.env.Now)
		if errors.Is(err, gatelatch.ErrNotFound) {
			return Outcome{}, nil
		}
		if err != nil {
			return Outcome{}, fmt.Errorf("looking for a sign-in: %w", err)
		}
		asked, err := o.stillAsked(ctx, si)
		if asked && si.Again != nil && si.Again.SessionID == sessionID {
			found = &si
		}
		return Outcome{}, err
	})
	return found, err
}

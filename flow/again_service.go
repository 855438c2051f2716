// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// AskAgain begins a sign-in that asks the holder of a session once more. It makes
// no session: what is proven is written down on the one that is there. The
// session must live, on the caller's client. Where a second step is asked for and
// the user has none, it is refused with gatelatch.CodeStrategyInvalid.
func (s *Service) AskAgain(ctx context.Context, who Caller, sessionID string, l Level, returnTo string) (Outcome, error) {
	return s.run(ctx, InputAgain, who, func(ctx context.Context, o *operation) (Outcome, error) {
		c, r, err := o.start(ctx)
		if r != nil || err != nil {
			return Outcome{Refusal: r}, err
		}
		held, err := o.liveSession(ctx, sessionID)
		if err != nil || held == nil || held.ClientID != c.ID {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		return o.askAgain(ctx, *held, l, returnTo)
	})
}

func (o *operation) askAgain(ctx context.Context, held gatelatch.Session, l Level, returnTo string) (Outcome, error) {
	u, err := o.userByID(ctx, held.UserID)
	if err != nil || u == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	owner, err := o.owner(ctx, u, held.ClientID, gatelatch.Identifier{})
	if err != nil {
		return Outcome{}, err
	}
	in := AskOnce{
		Again: Again{SessionID: held.ID, Level: level(l)}, Identifier: nameOf(*u), Owner: owner,
		Factors: ownFactors(*u, o.env.Policy, o.Passkeys != nil),
	}
	step := AdvanceSignIn(o.newSignIn(held.ClientID, returnTo), in, o.env)
	if step.Refusal != nil {
		return Outcome{Refusal: step.Refusal}, nil
	}
	return o.saveSignIn(ctx, step)
}

// level reads a level; anything unknown asks for everything.
func level(l Level) Level {
	if l == LevelFirst || l == LevelSecond {
		return l
	}
	return LevelMulti
}

// liveSession returns a session that is within its absolute limit; nil when there
// is none. The idle limit is for whoever has let the request in.
func (o *operation) liveSession(ctx context.Context, id string) (*gatelatch.Session, error) {
	s, err := o.tx.Session(ctx, id)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("finding the session: %w", err)
	case !s.LiveAt(o.env.Now, 0):
		return nil, nil
	}
	return &s, nil
}

// stillAsked reports whether an attempt may go on: one that asks the holder of a
// session does as long as the session lives.
func (o *operation) stillAsked(ctx context.Context, si SignIn) (bool, error) {
	if si.Again == nil {
		return true, nil
	}
	s, err := o.liveSession(ctx, si.Again.SessionID)
	return s != nil && s.UserID == si.UserID, err
}

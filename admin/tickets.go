// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// How long a sign-in token is good: unless said otherwise, which is Clerk's
// figure, and at most.
const (
	TicketLifetime = 30 * 24 * time.Hour
	maxTicket      = 365 * 24 * time.Hour
)

// MakeTicket makes a sign-in token for a user. Its text is
// [flow.Service.SignInToken] of its id. lifetime is [TicketLifetime] when zero.
func (s *Service) MakeTicket(ctx context.Context, userID string, lifetime time.Duration) (gatelatch.SignInToken, *gatelatch.Refusal, error) {
	if lifetime == 0 {
		lifetime = TicketLifetime
	}
	if lifetime < 0 || lifetime > maxTicket {
		return gatelatch.SignInToken{}, refuse(gatelatch.CodeValue, "expires_in_seconds", "A sign-in token is good for a second to 365 days."), nil
	}
	now := s.now()
	t := gatelatch.SignInToken{
		ID: gatelatch.NewID(gatelatch.PrefixSignInToken, now), UserID: userID, CreatedAt: now, ExpireAt: now.Add(lifetime),
	}
	no, err := s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		u, err := found(w.Tx().User(ctx, userID))
		if err != nil || u == nil {
			return refuse(gatelatch.CodeNotFound, "user_id", "There is no user with that id."), err
		}
		if err := w.Tx().PutSignInToken(ctx, t); err != nil {
			return nil, fmt.Errorf("making a sign-in token: %w", err)
		}
		return nil, nil
	})
	return t, no, err
}

// RevokeTicket takes a sign-in token back. One that was used has signed somebody
// in, and stays.
func (s *Service) RevokeTicket(ctx context.Context, id string) (gatelatch.SignInToken, *gatelatch.Refusal, error) {
	var t gatelatch.SignInToken
	no, err := s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		row, err := found(w.Tx().SignInToken(ctx, id))
		switch {
		case err != nil || row == nil:
			return refuse(gatelatch.CodeNotFound, "", "There is no sign-in token with that id."), err
		case !row.AcceptedAt.IsZero():
			return refuse(gatelatch.CodeStateInvalid, "", "The sign-in token was used; revoke the session instead."), nil
		case row.RevokedAt.IsZero():
			row.RevokedAt = w.Now()
		}
		t = *row
		if err := w.Tx().PutSignInToken(ctx, t); err != nil {
			return nil, fmt.Errorf("revoking a sign-in token: %w", err)
		}
		return nil, nil
	})
	return t, no, err
}

// TestingLifetime is how long a testing token is good.
const TestingLifetime = time.Hour

// TestingToken returns a token by which a test is known, and until when, see
// [flow.Service.Tester].
func (s *Service) TestingToken() (gatelatch.Secret, time.Time) {
	until := s.now().Add(TestingLifetime).Truncate(time.Second)
	return s.Flow.TestingToken(until), until
}

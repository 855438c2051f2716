// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// held is a user inside of one operation that changes the user.
type held struct {
	*flow.Work
	UserRecord
	// recognised says that the credentials were changed too.
	recognised bool
}

// change runs an operation on one user, who is locked meanwhile, and saves
// what it leaves unless it refuses. A refusal comes before anything is written.
// Sessions that it ends are forgotten by this process at once.
func (s *Service) change(
	ctx context.Context, userID string, fn func(ctx context.Context, h *held) (*gatelatch.Refusal, error),
) (*gatelatch.Refusal, error) {
	return s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		a, err := userRecord(ctx, w.Tx(), userID)
		if err != nil || a == nil {
			return refuseNoUser(), err
		}
		return changed(ctx, &held{Work: w, UserRecord: *a}, fn)
	})
}

func changed(
	ctx context.Context, h *held, fn func(ctx context.Context, h *held) (*gatelatch.Refusal, error),
) (*gatelatch.Refusal, error) {
	no, err := fn(ctx, h)
	if no != nil || err != nil {
		return no, err
	}
	return nil, h.save(ctx)
}

// within runs an operation that may refuse. Waiting messages and ended sessions
// are told of after the commit.
func (s *Service) within(
	ctx context.Context, fn func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error),
) (*gatelatch.Refusal, error) {
	var refused *gatelatch.Refusal
	err := s.Flow.Work(ctx, flow.Caller{}, func(ctx context.Context, w *flow.Work) (err error) {
		refused, err = fn(ctx, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return refused, nil
}

// save writes the user back.
func (h *held) save(ctx context.Context) error {
	if h.recognised {
		if err := h.keep(ctx); err != nil {
			return err
		}
	}
	h.User.UpdatedAt = h.Now()
	if err := h.Tx().PutUser(ctx, h.User); err != nil {
		return fmt.Errorf("saving the user: %w", err)
	}
	h.Changed(h.User.ID)
	return nil
}

// keep writes the credentials, and what the user's record tells of them. Backup
// codes go with the last factor that they stand in for.
func (h *held) keep(ctx context.Context) error {
	h.User.Factors = h.Credentials.Factors()
	if !h.User.TwoStep() && !h.User.Factors.Passkey {
		h.Credentials.BackupCodes = nil
		h.User.Factors = h.Credentials.Factors()
	}
	if err := h.Tx().PutCredentials(ctx, h.Credentials); err != nil {
		return fmt.Errorf("saving what the user is recognised by: %w", err)
	}
	return nil
}

// signOut ends all sessions of the user.
func (h *held) signOut(ctx context.Context) error {
	return h.EndSessions(ctx, h.User.ID, "", gatelatch.SessionRevoked)
}

// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// Self is what a program sees of the user of its session.
type Self struct {
	User    gatelatch.User
	Session gatelatch.Session
	// Credentials are the user's, with their secrets sealed.
	Credentials gatelatch.Credentials
	// Pending are the addresses that the session has begun to add, the newest first.
	Pending []flow.Change
	// Level is what the session has to prove to be fresh.
	Level flow.Level
}

// Self returns the user of a session; nil when the session is over.
func (s *Service) Self(ctx context.Context, a Actor) (*Self, error) {
	var self *Self
	_, err := s.act(ctx, a, shows, anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c, err := act.credentials(ctx)
		if err != nil {
			return nil, err
		}
		all, err := act.open(ctx)
		if err != nil {
			return nil, err
		}
		self = &Self{
			User: act.user, Session: act.session, Credentials: c, Level: s.level(act.user),
			Pending: slices.DeleteFunc(all, func(c flow.Change) bool { return !act.owns(c) }),
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return self, nil
}

// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// UserRecord is a user with what that user is recognised by, as programs of the
// operator get to see it. What is secret in the credentials stays sealed.
type UserRecord struct {
	User        gatelatch.User
	Credentials gatelatch.Credentials
}

// User returns the user of an id.
func (s *Service) User(ctx context.Context, userID string) (*UserRecord, *gatelatch.Refusal, error) {
	var a *UserRecord
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		a, err = userRecord(ctx, tx, userID)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if a == nil {
		return nil, refuseNoUser(), nil
	}
	return a, nil, nil
}

func refuseNoUser() *gatelatch.Refusal {
	return refuse(gatelatch.CodeNotFound, "", "There is no user with that id.")
}

// userRecord returns a user; nil when there is none.
func userRecord(ctx context.Context, tx flow.Tx, userID string) (*UserRecord, error) {
	u, err := found(tx.User(ctx, userID))
	if err != nil {
		return nil, fmt.Errorf("finding the user: %w", err)
	}
	if u == nil {
		return nil, nil
	}
	c, err := tx.Credentials(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("reading what the user is recognised by: %w", err)
	}
	return &UserRecord{User: *u, Credentials: c}, nil
}

// Users returns the users that a query picks, with what they are recognised by.
func (s *Service) Users(ctx context.Context, q UserQuery) ([]UserRecord, error) {
	q.Page = q.bounded()
	rows, err := s.userRows(ctx, q)
	if err != nil {
		return nil, err
	}
	list := make([]UserRecord, len(rows))
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		for i, u := range rows {
			list[i] = UserRecord{User: u, Credentials: gatelatch.Credentials{UserID: u.ID}}
			if u.Factors == (gatelatch.Factors{}) {
				continue // nothing to look up, as with most users
			}
			var err error
			if list[i].Credentials, err = tx.Credentials(ctx, u.ID); err != nil {
				return fmt.Errorf("reading what a user is recognised by: %w", err)
			}
		}
		return nil
	})
	return list, err
}

func (s *Service) userRows(ctx context.Context, q UserQuery) ([]gatelatch.User, error) {
	rows, err := s.Repo.Users(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	return rows, nil
}

// CountUsers counts all users that a query picks, its page aside.
func (s *Service) CountUsers(ctx context.Context, q UserQuery) (int, error) {
	n, err := s.Repo.CountUsers(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("counting users: %w", err)
	}
	return n, nil
}

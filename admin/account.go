// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// Account is a user whole, as programs of the operator get to see it. What is
// secret in the credentials stays sealed.
type Account struct {
	User        gatelatch.User
	Credentials gatelatch.Credentials
}

// Account returns the user of an id.
func (s *Service) Account(ctx context.Context, userID string) (*Account, *gatelatch.Refusal, error) {
	var a *Account
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		a, err = account(ctx, tx, userID)
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

// account returns a user; nil when there is none.
func account(ctx context.Context, tx flow.Tx, userID string) (*Account, error) {
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
	return &Account{User: *u, Credentials: c}, nil
}

// inReadTx runs fn in a transaction that waits for nobody.
func (s *Service) inReadTx(ctx context.Context, fn func(context.Context, flow.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	return s.Repo.InReadTx(ctx, func(tx flow.Tx) error { return fn(ctx, tx) })
}

// held is an account inside of one operation that changes it.
type held struct {
	*flow.Work
	Account
	// recognised says that the credentials were changed too.
	recognised bool
}

// change runs an operation on one account, which is locked meanwhile, and saves
// what it leaves unless it refuses. A refusal comes before anything is written.
// Sessions that it ends are forgotten by this process at once.
func (s *Service) change(
	ctx context.Context, userID string, fn func(ctx context.Context, h *held) (*gatelatch.Refusal, error),
) (*gatelatch.Refusal, error) {
	return s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		a, err := account(ctx, w.Tx(), userID)
		if err != nil || a == nil {
			return refuseNoUser(), err
		}
		return changed(ctx, &held{Work: w, Account: *a}, fn)
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

// save writes the account back.
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

// signOut ends all sessions of the account.
func (h *held) signOut(ctx context.Context) error {
	return h.EndSessions(ctx, h.User.ID, "", gatelatch.SessionRevoked)
}

// Accounts returns the users that a query picks, with what they are recognised by.
func (s *Service) Accounts(ctx context.Context, q UserQuery) ([]Account, error) {
	q.Page = q.bounded()
	rows, err := s.Repo.Users(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	list := make([]Account, len(rows))
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		for i, u := range rows {
			list[i] = Account{User: u, Credentials: gatelatch.Credentials{UserID: u.ID}}
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

// CountAccounts counts all users that a query picks, its page aside.
func (s *Service) CountAccounts(ctx context.Context, q UserQuery) (int, error) {
	n, err := s.Repo.CountUsers(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("counting users: %w", err)
	}
	return n, nil
}

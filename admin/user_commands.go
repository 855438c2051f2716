// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// UserPage is one page of a listing.
type UserPage struct {
	Users []UserView `json:"users"`
	// Total counts all that the query picks.
	Total int `json:"total"`
	// Next is the id to go on after; empty at the end.
	Next string `json:"next,omitempty"`
}

// ListUsers lists users, the oldest first.
func (s *Service) ListUsers(ctx context.Context, q UserQuery) (UserPage, error) {
	q.Page = q.bounded()
	rows, err := s.userRows(ctx, q)
	if err != nil {
		return UserPage{}, err
	}
	total, err := s.CountUsers(ctx, q)
	if err != nil {
		return UserPage{}, err
	}
	after := next(rows, q.Page, func(u gatelatch.User) string { return u.ID })
	return UserPage{views(rows, viewUser), total, after}, nil
}

// ShowUser returns one user, by id or address.
func (s *Service) ShowUser(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(context.Context, flow.Tx, *gatelatch.User) (after, error) { return after{}, nil })
}

// Ban ends all sessions of a user at once and lets nobody in as that user until
// [Service.Unban].
func (s *Service) Ban(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(ctx context.Context, tx flow.Tx, u *gatelatch.User) (after, error) {
		u.Banned = true
		ended, err := tx.EndSessions(ctx, u.ID, "", gatelatch.SessionRevoked, s.now())
		return after{save: true, ended: ended}, err
	})
}

// Unban lets a user sign in again.
func (s *Service) Unban(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(_ context.Context, _ flow.Tx, u *gatelatch.User) (after, error) {
		u.Banned = false
		return after{save: true}, nil
	})
}

// SignOut ends all sessions of a user. Trusted browsers stay trusted.
func (s *Service) SignOut(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(ctx context.Context, tx flow.Tx, u *gatelatch.User) (after, error) {
		ended, err := tx.EndSessions(ctx, u.ID, "", gatelatch.SessionRevoked, s.now())
		return after{ended: ended}, err
	})
}

// RequirePassword has a user set a new password before anything else.
func (s *Service) RequirePassword(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	if s.passwordsOff() {
		return nil, s.refusePasswords(), nil
	}
	return s.onUser(ctx, who, func(_ context.Context, _ flow.Tx, u *gatelatch.User) (after, error) {
		u.PasswordReset = true
		return after{save: true}, nil
	})
}

// Lock keeps a user from getting new sessions for an hour, or until
// [Service.Unlock]; those there are go on.
func (s *Service) Lock(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(_ context.Context, _ flow.Tx, u *gatelatch.User) (after, error) {
		u.LockedUntil = s.now().Add(LockLifetime)
		return after{save: true}, nil
	})
}

// Unlock takes a lock off, and forgets the wrong guesses that have closed an
// account.
func (s *Service) Unlock(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(ctx context.Context, tx flow.Tx, u *gatelatch.User) (after, error) {
		locked := !u.LockedUntil.IsZero()
		u.LockedUntil = time.Time{}
		return after{save: locked}, s.Flow.Unlock(ctx, tx, *u)
	})
}

// Delete forgets a user and everything that is only theirs.
func (s *Service) Delete(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(ctx context.Context, tx flow.Tx, u *gatelatch.User) (after, error) {
		ended, err := tx.EndSessions(ctx, u.ID, "", gatelatch.SessionRevoked, s.now())
		if err != nil {
			return after{}, err
		}
		return after{ended: ended}, tx.DeleteUser(ctx, u.ID)
	})
}

// after is what is left to do when an operation on a user has gone well.
type after struct {
	save  bool     // the user, in the same transaction
	ended []string // sessions, to be forgotten after the commit
}

// onUser runs an operation on one user, who is locked meanwhile.
func (s *Service) onUser(
	ctx context.Context, who string, do func(context.Context, flow.Tx, *gatelatch.User) (after, error),
) (*UserView, *gatelatch.Refusal, error) {
	var u gatelatch.User
	var no *gatelatch.Refusal
	var left after
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		left = after{}
		if u, no, err = s.user(ctx, tx, who); no != nil || err != nil {
			return err
		}
		if left, err = do(ctx, tx, &u); err != nil || !left.save {
			return err
		}
		u.UpdatedAt = s.now()
		return tx.PutUser(ctx, u)
	})
	if no != nil || err != nil {
		return nil, no, err
	}
	s.forget(u.ID, left.ended)
	view := viewUser(u)
	return &view, nil, nil
}

// passwordsOff says that the site has no page on which to set a password.
func (s *Service) passwordsOff() bool {
	return s.Flow.Policy.Password == flow.Off || s.Flow.Policy.Password == ""
}

func (s *Service) refusePasswords() *gatelatch.Refusal {
	return refuse(gatelatch.CodeValue, "password_reset", "Passwords are off on this site, so nobody could set a new one.")
}

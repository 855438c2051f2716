// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/metadata"
)

// GuestLifetime is how long an invitation of a program is good unless it says
// otherwise; Clerk's figure.
const GuestLifetime = 30 * 24 * time.Hour

// MaxBulk is how many invitations, or entries of the waitlist, one request makes.
const MaxBulk = 100

// Guest is somebody whom a program invites.
type Guest struct {
	Address string
	// Lifetime is how long it is good, an hour to a year; [GuestLifetime] when zero.
	Lifetime time.Duration
	// Silent sends no message: the program brings the link itself.
	Silent bool
	// Again invites somebody who was invited already, or who has a user.
	Again bool
	// Public is metadata for the new user, and RedirectURL, which the caller has
	// checked, where the link leads.
	Public      json.RawMessage
	RedirectURL string
}

// errRefused undoes all of an operation that makes several things or none.
var errRefused = errors.New("refused")

// InviteAll invites everybody, or nobody when one is refused.
func (s *Service) InviteAll(ctx context.Context, guests []Guest) ([]gatelatch.Invitation, *gatelatch.Refusal, error) {
	if len(guests) > MaxBulk {
		return nil, refuse(gatelatch.CodeTooLong, "", "One request makes at most %d invitations.", MaxBulk), nil
	}
	made := make([]gatelatch.Invitation, 0, len(guests))
	var no *gatelatch.Refusal
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		made = made[:0]
		for _, g := range guests {
			var one gatelatch.Invitation
			if one, no, err = s.inviteGuest(ctx, tx, g); err != nil {
				return err
			}
			if no != nil {
				return errRefused
			}
			made = append(made, one)
		}
		return nil
	})
	if no != nil && errors.Is(err, errRefused) {
		return nil, no, nil
	}
	if err != nil {
		return nil, nil, err
	}
	s.wake()
	return made, nil, nil
}

func (s *Service) inviteGuest(ctx context.Context, tx flow.Tx, g Guest) (gatelatch.Invitation, *gatelatch.Refusal, error) {
	to, t, no := s.readGuest(g)
	if no == nil && !g.Again {
		var err error
		if no, err = s.notInvited(ctx, tx, to.Identifier); err != nil {
			return gatelatch.Invitation{}, nil, err
		}
	}
	if no != nil {
		return gatelatch.Invitation{}, no, nil
	}
	if no, err := s.open(ctx, tx, to.Identifier); no != nil || err != nil {
		return gatelatch.Invitation{}, no, err
	}
	made, err := s.invite(ctx, tx, to, t)
	return made, nil, err
}

func (s *Service) readGuest(g Guest) (identifier.Parsed, terms, *gatelatch.Refusal) {
	t := terms{expires: g.Lifetime, notice: delivery.NoticeInvitation, redirect: g.RedirectURL}
	if t.expires == 0 {
		t.expires = GuestLifetime
	}
	if t.expires < minInvitation || t.expires > maxInvitation {
		return identifier.Parsed{}, t, refuse(gatelatch.CodeValue, "expires_in_days", "An invitation is good for 1 to 365 days.")
	}
	if g.Silent {
		t.notice = ""
	}
	var err error
	if t.public, err = metadata.Read(g.Public); err != nil {
		return identifier.Parsed{}, t, refuseBag("public_metadata", err)
	}
	to, no := s.parseAs(gatelatch.EmailAddress, g.Address)
	return to, t, no
}

// notInvited refuses an address that has a user, or an invitation that is good.
func (s *Service) notInvited(ctx context.Context, tx flow.Tx, to gatelatch.Identifier) (*gatelatch.Refusal, error) {
	u, err := found(tx.UserByIdentifier(ctx, to))
	if err != nil {
		return nil, fmt.Errorf("finding the user: %w", err)
	}
	old, err := found(tx.InvitationTo(ctx, to))
	if err != nil {
		return nil, fmt.Errorf("finding an older invitation: %w", err)
	}
	if u != nil || old != nil && old.LiveAt(s.now()) {
		return refuse(gatelatch.CodeDuplicateRecord, paramEmail, "%s has a user, or an invitation, already.", identifier.Mask(to)), nil
	}
	return nil, nil
}

// Guests returns a page of invitations and how many there are.
func (s *Service) Guests(ctx context.Context, q InvitationQuery) ([]gatelatch.Invitation, int, error) {
	q.Now = s.now()
	rows, total, err := s.Repo.FindInvitations(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("listing invitations: %w", err)
	}
	return rows, total, nil
}

// Invitation returns one invitation.
func (s *Service) Invitation(ctx context.Context, id string) (gatelatch.Invitation, *gatelatch.Refusal, error) {
	var row *gatelatch.Invitation
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		row, err = found(tx.Invitation(ctx, id))
		return err
	})
	switch {
	case err != nil:
		return gatelatch.Invitation{}, nil, fmt.Errorf("finding an invitation: %w", err)
	case row == nil:
		return gatelatch.Invitation{}, refuse(gatelatch.CodeNotFound, "", "There is no invitation with that id."), nil
	}
	return *row, nil, nil
}

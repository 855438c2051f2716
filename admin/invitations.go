// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// How long an invitation is good: unless said otherwise, at least, at most.
const (
	InvitationLifetime = 7 * 24 * time.Hour
	minInvitation      = time.Hour
	maxInvitation      = 365 * 24 * time.Hour
)

// InvitationPage is one page of a listing.
type InvitationPage struct {
	Invitations []InvitationView `json:"invitations"`
	Next        string           `json:"next,omitempty"`
}

// ListInvitations lists invitations, the newest first.
func (s *Service) ListInvitations(ctx context.Context, p Page) (InvitationPage, error) {
	p = p.bounded()
	rows, err := s.Repo.Invitations(ctx, p)
	if err != nil {
		return InvitationPage{}, fmt.Errorf("listing invitations: %w", err)
	}
	view := func(row gatelatch.Invitation) InvitationView { return viewInvitation(row, s.now()) }
	after := next(rows, p, func(row gatelatch.Invitation) string { return row.ID })
	return InvitationPage{views(rows, view), after}, nil
}

// Invite lets the holder of an address sign up, and tells them. An older
// invitation to the same address is taken back. expires is how long it is good,
// from an hour to a year; zero means [InvitationLifetime].
func (s *Service) Invite(ctx context.Context, address string, expires time.Duration) (*InvitationView, *gatelatch.Refusal, error) {
	if expires == 0 {
		expires = InvitationLifetime
	}
	if expires < minInvitation || expires > maxInvitation {
		return nil, refuse(gatelatch.CodeValue, "expires", "An invitation is good for an hour to 365 days."), nil
	}
	made, no, err := s.InviteAll(ctx, []Invitee{{Address: address, Lifetime: expires, Again: true, byHand: true}})
	if no != nil || err != nil {
		return nil, no, err
	}
	view := viewInvitation(made[0], s.now())
	return &view, nil, nil
}

func nobodyHas(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) (*gatelatch.Refusal, error) {
	u, err := found(tx.UserByIdentifier(ctx, id))
	switch {
	case err != nil:
		return nil, fmt.Errorf("finding the user: %w", err)
	case u != nil:
		return refuse(gatelatch.CodeDuplicate, paramAddress, "Somebody has that address already: %s.", u.ID), nil
	}
	return nil, nil
}

// terms are those of one invitation. An empty notice sends no message.
type terms struct {
	expires  time.Duration
	notice   string
	public   json.RawMessage
	redirect string
}

// invite makes an invitation in place of an older one, and queues the message
// that tells of it.
func (s *Service) invite(ctx context.Context, tx flow.Tx, to identifier.Parsed, t terms) (gatelatch.Invitation, error) {
	now := s.now()
	old, err := found(tx.InvitationTo(ctx, to.Identifier))
	if err != nil {
		return gatelatch.Invitation{}, fmt.Errorf("finding an older invitation: %w", err)
	}
	if old != nil && !now.After(old.CreatedAt) {
		now = old.CreatedAt.Add(time.Microsecond) // or the older one is found again, where clocks differ
	}
	if old != nil && old.LiveAt(now) {
		old.RevokedAt = now
		if err := tx.PutInvitation(ctx, *old); err != nil {
			return gatelatch.Invitation{}, fmt.Errorf("replacing an invitation: %w", err)
		}
	}
	made := gatelatch.Invitation{
		ID: gatelatch.NewID(gatelatch.PrefixInvitation, now), Identifier: to.Identifier, Display: to.Display,
		CreatedAt: now, ExpireAt: now.Add(t.expires), PublicMetadata: t.public, RedirectURL: t.redirect,
	}
	if err := tx.PutInvitation(ctx, made); err != nil {
		return made, fmt.Errorf("making an invitation: %w", err)
	}
	if t.notice == "" {
		return made, nil
	}
	return made, s.tell(ctx, tx, made, t.notice)
}

func (s *Service) tell(ctx context.Context, tx flow.Tx, i gatelatch.Invitation, notice string) error {
	now := s.now()
	err := tx.Enqueue(ctx, delivery.Queued{
		ID: gatelatch.NewID(gatelatch.PrefixMessage, now), Site: s.Flow.Site, AttemptID: i.ID, Purpose: notice,
		Details: delivery.Details{At: now}, To: i.Identifier, Display: i.Display,
		AskedAt: now, NextAt: now, ExpireAt: i.ExpireAt,
	})
	if err != nil {
		return fmt.Errorf("queueing the message: %w", err)
	}
	return nil
}

// RevokeInvitation takes an invitation back. One that was accepted has made a
// user, and stays.
func (s *Service) RevokeInvitation(ctx context.Context, id string) (*InvitationView, *gatelatch.Refusal, error) {
	var row *gatelatch.Invitation
	var no *gatelatch.Refusal
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		no = nil
		row, err = found(tx.Invitation(ctx, id))
		switch {
		case err != nil:
			return err
		case row == nil:
			no = refuse(gatelatch.CodeNotFound, paramID, "There is no invitation with that id.")
			return nil
		case !row.AcceptedAt.IsZero():
			no = refuse(gatelatch.CodeStateInvalid, paramID, "The invitation was accepted; ban or delete the user instead.")
			return nil
		case !row.RevokedAt.IsZero():
			return nil
		}
		row.RevokedAt = s.now()
		return tx.PutInvitation(ctx, *row)
	})
	if no != nil || err != nil {
		return nil, no, err
	}
	view := viewInvitation(*row, s.now())
	return &view, nil, nil
}

// Invitations returns a page of invitations and how many there are.
func (s *Service) Invitations(ctx context.Context, q InvitationQuery) ([]gatelatch.Invitation, int, error) {
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

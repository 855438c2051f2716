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

// Invitations is one page of a listing.
type Invitations struct {
	Invitations []Invitation `json:"invitations"`
	Next        string       `json:"next,omitempty"`
}

// Invitations lists invitations, the newest first.
func (s *Service) Invitations(ctx context.Context, p Page) (Invitations, error) {
	p = p.bounded()
	rows, err := s.Repo.Invitations(ctx, p)
	if err != nil {
		return Invitations{}, fmt.Errorf("listing invitations: %w", err)
	}
	list := Invitations{Invitations: make([]Invitation, 0, len(rows))}
	for _, row := range rows {
		list.Invitations = append(list.Invitations, viewInvitation(row, s.now()))
	}
	list.Next = next(rows, p, func(row gatelatch.Invitation) string { return row.ID })
	return list, nil
}

// Invite lets the holder of an address sign up, and tells them. An older
// invitation to the same address is taken back. expires is how long it is good,
// from an hour to a year; zero means [InvitationLifetime].
func (s *Service) Invite(ctx context.Context, address string, expires time.Duration) (*Invitation, *gatelatch.Refusal, error) {
	if expires == 0 {
		expires = InvitationLifetime
	}
	if expires < minInvitation || expires > maxInvitation {
		return nil, refuse(gatelatch.CodeValue, "expires", "An invitation is good for an hour to 365 days."), nil
	}
	to, no := s.Flow.Identifiers.Parse(address)
	if no != nil {
		return nil, no, nil
	}
	var made gatelatch.Invitation
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		if no, err = s.welcome(ctx, tx, to.Identifier); no != nil || err != nil {
			return err
		}
		made, err = s.invite(ctx, tx, to, terms{expires: expires, notice: delivery.NoticeInvitation})
		return err
	})
	if no != nil || err != nil {
		return nil, no, err
	}
	s.wake()
	view := viewInvitation(made, s.now())
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
	err := tx.Enqueue(ctx, delivery.Queued{
		ID: gatelatch.NewID(gatelatch.PrefixMessage, i.CreatedAt), Site: s.Flow.Site, AttemptID: i.ID, Purpose: notice,
		Details: delivery.Details{At: i.CreatedAt}, To: i.Identifier, Display: i.Display,
		AskedAt: i.CreatedAt, NextAt: i.CreatedAt, ExpireAt: i.ExpireAt,
	})
	if err != nil {
		return fmt.Errorf("queueing the message: %w", err)
	}
	return nil
}

// RevokeInvitation takes an invitation back. One that was accepted has made a
// user, and stays.
func (s *Service) RevokeInvitation(ctx context.Context, id string) (*Invitation, *gatelatch.Refusal, error) {
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

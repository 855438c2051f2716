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

// InviteeLifetime is how long an invitation of a program is good unless it says
// otherwise; Clerk's figure.
const InviteeLifetime = 30 * 24 * time.Hour

// MaxBulk is how many invitations, or entries of the waitlist, one request makes.
const MaxBulk = 100

// Invitee is somebody whom a program invites.
type Invitee struct {
	Address string
	// Lifetime is how long it is good, an hour to a year; [InviteeLifetime] when zero.
	Lifetime time.Duration
	// Silent sends no message: the program brings the link itself.
	Silent bool
	// Waited has the message say that the wait is over.
	Waited bool
	// Again invites somebody who was invited already, or who has a user.
	Again bool
	// Public is metadata for the new user, and RedirectURL, which the caller has
	// checked, where the link leads.
	Public      json.RawMessage
	RedirectURL string
	// byHand is set for whom an operator invites by a command: any address with which
	// the site lets people sign in, and nobody who has a user.
	byHand bool
}

// errRefused undoes all of an operation that makes several things or none.
var errRefused = errors.New("refused")

// InviteAll invites everybody, or nobody when one is refused.
func (s *Service) InviteAll(ctx context.Context, invitees []Invitee) ([]gatelatch.Invitation, *gatelatch.Refusal, error) {
	if len(invitees) > MaxBulk {
		return nil, refuse(gatelatch.CodeTooLong, "", "One request makes at most %d invitations.", MaxBulk), nil
	}
	made := make([]gatelatch.Invitation, 0, len(invitees))
	var no *gatelatch.Refusal
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		if err := alone(ctx, tx); err != nil {
			return err
		}
		made = made[:0]
		for _, who := range invitees {
			var one gatelatch.Invitation
			if one, no, err = s.inviteOne(ctx, tx, who); err != nil {
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

// alone has whoever invites, or fills the waitlist, wait for each other: two of them
// could not see each other's rows, and an address would get two.
func alone(ctx context.Context, tx flow.Tx) error {
	if _, err := tx.Counter(ctx, "guests"); err != nil {
		return fmt.Errorf("waiting for others who invite: %w", err)
	}
	return nil
}

func (s *Service) inviteOne(ctx context.Context, tx flow.Tx, who Invitee) (gatelatch.Invitation, *gatelatch.Refusal, error) {
	to, t, no := s.readInvitee(who)
	if no != nil {
		return gatelatch.Invitation{}, no, nil
	}
	if no, err := s.mayInvite(ctx, tx, who, to.Identifier); no != nil || err != nil {
		return gatelatch.Invitation{}, no, err
	}
	made, err := s.invite(ctx, tx, to, t)
	return made, nil, err
}

func (s *Service) mayInvite(ctx context.Context, tx flow.Tx, who Invitee, to gatelatch.Identifier) (no *gatelatch.Refusal, err error) {
	switch {
	case who.byHand:
		no, err = nobodyHas(ctx, tx, to)
	case !who.Again:
		no, err = s.notInvited(ctx, tx, to)
	}
	if no != nil || err != nil {
		return no, err
	}
	return s.open(ctx, tx, to)
}

func (s *Service) readInvitee(who Invitee) (identifier.Parsed, terms, *gatelatch.Refusal) {
	t := terms{expires: who.Lifetime, notice: delivery.NoticeInvitation, redirect: who.RedirectURL}
	if t.expires == 0 {
		t.expires = InviteeLifetime
	}
	if t.expires < minInvitation || t.expires > maxInvitation {
		return identifier.Parsed{}, t, refuse(gatelatch.CodeValue, "expires_in_days", "An invitation is good for 1 to 365 days.")
	}
	switch {
	case who.Silent:
		t.notice = ""
	case who.Waited:
		t.notice = delivery.NoticeApproved
	}
	var err error
	if t.public, err = metadata.Read(who.Public); err != nil {
		return identifier.Parsed{}, t, refuseBag("public_metadata", err)
	}
	if who.byHand {
		to, no := s.Flow.Identifiers.Parse(who.Address)
		return to, t, no
	}
	to, no := s.parseAs(gatelatch.EmailAddress, who.Address)
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

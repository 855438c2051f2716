// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// WaitlistEntry is an entry of the waitlist, with the invitation that it has led to; nil
// for none.
type WaitlistEntry struct {
	gatelatch.WaitlistEntry
	Invitation *gatelatch.Invitation
}

// WaitlistEntries returns a page of the waitlist and how many entries there are.
func (s *Service) WaitlistEntries(ctx context.Context, q WaitlistQuery) ([]WaitlistEntry, int, error) {
	rows, total, err := s.Repo.FindWaiting(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("listing the waitlist: %w", err)
	}
	list := make([]WaitlistEntry, 0, len(rows))
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		list = list[:0]
		for _, row := range rows {
			one, err := withInvitation(ctx, tx, row)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, total, err
}

func withInvitation(ctx context.Context, tx flow.Tx, e gatelatch.WaitlistEntry) (WaitlistEntry, error) {
	h := WaitlistEntry{WaitlistEntry: e}
	if e.ApprovedAt.IsZero() {
		return h, nil
	}
	var err error
	if h.Invitation, err = found(tx.InvitationTo(ctx, e.Identifier)); err != nil {
		return h, fmt.Errorf("finding the invitation of an entry: %w", err)
	}
	return h, nil
}

// WaitAll puts addresses on the waitlist, or none when one is refused. One that is
// there keeps its place.
func (s *Service) WaitAll(ctx context.Context, addresses []string) ([]WaitlistEntry, *gatelatch.Refusal, error) {
	if len(addresses) > MaxBulk {
		return nil, refuse(gatelatch.CodeTooLong, "", "One request makes at most %d entries.", MaxBulk), nil
	}
	list := make([]WaitlistEntry, 0, len(addresses))
	var no *gatelatch.Refusal
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		if err := alone(ctx, tx); err != nil {
			return err
		}
		list, no = list[:0], nil
		for _, typed := range addresses {
			one, refused, err := s.wait(ctx, tx, typed)
			if err != nil {
				return err
			}
			if no = refused; no != nil {
				return errRefused
			}
			list = append(list, one)
		}
		return nil
	})
	if no != nil && errors.Is(err, errRefused) {
		return nil, no, nil
	}
	return list, nil, err
}

func (s *Service) wait(ctx context.Context, tx flow.Tx, typed string) (WaitlistEntry, *gatelatch.Refusal, error) {
	to, no := s.parseAs(gatelatch.EmailAddress, typed)
	if no != nil {
		return WaitlistEntry{}, no, nil
	}
	there, err := found(tx.Waiting(ctx, to.Identifier))
	if err != nil {
		return WaitlistEntry{}, nil, fmt.Errorf("looking into the waitlist: %w", err)
	}
	if there != nil {
		h, err := withInvitation(ctx, tx, *there)
		return h, nil, err
	}
	if no, err := nobodyHas(ctx, tx, to.Identifier); no != nil || err != nil {
		return WaitlistEntry{}, duplicate(no), err
	}
	e := gatelatch.WaitlistEntry{
		ID: gatelatch.NewID(gatelatch.PrefixWaitlist, s.now()), Identifier: to.Identifier, Display: to.Display, CreatedAt: s.now(),
	}
	if err := tx.PutWaiting(ctx, e); err != nil {
		return WaitlistEntry{}, nil, fmt.Errorf("joining the waitlist: %w", err)
	}
	return WaitlistEntry{WaitlistEntry: e}, nil, nil
}

// duplicate says in Clerk's word for programs what commands are told in ours.
func duplicate(no *gatelatch.Refusal) *gatelatch.Refusal {
	if no == nil || no.Code != gatelatch.CodeDuplicate {
		return no
	}
	return &gatelatch.Refusal{Code: gatelatch.CodeDuplicateRecord, Param: paramEmail, Message: no.Message}
}

// Admit lets somebody in who waits, see [Service.Approve]. Unless again is set, who
// has an invitation that is good is left with it and refused.
func (s *Service) Admit(ctx context.Context, entryID string, again bool) (WaitlistEntry, *gatelatch.Refusal, error) {
	if !strings.HasPrefix(entryID, gatelatch.PrefixWaitlist+"_") {
		return WaitlistEntry{}, refuseNotWaiting(), nil // and no address
	}
	if _, no, err := s.approve(ctx, entryID, again); no != nil || err != nil {
		return WaitlistEntry{}, duplicate(no), err
	}
	return s.WaitlistEntry(ctx, entryID)
}

// WaitlistEntry returns one entry of the waitlist.
func (s *Service) WaitlistEntry(ctx context.Context, entryID string) (e WaitlistEntry, no *gatelatch.Refusal, err error) {
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		no = nil
		row, err := found(tx.WaitingByID(ctx, entryID))
		if err != nil || row == nil {
			no = refuseNotWaiting()
			return err
		}
		e, err = withInvitation(ctx, tx, *row)
		return err
	})
	if err != nil {
		return e, nil, fmt.Errorf("looking into the waitlist: %w", err)
	}
	return e, no, nil
}

// Reject says no to somebody who waits, and takes an invitation back that is not
// accepted yet. Nobody is told.
func (s *Service) Reject(ctx context.Context, entryID string) (WaitlistEntry, *gatelatch.Refusal, error) {
	no, err := s.onEntry(ctx, entryID, func(ctx context.Context, tx flow.Tx, e gatelatch.WaitlistEntry) error {
		e.ApprovedAt, e.RejectedAt = time.Time{}, s.now()
		if err := tx.PutWaiting(ctx, e); err != nil {
			return fmt.Errorf("rejecting: %w", err)
		}
		return s.takeBack(ctx, tx, e.Identifier)
	})
	if no != nil || err != nil {
		return WaitlistEntry{}, no, err
	}
	return s.WaitlistEntry(ctx, entryID)
}

func (s *Service) takeBack(ctx context.Context, tx flow.Tx, to gatelatch.Identifier) error {
	old, err := found(tx.InvitationTo(ctx, to))
	if err != nil || old == nil || !old.LiveAt(s.now()) {
		return err
	}
	old.RevokedAt = s.now()
	return tx.PutInvitation(ctx, *old)
}

// Dismiss forgets an entry of the waitlist.
func (s *Service) Dismiss(ctx context.Context, entryID string) (*gatelatch.Refusal, error) {
	return s.onEntry(ctx, entryID, func(ctx context.Context, tx flow.Tx, e gatelatch.WaitlistEntry) error {
		return tx.DeleteWaiting(ctx, e.Identifier)
	})
}

func (s *Service) onEntry(
	ctx context.Context, entryID string, fn func(context.Context, flow.Tx, gatelatch.WaitlistEntry) error,
) (*gatelatch.Refusal, error) {
	var no *gatelatch.Refusal
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		no = nil
		row, err := found(tx.WaitingByID(ctx, entryID))
		if err != nil || row == nil {
			no = refuseNotWaiting()
			return err
		}
		return fn(ctx, tx, *row)
	})
	if err != nil {
		return nil, err
	}
	return no, nil
}

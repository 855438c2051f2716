// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// WaitlistPage is one page of a listing.
type WaitlistPage struct {
	Waitlist []WaitlistView `json:"waitlist"`
	Next     string         `json:"next,omitempty"`
}

// ListWaitlist lists who waits to be let in, the oldest first, and with all set also
// who was approved.
func (s *Service) ListWaitlist(ctx context.Context, all bool, p Page) (WaitlistPage, error) {
	p = p.bounded()
	rows, err := s.Repo.WaitlistEntries(ctx, !all, p)
	if err != nil {
		return WaitlistPage{}, fmt.Errorf("listing the waitlist: %w", err)
	}
	after := next(rows, p, func(row gatelatch.WaitlistEntry) string { return row.ID })
	return WaitlistPage{views(rows, viewWaiting), after}, nil
}

// Approve lets somebody in who waits, named by address or by the id of the
// entry: it makes an invitation and tells them. Who was approved before gets
// another invitation.
func (s *Service) Approve(ctx context.Context, who string) (*WaitlistView, *gatelatch.Refusal, error) {
	return s.approve(ctx, who, true)
}

// approve is [Service.Approve]; unless again is set, who has an invitation that is good
// is left with it and refused.
func (s *Service) approve(ctx context.Context, who string, again bool) (*WaitlistView, *gatelatch.Refusal, error) {
	id, no, err := s.waiting(ctx, strings.TrimSpace(who))
	if no != nil || err != nil {
		return nil, no, err
	}
	var row *gatelatch.WaitlistEntry
	err = s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		if no, err = nil, alone(ctx, tx); err != nil {
			return err
		}
		if row, err = found(tx.Waiting(ctx, id)); err != nil || row == nil {
			return err
		}
		if no, err = s.welcome(ctx, tx, id); no == nil && err == nil && !again {
			no, err = s.unanswered(ctx, tx, id)
		}
		if no != nil || err != nil {
			return err
		}
		row.ApprovedAt, row.RejectedAt = s.now(), time.Time{}
		if err := tx.PutWaiting(ctx, *row); err != nil {
			return fmt.Errorf("approving: %w", err)
		}
		to := identifier.Parsed{Identifier: row.Identifier, Display: row.Display}
		_, err = s.invite(ctx, tx, to, terms{expires: InvitationLifetime, notice: delivery.NoticeApproved})
		return err
	})
	switch {
	case err != nil || no != nil:
		return nil, no, err
	case row == nil:
		return nil, refuseNotWaiting(), nil
	}
	s.wake()
	view := viewWaiting(*row)
	return &view, nil, nil
}

// unanswered refuses an address with an invitation that is good.
func (s *Service) unanswered(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) (*gatelatch.Refusal, error) {
	old, err := found(tx.InvitationTo(ctx, id))
	if err != nil {
		return nil, fmt.Errorf("finding an older invitation: %w", err)
	}
	if old != nil && old.LiveAt(s.now()) {
		return refuse(gatelatch.CodeDuplicateRecord, "", "There is an invitation to that address already."), nil
	}
	return nil, nil
}

// waiting returns the address that an operator means.
func (s *Service) waiting(ctx context.Context, who string) (gatelatch.Identifier, *gatelatch.Refusal, error) {
	if !strings.HasPrefix(who, gatelatch.PrefixWaitlist+"_") {
		parsed, no := s.parse(who)
		if no != nil {
			return gatelatch.Identifier{}, refuse(gatelatch.CodeFormat, paramAddress,
				"Name who waits by email address, phone number or the id of the entry (wle_...)."), nil
		}
		return parsed.Identifier, nil, nil
	}
	var row *gatelatch.WaitlistEntry
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		row, err = found(tx.WaitingByID(ctx, who))
		return err
	})
	switch {
	case err != nil:
		return gatelatch.Identifier{}, nil, fmt.Errorf("looking through the waitlist: %w", err)
	case row == nil:
		return gatelatch.Identifier{}, refuseNotWaiting(), nil
	}
	return row.Identifier, nil, nil
}

func refuseNotWaiting() *gatelatch.Refusal {
	return refuse(gatelatch.CodeNotFound, paramAddress, "Nobody like that is on the waitlist.")
}

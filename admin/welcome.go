// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// welcome refuses to write to somebody whom the message would lead nowhere: who
// has a user already or is blocked, and anybody while nobody new is let in.
func (s *Service) welcome(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) (*gatelatch.Refusal, error) {
	if no, err := nobodyHas(ctx, tx, id); no != nil || err != nil {
		return no, err
	}
	return s.open(ctx, tx, id)
}

// open refuses to write to somebody who is blocked, and to anybody while nobody
// new is let in.
func (s *Service) open(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) (*gatelatch.Refusal, error) {
	at, err := tx.Settings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	if cmp.Or(at.SignUp, s.Flow.Policy.SignUp) == flow.SignUpClosed {
		return refuse(gatelatch.CodeSignUpClosed, "", "New accounts are closed, so nobody could follow the message. Change who may sign up first."), nil
	}
	lines, err := tx.Restrictions(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading who may sign up: %w", err)
	}
	one := []gatelatch.Identifier{id}
	if !s.Flow.Admission.With(lines).Judge(one, one) {
		return refuse(gatelatch.CodeNotAllowed, paramAddress, "A line of the block list holds for that address."), nil
	}
	return nil, nil
}

// letIn takes an address that a user has from now on off the waitlist, and marks the
// invitation that is good as accepted, as a sign-up does: nobody else could follow it.
func (s *Service) letIn(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) error {
	if err := tx.DeleteWaiting(ctx, id); err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
		return fmt.Errorf("leaving the waitlist: %w", err)
	}
	inv, err := found(tx.InvitationTo(ctx, id))
	if err != nil {
		return fmt.Errorf("finding an invitation: %w", err)
	}
	if inv == nil || !inv.LiveAt(s.now()) {
		return nil
	}
	inv.AcceptedAt = s.now()
	if err := tx.PutInvitation(ctx, *inv); err != nil {
		return fmt.Errorf("accepting an invitation: %w", err)
	}
	return nil
}

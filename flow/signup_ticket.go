// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// invitedBy reads the ticket of an invitation; nil where none was given. It is
// refused with gatelatch.CodeTicketInvalid or gatelatch.CodeTicketExpired when it
// was made up, used or taken back, is too old, or when its address has a user by
// now, who signs in instead.
func (o *operation) invitedBy(ctx context.Context, ticket gatelatch.Secret) (*Invited, *gatelatch.Refusal, error) {
	if ticket == "" {
		return nil, nil, nil
	}
	id, r, err := o.readTicket(ctx, ticket, o.InvitationToken)
	if r != nil || err != nil {
		return nil, r, err
	}
	inv, err := o.tx.Invitation(ctx, id)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return nil, RefuseTicket(), nil
	case err != nil:
		return nil, nil, fmt.Errorf("finding an invitation: %w", err)
	case !inv.LiveAt(o.env.Now):
		return nil, refuseInvitationTicket(inv), nil
	}
	if u, err := o.user(ctx, inv.Identifier); err != nil || u != nil {
		return nil, RefuseTicket(), err
	}
	return &Invited{inv.ID, Factor{
		AddressID: gatelatch.NewID(gatelatch.PrefixAddress, o.env.Now), To: inv.Identifier, Display: inv.Display,
	}}, nil, nil
}

func refuseInvitationTicket(inv gatelatch.Invitation) *gatelatch.Refusal {
	if inv.AcceptedAt.IsZero() && inv.RevokedAt.IsZero() {
		return refuseTicketExpired()
	}
	return RefuseTicket()
}

// followed is the invitation that a new user came with, nil when there is none,
// or it holds no more.
func (o *operation) followed(ctx context.Context, id string) (*gatelatch.Invitation, error) {
	if id == "" {
		return nil, nil
	}
	inv, err := o.tx.Invitation(ctx, id)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("finding an invitation: %w", err)
	case !inv.LiveAt(o.env.Now):
		return nil, nil
	}
	return &inv, nil
}

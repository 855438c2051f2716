// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// createUser stores what a sign-up has led to: the user, the password, and that
// invitations to its addresses were followed.
func (o *operation) createUser(ctx context.Context, a attempt, e CreateUser) error {
	if err := o.bringMetadata(ctx, &e); err != nil {
		return err
	}
	if err := o.keepExternalID(ctx, &e.User); err != nil {
		return err
	}
	if err := o.tx.CreateUser(ctx, e.User); err != nil {
		return fmt.Errorf("creating the user: %w", err)
	}
	if len(e.Password) > 0 {
		if err := o.movePassword(ctx, a.id, e); err != nil {
			return err
		}
	}
	for _, held := range e.User.Addresses {
		if err := o.letIn(ctx, held.Identifier); err != nil {
			return err
		}
	}
	return o.acceptTicket(ctx, e)
}

// keepExternalID takes the operator's name off the new user when somebody has got it
// since it was given: whoever has proven an address is not turned away for that.
func (o *operation) keepExternalID(ctx context.Context, u *gatelatch.User) error {
	if u.ExternalID == "" {
		return nil
	}
	_, err := o.tx.UserByExternalID(ctx, u.ExternalID)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("looking for an external id: %w", err)
	}
	u.ExternalID = ""
	return nil
}

// acceptTicket marks the invitation whose ticket was used, unless the address was
// changed since.
func (o *operation) acceptTicket(ctx context.Context, e CreateUser) error {
	inv, err := o.followed(ctx, e.InvitationID)
	if err != nil || inv == nil {
		return err
	}
	if _, held := e.User.Address(inv.Identifier); !held {
		return nil
	}
	return o.accept(ctx, inv)
}

// bringMetadata gives the new user the metadata of an invitation to one of the
// addresses: of the one whose ticket was used, or of the first that has any.
func (o *operation) bringMetadata(ctx context.Context, e *CreateUser) error {
	inv, err := o.followed(ctx, e.InvitationID)
	if err != nil {
		return err
	}
	if inv != nil {
		if _, held := e.User.Address(inv.Identifier); held {
			e.User.Metadata.Public = inv.PublicMetadata
		}
	}
	for _, held := range e.User.Addresses {
		if len(e.User.Metadata.Public) > 0 {
			return nil
		}
		if inv, err = o.invited(ctx, held.Identifier); err != nil {
			return err
		}
		if inv != nil {
			e.User.Metadata.Public = inv.PublicMetadata
		}
	}
	return nil
}

// accept marks an invitation as followed; nil is none.
func (o *operation) accept(ctx context.Context, inv *gatelatch.Invitation) error {
	if inv == nil {
		return nil
	}
	inv.AcceptedAt = o.env.Now
	if err := o.tx.PutInvitation(ctx, *inv); err != nil {
		return fmt.Errorf("accepting an invitation: %w", err)
	}
	return nil
}

// movePassword seals the hash for the user instead of for the attempt.
func (o *operation) movePassword(ctx context.Context, attemptID string, e CreateUser) error {
	hash, err := o.Keys.Encrypt.Open(sealedPassword(attemptID), e.Password)
	if err != nil {
		return fmt.Errorf("opening the password of a sign-up: %w", err)
	}
	err = o.tx.PutCredentials(ctx, gatelatch.Credentials{UserID: e.User.ID, Password: &gatelatch.Password{
		Hash: o.Keys.Encrypt.Seal(sealedPassword(e.User.ID), hash), SetAt: o.env.Now,
	}})
	if err != nil {
		return fmt.Errorf("keeping the password: %w", err)
	}
	return nil
}

// letIn marks an invitation as followed, and takes the address off the waitlist.
func (o *operation) letIn(ctx context.Context, to gatelatch.Identifier) error {
	inv, err := o.invited(ctx, to)
	if err != nil {
		return err
	}
	if err := o.accept(ctx, inv); err != nil {
		return err
	}
	if err := o.tx.DeleteWaiting(ctx, to); err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
		return fmt.Errorf("leaving the waitlist: %w", err)
	}
	return nil
}

// wait puts a proven address on the waitlist. One that is there keeps its place.
func (o *operation) wait(ctx context.Context, e Wait) error {
	_, err := o.tx.Waiting(ctx, e.To)
	if err == nil {
		return nil
	}
	if !errors.Is(err, gatelatch.ErrNotFound) {
		return fmt.Errorf("looking into the waitlist: %w", err)
	}
	err = o.tx.PutWaiting(ctx, gatelatch.WaitlistEntry{
		ID: gatelatch.NewID(gatelatch.PrefixWaitlist, o.env.Now), Identifier: e.To, Display: e.Display, CreatedAt: o.env.Now,
	})
	if err != nil {
		return fmt.Errorf("joining the waitlist: %w", err)
	}
	return nil
}

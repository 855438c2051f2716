// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// MakePrimary makes an address the one of its kind in identity headers.
func (s *Service) MakePrimary(ctx context.Context, a Actor, addressID string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "make_primary", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		chosen, ok := act.user.ByID(addressID)
		if !ok {
			return refuseUnknown(), nil
		}
		u, r := withPrimary(act.user, chosen)
		if r != nil || chosen.Primary {
			return r, nil
		}
		if err := act.save(ctx, u); err != nil {
			return nil, err
		}
		return nil, act.notify(ctx, delivery.NoticePrimaryChanged, identifier.Mask(chosen.Identifier))
	})
}

// withPrimary is the user with another primary address of a kind.
func withPrimary(u gatelatch.User, chosen gatelatch.Address) (gatelatch.User, *gatelatch.Refusal) {
	switch {
	case chosen.SecondFactor:
		return u, refuse(gatelatch.CodeStateInvalid, "", "This number is kept for the second step. Make it an ordinary one first.")
	case chosen.VerifiedAt.IsZero():
		return u, refuse(gatelatch.CodeStateInvalid, "", "This address is not confirmed yet. Confirm it first.")
	}
	u.Addresses = slices.Clone(u.Addresses)
	for i, held := range u.Addresses {
		if held.Kind == chosen.Kind {
			u.Addresses[i].Primary = held.ID == chosen.ID
		}
	}
	return u, nil
}

// RemoveAddress removes an address. The last one that begins a sign-in stays, and
// so does the last of a kind that every sign-up must give.
func (s *Service) RemoveAddress(ctx context.Context, a Actor, addressID string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "remove_address", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		gone, ok := act.user.ByID(addressID)
		if !ok {
			return refuseUnknown(), nil
		}
		if r := act.mustStay(gone); r != nil {
			return r, nil
		}
		if err := act.dropProofs(ctx, gone.ID); err != nil {
			return nil, err
		}
		u := act.user
		u.Addresses = slices.DeleteFunc(slices.Clone(u.Addresses), func(held gatelatch.Address) bool { return held.ID == gone.ID })
		choosePrimary(&u, gone.Kind)
		purpose := delivery.NoticeAddressRemoved
		if gone.SecondFactor {
			purpose = delivery.NoticeFactorRemoved
		}
		return nil, act.replaceAddresses(ctx, u, purpose, gone)
	})
}

func (a *acting) mustStay(gone gatelatch.Address) *gatelatch.Refusal {
	if gone.SecondFactor {
		return nil
	}
	left := 0 // of the same kind
	for _, held := range a.user.Addresses {
		if held.Kind == gone.Kind && !held.SecondFactor {
			left++
		}
	}
	fields := a.Policy().Fields
	need := fields.Email
	if gone.Kind == gatelatch.PhoneNumber {
		need = fields.Phone
	}
	if flow.Beginnings(a.user) == 1 || left == 1 && need == flow.Required {
		return flow.RefuseLast()
	}
	return nil
}

// choosePrimary sees to it that a kind has a primary address where it has an
// ordinary one.
func choosePrimary(u *gatelatch.User, kind gatelatch.IdentifierKind) {
	if _, ok := u.Primary(kind); ok {
		return
	}
	for i, held := range u.Addresses {
		if held.Kind == kind && !held.SecondFactor {
			u.Addresses[i].Primary = true
			return
		}
	}
}

// replaceAddresses saves a user whose second factors may have become fewer, and
// tells of it.
func (a *acting) replaceAddresses(ctx context.Context, u gatelatch.User, purpose string, about gatelatch.Address) error {
	c, err := a.credentials(ctx)
	if err != nil {
		return err
	}
	if err := a.keep(ctx, c, u); err != nil {
		return err
	}
	return a.notify(ctx, purpose, identifier.Mask(about.Identifier), about)
}

// ReleaseSecondFactor makes a number that was reserved for the second step an
// ordinary one.
func (s *Service) ReleaseSecondFactor(ctx context.Context, a Actor, addressID string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "release_second_factor", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		held, ok := act.user.ByID(addressID)
		if !ok {
			return refuseUnknown(), nil
		}
		if !held.SecondFactor {
			return nil, nil
		}
		u := act.user
		u.Addresses = slices.Clone(u.Addresses)
		for i := range u.Addresses {
			if u.Addresses[i].ID == held.ID {
				u.Addresses[i].SecondFactor, u.Addresses[i].DefaultSecond = false, false
			}
		}
		choosePrimary(&u, held.Kind)
		return nil, act.replaceAddresses(ctx, u, delivery.NoticeFactorRemoved, held)
	})
}

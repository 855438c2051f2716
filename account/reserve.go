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

// ReserveNumber keeps a number of the user, which a code has proven before, for the
// second step. Nothing is sent: the session is a young one. A user who has no backup
// codes gets a set, shown this once. One that is reserved already stays so.
func (s *Service) ReserveNumber(ctx context.Context, a Actor, addressID string) ([]gatelatch.Secret, *gatelatch.Refusal, error) {
	var codes []gatelatch.Secret
	r, err := s.act(ctx, a, "reserve_number", factors, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		codes = nil
		held, r := act.reservable(addressID)
		if r != nil {
			return r, nil
		}
		var err error
		codes, err = act.reserve(ctx, held)
		return nil, err
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	return codes, nil, nil
}

// reservable finds a number of the user that can be kept for the second step, or is
// already.
func (a *acting) reservable(addressID string) (gatelatch.Address, *gatelatch.Refusal) {
	held, ok := a.user.ByID(addressID)
	switch {
	case !ok || held.Kind != gatelatch.PhoneNumber:
		return held, refuseUnknown()
	case held.SecondFactor:
		return held, nil
	case a.Policy().SecondFactor == flow.Off:
		return held, refuseNoSecond()
	case held.VerifiedAt.IsZero():
		return held, refuse(gatelatch.CodeStateInvalid, "", "This number is not confirmed yet. Confirm it first.")
	}
	return held, flow.RefuseReserve(a.user, held.Identifier)
}

func (a *acting) reserve(ctx context.Context, held gatelatch.Address) ([]gatelatch.Secret, error) {
	c, err := a.credentials(ctx)
	if err != nil {
		return nil, err
	}
	codes := a.firstBackup(&c)
	if held.SecondFactor && len(codes) == 0 {
		return nil, nil
	}
	u := a.user
	u.Addresses = slices.Clone(u.Addresses)
	for i := range u.Addresses {
		if u.Addresses[i].ID == held.ID {
			u.Addresses[i].SecondFactor = true
		}
	}
	if err := a.keep(ctx, c, u); err != nil {
		return nil, err
	}
	purpose := delivery.NoticeFactorAdded
	if held.SecondFactor {
		purpose = delivery.NoticeBackupCodes
	}
	return codes, a.notify(ctx, purpose, identifier.Mask(held.Identifier))
}

// DefaultNumber makes a reserved number the one that the second step begins with.
func (s *Service) DefaultNumber(ctx context.Context, a Actor, addressID string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "default_number", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		held, ok := act.user.ByID(addressID)
		switch {
		case !ok || held.Kind != gatelatch.PhoneNumber:
			return refuseUnknown(), nil
		case !held.SecondFactor:
			return refuse(gatelatch.CodeStateInvalid, "default_second_factor", "This number is not kept for the second step."), nil
		case held.DefaultSecond:
			return nil, nil
		}
		u := act.user
		u.Addresses = slices.Clone(u.Addresses)
		for i := range u.Addresses {
			u.Addresses[i].DefaultSecond = u.Addresses[i].ID == held.ID
		}
		return nil, act.save(ctx, u)
	})
}

// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"encoding/json"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/metadata"
)

// FieldUnsafeMetadata is the wire name of the bag that is the user's own.
const FieldUnsafeMetadata = "unsafe_metadata"

// Profile is what a program changes of a user in one go; what is nil, or empty,
// stays as it is.
type Profile struct {
	FirstName, LastName *string
	// Unsafe replaces the user's own metadata, and Patch is merged into them as
	// RFC 7396 says. Both are JSON objects.
	Unsafe, Patch json.RawMessage
	// Primary are ids of addresses that become the primary ones of their kinds. That
	// asks for a young session.
	Primary []string
}

// UpdateProfile makes all changes, or, when one is refused, none.
func (s *Service) UpdateProfile(ctx context.Context, a Actor, p Profile) (*gatelatch.Refusal, error) {
	asks := plain
	if len(p.Primary) > 0 {
		asks = sensitive
	}
	return s.act(ctx, a, "update_profile", asks, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		u, moved, r := act.profile(p)
		if r != nil {
			return r, nil
		}
		if err := act.save(ctx, u); err != nil {
			return nil, err
		}
		for _, to := range moved {
			if err := act.notify(ctx, delivery.NoticePrimaryChanged, identifier.Mask(to.Identifier)); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// profile is the user with all changes, and the addresses that have become primary.
func (a *acting) profile(p Profile) (gatelatch.User, []gatelatch.Address, *gatelatch.Refusal) {
	u, fields := a.user, a.Policy().Fields
	if p.FirstName != nil {
		if r := rename(&u.FirstName, *p.FirstName, flow.FieldFirstName, fields.FirstName); r != nil {
			return u, nil, r
		}
	}
	if p.LastName != nil {
		if r := rename(&u.LastName, *p.LastName, flow.FieldLastName, fields.LastName); r != nil {
			return u, nil, r
		}
	}
	if r := bag(&u.Metadata.Unsafe, p); r != nil {
		return u, nil, r
	}
	return primaries(u, p.Primary)
}

// bag puts the new metadata in the place of the old.
func bag(unsafe *json.RawMessage, p Profile) *gatelatch.Refusal {
	var err error
	next := *unsafe
	if p.Unsafe != nil {
		next, err = metadata.Read(p.Unsafe)
	}
	if err == nil && p.Patch != nil {
		next, err = metadata.Merge(next, p.Patch)
	}
	if err != nil {
		return refuse(gatelatch.CodeMetadata, FieldUnsafeMetadata, "This metadata cannot be kept: it "+err.Error()+".")
	}
	*unsafe = next
	return nil
}

func primaries(u gatelatch.User, ids []string) (gatelatch.User, []gatelatch.Address, *gatelatch.Refusal) {
	var moved []gatelatch.Address
	for _, id := range ids {
		chosen, ok := u.ByID(id)
		if !ok {
			return u, nil, refuseUnknown()
		}
		next, r := withPrimary(u, chosen)
		if r != nil {
			return u, nil, r
		}
		if !chosen.Primary {
			u, moved = next, append(moved, chosen)
		}
	}
	return u, moved, nil
}

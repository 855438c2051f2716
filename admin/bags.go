// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/metadata"
)

// Bags are bags of metadata, as they came; nil for one that was not given.
type Bags struct{ Public, Private, Unsafe json.RawMessage }

// setBags replaces the bags that were given.
func (*Service) setBags(_ context.Context, h *held, p Profile) (*gatelatch.Refusal, error) {
	return p.Bags.into(&h.User.Metadata, func(_, given json.RawMessage) (json.RawMessage, error) { return metadata.Read(given) })
}

// into sets each bag that was given to what combine makes of the old one and it.
// A bag that is null is empty.
func (b Bags) into(
	m *gatelatch.Metadata, combine func(old, given json.RawMessage) (json.RawMessage, error),
) (*gatelatch.Refusal, error) {
	for _, f := range []struct {
		param string
		given json.RawMessage
		to    *json.RawMessage
	}{
		{"public_metadata", b.Public, &m.Public},
		{"private_metadata", b.Private, &m.Private},
		{"unsafe_metadata", b.Unsafe, &m.Unsafe},
	} {
		if f.given == nil {
			continue
		}
		if string(f.given) == "null" {
			*f.to = nil
			continue
		}
		made, err := combine(*f.to, f.given)
		if no := refuseBag(f.param, err); no != nil {
			return no, nil
		}
		if err != nil {
			return nil, err
		}
		*f.to = made
	}
	return nil, nil
}

// refuseBag says what is wrong with a bag; nil for a failure of another kind.
func refuseBag(param string, err error) *gatelatch.Refusal {
	for _, wrong := range []error{metadata.ErrObject, metadata.ErrLong, metadata.ErrDeep, metadata.ErrOdd} {
		if errors.Is(err, wrong) {
			return refuse(gatelatch.CodeMetadata, param, "What stands for %s %s.", param, wrong.Error())
		}
	}
	return nil
}

// MergeMetadata merges what is given into the bags, see [metadata.Merge].
func (s *Service) MergeMetadata(ctx context.Context, userID string, b Bags) (*gatelatch.Refusal, error) {
	return s.change(ctx, userID, func(_ context.Context, h *held) (*gatelatch.Refusal, error) {
		return b.into(&h.User.Metadata, func(old, given json.RawMessage) (json.RawMessage, error) { return metadata.Merge(old, given) })
	})
}

// ReplaceMetadata replaces each bag that is given.
func (s *Service) ReplaceMetadata(ctx context.Context, userID string, b Bags) (*gatelatch.Refusal, error) {
	return s.Update(ctx, userID, Profile{Bags: b})
}

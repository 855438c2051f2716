// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// The fields that refusals name.
const (
	paramUser    = "user"
	paramAddress = "address"
	paramID      = "id"
)

// parse reads an address that a user may hold.
func (s *Service) parse(typed string) (identifier.Parsed, *gatelatch.Refusal) {
	return s.holdable(typed).Parse(typed)
}

// parseAs is parse for an address of one kind.
func (s *Service) parseAs(kind gatelatch.IdentifierKind, typed string) (identifier.Parsed, *gatelatch.Refusal) {
	if kind == gatelatch.EmailAddress {
		return s.holdable(typed).ParseEmail(typed)
	}
	return s.holdable(typed).ParsePhone(typed)
}

// holdable are rules for what a user may hold, whether or not the site takes that kind
// for signing in: what it takes may change.
func (s *Service) holdable(typed string) identifier.Policy {
	everything := s.Flow.Identifiers
	everything.Email, everything.Phone = true, true
	if strings.HasPrefix(strings.TrimSpace(typed), "+") {
		everything.Region, everything.Countries = "", nil // every country
	}
	return everything
}

// user finds and locks whom an operator means: by id, or by one of the
// addresses. A refusal names nobody.
func (s *Service) user(ctx context.Context, tx flow.Tx, who string) (gatelatch.User, *gatelatch.Refusal, error) {
	id := strings.TrimSpace(who)
	if !strings.HasPrefix(id, gatelatch.PrefixUser+"_") {
		held, no, err := s.holder(ctx, tx, id)
		if no != nil || err != nil {
			return gatelatch.User{}, no, err
		}
		id = held
	}
	u, err := found(tx.User(ctx, id))
	switch {
	case err != nil:
		return gatelatch.User{}, nil, fmt.Errorf("finding the user: %w", err)
	case u == nil:
		return gatelatch.User{}, refuse(gatelatch.CodeNotFound, paramUser, "There is no user with that id."), nil
	}
	return *u, nil, nil
}

func (s *Service) holder(ctx context.Context, tx flow.Tx, typed string) (id string, no *gatelatch.Refusal, err error) {
	address, no := s.parse(typed)
	if no != nil {
		return "", refuse(gatelatch.CodeFormat, paramUser, "Name a user by id (user_...), email address or phone number."), nil
	}
	u, err := found(tx.UserByIdentifier(ctx, address.Identifier))
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("finding the user: %w", err)
	case u == nil:
		return "", refuse(gatelatch.CodeNotFound, paramUser, "No user has that address."), nil
	}
	return u.ID, nil, nil
}

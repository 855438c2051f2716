// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// holder returns whose sign-in it would be: the user that a session belongs to,
// or who holds the address that was typed; nil when nobody does.
func (o *operation) holder(ctx context.Context, si SignIn) (*gatelatch.User, error) {
	return o.holderOf(ctx, si, si.Identifier)
}

// holderOf is holder for one of the attempt's addresses. One that the user of a
// session no longer holds is nobody's here.
func (o *operation) holderOf(ctx context.Context, si SignIn, to gatelatch.Identifier) (*gatelatch.User, error) {
	if si.Again == nil {
		return o.user(ctx, to)
	}
	u, err := o.userByID(ctx, si.UserID)
	if err != nil || u == nil {
		return nil, err
	}
	if _, ok := u.Address(to); !ok {
		return nil, nil
	}
	return u, nil
}

// userByID returns a user, nil when there is none.
func (o *operation) userByID(ctx context.Context, id string) (*gatelatch.User, error) {
	u, err := o.tx.User(ctx, id)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the user: %w", err)
	}
	return &u, nil
}

// owner tells of a user what a step has to know. typed is the address that the
// step is about.
func (o *operation) owner(ctx context.Context, u *gatelatch.User, clientID string, typed gatelatch.Identifier) (Owner, error) {
	if u == nil {
		return Owner{}, nil
	}
	trusted, err := o.trusted(ctx, u.ID, clientID)
	if err != nil {
		return Owner{}, err
	}
	return NewOwner(*u, typed, trusted, Means{Mail: o.Identifiers.Email, Passkeys: o.Passkeys != nil}, o.env.Now), nil
}

// trusted reports whether a client is known to be a user's. Where no client is
// trusted it is one that the user has signed in with.
func (o *operation) trusted(ctx context.Context, userID, clientID string) (bool, error) {
	t, err := o.tx.ClientTrust(ctx, userID, clientID)
	switch {
	case err == nil && o.env.Policy.ClientTrust > 0:
		return t.LiveAt(o.env.Now, o.env.Policy.ClientTrust), nil
	case err == nil:
		return true, nil
	case !errors.Is(err, gatelatch.ErrNotFound):
		return false, fmt.Errorf("finding the client's trust: %w", err)
	case o.env.Policy.ClientTrust > 0:
		return false, nil
	}
	return o.seen(ctx, userID, clientID)
}

func (o *operation) seen(ctx context.Context, userID, clientID string) (bool, error) {
	seen, err := o.tx.HasSession(ctx, userID, clientID)
	if err != nil {
		return false, fmt.Errorf("looking for the user on the client: %w", err)
	}
	return seen, nil
}

// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// ClientByTokenHash implements [flow.Tx].
func (t *tx) ClientByTokenHash(ctx context.Context, h gatelatch.TokenHash) (gatelatch.Client, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.Client{}, err
	}
	id, ok := t.m.clientHashes[h]
	if !ok {
		return gatelatch.Client{}, gatelatch.ErrNotFound
	}
	return t.m.clients[id], nil
}

// CreateClient implements [flow.Tx].
func (t *tx) CreateClient(ctx context.Context, c gatelatch.Client) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if t.m.clients.has(c.ID) || t.m.clientHashes.has(c.TokenHash) {
		return t.conflict("a client")
	}
	c.CreatedAt, c.ExpireAt = stored.Moment(c.CreatedAt), stored.Moment(c.ExpireAt)
	t.m.clientHashes.put(t.m, c.TokenHash, c.ID)
	t.m.clients.put(t.m, c.ID, c)
	return nil
}

// KeepClient implements [flow.Tx].
func (t *tx) KeepClient(ctx context.Context, id string, expireAt time.Time) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if c, ok := t.m.clients[id]; ok && c.ExpireAt.Before(expireAt) {
		c.ExpireAt = stored.Moment(expireAt)
		t.m.clients.put(t.m, id, c)
	}
	return nil
}

// UserByIdentifier implements [flow.Tx].
func (t *tx) UserByIdentifier(ctx context.Context, id gatelatch.Identifier) (gatelatch.User, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.User{}, err
	}
	owner, ok := t.m.owners[id]
	if !ok {
		return gatelatch.User{}, gatelatch.ErrNotFound
	}
	return clone(t.m.users[owner]), nil
}

// CreateUser implements [flow.Tx].
func (t *tx) CreateUser(ctx context.Context, u gatelatch.User) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if t.m.users.has(u.ID) {
		return t.conflict("a user")
	}
	u = clone(u)
	for i, a := range u.Addresses {
		if t.m.owners.has(a.Identifier) || t.m.addressIDs.has(a.ID) {
			return t.conflict("an address")
		}
		t.m.owners.put(t.m, a.Identifier, u.ID)
		t.m.addressIDs.put(t.m, a.ID, u.ID)
		u.Addresses[i].VerifiedAt = stored.Moment(a.VerifiedAt)
	}
	slices.SortFunc(u.Addresses, func(a, b gatelatch.Address) int {
		if c := a.VerifiedAt.Compare(b.VerifiedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	u.CreatedAt, u.UpdatedAt = stored.Moment(u.CreatedAt), stored.Moment(u.UpdatedAt)
	u.LastSignInAt = stored.Moment(u.LastSignInAt)
	t.m.users.put(t.m, u.ID, u)
	return nil
}

// MarkSignIn implements [flow.Tx].
func (t *tx) MarkSignIn(ctx context.Context, userID string, at time.Time) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	u, ok := t.m.users[userID]
	if !ok {
		return gatelatch.ErrNotFound
	}
	u.LastSignInAt = stored.Moment(at)
	t.m.users.put(t.m, userID, u)
	return nil
}

// ClientTrust implements [flow.Tx].
func (t *tx) ClientTrust(ctx context.Context, userID, clientID string) (gatelatch.ClientTrust, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.ClientTrust{}, err
	}
	trust, ok := t.m.trusts[trustKey{userID, clientID}]
	if !ok {
		return gatelatch.ClientTrust{}, gatelatch.ErrNotFound
	}
	return trust, nil
}

// PutClientTrust implements [flow.Tx].
func (t *tx) PutClientTrust(ctx context.Context, trust gatelatch.ClientTrust) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if err := t.refers(trust.UserID, trust.ClientID); err != nil {
		return err
	}
	trust.TrustedAt = stored.Moment(trust.TrustedAt)
	t.m.trusts.put(t.m, trustKey{trust.UserID, trust.ClientID}, trust)
	return nil
}

// refers fails unless the user and the client exist.
func (t *tx) refers(userID, clientID string) error {
	if !t.m.users.has(userID) {
		return t.missing("user")
	}
	if !t.m.clients.has(clientID) {
		return t.missing("client")
	}
	return nil
}

func clone(u gatelatch.User) gatelatch.User {
	u.Addresses = slices.Clone(u.Addresses)
	return u
}

// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

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

// UserByExternalID implements [flow.Tx].
func (t *tx) UserByExternalID(ctx context.Context, externalID string) (gatelatch.User, error) {
	return t.owner(ctx, t.m.externalIDs, externalID)
}

// UserByAddressID implements [flow.Tx].
func (t *tx) UserByAddressID(ctx context.Context, addressID string) (gatelatch.User, error) {
	return t.owner(ctx, t.m.addressIDs, addressID)
}

// owner returns the user to whom something unique belongs.
func (t *tx) owner(ctx context.Context, of table[string, string], key string) (gatelatch.User, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.User{}, err
	}
	id, ok := of[key]
	if !ok {
		return gatelatch.User{}, gatelatch.ErrNotFound
	}
	return clone(t.m.users[id]), nil
}

// User implements [flow.Tx].
func (t *tx) User(ctx context.Context, id string) (gatelatch.User, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.User{}, err
	}
	u, ok := t.m.users[id]
	if !ok {
		return gatelatch.User{}, gatelatch.ErrNotFound
	}
	return clone(u), nil
}

// CreateUser implements [flow.Tx].
func (t *tx) CreateUser(ctx context.Context, u gatelatch.User) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if t.m.users.has(u.ID) {
		return t.conflict("a user")
	}
	return t.keepUser(u)
}

// PutUser implements [flow.Tx].
func (t *tx) PutUser(ctx context.Context, u gatelatch.User) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	old, ok := t.m.users[u.ID]
	if !ok {
		return gatelatch.ErrNotFound
	}
	t.dropUnique(old)
	return t.keepUser(u)
}

// keepUser writes a user whose own addresses and names do not stand in the way.
func (t *tx) keepUser(u gatelatch.User) error {
	u = settled(u)
	if u.ExternalID != "" {
		if t.m.externalIDs.has(u.ExternalID) {
			return t.conflict("a user")
		}
		t.m.externalIDs.put(t.m, u.ExternalID, u.ID)
	}
	for _, a := range u.Addresses {
		if t.m.owners.has(a.Identifier) || t.m.addressIDs.has(a.ID) {
			return t.conflict("an address")
		}
		t.m.owners.put(t.m, a.Identifier, u.ID)
		t.m.addressIDs.put(t.m, a.ID, u.ID)
	}
	t.m.users.put(t.m, u.ID, u)
	return nil
}

// dropUnique forgets what nobody else could have as long as the user had it.
func (t *tx) dropUnique(u gatelatch.User) {
	if u.ExternalID != "" {
		t.m.externalIDs.remove(t.m, u.ExternalID)
	}
	for _, a := range u.Addresses {
		t.m.owners.remove(t.m, a.Identifier)
		t.m.addressIDs.remove(t.m, a.ID)
	}
}

// DeleteUser implements [flow.Tx].
func (t *tx) DeleteUser(ctx context.Context, id string) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	u, ok := t.m.users[id]
	if !ok {
		return gatelatch.ErrNotFound
	}
	t.dropUnique(u)
	t.m.users.remove(t.m, id)
	t.m.credentials.remove(t.m, id)
	drop(t.m, t.m.trusts, func(k trustKey, _ gatelatch.ClientTrust) bool { return k.user == id })
	drop(t.m, t.m.sessions, func(_ string, s gatelatch.Session) bool { return s.UserID == id })
	drop(t.m, t.m.changes, func(_ string, a attempt) bool { return a.of == id })
	drop(t.m, t.m.signInTokens, func(_ string, s gatelatch.SignInToken) bool { return s.UserID == id })
	t.m.dropOrphans()
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
	u.LastActiveAt = later(u.LastActiveAt, u.LastSignInAt)
	t.m.users.put(t.m, userID, u)
	return nil
}

// Credentials implements [flow.Tx].
func (t *tx) Credentials(ctx context.Context, userID string) (gatelatch.Credentials, error) {
	var c gatelatch.Credentials
	if err := t.ready(ctx); err != nil {
		return c, err
	}
	if data, ok := t.m.credentials[userID]; ok {
		if err := stored.Decode([]byte(data), &c); err != nil {
			return gatelatch.Credentials{}, t.fail(err)
		}
	}
	c.UserID = userID
	return c, nil
}

// PutCredentials implements [flow.Tx].
func (t *tx) PutCredentials(ctx context.Context, c gatelatch.Credentials) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if !t.m.users.has(c.UserID) {
		return t.missing("user")
	}
	data, err := stored.Encode(c)
	if err != nil {
		return t.fail(err)
	}
	t.m.credentials.put(t.m, c.UserID, data)
	return nil
}

// settled is a copy of a user as it comes back from a store.
func settled(u gatelatch.User) gatelatch.User {
	u = clone(u)
	for i, a := range u.Addresses {
		u.Addresses[i].VerifiedAt = stored.Moment(a.VerifiedAt)
	}
	slices.SortFunc(u.Addresses, func(a, b gatelatch.Address) int {
		if c := a.VerifiedAt.Compare(b.VerifiedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	u.CreatedAt, u.UpdatedAt = stored.Moment(u.CreatedAt), stored.Moment(u.UpdatedAt)
	u.LastSignInAt, u.TermsAcceptedAt = stored.Moment(u.LastSignInAt), stored.Moment(u.TermsAcceptedAt)
	u.LockedUntil, u.LastActiveAt = stored.Moment(u.LockedUntil), stored.Moment(u.LastActiveAt)
	return u
}

func clone(u gatelatch.User) gatelatch.User {
	u.Addresses = slices.Clone(u.Addresses)
	b := &u.Metadata
	b.Public, b.Private, b.Unsafe = bag(b.Public), bag(b.Private), bag(b.Unsafe)
	return u
}

// bag returns a copy; there is no difference between none and an empty one.
func bag(b json.RawMessage) json.RawMessage {
	if len(b) == 0 {
		return nil
	}
	return bytes.Clone(b)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

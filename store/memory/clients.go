// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
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

// Client implements [flow.Tx].
func (t *tx) Client(ctx context.Context, id string) (gatelatch.Client, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.Client{}, err
	}
	c, ok := t.m.clients[id]
	if !ok {
		return gatelatch.Client{}, gatelatch.ErrNotFound
	}
	return c, nil
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

// ClientTrusts implements [flow.Tx].
func (t *tx) ClientTrusts(ctx context.Context, userID string) ([]gatelatch.ClientTrust, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	var trusts []gatelatch.ClientTrust
	for k, trust := range t.m.trusts {
		if k.user == userID {
			trusts = append(trusts, trust)
		}
	}
	slices.SortFunc(trusts, func(a, b gatelatch.ClientTrust) int {
		if c := b.LastUsedAt.Compare(a.LastUsedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ClientID, b.ClientID)
	})
	return trusts[:min(len(trusts), flow.MaxTrusts)], nil
}

// PutClientTrust implements [flow.Tx].
func (t *tx) PutClientTrust(ctx context.Context, trust gatelatch.ClientTrust) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if err := t.refers(trust.UserID, trust.ClientID); err != nil {
		return err
	}
	trust.TrustedAt, trust.LastUsedAt = stored.Moment(trust.TrustedAt), stored.Moment(trust.LastUsedAt)
	t.m.trusts.put(t.m, trustKey{trust.UserID, trust.ClientID}, trust)
	return nil
}

// DeleteClientTrust implements [flow.Tx].
func (t *tx) DeleteClientTrust(ctx context.Context, userID, clientID string) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	t.m.trusts.remove(t.m, trustKey{userID, clientID})
	return nil
}

// DeleteClientTrusts implements [flow.Tx].
func (t *tx) DeleteClientTrusts(ctx context.Context, userID, exceptClientID string) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	drop(t.m, t.m.trusts, func(k trustKey, _ gatelatch.ClientTrust) bool {
		return k.user == userID && k.client != exceptClientID
	})
	return nil
}

// DeleteTrustsOfClient implements [flow.Tx].
func (t *tx) DeleteTrustsOfClient(ctx context.Context, clientID string) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	drop(t.m, t.m.trusts, func(k trustKey, _ gatelatch.ClientTrust) bool { return k.client == clientID })
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

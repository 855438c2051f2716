// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectClientByHash = `SELECT id, created_at, expire_at FROM clients WHERE token_hash = $1`
	insertClient       = `INSERT INTO clients (id, token_hash, created_at, expire_at) VALUES ($1, $2, $3, $4)`
	keepClient         = `UPDATE clients SET expire_at = $2 WHERE id = $1 AND expire_at < $2`

	selectTrust = `SELECT trusted_at FROM client_trusts WHERE user_id = $1 AND client_id = $2`
	upsertTrust = `INSERT INTO client_trusts (user_id, client_id, trusted_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id, client_id) DO UPDATE SET trusted_at = excluded.trusted_at`
)

// ClientByTokenHash implements [flow.Tx].
func (u *unit) ClientByTokenHash(ctx context.Context, h gatelatch.TokenHash) (gatelatch.Client, error) {
	c := gatelatch.Client{TokenHash: h}
	var created, expire int64
	err := u.row(ctx, []any{&c.ID, &created, &expire}, selectClientByHash, h[:])
	if err != nil {
		return gatelatch.Client{}, step("reading a client", err)
	}
	c.CreatedAt, c.ExpireAt = stored.Time(created), stored.Time(expire)
	return c, nil
}

// CreateClient implements [flow.Tx].
func (u *unit) CreateClient(ctx context.Context, c gatelatch.Client) error {
	_, err := u.exec(ctx, insertClient,
		c.ID, c.TokenHash[:], stored.Micros(c.CreatedAt), stored.Micros(c.ExpireAt))
	return step("adding a client", err)
}

// KeepClient implements [flow.Tx].
func (u *unit) KeepClient(ctx context.Context, id string, expireAt time.Time) error {
	_, err := u.exec(ctx, keepClient, id, stored.Micros(expireAt))
	return step("keeping a client", err)
}

// ClientTrust implements [flow.Tx].
func (u *unit) ClientTrust(ctx context.Context, userID, clientID string) (gatelatch.ClientTrust, error) {
	var at int64
	if err := u.row(ctx, []any{&at}, selectTrust, userID, clientID); err != nil {
		return gatelatch.ClientTrust{}, step("reading a client's trust", err)
	}
	return gatelatch.ClientTrust{UserID: userID, ClientID: clientID, TrustedAt: stored.Time(at)}, nil
}

// PutClientTrust implements [flow.Tx].
func (u *unit) PutClientTrust(ctx context.Context, t gatelatch.ClientTrust) error {
	_, err := u.exec(ctx, upsertTrust, t.UserID, t.ClientID, stored.Micros(t.TrustedAt))
	return step("saving a client's trust", err)
}

// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectClientByHash = `SELECT id, created_at, expire_at FROM clients WHERE token_hash = $1`
	clientColumns      = `id, token_hash, created_at, expire_at`
	selectClient       = `SELECT ` + clientColumns + ` FROM clients WHERE id = $1`
	insertClient       = `INSERT INTO clients (id, token_hash, created_at, expire_at) VALUES ($1, $2, $3, $4)`
	keepClient         = `UPDATE clients SET expire_at = $2 WHERE id = $1 AND expire_at < $2`

	trustColumns = `user_id, client_id, trusted_at, last_used_at, user_agent, ip`

	selectTrust  = `SELECT ` + trustColumns + ` FROM client_trusts WHERE user_id = $1 AND client_id = $2`
	selectTrusts = `SELECT ` + trustColumns + ` FROM client_trusts WHERE user_id = $1 ORDER BY last_used_at DESC, client_id LIMIT $2`
	upsertTrust  = `INSERT INTO client_trusts (` + trustColumns + `) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id, client_id) DO UPDATE SET trusted_at = excluded.trusted_at, last_used_at = excluded.last_used_at,
user_agent = excluded.user_agent, ip = excluded.ip`
	deleteTrust  = `DELETE FROM client_trusts WHERE user_id = $1 AND client_id = $2`
	deleteTrusts = `DELETE FROM client_trusts WHERE user_id = $1 AND client_id <> $2`

	deleteTrustsOf = `DELETE FROM client_trusts WHERE client_id = $1`
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

// Client implements [flow.Tx].
func (u *unit) Client(ctx context.Context, id string) (gatelatch.Client, error) {
	if !stored.Findable(id) {
		return gatelatch.Client{}, gatelatch.ErrNotFound
	}
	c, err := one(ctx, u, scanClient, selectClient, id)
	return c, step("reading a client", err)
}

func scanClient(rows *sql.Rows) (gatelatch.Client, error) {
	var (
		c               gatelatch.Client
		created, expire int64
	)
	err := rows.Scan(&c.ID, hash{&c.TokenHash}, &created, &expire)
	c.CreatedAt, c.ExpireAt = stored.Time(created), stored.Time(expire)
	return c, err
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
	if !stored.Findable(clientID) {
		return gatelatch.ClientTrust{}, gatelatch.ErrNotFound
	}
	t, err := one(ctx, u, scanTrust, selectTrust, userID, clientID)
	return t, step("reading a client's trust", err)
}

// ClientTrusts implements [flow.Tx].
func (u *unit) ClientTrusts(ctx context.Context, userID string) ([]gatelatch.ClientTrust, error) {
	all, err := many(ctx, u, scanTrust, selectTrusts, userID, flow.MaxTrusts)
	return all, step("reading trusts of clients", err)
}

// PutClientTrust implements [flow.Tx].
func (u *unit) PutClientTrust(ctx context.Context, t gatelatch.ClientTrust) error {
	_, err := u.exec(ctx, upsertTrust, t.UserID, t.ClientID,
		stored.Micros(t.TrustedAt), stored.Micros(t.LastUsedAt), t.UserAgent, t.IP)
	return step("saving a client's trust", err)
}

// DeleteClientTrust implements [flow.Tx].
func (u *unit) DeleteClientTrust(ctx context.Context, userID, clientID string) error {
	if !stored.Findable(clientID) {
		return nil
	}
	_, err := u.exec(ctx, deleteTrust, userID, clientID)
	return step("deleting a client's trust", err)
}

// DeleteClientTrusts implements [flow.Tx].
func (u *unit) DeleteClientTrusts(ctx context.Context, userID, exceptClientID string) error {
	_, err := u.exec(ctx, deleteTrusts, userID, exceptClientID)
	return step("deleting trusts of clients", err)
}

// DeleteTrustsOfClient implements [flow.Tx].
func (u *unit) DeleteTrustsOfClient(ctx context.Context, clientID string) error {
	if !stored.Findable(clientID) {
		return nil
	}
	_, err := u.exec(ctx, deleteTrustsOf, clientID)
	return step("deleting the trusts of a client", err)
}

func scanTrust(rows *sql.Rows) (gatelatch.ClientTrust, error) {
	var (
		t             gatelatch.ClientTrust
		trusted, used int64
	)
	err := rows.Scan(&t.UserID, &t.ClientID, &trusted, &used, &t.UserAgent, &t.IP)
	t.TrustedAt, t.LastUsedAt = stored.Time(trusted), stored.Time(used)
	return t, err
}

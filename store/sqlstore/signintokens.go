// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	signInTokenColumns = `id, user_id, created_at, expire_at, accepted_at, revoked_at`

	selectSignInToken = `SELECT ` + signInTokenColumns + ` FROM sign_in_tokens WHERE id = $1`
	upsertSignInToken = `INSERT INTO sign_in_tokens (` + signInTokenColumns + `, over_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, created_at = excluded.created_at, expire_at = excluded.expire_at,
accepted_at = excluded.accepted_at, revoked_at = excluded.revoked_at, over_at = excluded.over_at`
)

// SignInToken implements [flow.Tx].
func (u *unit) SignInToken(ctx context.Context, id string) (gatelatch.SignInToken, error) {
	if !stored.Findable(id) {
		return gatelatch.SignInToken{}, gatelatch.ErrNotFound
	}
	t, err := one(ctx, u, scanSignInToken, u.text.signInToken, id)
	return t, step("reading a sign-in token", err)
}

// PutSignInToken implements [flow.Tx].
func (u *unit) PutSignInToken(ctx context.Context, t gatelatch.SignInToken) error {
	_, err := u.exec(ctx, upsertSignInToken, t.ID, t.UserID, stored.Micros(t.CreatedAt), stored.Micros(t.ExpireAt),
		stored.Micros(t.AcceptedAt), stored.Micros(t.RevokedAt), stored.Micros(stored.SignInTokenOver(t)))
	return step("saving a sign-in token", err)
}

func scanSignInToken(rows *sql.Rows) (gatelatch.SignInToken, error) {
	var (
		t                                  gatelatch.SignInToken
		created, expire, accepted, revoked int64
	)
	err := rows.Scan(&t.ID, &t.UserID, &created, &expire, &accepted, &revoked)
	t.CreatedAt, t.ExpireAt = stored.Time(created), stored.Time(expire)
	t.AcceptedAt, t.RevokedAt = stored.Time(accepted), stored.Time(revoked)
	return t, err
}

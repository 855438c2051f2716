// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"errors"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectCredentials = `SELECT data FROM credentials WHERE user_id = $1`
	upsertCredentials = `INSERT INTO credentials (user_id, data) VALUES ($1, $2)
ON CONFLICT (user_id) DO UPDATE SET data = excluded.data`
)

// Credentials implements [flow.Tx]. It locks the user, because a row that is not
// there cannot be locked.
func (u *unit) Credentials(ctx context.Context, userID string) (gatelatch.Credentials, error) {
	c, err := u.credentials(ctx, userID)
	if err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
		return gatelatch.Credentials{}, step("reading credentials", err)
	}
	c.UserID = userID
	return c, nil
}

func (u *unit) credentials(ctx context.Context, userID string) (gatelatch.Credentials, error) {
	var c gatelatch.Credentials
	if !stored.Findable(userID) {
		return c, gatelatch.ErrNotFound
	}
	if err := u.lockUser(ctx, userID); err != nil {
		return c, err
	}
	err := u.document(ctx, selectCredentials, userID, &c)
	return c, err
}

// PutCredentials implements [flow.Tx].
func (u *unit) PutCredentials(ctx context.Context, c gatelatch.Credentials) error {
	data, err := stored.Encode(c)
	if err != nil {
		return u.fail(err)
	}
	_, err = u.exec(ctx, upsertCredentials, c.UserID, data)
	return step("saving credentials", err)
}

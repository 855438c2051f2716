// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectKeys = `SELECT id, algorithm, sealed, created_at FROM signing_keys ORDER BY created_at DESC, id DESC`
	insertKey  = `INSERT INTO signing_keys (id, algorithm, sealed, created_at) VALUES ($1, $2, $3, $4)`
	deleteKeys = `DELETE FROM signing_keys WHERE created_at < $1`
)

// SigningKeys implements [session.Repo].
func (s *Store) SigningKeys(ctx context.Context) ([]session.StoredKey, error) {
	var keys []session.StoredKey
	err := s.read(ctx, func(u *unit) error {
		keys = nil
		return u.rows(ctx, func(rows *sql.Rows) error {
			var (
				k  session.StoredKey
				at int64
			)
			err := rows.Scan(&k.ID, &k.Algorithm, &k.Sealed, &at)
			k.CreatedAt = stored.Time(at)
			keys = append(keys, k)
			return err
		}, selectKeys)
	})
	if err != nil {
		return nil, step("reading signing keys", err)
	}
	return keys, nil
}

// PutSigningKey implements [session.Repo].
func (s *Store) PutSigningKey(ctx context.Context, k session.StoredKey) error {
	err := s.write(ctx, func(u *unit) error {
		_, err := u.exec(ctx, insertKey, k.ID, k.Algorithm, notNull(k.Sealed), stored.Micros(k.CreatedAt))
		return err
	})
	return step("adding a signing key", err)
}

// DeleteSigningKeys implements [session.Repo].
func (s *Store) DeleteSigningKeys(ctx context.Context, before time.Time) error {
	err := s.write(ctx, func(u *unit) error {
		_, err := u.exec(ctx, deleteKeys, stored.Micros(before))
		return err
	})
	return step("deleting signing keys", err)
}

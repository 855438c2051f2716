// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"errors"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// SelectCounter reads a counter; it is the text for engines on which a
// transaction that writes excludes all others.
const SelectCounter = `SELECT value FROM counters WHERE key = $1`

const (
	upsertCounter = `INSERT INTO counters (key, value, expire_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expire_at = excluded.expire_at`
	deleteCounter = `DELETE FROM counters WHERE key = $1`
)

// Counter implements [flow.Tx].
func (u *unit) Counter(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := u.row(ctx, []any{&value}, u.text.counter, key)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, step("reading a counter", err)
	case value == nil:
		value = []byte{}
	}
	return value, nil
}

// PutCounter implements [flow.Tx].
func (u *unit) PutCounter(ctx context.Context, key string, value []byte, expireAt time.Time) error {
	_, err := u.exec(ctx, upsertCounter, key, notNull(value), stored.Micros(expireAt))
	return step("saving a counter", err)
}

// DeleteCounter implements [flow.Tx].
func (u *unit) DeleteCounter(ctx context.Context, key string) error {
	_, err := u.exec(ctx, deleteCounter, key)
	return step("deleting a counter", err)
}

// notNull keeps an empty value from being stored as NULL.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

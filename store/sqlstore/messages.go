// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	messageColumns = `id, site, attempt_id, purpose, strategy, kind, value, display, nonce, asked_at, next_at, expire_at, tries,
details`

	insertMessage = `INSERT INTO messages (` + messageColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

	selectDue = `SELECT ` + messageColumns + `
FROM messages WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2`
	postponeMessage = `UPDATE messages SET next_at = $2 WHERE id = $1`
	retryMessage    = `UPDATE messages SET next_at = $2, tries = $3 WHERE id = $1`
	releaseMessages = `UPDATE messages SET next_at = $1 WHERE next_at > $1`
	deleteMessage   = `DELETE FROM messages WHERE id = $1`
	selectNext      = `SELECT next_at FROM messages ORDER BY next_at LIMIT 1`
)

// Enqueue implements [flow.Tx].
func (u *unit) Enqueue(ctx context.Context, m delivery.Queued) error {
	details, err := encodeDetails(m.Details)
	if err != nil {
		return u.fail(err)
	}
	_, err = u.exec(ctx, insertMessage, m.ID, m.Site, m.AttemptID, m.Purpose, string(m.Strategy),
		string(m.To.Kind), m.To.Value, m.Display, notNull(m.Nonce),
		stored.Micros(m.AskedAt), stored.Micros(m.NextAt), stored.Micros(m.ExpireAt), m.Tries, details)
	return step("adding a message", err)
}

// encodeDetails leaves a message without details, as most are, without a document.
func encodeDetails(d delivery.Details) (string, error) {
	if d == (delivery.Details{}) {
		return "", nil
	}
	return stored.Encode(d)
}

// ClaimMessages implements [delivery.Repo].
func (s *Store) ClaimMessages(ctx context.Context, now, until time.Time, limit int) ([]delivery.Queued, error) {
	var claimed []delivery.Queued
	err := s.write(ctx, func(u *unit) (err error) {
		claimed, err = u.claim(ctx, now, until, max(limit, 0))
		return err
	})
	if err != nil {
		return nil, step("claiming messages", err)
	}
	return claimed, nil
}

func (u *unit) claim(ctx context.Context, now, until time.Time, limit int) ([]delivery.Queued, error) {
	var due []delivery.Queued
	err := u.rows(ctx, func(rows *sql.Rows) error {
		m, err := scanMessage(rows)
		due = append(due, m)
		return err
	}, u.text.claim, stored.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	return due, each(due, func(m delivery.Queued) error {
		_, err := u.exec(ctx, postponeMessage, m.ID, stored.Micros(until))
		return err
	})
}

// DeleteMessages implements [delivery.Repo].
func (s *Store) DeleteMessages(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	ids = slices.Sorted(slices.Values(ids))
	err := s.write(ctx, func(u *unit) error {
		return each(ids, func(id string) error {
			_, err := u.exec(ctx, deleteMessage, id)
			return err
		})
	})
	return step("deleting messages", err)
}

// RetryMessage implements [delivery.Repo].
func (s *Store) RetryMessage(ctx context.Context, id string, nextAt time.Time, tries int) error {
	err := s.write(ctx, func(u *unit) error {
		_, err := u.exec(ctx, retryMessage, id, stored.Micros(nextAt), tries)
		return err
	})
	return step("putting a message off", err)
}

// ReleaseMessages implements [store.Store].
func (s *Store) ReleaseMessages(ctx context.Context, now time.Time) error {
	err := s.write(ctx, func(u *unit) error {
		_, err := u.exec(ctx, releaseMessages, stored.Micros(now))
		return err
	})
	return step("releasing messages", err)
}

// NextMessageAt implements [delivery.Repo].
func (s *Store) NextMessageAt(ctx context.Context) (time.Time, bool, error) {
	var (
		next  int64
		found bool
	)
	err := s.read(ctx, func(u *unit) error {
		found = false
		return u.rows(ctx, func(rows *sql.Rows) error {
			found = true
			return rows.Scan(&next)
		}, selectNext)
	})
	if err != nil {
		return time.Time{}, false, step("looking into the queue", err)
	}
	return stored.Time(next), found, nil
}

func scanMessage(rows *sql.Rows) (delivery.Queued, error) {
	var (
		m                   delivery.Queued
		strategy, kind      string
		asked, next, expire int64
		details             []byte
	)
	err := rows.Scan(&m.ID, &m.Site, &m.AttemptID, &m.Purpose, &strategy, &kind, &m.To.Value, &m.Display,
		&m.Nonce, &asked, &next, &expire, &m.Tries, &details)
	m.Strategy, m.To.Kind = gatelatch.Strategy(strategy), gatelatch.IdentifierKind(kind)
	m.AskedAt, m.NextAt, m.ExpireAt = stored.Time(asked), stored.Time(next), stored.Time(expire)
	if len(m.Nonce) == 0 {
		m.Nonce = nil
	}
	if err == nil && len(details) > 0 {
		err = stored.Decode(details, &m.Details)
	}
	return m, err
}

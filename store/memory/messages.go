// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// ClaimMessages implements [delivery.Repo].
func (m *memory) ClaimMessages(ctx context.Context, now, until time.Time, limit int) ([]delivery.Queued, error) {
	var due []delivery.Queued
	err := m.write(ctx, func(*tx) error {
		due = m.due(stored.Moment(now))
		due = due[:min(len(due), max(limit, 0))]
		for _, q := range due {
			q.NextAt = stored.Moment(until)
			m.messages.put(m, q.ID, q)
		}
		return nil
	})
	return due, err
}

// due returns copies of the messages to be sent at now, oldest first.
func (m *memory) due(now time.Time) []delivery.Queued {
	var due []delivery.Queued
	for _, q := range m.messages {
		if !q.NextAt.After(now) {
			q.Nonce = nonceOf(q)
			due = append(due, q)
		}
	}
	slices.SortFunc(due, func(a, b delivery.Queued) int {
		if c := a.NextAt.Compare(b.NextAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return due
}

// DeleteMessages implements [delivery.Repo].
func (m *memory) DeleteMessages(ctx context.Context, ids []string) error {
	return m.write(ctx, func(*tx) error {
		for _, id := range ids {
			m.messages.remove(m, id)
		}
		return nil
	})
}

// RetryMessage implements [delivery.Repo].
func (m *memory) RetryMessage(ctx context.Context, id string, nextAt time.Time, tries int) error {
	return m.write(ctx, func(*tx) error {
		if q, ok := m.messages[id]; ok {
			q.NextAt, q.Tries = stored.Moment(nextAt), tries
			m.messages.put(m, id, q)
		}
		return nil
	})
}

// ReleaseMessages implements [store.Store].
func (m *memory) ReleaseMessages(ctx context.Context, now time.Time) error {
	return m.write(ctx, func(*tx) error {
		for id, q := range m.messages {
			if q.NextAt.After(now) {
				q.NextAt = stored.Moment(now)
				m.messages.put(m, id, q)
			}
		}
		return nil
	})
}

// NextMessageAt implements [delivery.Repo].
func (m *memory) NextMessageAt(ctx context.Context) (time.Time, bool, error) {
	var (
		next  time.Time
		found bool
	)
	err := m.write(ctx, func(*tx) error {
		for _, q := range m.messages {
			if !found || q.NextAt.Before(next) {
				next, found = q.NextAt, true
			}
		}
		return nil
	})
	return next, found, err
}

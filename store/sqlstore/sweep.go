// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"errors"
	"time"

	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// sweep deletes the rows of one kind that are over.
type sweep struct {
	kind, query string
	keep        time.Duration // how long a row stays after it is over
}

// withoutNeighbour leaves a session alone that shows which browser it was, while
// another of its client lives on that began before it was over.
const withoutNeighbour = ` AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.client_id = t.client_id AND s.status = 'active'
AND s.expire_at > $1 AND s.created_at < CASE WHEN t.status = 'active' THEN t.expire_at ELSE t.ended_at END)`

// sweeps are in this order because a client stays while it has a session. The
// limit stands in a query of its own, evaluated once; rows that somebody uses
// are left for the next time.
func sweeps(d Dialect) []sweep {
	over := func(table, column, and string) string {
		key := "id"
		if table == "counters" {
			key = "key"
		}
		return `WITH gone AS MATERIALIZED (SELECT ` + key + ` FROM ` + table + ` t WHERE ` + column + ` <= $1` + and +
			` ORDER BY ` + column + ` LIMIT $2` + d.SkipLocked + `)
DELETE FROM ` + table + ` WHERE ` + key + ` IN (SELECT ` + key + ` FROM gone)`
	}
	return []sweep{
		{kind: "sign-ins", query: over("sign_ins", "abandon_at", "")},
		{kind: "sign-ups", query: over("sign_ups", "abandon_at", "")},
		{kind: "changes", query: over("changes", "abandon_at", "")},
		{kind: "invitations", query: over("invitations", "over_at", ""), keep: stored.KeepInvitations},
		{kind: "sign-in tokens", query: over("sign_in_tokens", "over_at", ""), keep: stored.KeepSignInTokens},
		{kind: "counters", query: over("counters", "expire_at", "")},
		{kind: "messages", query: over("messages", "expire_at", "")},
		{kind: "sessions", query: over("sessions", "expire_at", withoutNeighbour)},
		{kind: "clients", query: over("clients", "expire_at", ` AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.client_id = t.id)`)},
	}
}

// Sweep implements [store.Store]. A row is over at the very instant of its
// limit; an invitation and a sign-in token stay for a while, so that an operator
// sees what became of them. Sessions stay until their absolute limit, also when they have ended,
// and longer beside one of the same client that lives on; a client goes only after its last session. Every kind has a transaction
// of its own, so trouble with one does not keep the others.
func (s *Store) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	var (
		total int
		errs  []error
	)
	for _, sw := range s.text.sweeps {
		var n int64
		err := s.write(ctx, func(u *unit) (err error) {
			n, err = u.exec(ctx, sw.query, stored.Micros(now.Add(-sw.keep)), max(limit, 0))
			return err
		})
		if err != nil {
			errs = append(errs, step("sweeping "+sw.kind, err))
			continue
		}
		total += int(n)
	}
	return total, errors.Join(errs...)
}

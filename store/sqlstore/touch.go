// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// touchesAtOnce bounds how long one transaction of touches keeps others waiting.
const touchesAtOnce = 200

// TouchSessions implements [session.Repo]. The order of the rows is fixed, so
// that two processes do not wait for each other in a circle.
func (s *Store) TouchSessions(ctx context.Context, touches []session.Touch) error {
	touches = slices.Clone(touches)
	slices.SortFunc(touches, func(a, b session.Touch) int { return cmp.Compare(a.SessionID, b.SessionID) })
	for some := range slices.Chunk(touches, touchesAtOnce) {
		if err := s.write(ctx, func(u *unit) error { return u.touch(ctx, some) }); err != nil {
			return step("touching sessions", err)
		}
	}
	return nil
}

// touch moves sessions forward, their users, and the trusts of their clients.
// Users come first, as in the transactions that end their sessions.
func (u *unit) touch(ctx context.Context, touches []session.Touch) error {
	active, err := u.activeUsers(ctx, touches)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(active)) {
		if _, err := u.exec(ctx, touchUser, id, stored.Micros(active[id])); err != nil {
			return err
		}
	}
	return each(touches, func(t session.Touch) error {
		return each([]string{touchSession, touchTrust}, func(query string) error {
			_, err := u.exec(ctx, query, t.SessionID, stored.Micros(t.At))
			return err
		})
	})
}

// activeUsers returns when the users of active sessions were seen last.
func (u *unit) activeUsers(ctx context.Context, touches []session.Touch) (map[string]time.Time, error) {
	seen := make(map[string]time.Time, len(touches))
	ids := make([]string, 0, len(touches))
	for _, t := range touches {
		ids = append(ids, t.SessionID)
		if t.At.After(seen[t.SessionID]) {
			seen[t.SessionID] = t.At
		}
	}
	active := make(map[string]time.Time, len(touches))
	err := u.rows(ctx, func(rows *sql.Rows) error {
		var sessionID, userID string
		err := rows.Scan(&sessionID, &userID)
		if at := seen[sessionID]; at.After(active[userID]) {
			active[userID] = at
		}
		return err
	}, u.text.activeUsers, list(ids))
	return active, err
}

// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// Listings follow ids, which sort by age, so that a page costs the same
// wherever it stands.
const (
	selectLive = `SELECT ` + sessionColumns + ` FROM sessions s
WHERE s.id < $1 AND s.status = 'active' ORDER BY s.id DESC LIMIT $2`
	selectLiveOf = `SELECT ` + sessionColumns + ` FROM sessions s
WHERE s.id < $1 AND s.status = 'active' AND s.user_id = $3 ORDER BY s.id DESC LIMIT $2`
	selectInvitations = `SELECT ` + invitationColumns + ` FROM invitations WHERE id < $1 ORDER BY id DESC LIMIT $2`
	selectWaitlist    = `SELECT ` + waitingColumns + ` FROM waitlist WHERE id > $1 ORDER BY id LIMIT $2`
	selectWaiters     = `SELECT ` + waitingColumns + ` FROM waitlist WHERE id > $1 AND approved_at = 0 AND rejected_at = 0 ORDER BY id LIMIT $2`
)

// afterAll comes after every id.
const afterAll = string(utf8.MaxRune)

// newest is a page that begins at the end.
func newest(p admin.Page) admin.Page {
	if p.After == "" {
		p.After = afterAll
	}
	return p
}

// LiveSessions implements [admin.Repo].
func (s *Store) LiveSessions(ctx context.Context, userID string, p admin.Page) ([]gatelatch.Session, error) {
	query, more := selectLive, []any(nil)
	if userID != "" {
		query, more = selectLiveOf, []any{userID}
	}
	rows, err := page(ctx, s, scanSession, newest(p), query, more...)
	return rows, step("listing sessions", err)
}

// Invitations implements [admin.Repo].
func (s *Store) Invitations(ctx context.Context, p admin.Page) ([]gatelatch.Invitation, error) {
	rows, err := page(ctx, s, scanInvitation, newest(p), selectInvitations)
	return rows, step("listing invitations", err)
}

// WaitlistEntries implements [admin.Repo].
func (s *Store) WaitlistEntries(ctx context.Context, waiting bool, p admin.Page) ([]gatelatch.WaitlistEntry, error) {
	query := selectWaitlist
	if waiting {
		query = selectWaiters
	}
	rows, err := page(ctx, s, scanWaiting, p, query)
	return rows, step("listing the waitlist", err)
}

// page reads a page of rows outside of any transaction. Text that cannot stand
// in the database finds nothing.
func page[T any](ctx context.Context, s *Store, scan func(*sql.Rows) (T, error), p admin.Page, query string, more ...any) ([]T, error) {
	args := append([]any{p.After, stored.Rows(p.Limit)}, more...)
	for _, a := range args {
		if text, ok := a.(string); ok && !stored.Findable(text) {
			return nil, nil
		}
	}
	var rows []T
	err := s.read(ctx, func(u *unit) (err error) {
		rows, err = many(ctx, u, scan, query, args...)
		return err
	})
	return rows, err
}

// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// LiveSessions implements [admin.Repo].
func (m *memory) LiveSessions(ctx context.Context, userID string, p admin.Page) ([]gatelatch.Session, error) {
	return list(ctx, m, m.sessions, listing[gatelatch.Session]{
		page: p, newest: true, id: func(s gatelatch.Session) string { return s.ID },
		keep: func(s gatelatch.Session) bool {
			return s.Status == gatelatch.SessionActive && (userID == "" || s.UserID == userID)
		},
	})
}

// Invitations implements [admin.Repo].
func (m *memory) Invitations(ctx context.Context, p admin.Page) ([]gatelatch.Invitation, error) {
	return list(ctx, m, m.invitations, listing[gatelatch.Invitation]{
		page: p, newest: true, id: func(i gatelatch.Invitation) string { return i.ID },
		keep: func(gatelatch.Invitation) bool { return true }, copied: cloneInvitation,
	})
}

// WaitlistEntries implements [admin.Repo].
func (m *memory) WaitlistEntries(ctx context.Context, waiting bool, p admin.Page) ([]gatelatch.WaitlistEntry, error) {
	return list(ctx, m, m.waitlist, listing[gatelatch.WaitlistEntry]{
		page: p, id: func(e gatelatch.WaitlistEntry) string { return e.ID },
		keep: func(e gatelatch.WaitlistEntry) bool {
			return !waiting || e.ApprovedAt.IsZero() && e.RejectedAt.IsZero()
		},
	})
}

// listing is a page of rows in the order of their ids.
type listing[V any] struct {
	page   admin.Page
	newest bool // the last id first
	id     func(V) string
	keep   func(V) bool
	copied func(V) V // what a caller gets; the row itself when nil
}

func list[K comparable, V any](ctx context.Context, m *memory, t table[K, V], l listing[V]) ([]V, error) {
	var rows []V
	err := m.write(ctx, func(*tx) error {
		for _, row := range t {
			if l.keep(row) && stored.Findable(l.page.After) && (l.page.After == "" || l.compare(l.id(row), l.page.After) > 0) {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b V) int { return l.compare(l.id(a), l.id(b)) })
		rows = rows[:min(len(rows), stored.Rows(l.page.Limit))]
		for i := range rows {
			if l.copied != nil {
				rows[i] = l.copied(rows[i])
			}
		}
		return nil
	})
	return rows, err
}

func (l listing[V]) compare(a, b string) int {
	if l.newest {
		return strings.Compare(b, a)
	}
	return strings.Compare(a, b)
}

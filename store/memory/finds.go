// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// FindSessions implements [admin.Repo].
func (m *memory) FindSessions(ctx context.Context, q admin.SessionQuery) ([]gatelatch.Session, int, error) {
	return find(ctx, m, m.sessions, finding[gatelatch.Session]{
		slice: q.Slice, descending: true,
		compare: func(a, b gatelatch.Session) int { return cmp.Compare(a.ID, b.ID) },
		keep: func(s gatelatch.Session) bool {
			return (q.UserID == "" || s.UserID == q.UserID) && (q.ClientID == "" || s.ClientID == q.ClientID) &&
				(q.Status == "" || statusOf(s, q) == q.Status)
		},
	})
}

// statusOf computes what is not stored.
func statusOf(s gatelatch.Session, q admin.SessionQuery) gatelatch.SessionStatus {
	now := stored.Moment(q.Now)
	switch {
	case s.Status != gatelatch.SessionActive:
		return s.Status
	case !s.ExpireAt.After(now):
		return stored.SessionExpired
	case q.Idle > 0 && !s.LastActiveAt.After(stored.Moment(now.Add(-q.Idle))):
		return stored.SessionAbandoned
	}
	return gatelatch.SessionActive
}

// FindClients implements [admin.Repo].
func (m *memory) FindClients(ctx context.Context, s admin.Slice) ([]gatelatch.Client, int, error) {
	return find(ctx, m, m.clients, finding[gatelatch.Client]{
		slice: s, descending: true,
		compare: func(a, b gatelatch.Client) int { return cmp.Compare(a.ID, b.ID) },
		keep:    func(gatelatch.Client) bool { return true },
	})
}

// FindInvitations implements [admin.Repo].
func (m *memory) FindInvitations(ctx context.Context, q admin.InvitationQuery) ([]gatelatch.Invitation, int, error) {
	term, findable := stored.SearchTerm(q.Search)
	order := map[string]func(a, b gatelatch.Invitation) int{
		"expires_at":    func(a, b gatelatch.Invitation) int { return a.ExpireAt.Compare(b.ExpireAt) },
		"email_address": func(a, b gatelatch.Invitation) int { return cmp.Compare(a.Value, b.Value) },
	}[q.Order]
	if order == nil {
		order = func(a, b gatelatch.Invitation) int { return a.CreatedAt.Compare(b.CreatedAt) }
	}
	return find(ctx, m, m.invitations, finding[gatelatch.Invitation]{
		slice: q.Slice, descending: q.Descending, copied: cloneInvitation,
		compare: func(a, b gatelatch.Invitation) int { return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID)) },
		keep: func(i gatelatch.Invitation) bool {
			status := stored.InvitationStatus(i, q.Now)
			return findable && has(i.ID, stored.AddressText(i.Identifier, i.Display), term) &&
				(status == q.Status || q.Status == "" && status != stored.InvitationRevoked)
		},
	})
}

func cloneInvitation(i gatelatch.Invitation) gatelatch.Invitation {
	i.PublicMetadata = bag(i.PublicMetadata)
	return i
}

// FindWaiting implements [admin.Repo].
func (m *memory) FindWaiting(ctx context.Context, q admin.WaitlistQuery) ([]gatelatch.WaitlistEntry, int, error) {
	term, findable := stored.SearchTerm(q.Search)
	order := map[string]func(a, b gatelatch.WaitlistEntry) int{
		"invited_at":    func(a, b gatelatch.WaitlistEntry) int { return a.ApprovedAt.Compare(b.ApprovedAt) },
		"email_address": func(a, b gatelatch.WaitlistEntry) int { return cmp.Compare(a.Value, b.Value) },
	}[q.Order]
	if order == nil {
		order = func(a, b gatelatch.WaitlistEntry) int { return a.CreatedAt.Compare(b.CreatedAt) }
	}
	return find(ctx, m, m.waitlist, finding[gatelatch.WaitlistEntry]{
		slice: q.Slice, descending: q.Descending,
		compare: func(a, b gatelatch.WaitlistEntry) int { return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID)) },
		keep: func(e gatelatch.WaitlistEntry) bool {
			return findable && has(e.ID, stored.AddressText(e.Identifier, e.Display), term) &&
				(q.Status == "" || stored.WaitingStatus(e) == q.Status)
		},
	})
}

// has reports whether a term stands in the text in which a row is searched, or in its
// id.
func has(id, text, term string) bool {
	return strings.Contains(text, term) || stored.InIDs(term) && strings.Contains(strings.ToLower(id), term)
}

// finding is a page by numbers of rows in some order.
type finding[V any] struct {
	slice      admin.Slice
	descending bool
	keep       func(V) bool
	compare    func(a, b V) int
	copied     func(V) V // what a caller gets; the row itself when nil
}

// find returns a page, and how many rows there are in all.
func find[K comparable, V any](ctx context.Context, m *memory, t table[K, V], f finding[V]) ([]V, int, error) {
	var (
		rows []V
		all  int
	)
	err := m.write(ctx, func(*tx) error {
		for _, row := range t {
			if f.keep(row) {
				rows = append(rows, row)
			}
		}
		all, rows = len(rows), f.page(rows)
		return nil
	})
	return rows, all, err
}

func (f finding[V]) page(rows []V) []V {
	slices.SortFunc(rows, func(a, b V) int {
		if f.descending {
			a, b = b, a
		}
		return f.compare(a, b)
	})
	from := min(max(f.slice.Offset, 0), len(rows))
	rows = slices.Clone(rows[from:min(from+stored.Rows(f.slice.Limit), len(rows))])
	if len(rows) == 0 {
		return nil
	}
	for i := range rows {
		if f.copied != nil {
			rows[i] = f.copied(rows[i])
		}
	}
	return rows
}

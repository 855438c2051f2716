// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// Users implements [admin.Repo].
func (m *memory) Users(ctx context.Context, q admin.UserQuery) ([]gatelatch.User, error) {
	keep := picks(q)
	rows, _, err := find(ctx, m, m.users, finding[gatelatch.User]{
		slice: admin.Slice{Offset: q.Offset, Limit: q.Limit}, descending: q.Descending,
		keep:    func(u gatelatch.User) bool { return keep(u) && follows(u, q) },
		compare: userOrder(q.Order), copied: clone,
	})
	return rows, err
}

// CountUsers implements [admin.Repo].
func (m *memory) CountUsers(ctx context.Context, q admin.UserQuery) (int, error) {
	n, keep := 0, picks(q)
	err := m.write(ctx, func(*tx) error {
		for _, u := range m.users {
			if keep(u) {
				n++
			}
		}
		return nil
	})
	return n, err
}

func picks(q admin.UserQuery) func(gatelatch.User) bool {
	term, findable := stored.SearchTerm(q.Search)
	return func(u gatelatch.User) bool {
		switch {
		case !findable, q.Banned != nil && *q.Banned != u.Banned, !named(u, q),
			!within(u.CreatedAt, q.Created), !within(u.LastActiveAt, q.LastActive), !within(u.LastSignInAt, q.LastSignIn):
			return false
		}
		return has(u.ID, stored.SearchText(u), term)
	}
}

func named(u gatelatch.User, q admin.UserQuery) bool {
	if len(q.IDs) == 0 && len(q.ExternalIDs) == 0 && len(q.Identifiers) == 0 {
		return true
	}
	if slices.Contains(q.IDs, u.ID) || u.ExternalID != "" && slices.Contains(q.ExternalIDs, u.ExternalID) {
		return true
	}
	return slices.ContainsFunc(u.Addresses, func(a gatelatch.Address) bool { return slices.Contains(q.Identifiers, a.Identifier) })
}

func within(at time.Time, s admin.Span) bool {
	low, high := stored.Bounds(s.From, s.Before)
	return low <= stored.Micros(at) && stored.Micros(at) < high
}

// follows reports whether a user comes after the end of the page before.
func follows(u gatelatch.User, q admin.UserQuery) bool {
	switch {
	case q.Order != "" || q.After == "":
		return true
	case !stored.Findable(q.After):
		return false
	case q.Descending:
		return u.ID < q.After
	}
	return u.ID > q.After
}

func userOrder(o admin.UserOrder) func(a, b gatelatch.User) int {
	at := func(of func(gatelatch.User) time.Time) func(a, b gatelatch.User) int {
		return func(a, b gatelatch.User) int { return cmp.Or(of(a).Compare(of(b)), cmp.Compare(a.ID, b.ID)) }
	}
	text := func(of func(gatelatch.User) string) func(a, b gatelatch.User) int {
		return func(a, b gatelatch.User) int { return cmp.Or(cmp.Compare(of(a), of(b)), cmp.Compare(a.ID, b.ID)) }
	}
	switch o {
	case admin.ByCreation:
		return at(func(u gatelatch.User) time.Time { return u.CreatedAt })
	case admin.ByUpdate:
		return at(func(u gatelatch.User) time.Time { return u.UpdatedAt })
	case admin.ByLastActive:
		return at(func(u gatelatch.User) time.Time { return u.LastActiveAt })
	case admin.ByLastSignIn:
		return at(func(u gatelatch.User) time.Time { return u.LastSignInAt })
	case admin.ByFirstName:
		return text(func(u gatelatch.User) string { return stored.Fold(u.FirstName) })
	case admin.ByLastName:
		return text(func(u gatelatch.User) string { return stored.Fold(u.LastName) })
	case admin.ByEmail:
		return text(func(u gatelatch.User) string { return primary(u, gatelatch.EmailAddress) })
	case admin.ByPhone:
		return text(func(u gatelatch.User) string { return primary(u, gatelatch.PhoneNumber) })
	}
	return text(func(gatelatch.User) string { return "" })
}

func primary(u gatelatch.User, kind gatelatch.IdentifierKind) string {
	a, _ := u.Primary(kind)
	return a.Value
}

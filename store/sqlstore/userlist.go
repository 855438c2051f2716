// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
)

// userOrders are what users are sorted by. Without an order it is their ids, which
// sort by age. By age, also where it was imported, and by id there is an index; the
// other orders, and a search, go through all users that the rest of a query leaves.
var userOrders = map[admin.UserOrder]string{
	admin.ByCreation:   `u.created_at`,
	admin.ByUpdate:     `u.updated_at`,
	admin.ByLastActive: `u.last_active_at`,
	admin.ByLastSignIn: `u.last_sign_in_at`,
	admin.ByFirstName:  `lower(u.first_name)`,
	admin.ByLastName:   `lower(u.last_name)`,
	admin.ByEmail:      primaryOf + `'email_address'), '')`,
	admin.ByPhone:      primaryOf + `'phone_number'), '')`,
}

const primaryOf = `COALESCE((SELECT MIN(p.value) FROM addresses p WHERE p.user_id = u.id AND p.is_primary = 1 AND p.kind = `

// Users implements [admin.Repo].
func (s *Store) Users(ctx context.Context, q admin.UserQuery) ([]gatelatch.User, error) {
	p := s.pickUsers(q)
	query := usersQuery(&p, q)
	if p.nothing {
		return nil, nil
	}
	var users []gatelatch.User
	err := s.read(ctx, func(u *unit) error {
		users = nil
		var r userRow
		return u.rows(ctx, func(rows *sql.Rows) error {
			err := r.scan(rows)
			users = r.into(users)
			return err
		}, query, p.args...)
	})
	if err != nil {
		return nil, step("listing users", err)
	}
	return users, nil
}

// CountUsers implements [admin.Repo].
func (s *Store) CountUsers(ctx context.Context, q admin.UserQuery) (int, error) {
	p := s.pickUsers(q)
	if p.nothing {
		return 0, nil
	}
	var n int
	err := s.read(ctx, func(u *unit) error {
		return u.row(ctx, []any{&n}, `SELECT COUNT(*) FROM users u`+p.where(), p.args...)
	})
	return n, step("counting users", err)
}

// usersQuery reads a page of users, and then their addresses.
func usersQuery(p *picking, q admin.UserQuery) string {
	key, known := userOrders[q.Order]
	if !known {
		key = "u.id"
		p.after(q)
	}
	return `SELECT ` + userColumns + ` FROM (SELECT u.*, ` + key + ` AS sort_key FROM users u` + p.where() +
		ordered("sort_key", "u.id", q.Descending) + p.limited(q.Offset, q.Limit) + `) u
LEFT JOIN addresses a ON a.user_id = u.id` + ordered("u.sort_key", "u.id", q.Descending) + `, a.verified_at, a.id`
}

// after begins where the page before has ended.
func (p *picking) after(q admin.UserQuery) {
	switch {
	case q.After == "":
	case q.Descending:
		p.and("u.id < " + p.arg(q.After))
	default:
		p.and("u.id > " + p.arg(q.After))
	}
}

// pickUsers are the conditions of a query, its page aside.
func (s *Store) pickUsers(q admin.UserQuery) picking {
	var p picking
	if q.Banned != nil {
		p.and("u.banned = " + p.arg(flag(*q.Banned)))
	}
	p.containing("u.id", "u.search", q.Search)
	p.named(s.dialect.Texts, q)
	p.during("u.created_at", q.Created)
	p.during("u.last_active_at", q.LastActive)
	p.during("u.last_sign_in_at", q.LastSignIn)
	return p
}

// named picks users by name. Each part of the union has an index of its own.
func (p *picking) named(table func(string) string, q admin.UserQuery) {
	if len(q.IDs) == 0 && len(q.ExternalIDs) == 0 && len(q.Identifiers) == 0 {
		return
	}
	emails, phones := valuesOf(q.Identifiers, gatelatch.EmailAddress), valuesOf(q.Identifiers, gatelatch.PhoneNumber)
	in := func(of []string) string { return ` IN (SELECT value FROM ` + table(p.arg(list(of))) + `)` }
	p.and(`u.id IN (SELECT n.id FROM users n WHERE n.id` + in(q.IDs) + `
UNION SELECT n.id FROM users n WHERE n.external_id <> '' AND n.external_id` + in(q.ExternalIDs) + `
UNION SELECT n.user_id FROM addresses n WHERE n.kind = 'email_address' AND n.value` + in(emails) + `
UNION SELECT n.user_id FROM addresses n WHERE n.kind = 'phone_number' AND n.value` + in(phones) + `)`)
}

func valuesOf(ids []gatelatch.Identifier, kind gatelatch.IdentifierKind) []string {
	var values []string
	for _, id := range ids {
		if id.Kind == kind {
			values = append(values, id.Value)
		}
	}
	return values
}

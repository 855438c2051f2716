// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// userColumns are what [userRow] scans: a user, and one address of it. A
// column of an address is missing when the user has none.
const userColumns = `u.id, u.first_name, u.last_name, u.created_at, u.updated_at, u.last_sign_in_at,
COALESCE(a.id, ''), COALESCE(a.kind, ''), COALESCE(a.value, ''), COALESCE(a.display, ''),
COALESCE(a.verified_at, 0), COALESCE(a.is_primary, 0)`

const (
	selectUserByIdentifier = `SELECT ` + userColumns + `
FROM addresses k JOIN users u ON u.id = k.user_id JOIN addresses a ON a.user_id = u.id
WHERE k.kind = $1 AND k.value = $2 ORDER BY a.verified_at, a.id`

	insertUser = `INSERT INTO users (id, first_name, last_name, created_at, updated_at, last_sign_in_at)
VALUES ($1, $2, $3, $4, $5, $6)`
	insertAddress = `INSERT INTO addresses (id, user_id, kind, value, display, verified_at, is_primary)
VALUES ($1, $2, $3, $4, $5, $6, $7)`

	updateLastSignIn = `UPDATE users SET last_sign_in_at = $2 WHERE id = $1`
)

// UserByIdentifier implements [flow.Tx].
func (u *unit) UserByIdentifier(ctx context.Context, id gatelatch.Identifier) (gatelatch.User, error) {
	if !findable(id.Value) {
		return gatelatch.User{}, gatelatch.ErrNotFound
	}
	var r userRow
	err := u.rows(ctx, func(rows *sql.Rows) error {
		return r.scan(rows)
	}, selectUserByIdentifier, string(id.Kind), id.Value)
	if err == nil && r.user.ID == "" {
		err = gatelatch.ErrNotFound
	}
	if err != nil {
		return gatelatch.User{}, step("reading a user", err)
	}
	return r.user, nil
}

// CreateUser implements [flow.Tx].
func (u *unit) CreateUser(ctx context.Context, user gatelatch.User) error {
	_, err := u.exec(ctx, insertUser, user.ID, user.FirstName, user.LastName,
		stored.Micros(user.CreatedAt), stored.Micros(user.UpdatedAt), stored.Micros(user.LastSignInAt))
	if err != nil {
		return step("adding a user", err)
	}
	for _, a := range user.Addresses {
		_, err := u.exec(ctx, insertAddress, a.ID, user.ID, string(a.Kind), a.Value, a.Display,
			stored.Micros(a.VerifiedAt), flag(a.Primary))
		if err != nil {
			return step("adding an address", err)
		}
	}
	return nil
}

// MarkSignIn implements [flow.Tx].
func (u *unit) MarkSignIn(ctx context.Context, userID string, at time.Time) error {
	n, err := u.exec(ctx, updateLastSignIn, userID, stored.Micros(at))
	if err == nil && n == 0 {
		err = gatelatch.ErrNotFound
	}
	return step("marking a sign-in", err)
}

// userRow gathers a user from rows of [userColumns], one for each address.
type userRow struct {
	user                       gatelatch.User
	created, updated, signedIn int64
	address                    gatelatch.Address
	kind                       string
	verified, primary          int64
}

// scan reads a row whose columns are those of more, and then [userColumns].
func (r *userRow) scan(rows *sql.Rows, more ...any) error {
	err := rows.Scan(append(more,
		&r.user.ID, &r.user.FirstName, &r.user.LastName, &r.created, &r.updated, &r.signedIn,
		&r.address.ID, &r.kind, &r.address.Value, &r.address.Display, &r.verified, &r.primary)...)
	if err != nil {
		return err
	}
	r.user.CreatedAt, r.user.UpdatedAt = stored.Time(r.created), stored.Time(r.updated)
	r.user.LastSignInAt = stored.Time(r.signedIn)
	if r.address.ID == "" {
		return nil
	}
	r.address.Kind = gatelatch.IdentifierKind(r.kind)
	r.address.VerifiedAt, r.address.Primary = stored.Time(r.verified), r.primary != 0
	r.user.Addresses = append(r.user.Addresses, r.address)
	return nil
}

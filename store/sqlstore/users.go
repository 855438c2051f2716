// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	selectUserByIdentifier = `SELECT ` + userColumns + `
FROM addresses k JOIN users u ON u.id = k.user_id JOIN addresses a ON a.user_id = u.id
WHERE k.kind = $1 AND k.value = $2 ORDER BY a.verified_at, a.id`
	selectUserByAddressID = `SELECT ` + userColumns + `
FROM addresses k JOIN users u ON u.id = k.user_id JOIN addresses a ON a.user_id = u.id
WHERE k.id = $1 ORDER BY a.verified_at, a.id`
	selectUserByExternalID = `SELECT ` + userColumns + `
FROM users u LEFT JOIN addresses a ON a.user_id = u.id
WHERE u.external_id = $1 AND u.external_id <> '' ORDER BY a.verified_at, a.id`
	selectUser = `SELECT ` + userColumns + `
FROM users u LEFT JOIN addresses a ON a.user_id = u.id WHERE u.id = $1 ORDER BY a.verified_at, a.id`
	lockUser = `SELECT id FROM users WHERE id = $1`

	insertUser = `INSERT INTO users (id, first_name, last_name, created_at, updated_at, last_sign_in_at,
banned, password_reset, has_password, has_totp, has_backup_codes, has_passkey, terms_version, terms_accepted_at, search,
external_id, locale, locked_until, keeps_account, last_active_at, public_metadata, private_metadata, unsafe_metadata)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`
	updateUser = `UPDATE users SET first_name = $2, last_name = $3, created_at = $4, updated_at = $5, last_sign_in_at = $6,
banned = $7, password_reset = $8, has_password = $9, has_totp = $10, has_backup_codes = $11, has_passkey = $12,
terms_version = $13, terms_accepted_at = $14, search = $15, external_id = $16, locale = $17,
locked_until = $18, keeps_account = $19, last_active_at = $20, public_metadata = $21, private_metadata = $22,
unsafe_metadata = $23 WHERE id = $1`
	updateLastSignIn = `UPDATE users SET last_sign_in_at = $2,
last_active_at = CASE WHEN last_active_at < $2 THEN $2 ELSE last_active_at END WHERE id = $1`
	deleteUser = `DELETE FROM users WHERE id = $1`

	insertAddress = `INSERT INTO addresses (id, user_id, kind, value, display, verified_at, is_primary, second_factor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	deleteAddress = `DELETE FROM addresses WHERE id = $1`
)

// UserByIdentifier implements [flow.Tx].
func (u *unit) UserByIdentifier(ctx context.Context, id gatelatch.Identifier) (gatelatch.User, error) {
	if !stored.Findable(id.Value) {
		return gatelatch.User{}, gatelatch.ErrNotFound
	}
	user, err := u.user(ctx, selectUserByIdentifier, string(id.Kind), id.Value)
	return user, step("reading a user", err)
}

// UserByExternalID implements [flow.Tx].
func (u *unit) UserByExternalID(ctx context.Context, externalID string) (gatelatch.User, error) {
	return u.userBy(ctx, selectUserByExternalID, externalID)
}

// UserByAddressID implements [flow.Tx].
func (u *unit) UserByAddressID(ctx context.Context, addressID string) (gatelatch.User, error) {
	return u.userBy(ctx, selectUserByAddressID, addressID)
}

func (u *unit) userBy(ctx context.Context, query, key string) (gatelatch.User, error) {
	if !stored.Findable(key) {
		return gatelatch.User{}, gatelatch.ErrNotFound
	}
	user, err := u.user(ctx, query, key)
	return user, step("reading a user", err)
}

// User implements [flow.Tx].
func (u *unit) User(ctx context.Context, id string) (gatelatch.User, error) {
	if !stored.Findable(id) {
		return gatelatch.User{}, gatelatch.ErrNotFound
	}
	if err := u.lockUser(ctx, id); err != nil {
		return gatelatch.User{}, step("locking a user", err)
	}
	user, err := u.user(ctx, selectUser, id)
	return user, step("reading a user", err)
}

// lockUser locks a user's row where a transaction does not exclude all others
// anyway. It is a query of its own: one that waits for a lock sees other tables
// as they were before. ErrNotFound when there is no such user.
func (u *unit) lockUser(ctx context.Context, id string) error {
	if u.text.lockUser == "" {
		return nil
	}
	return u.row(ctx, []any{&id}, u.text.lockUser, id)
}

func (u *unit) user(ctx context.Context, query string, args ...any) (gatelatch.User, error) {
	var r userRow
	err := u.rows(ctx, func(rows *sql.Rows) error { return r.scan(rows) }, query, args...)
	if err == nil && r.user.ID == "" {
		err = gatelatch.ErrNotFound
	}
	if err != nil {
		return gatelatch.User{}, err
	}
	return r.user, nil
}

// CreateUser implements [flow.Tx].
func (u *unit) CreateUser(ctx context.Context, user gatelatch.User) error {
	if _, err := u.exec(ctx, insertUser, userArgs(user)...); err != nil {
		return step("adding a user", err)
	}
	return u.addAddresses(ctx, user.ID, user.Addresses)
}

// PutUser implements [flow.Tx]. Addresses that have changed are taken out before
// any is put in, so that none stands in the way of another. The update of the
// user comes first: it waits for whoever else writes the same user.
func (u *unit) PutUser(ctx context.Context, user gatelatch.User) error {
	if !stored.Findable(user.ID) {
		return gatelatch.ErrNotFound
	}
	n, err := u.exec(ctx, updateUser, userArgs(user)...)
	if err == nil && n == 0 {
		err = gatelatch.ErrNotFound
	}
	if err != nil {
		return step("saving a user", err)
	}
	old, err := u.user(ctx, selectUser, user.ID)
	if err != nil {
		return step("reading a user's addresses", err)
	}
	wanted := settledAddresses(user.Addresses)
	err = each(without(old.Addresses, wanted), func(a gatelatch.Address) error {
		_, err := u.exec(ctx, deleteAddress, a.ID)
		return err
	})
	if err != nil {
		return step("removing an address", err)
	}
	return u.addAddresses(ctx, user.ID, without(wanted, old.Addresses))
}

func (u *unit) addAddresses(ctx context.Context, userID string, addresses []gatelatch.Address) error {
	return each(addresses, func(a gatelatch.Address) error {
		_, err := u.exec(ctx, insertAddress, a.ID, userID, string(a.Kind), a.Value, a.Display,
			stored.Micros(a.VerifiedAt), flag(a.Primary), reserved(a))
		return step("adding an address", err)
	})
}

// reserved is how far a number is kept for the second step: 0 not, 1 it is, 2 it is
// the one to begin with.
func reserved(a gatelatch.Address) int64 {
	if a.SecondFactor && a.DefaultSecond {
		return 2
	}
	return flag(a.SecondFactor)
}

func settledAddresses(addresses []gatelatch.Address) []gatelatch.Address {
	addresses = slices.Clone(addresses)
	for i := range addresses {
		addresses[i].VerifiedAt = stored.Moment(addresses[i].VerifiedAt)
		addresses[i].DefaultSecond = addresses[i].DefaultSecond && addresses[i].SecondFactor
	}
	return addresses
}

// without returns the addresses that do not stand among others just as they are.
func without(addresses, others []gatelatch.Address) []gatelatch.Address {
	var left []gatelatch.Address
	for _, a := range addresses {
		if !slices.Contains(others, a) {
			left = append(left, a)
		}
	}
	return left
}

// DeleteUser implements [flow.Tx]. What refers to the user goes with it.
func (u *unit) DeleteUser(ctx context.Context, id string) error {
	if !stored.Findable(id) {
		return gatelatch.ErrNotFound
	}
	n, err := u.exec(ctx, deleteUser, id)
	if err == nil && n == 0 {
		err = gatelatch.ErrNotFound
	}
	return step("deleting a user", err)
}

// MarkSignIn implements [flow.Tx].
func (u *unit) MarkSignIn(ctx context.Context, userID string, at time.Time) error {
	n, err := u.exec(ctx, updateLastSignIn, userID, stored.Micros(at))
	if err == nil && n == 0 {
		err = gatelatch.ErrNotFound
	}
	return step("marking a sign-in", err)
}

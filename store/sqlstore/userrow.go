// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// userColumns are what [userRow] scans: a user, and one address of it. A
// column of an address is missing when the user has none.
const userColumns = `u.id, u.first_name, u.last_name, u.created_at, u.updated_at, u.last_sign_in_at,
u.banned, u.password_reset, u.has_password, u.has_totp, u.has_backup_codes, u.has_passkey,
u.terms_version, u.terms_accepted_at, u.external_id, u.locale, u.locked_until, u.keeps_account, u.last_active_at,
u.public_metadata, u.private_metadata, u.unsafe_metadata,
COALESCE(a.id, ''), COALESCE(a.kind, ''), COALESCE(a.value, ''), COALESCE(a.display, ''),
COALESCE(a.verified_at, 0), COALESCE(a.is_primary, 0), COALESCE(a.second_factor, 0)`

// userArgs are the values of a user's row, in the order of insertUser.
func userArgs(u gatelatch.User) []any {
	return []any{
		u.ID, u.FirstName, u.LastName,
		stored.Micros(u.CreatedAt), stored.Micros(u.UpdatedAt), stored.Micros(u.LastSignInAt),
		flag(u.Banned), flag(u.PasswordReset),
		flag(u.Factors.Password), flag(u.Factors.TOTP), flag(u.Factors.BackupCodes), flag(u.Factors.Passkey),
		u.TermsVersion, stored.Micros(u.TermsAcceptedAt), stored.SearchText(u),
		u.ExternalID, u.Locale, stored.Micros(u.LockedUntil), flag(u.KeepsAccount), stored.Micros(u.LastActiveAt),
		string(u.Metadata.Public), string(u.Metadata.Private), string(u.Metadata.Unsafe),
	}
}

// userRow gathers a user from rows of [userColumns], one for each address. The
// rows of a user follow each other.
type userRow struct {
	user                                 gatelatch.User
	created, updated, signedIn, accepted int64
	locked, active                       int64
	address                              gatelatch.Address
	kind                                 string
	verified                             int64
	reserved                             int64
}

// into adds a user to those before, one of whose addresses it may be.
func (r *userRow) into(users []gatelatch.User) []gatelatch.User {
	user := r.user
	if n := len(users); n > 0 && users[n-1].ID == user.ID {
		users = users[:n-1]
	}
	return append(users, user)
}

// scan reads a row whose columns are those of more, and then [userColumns].
func (r *userRow) scan(rows *sql.Rows, more ...any) error {
	u, a, before := &r.user, &r.address, r.user.ID
	err := rows.Scan(append(more,
		&u.ID, &u.FirstName, &u.LastName, &r.created, &r.updated, &r.signedIn,
		truth{&u.Banned}, truth{&u.PasswordReset},
		truth{&u.Factors.Password}, truth{&u.Factors.TOTP}, truth{&u.Factors.BackupCodes}, truth{&u.Factors.Passkey},
		&u.TermsVersion, &r.accepted, &u.ExternalID, &u.Locale, &r.locked, truth{&u.KeepsAccount}, &r.active,
		bag{&u.Metadata.Public}, bag{&u.Metadata.Private}, bag{&u.Metadata.Unsafe},
		&a.ID, &r.kind, &a.Value, &a.Display, &r.verified, truth{&a.Primary}, &r.reserved)...)
	if err != nil {
		return err
	}
	if u.ID != before {
		u.Addresses = nil
	}
	u.CreatedAt, u.UpdatedAt = stored.Time(r.created), stored.Time(r.updated)
	u.LastSignInAt, u.TermsAcceptedAt = stored.Time(r.signedIn), stored.Time(r.accepted)
	u.LockedUntil, u.LastActiveAt = stored.Time(r.locked), stored.Time(r.active)
	if a.ID == "" {
		return nil
	}
	a.Kind, a.VerifiedAt = gatelatch.IdentifierKind(r.kind), stored.Time(r.verified)
	a.SecondFactor, a.DefaultSecond = r.reserved > 0, r.reserved > 1
	u.Addresses = append(u.Addresses, *a)
	return nil
}

// bag scans a JSON object that stands in a text; nil for an empty one.
type bag struct{ to *json.RawMessage }

// Scan implements [sql.Scanner]. A text may come as bytes that the driver uses again.
func (b bag) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*b.to = json.RawMessage(v)
	case []byte:
		*b.to = bytes.Clone(v)
	default:
		return fmt.Errorf("a stored bag of metadata is a %T", v)
	}
	if len(*b.to) == 0 {
		*b.to = nil
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

const (
	invitationColumns = `id, kind, value, display, created_at, expire_at, accepted_at, revoked_at,
public_metadata, redirect_url`

	selectInvitation   = `SELECT ` + invitationColumns + ` FROM invitations WHERE id = $1`
	selectInvitationTo = `SELECT ` + invitationColumns + ` FROM invitations
WHERE kind = $1 AND value = $2 ORDER BY created_at DESC, id DESC LIMIT 1`
	upsertInvitation = `INSERT INTO invitations (` + invitationColumns + `, over_at, search)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, value = excluded.value, display = excluded.display,
created_at = excluded.created_at, expire_at = excluded.expire_at, accepted_at = excluded.accepted_at,
revoked_at = excluded.revoked_at, public_metadata = excluded.public_metadata, redirect_url = excluded.redirect_url,
over_at = excluded.over_at, search = excluded.search`

	waitingColumns = `id, kind, value, display, created_at, approved_at, rejected_at`

	selectWaiting     = `SELECT ` + waitingColumns + ` FROM waitlist WHERE kind = $1 AND value = $2`
	selectWaitingByID = `SELECT ` + waitingColumns + ` FROM waitlist WHERE id = $1`
	upsertWaiting     = `INSERT INTO waitlist (` + waitingColumns + `, search) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (kind, value) DO UPDATE SET id = excluded.id, display = excluded.display,
created_at = excluded.created_at, approved_at = excluded.approved_at, rejected_at = excluded.rejected_at,
search = excluded.search`
	deleteWaiting = `DELETE FROM waitlist WHERE kind = $1 AND value = $2`

	selectRestrictions = `SELECT id, list, pattern, created_at FROM restrictions ORDER BY created_at, id`
	insertRestriction  = `INSERT INTO restrictions (id, list, pattern, created_at) VALUES ($1, $2, $3, $4)`
	deleteRestriction  = `DELETE FROM restrictions WHERE id = $1`

	selectSettings = `SELECT data FROM settings WHERE key = $1`
	upsertSettings = `INSERT INTO settings (key, data) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET data = excluded.data`

	// theSettings is the key of the only row of its table.
	theSettings = "settings"
)

// Invitation implements [flow.Tx].
func (u *unit) Invitation(ctx context.Context, id string) (gatelatch.Invitation, error) {
	if !stored.Findable(id) {
		return gatelatch.Invitation{}, gatelatch.ErrNotFound
	}
	i, err := one(ctx, u, scanInvitation, u.text.invitation, id)
	return i, step("reading an invitation", err)
}

// InvitationTo implements [flow.Tx].
func (u *unit) InvitationTo(ctx context.Context, id gatelatch.Identifier) (gatelatch.Invitation, error) {
	if !stored.Findable(id.Value) {
		return gatelatch.Invitation{}, gatelatch.ErrNotFound
	}
	i, err := one(ctx, u, scanInvitation, u.text.invitationTo, string(id.Kind), id.Value)
	return i, step("reading an invitation", err)
}

// PutInvitation implements [flow.Tx].
func (u *unit) PutInvitation(ctx context.Context, i gatelatch.Invitation) error {
	_, err := u.exec(ctx, upsertInvitation, i.ID, string(i.Kind), i.Value, i.Display,
		stored.Micros(i.CreatedAt), stored.Micros(i.ExpireAt), stored.Micros(i.AcceptedAt), stored.Micros(i.RevokedAt),
		string(i.PublicMetadata), i.RedirectURL, stored.Micros(stored.InvitationOver(i)),
		stored.AddressText(i.Identifier, i.Display))
	return step("saving an invitation", err)
}

func scanInvitation(rows *sql.Rows) (gatelatch.Invitation, error) {
	var (
		i                                  gatelatch.Invitation
		kind                               string
		created, expire, accepted, revoked int64
	)
	err := rows.Scan(&i.ID, &kind, &i.Value, &i.Display, &created, &expire, &accepted, &revoked,
		bag{&i.PublicMetadata}, &i.RedirectURL)
	i.Kind = gatelatch.IdentifierKind(kind)
	i.CreatedAt, i.ExpireAt = stored.Time(created), stored.Time(expire)
	i.AcceptedAt, i.RevokedAt = stored.Time(accepted), stored.Time(revoked)
	return i, err
}

// Waiting implements [flow.Tx].
func (u *unit) Waiting(ctx context.Context, id gatelatch.Identifier) (gatelatch.WaitlistEntry, error) {
	if !stored.Findable(id.Value) {
		return gatelatch.WaitlistEntry{}, gatelatch.ErrNotFound
	}
	e, err := one(ctx, u, scanWaiting, u.text.waiting, string(id.Kind), id.Value)
	return e, step("reading the waitlist", err)
}

// WaitingByID implements [flow.Tx].
func (u *unit) WaitingByID(ctx context.Context, id string) (gatelatch.WaitlistEntry, error) {
	if !stored.Findable(id) {
		return gatelatch.WaitlistEntry{}, gatelatch.ErrNotFound
	}
	e, err := one(ctx, u, scanWaiting, u.text.waitingByID, id)
	return e, step("reading the waitlist", err)
}

// PutWaiting implements [flow.Tx].
func (u *unit) PutWaiting(ctx context.Context, e gatelatch.WaitlistEntry) error {
	_, err := u.exec(ctx, upsertWaiting, e.ID, string(e.Kind), e.Value, e.Display,
		stored.Micros(e.CreatedAt), stored.Micros(e.ApprovedAt), stored.Micros(e.RejectedAt),
		stored.AddressText(e.Identifier, e.Display))
	return step("saving an entry of the waitlist", err)
}

// DeleteWaiting implements [flow.Tx].
func (u *unit) DeleteWaiting(ctx context.Context, id gatelatch.Identifier) error {
	if !stored.Findable(id.Value) {
		return nil
	}
	_, err := u.exec(ctx, deleteWaiting, string(id.Kind), id.Value)
	return step("deleting an entry of the waitlist", err)
}

func scanWaiting(rows *sql.Rows) (gatelatch.WaitlistEntry, error) {
	var (
		e                           gatelatch.WaitlistEntry
		kind                        string
		created, approved, rejected int64
	)
	err := rows.Scan(&e.ID, &kind, &e.Value, &e.Display, &created, &approved, &rejected)
	e.Kind = gatelatch.IdentifierKind(kind)
	e.CreatedAt, e.ApprovedAt, e.RejectedAt = stored.Time(created), stored.Time(approved), stored.Time(rejected)
	return e, err
}

// Restrictions implements [flow.Tx].
func (u *unit) Restrictions(ctx context.Context) ([]gatelatch.Restriction, error) {
	all, err := many(ctx, u, scanRestriction, selectRestrictions)
	return all, step("reading restrictions", err)
}

// PutRestriction implements [flow.Tx].
func (u *unit) PutRestriction(ctx context.Context, r gatelatch.Restriction) error {
	_, err := u.exec(ctx, insertRestriction, r.ID, string(r.List), r.Pattern, stored.Micros(r.CreatedAt))
	return step("adding a restriction", err)
}

// DeleteRestriction implements [flow.Tx].
func (u *unit) DeleteRestriction(ctx context.Context, id string) error {
	if !stored.Findable(id) {
		return gatelatch.ErrNotFound
	}
	n, err := u.exec(ctx, deleteRestriction, id)
	if err == nil && n == 0 {
		err = gatelatch.ErrNotFound
	}
	return step("deleting a restriction", err)
}

func scanRestriction(rows *sql.Rows) (gatelatch.Restriction, error) {
	var (
		r       gatelatch.Restriction
		list    string
		created int64
	)
	err := rows.Scan(&r.ID, &list, &r.Pattern, &created)
	r.List, r.CreatedAt = gatelatch.RestrictionList(list), stored.Time(created)
	return r, err
}

// Settings implements [flow.Tx].
func (u *unit) Settings(ctx context.Context) (flow.Settings, error) {
	var s flow.Settings
	err := u.document(ctx, selectSettings, theSettings, &s)
	if err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
		return flow.Settings{}, step("reading the settings", err)
	}
	return s, nil
}

// PutSettings implements [flow.Tx].
func (u *unit) PutSettings(ctx context.Context, s flow.Settings) error {
	data, err := stored.Encode(s)
	if err != nil {
		return u.fail(err)
	}
	_, err = u.exec(ctx, upsertSettings, theSettings, data)
	return step("saving the settings", err)
}

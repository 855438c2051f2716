// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// Invitation implements [flow.Tx].
func (t *tx) Invitation(ctx context.Context, id string) (gatelatch.Invitation, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.Invitation{}, err
	}
	i, ok := t.m.invitations[id]
	if !ok {
		return gatelatch.Invitation{}, gatelatch.ErrNotFound
	}
	i.PublicMetadata = bag(i.PublicMetadata)
	return i, nil
}

// InvitationTo implements [flow.Tx].
func (t *tx) InvitationTo(ctx context.Context, id gatelatch.Identifier) (gatelatch.Invitation, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.Invitation{}, err
	}
	var newest gatelatch.Invitation
	for _, i := range t.m.invitations {
		if i.Identifier == id && (newest.ID == "" || newer(i.CreatedAt, i.ID, newest.CreatedAt, newest.ID)) {
			newest = i
		}
	}
	if newest.ID == "" {
		return gatelatch.Invitation{}, gatelatch.ErrNotFound
	}
	newest.PublicMetadata = bag(newest.PublicMetadata)
	return newest, nil
}

func newer(at time.Time, id string, thanAt time.Time, thanID string) bool {
	if c := at.Compare(thanAt); c != 0 {
		return c > 0
	}
	return id > thanID
}

// PutInvitation implements [flow.Tx].
func (t *tx) PutInvitation(ctx context.Context, i gatelatch.Invitation) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	i.CreatedAt, i.ExpireAt = stored.Moment(i.CreatedAt), stored.Moment(i.ExpireAt)
	i.AcceptedAt, i.RevokedAt = stored.Moment(i.AcceptedAt), stored.Moment(i.RevokedAt)
	i.PublicMetadata = bag(i.PublicMetadata)
	t.m.invitations.put(t.m, i.ID, i)
	return nil
}

// Waiting implements [flow.Tx].
func (t *tx) Waiting(ctx context.Context, id gatelatch.Identifier) (gatelatch.WaitlistEntry, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.WaitlistEntry{}, err
	}
	e, ok := t.m.waitlist[id]
	if !ok {
		return gatelatch.WaitlistEntry{}, gatelatch.ErrNotFound
	}
	return e, nil
}

// WaitingByID implements [flow.Tx].
func (t *tx) WaitingByID(ctx context.Context, id string) (gatelatch.WaitlistEntry, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.WaitlistEntry{}, err
	}
	for _, e := range t.m.waitlist {
		if e.ID == id {
			return e, nil
		}
	}
	return gatelatch.WaitlistEntry{}, gatelatch.ErrNotFound
}

// PutWaiting implements [flow.Tx].
func (t *tx) PutWaiting(ctx context.Context, e gatelatch.WaitlistEntry) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	for at, other := range t.m.waitlist {
		if other.ID == e.ID && at != e.Identifier {
			return t.conflict("an entry of the waitlist")
		}
	}
	e.CreatedAt, e.ApprovedAt = stored.Moment(e.CreatedAt), stored.Moment(e.ApprovedAt)
	e.RejectedAt = stored.Moment(e.RejectedAt)
	t.m.waitlist.put(t.m, e.Identifier, e)
	return nil
}

// DeleteWaiting implements [flow.Tx].
func (t *tx) DeleteWaiting(ctx context.Context, id gatelatch.Identifier) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	t.m.waitlist.remove(t.m, id)
	return nil
}

// Restrictions implements [flow.Tx].
func (t *tx) Restrictions(ctx context.Context) ([]gatelatch.Restriction, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	var all []gatelatch.Restriction
	for _, r := range t.m.restrictions {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b gatelatch.Restriction) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

// PutRestriction implements [flow.Tx].
func (t *tx) PutRestriction(ctx context.Context, r gatelatch.Restriction) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	for _, other := range t.m.restrictions {
		if other.ID == r.ID || other.List == r.List && other.Pattern == r.Pattern {
			return t.conflict("a restriction")
		}
	}
	r.CreatedAt = stored.Moment(r.CreatedAt)
	t.m.restrictions.put(t.m, r.ID, r)
	return nil
}

// DeleteRestriction implements [flow.Tx].
func (t *tx) DeleteRestriction(ctx context.Context, id string) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if !t.m.restrictions.has(id) {
		return gatelatch.ErrNotFound
	}
	t.m.restrictions.remove(t.m, id)
	return nil
}

// theSettings is the key of the only row of its table.
const theSettings = "settings"

// Settings implements [flow.Tx].
func (t *tx) Settings(ctx context.Context) (flow.Settings, error) {
	if err := t.ready(ctx); err != nil {
		return flow.Settings{}, err
	}
	return t.m.settings[theSettings], nil
}

// PutSettings implements [flow.Tx].
func (t *tx) PutSettings(ctx context.Context, s flow.Settings) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	t.m.settings.put(t.m, theSettings, s)
	return nil
}

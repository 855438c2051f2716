// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

func invitationOf(name string, to gatelatch.Identifier, at time.Time) gatelatch.Invitation {
	return gatelatch.Invitation{
		ID: "inv_" + name, Identifier: to, Display: "Shown " + to.Value, CreatedAt: at, ExpireAt: at.Add(7 * 24 * time.Hour),
	}
}

func putInvitation(i gatelatch.Invitation) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutInvitation(ctx, i) }
}

func invitations(t *testing.T, s store.Store) {
	old, b, a := invitationOf("c", email(1), now.Add(-time.Hour)), invitationOf("b", email(1), now), invitationOf("a", email(1), now)
	must(t, s, putInvitation(b), putInvitation(old), putInvitation(a), putInvitation(invitationOf("d", email(2), now)))
	b.AcceptedAt, old.RevokedAt = now.Add(time.Minute), now.Add(time.Hour)
	must(t, s, putInvitation(b), putInvitation(old))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for _, want := range []gatelatch.Invitation{a, b, old} {
			got, err := tx.Invitation(ctx, want.ID)
			same(t, "an invitation", got, settled(want))
			wantErr(t, "an invitation", err, nil)
		}
		got, err := tx.InvitationTo(ctx, email(1))
		same(t, "the newest invitation", got, settled(b))
		_, missing := tx.Invitation(ctx, "inv_x")
		wantErr(t, "an unknown invitation", missing, gatelatch.ErrNotFound)
		_, missing = tx.InvitationTo(ctx, email(3))
		wantErr(t, "an address without one", missing, gatelatch.ErrNotFound)
		_, missing = tx.InvitationTo(ctx, gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: email(1).Value})
		wantErr(t, "another kind of address", missing, gatelatch.ErrNotFound)
		return err
	})
}

func entryOf(name string, id gatelatch.Identifier) gatelatch.WaitlistEntry {
	return gatelatch.WaitlistEntry{ID: "wle_" + name, Identifier: id, Display: "Shown " + id.Value, CreatedAt: now}
}

func putWaiting(e gatelatch.WaitlistEntry) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutWaiting(ctx, e) }
}

func waitlist(t *testing.T, s store.Store) {
	must(t, s, putWaiting(entryOf("1", email(1))), putWaiting(entryOf("2", email(2))))
	again := entryOf("3", email(1))
	again.ApprovedAt, again.CreatedAt, again.Display = now.Add(time.Hour), now.Add(time.Minute), "Other"
	must(t, s, putWaiting(again))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.Waiting(ctx, email(1))
		same(t, "an entry put twice", got, settled(again))
		wantErr(t, "an entry put twice", err, nil)
		got, err = tx.Waiting(ctx, email(2))
		same(t, "an entry", got, settled(entryOf("2", email(2))))
		_, missing := tx.Waiting(ctx, gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: email(2).Value})
		wantErr(t, "another kind of address", missing, gatelatch.ErrNotFound)
		return err
	})
	err := s.InTx(t.Context(), func(tx flow.Tx) error { return tx.PutWaiting(t.Context(), entryOf("2", email(3))) })
	wantErr(t, "an id that is taken", err, gatelatch.ErrConflict)
	silent(t, err)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for range 2 {
			if err := tx.DeleteWaiting(ctx, email(1)); err != nil {
				return err
			}
		}
		_, missing := tx.Waiting(ctx, email(1))
		wantErr(t, "a deleted entry", missing, gatelatch.ErrNotFound)
		_, err := tx.Waiting(ctx, email(2))
		return err
	})
}

func restrictionOf(name string, list gatelatch.RestrictionList, pattern string) gatelatch.Restriction {
	return gatelatch.Restriction{ID: "rst_" + name, List: list, Pattern: pattern, CreatedAt: now}
}

func restrictions(t *testing.T, s store.Store) {
	c, b, a := restrictionOf("c", gatelatch.AllowList, "email *@example.com"),
		restrictionOf("b", gatelatch.BlockList, "email *@example.com"), restrictionOf("a", gatelatch.AllowList, "phone US")
	c.CreatedAt = now.Add(-time.Hour)
	put := func(ctx context.Context, tx flow.Tx, lines ...gatelatch.Restriction) error {
		for _, r := range lines {
			if err := tx.PutRestriction(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error { return put(ctx, tx, b, a, c) })
	for what, r := range map[string]gatelatch.Restriction{
		"the same line": restrictionOf("d", gatelatch.AllowList, "phone US"),
		"the same id":   restrictionOf("a", gatelatch.BlockList, "phone CA"),
	} {
		err := s.InTx(t.Context(), func(tx flow.Tx) error { return put(t.Context(), tx, r) })
		wantErr(t, what, err, gatelatch.ErrConflict)
	}
	want := []gatelatch.Restriction{c, a, b}
	for range 2 {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.Restrictions(ctx)
			same(t, "the lines of both lists", got, settled(append([]gatelatch.Restriction(nil), want...)))
			wantErr(t, "an unknown line", tx.DeleteRestriction(ctx, "rst_x"), gatelatch.ErrNotFound)
			return err
		})
		if len(want) == 3 {
			want = []gatelatch.Restriction{c, b}
			tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.DeleteRestriction(ctx, "rst_a") })
		}
	}
}

func settings(t *testing.T, s store.Store) {
	for _, want := range []flow.Settings{{}, {SignUp: flow.SignUpInvite}, {}} {
		if want != (flow.Settings{}) {
			tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.PutSettings(ctx, want) })
		}
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.Settings(ctx)
			same(t, "the settings", got, want)
			if err != nil {
				return err
			}
			return tx.PutSettings(ctx, flow.Settings{})
		})
	}
}

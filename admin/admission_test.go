// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

func TestInvite(t *testing.T) {
	w := newWorld(t)
	w.user("bob@example.com")
	i, no, err := w.Invite(t.Context(), "Ada@Example.com", 0)
	w.accepted(no, err)
	if i.Status != "pending" || i.Address != "Ada@example.com" || i.ExpireAt.Sub(i.CreatedAt) != admin.InvitationLifetime {
		t.Errorf("%+v", i)
	}
	sent := w.gate.Fetch()
	if len(sent) != 1 || sent[0].Purpose != delivery.NoticeInvitation || sent[0].AttemptID != i.ID ||
		sent[0].Display != "Ada@example.com" || !sent[0].ExpireAt.Equal(i.ExpireAt) || sent[0].Strategy != "" {
		t.Errorf("queued %+v", sent)
	}
	_, no, err = w.Invite(t.Context(), "bob@example.com", 0)
	w.refused(gatelatch.CodeDuplicate, no, err)
	_, no, err = w.Invite(t.Context(), "nobody", 0)
	w.refused(gatelatch.CodeFormat, no, err)
	for _, wrong := range []time.Duration{time.Minute, -time.Hour, 366 * 24 * time.Hour} {
		_, no, err = w.Invite(t.Context(), "ada@example.com", wrong)
		w.refused(gatelatch.CodeValue, no, err)
	}
}

func TestSecondInvitationReplacesTheFirst(t *testing.T) {
	w := newWorld(t)
	first, no, err := w.Invite(t.Context(), "ada@example.com", time.Hour)
	w.accepted(no, err)
	w.gate.Clock.Advance(time.Minute)
	second, no, err := w.Invite(t.Context(), "ada@example.com", 48*time.Hour)
	w.accepted(no, err)
	list, err := w.ListInvitations(t.Context(), admin.Page{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{first.ID: "revoked", second.ID: "pending"}
	for _, i := range list.Invitations {
		if want[i.ID] != i.Status {
			t.Errorf("%s is %s", i.ID, i.Status)
		}
	}
	if len(list.Invitations) != 2 || list.Invitations[0].ID != second.ID {
		t.Errorf("%+v", list.Invitations)
	}
}

func TestRevokeInvitation(t *testing.T) {
	w := newWorld(t)
	i, no, err := w.Invite(t.Context(), "ada@example.com", time.Hour)
	w.accepted(no, err)
	for range 2 {
		gone, no, err := w.RevokeInvitation(t.Context(), i.ID)
		w.accepted(no, err)
		if gone.Status != "revoked" {
			t.Errorf("%+v", gone)
		}
	}
	_, no, err = w.RevokeInvitation(t.Context(), "inv_nothing")
	w.refused(gatelatch.CodeNotFound, no, err)
	other, no, err := w.Invite(t.Context(), "bob@example.com", time.Hour)
	w.accepted(no, err)
	w.tx(func(tx flow.Tx) error {
		row, err := tx.Invitation(t.Context(), other.ID)
		if err != nil {
			return err
		}
		row.AcceptedAt = w.gate.Clock.Now()
		return tx.PutInvitation(t.Context(), row)
	})
	_, no, err = w.RevokeInvitation(t.Context(), other.ID)
	w.refused(gatelatch.CodeStateInvalid, no, err)
}

func TestApprove(t *testing.T) {
	w := newWorld(t)
	now := w.gate.Clock.Now()
	waits := func(id, address string) {
		w.tx(func(tx flow.Tx) error {
			return tx.PutWaiting(t.Context(), gatelatch.WaitlistEntry{
				ID: id, Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: address}, Display: address, CreatedAt: now,
			})
		})
	}
	waits("wle_1", "ada@example.com")
	waits("wle_2", "bob@example.com")
	w.user("cyd@example.com")
	waits("wle_3", "cyd@example.com")
	for _, who := range []string{"ada@example.com", "wle_2"} {
		e, no, err := w.Approve(t.Context(), who)
		w.accepted(no, err)
		if e.ApprovedAt.IsZero() {
			t.Errorf("%+v", e)
		}
	}
	_, no, err := w.Approve(t.Context(), "wle_3")
	w.refused(gatelatch.CodeDuplicate, no, err)
	for _, who := range []string{"dan@example.com", "wle_9"} {
		_, no, err = w.Approve(t.Context(), who)
		w.refused(gatelatch.CodeNotFound, no, err)
	}
	sent := w.gate.Fetch()
	if len(sent) != 2 || sent[0].Purpose != delivery.NoticeApproved || sent[0].AttemptID == "" {
		t.Errorf("queued %+v", sent)
	}
	list, err := w.ListWaitlist(t.Context(), false, admin.Page{})
	if err != nil || len(list.Waitlist) != 1 || list.Waitlist[0].ID != "wle_3" {
		t.Errorf("still waiting: %+v %v", list, err)
	}
	if list, err = w.ListWaitlist(t.Context(), true, admin.Page{}); err != nil || len(list.Waitlist) != 3 {
		t.Errorf("all: %+v %v", list, err)
	}
}

// A message that would lead nowhere is not sent.
func TestNobodyIsInvitedInVain(t *testing.T) {
	configured, err := admission.Parse("blocked.example")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(s *flow.Service) { s.Admission.Block = []admission.Pattern{configured} })
	_, no, err := w.AddRestriction(t.Context(), gatelatch.BlockList, "eve@example.com", false)
	w.accepted(no, err)
	_, no, err = w.AddRestriction(t.Context(), gatelatch.AllowList, "friends.example", false) // an invitation is better than that
	w.accepted(no, err)
	waits := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "dan@example.com"}
	w.tx(func(tx flow.Tx) error {
		return tx.PutWaiting(t.Context(), gatelatch.WaitlistEntry{ID: "wle_1", Identifier: waits, Display: waits.Value, CreatedAt: w.gate.Clock.Now()})
	})
	for _, blocked := range []string{"eve@example.com", "anybody@blocked.example"} {
		_, no, err = w.Invite(t.Context(), blocked, 0)
		w.refused(gatelatch.CodeNotAllowed, no, err)
	}
	_, no, err = w.SetSignUp(t.Context(), flow.SignUpClosed)
	w.accepted(no, err)
	_, no, err = w.Invite(t.Context(), "ada@example.com", 0)
	w.refused(gatelatch.CodeSignUpClosed, no, err)
	_, no, err = w.Approve(t.Context(), "wle_1")
	w.refused(gatelatch.CodeSignUpClosed, no, err)
	if sent := w.gate.Fetch(); len(sent) != 0 {
		t.Errorf("queued %+v", sent)
	}
	_, no, err = w.SetSignUp(t.Context(), flow.SignUpInvite)
	w.accepted(no, err)
	_, no, err = w.Invite(t.Context(), "ada@example.com", 0)
	w.accepted(no, err)
	_, no, err = w.Approve(t.Context(), "wle_1")
	w.accepted(no, err)
}

func TestLists(t *testing.T) {
	configured, err := admission.Parse("example.org")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(s *flow.Service) { s.Admission.Allow = []admission.Pattern{configured} })
	added, no, err := w.AddRestriction(t.Context(), gatelatch.AllowList, "*@Example.com", false)
	w.accepted(no, err)
	_, no, err = w.AddRestriction(t.Context(), gatelatch.AllowList, "example.com", false)
	w.refused(gatelatch.CodeDuplicate, no, err)
	_, no, err = w.AddRestriction(t.Context(), gatelatch.BlockList, "example.com", false)
	w.accepted(no, err)
	_, no, err = w.AddRestriction(t.Context(), "maybe", "example.com", false)
	w.refused(gatelatch.CodeValue, no, err)
	lines, no, err := w.Restrictions(t.Context(), gatelatch.AllowList)
	w.accepted(no, err)
	if len(lines) != 2 || lines[0].Pattern != "example.org" || lines[0].Source != "config" ||
		lines[1].Pattern != added.Pattern || lines[1].Source != "command" {
		t.Errorf("%+v", lines)
	}
	_, no, err = w.RemoveRestriction(t.Context(), gatelatch.AllowList, "example.org")
	w.refused(gatelatch.CodeForbidden, no, err)
	_, no, err = w.RemoveRestriction(t.Context(), gatelatch.AllowList, "EXAMPLE.com")
	w.accepted(no, err)
	_, no, err = w.RemoveRestriction(t.Context(), gatelatch.AllowList, "example.com")
	w.refused(gatelatch.CodeNotFound, no, err)
	if _, no, err = w.AddRestriction(t.Context(), gatelatch.AllowList, "@@", false); err != nil || no == nil {
		t.Errorf("%v %v", no, err)
	}
}

func TestSignUpMode(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.SignUp = flow.SignUpInvite })
	want := func(at admin.SignUp, mode flow.SignUpMode, source string) {
		t.Helper()
		if at.Mode != mode || at.Source != source || at.Configured != flow.SignUpInvite {
			t.Errorf("%+v", at)
		}
	}
	at, err := w.SignUp(t.Context())
	w.accepted(nil, err)
	want(at, flow.SignUpInvite, "config")
	at, no, err := w.SetSignUp(t.Context(), flow.SignUpClosed)
	w.accepted(no, err)
	want(at, flow.SignUpClosed, "command")
	_, no, err = w.SetSignUp(t.Context(), "friends")
	w.refused(gatelatch.CodeValue, no, err)
	at, err = w.SignUp(t.Context())
	w.accepted(nil, err)
	want(at, flow.SignUpClosed, "command")
	at, err = w.ResetSignUp(t.Context())
	w.accepted(nil, err)
	want(at, flow.SignUpInvite, "config")
}

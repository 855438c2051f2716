// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
)

func TestResetMFA(t *testing.T) {
	w := newWorld(t)
	done := w.imported(`{"email":"ada@example.com","second_factor_phone_numbers":"+12015550123","totp_secret":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}`)
	u, no, err := w.ResetMFA(t.Context(), "Ada@Example.com")
	w.accepted(no, err)
	if u.ID != done[0].ID || u.TOTP || u.TwoStep || u.BackupCodes || !u.Addresses[0].Primary || !u.Addresses[1].Primary || u.Addresses[1].SecondFactor {
		t.Errorf("%+v", u)
	}
	if !slices.Contains(w.changed, u.ID) {
		t.Error("nobody was told to look the user up again")
	}
	_, no, err = w.ResetMFA(t.Context(), "bob@example.com")
	w.refused(gatelatch.CodeNotFound, no, err)
}

func TestALockIsTakenOffByUnlock(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com")
	u, no, err := w.Lock(t.Context(), ada.ID)
	w.accepted(no, err)
	if u.LockedUntil.Sub(w.gate.Clock.Now()) != admin.LockLifetime {
		t.Errorf("%+v", u)
	}
	u, no, err = w.Unlock(t.Context(), "ada@example.com")
	w.accepted(no, err)
	if !u.LockedUntil.IsZero() {
		t.Errorf("%+v", u)
	}
}

func TestWhatImportsCannotBring(t *testing.T) {
	w := newWorld(t)
	for _, line := range w.imported(
		`{"email":"ada@example.com","external_id":"crm-1"}`,
		`{"email":"bob@example.com","external_id":"crm-1"}`,
		`{"email":"cyd@example.com","public_metadata":[1]}`,
		`{"email":"dan@example.com","locale":"no locale"}`,
		`{"second_factor_phone_numbers":"+12015550123"}`,
		`{"unverified_email_addresses":"eve@example.com"}`,
	) {
		if accepted := line.Line == 1 || line.Line == 6; accepted != (line.Reason == "") {
			t.Errorf("%+v", line)
		}
	}
	eve, no, err := w.ShowUser(t.Context(), "eve@example.com")
	w.accepted(no, err)
	if eve.Addresses[0].Primary || !eve.Addresses[0].VerifiedAt.IsZero() {
		t.Errorf("%+v", eve)
	}
}

// A change that is refused leaves nothing behind: no message, no ended session.
func TestARefusedChangeChangesNothing(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com")
	w.signedIn(ada, "sess_1")
	banned, name := true, "a\tb"
	no, err := w.Update(t.Context(), ada.ID, admin.Profile{Banned: &banned, FirstName: &name})
	w.refused(gatelatch.CodeFormat, no, err)
	if len(w.ended) > 0 || w.gate.User(ada.ID).Banned || len(w.gate.Fetch()) > 0 {
		t.Errorf("ended %v", w.ended)
	}
	no, err = w.Update(t.Context(), ada.ID, admin.Profile{Banned: &banned})
	w.accepted(no, err)
	if !slices.Equal(w.ended, []string{"sess_1"}) {
		t.Errorf("ended %v", w.ended)
	}
}

func TestSignInTokensOfBannedUsersSignNobodyIn(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com")
	row, no, err := w.MakeTicket(t.Context(), ada.ID, time.Minute)
	w.accepted(no, err)
	_, no, err = w.Ban(t.Context(), ada.ID)
	w.accepted(no, err)
	out, err := w.gate.SignInWithTicket(t.Context(), w.gate.Browser(), w.gate.SignInToken(row.ID), "")
	if err != nil || out.Issued != nil || out.Refusal == nil {
		t.Errorf("%+v %v", out, err)
	}
	_, no, err = w.MakeTicket(t.Context(), ada.ID, -time.Second)
	w.refused(gatelatch.CodeValue, no, err)
}

func TestPrincipalsOfSessions(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.SecondFactor = flow.Required })
	ada := w.user("ada@example.com")
	w.signedIn(ada, "sess_1")
	p, owes, no, err := w.Principal(t.Context(), "sess_1")
	w.accepted(no, err)
	if p.User.ID != ada.ID || p.Client.ID != "client_sess_1" || !owes {
		t.Errorf("%+v owes %t", p, owes)
	}
	w.gate.Clock.Advance(8 * 24 * time.Hour)
	_, _, no, err = w.Principal(t.Context(), "sess_1")
	w.refused(gatelatch.CodeStateInvalid, no, err)
	_, _, no, err = w.Principal(t.Context(), "sess_9")
	w.refused(gatelatch.CodeNotFound, no, err)
}

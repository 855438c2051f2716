// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func TestAnInvitationIsFollowedOnce(t *testing.T) {
	g := newGate(t, inMode(flow.SignUpInvite))
	i := invite(t, g, "Ada@Example.com")
	token := g.InvitationToken(i.ID).Reveal()
	seen, r, err := g.Invited(ctx(), token)
	if r != nil || err != nil || seen.Display != "Ada@Example.com" {
		t.Fatalf("the link does not name its address: %v, %v", r, err)
	}
	if got := bySignUp(t, g, ada); got != comesIn {
		t.Fatalf("the invited one %s", got)
	}
	in(t, g, func(tx flow.Tx) error {
		kept, err := tx.Invitation(ctx(), i.ID)
		if err == nil && !kept.AcceptedAt.Equal(g.Clock.Now()) {
			t.Error("the invitation still lets somebody in")
		}
		return err
	})
	if _, r, err := g.Invited(ctx(), token); code(r) != gatelatch.CodeNotFound || err != nil {
		t.Errorf("the link still works: %v, %v", r, err)
	}
}

func TestInvitationsThatAreOver(t *testing.T) {
	for name, spoil := range map[string]func(*gatelatch.Invitation){
		"expired":   func(i *gatelatch.Invitation) { i.ExpireAt = i.CreatedAt },
		"revoked":   func(i *gatelatch.Invitation) { i.RevokedAt = i.CreatedAt },
		"followed":  func(i *gatelatch.Invitation) { i.AcceptedAt = i.CreatedAt },
		"elsewhere": func(i *gatelatch.Invitation) { i.Identifier = emailFactor("bob@example.com").To },
	} {
		g := newGate(t, inMode(flow.SignUpInvite))
		i := invite(t, g, ada)
		spoil(&i)
		in(t, g, func(tx flow.Tx) error { return tx.PutInvitation(ctx(), i) })
		if got := bySignUp(t, g, ada); got != nothing {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestLinksOfInvitationsThatWereMadeUp(t *testing.T) {
	g := newGate(t)
	i, j := invite(t, g, ada), invite(t, g, "bob@example.com")
	_, tag, _ := strings.Cut(g.InvitationToken(j.ID).Reveal(), ".")
	for _, token := range []string{
		"", ".", i.ID, i.ID + ".", i.ID + "." + tag, g.InvitationToken(i.ID).Reveal() + "x", g.InvitationToken("inv_unknown").Reveal(), "inv_\x00." + tag,
	} {
		if got, r, err := g.Invited(ctx(), token); code(r) != gatelatch.CodeNotFound || err != nil || got.ID != "" {
			t.Errorf("a made-up link shows something: %v", err)
		}
	}
}

func TestTheWaitlistKeepsAPlaceAndNoPassword(t *testing.T) {
	g := newGate(t, inMode(flow.SignUpWaitlist), takesPasswords)
	entry := func() (e gatelatch.WaitlistEntry) {
		in(t, g, func(tx flow.Tx) (err error) { e, err = tx.Waiting(ctx(), emailFactor(ada).To); return err })
		return e
	}
	who := g.Browser()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr("Ada@example.com"), Password: ptr(gatelatch.Secret(secretWords)), Prepare: true}))
	wantCode(t, out, "")
	id := out.SignUp.ID
	out = check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	if first := entry(); !out.Waiting || first.Display != "Ada@example.com" || !first.ApprovedAt.IsZero() || len(out.SignUp.Password) > 0 {
		t.Fatalf("waits as %+v", out.SignUp.Status)
	}
	for name, repeat := range map[string]func() (flow.Outcome, error){
		"the code":  func() (flow.Outcome, error) { return g.AttemptVerification(ctx(), who, id, "", g.Code(id)) },
		"the page":  func() (flow.Outcome, error) { return g.SignUp(ctx(), who, id) },
		"the field": func() (flow.Outcome, error) { return g.UpdateSignUp(ctx(), who, id, flow.SignUpParams{}) },
	} {
		if out := check(t)(repeat()); !out.Waiting || out.Issued != nil || out.Refusal != nil {
			t.Errorf("%s once more: %+v", name, out.Refusal)
		}
	}
	first := entry()
	g.Clock.Advance(time.Hour)
	if got := bySignUp(t, g, ada); got != willWait || entry() != first {
		t.Error("the place was lost by asking again")
	}
	approve(t, g, ada)
	if got := bySignUp(t, g, ada); got != comesIn {
		t.Errorf("approved: %s", got)
	}
	in(t, g, func(tx flow.Tx) error {
		if _, err := tx.Waiting(ctx(), emailFactor(ada).To); err == nil {
			t.Error("a user is still on the waitlist")
		}
		return nil
	})
}

// TestANumberForTheSecondStepBeginsNothing: not by way of a sign-up either.
func TestANumberForTheSecondStepBeginsNothing(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Policy.Fields.Email, s.Policy.Fields.Phone = flow.Optional, flow.Optional })
	u := g.AddUser(ada)
	reserve := func() {
		u.Addresses = append(u.Addresses, gatelatch.Address{
			ID: "idn_number", Identifier: phoneFactor(number).To, Display: number, VerifiedAt: g.Clock.Now(), SecondFactor: true,
		})
		in(t, g, func(tx flow.Tx) error { return tx.PutUser(ctx(), u) })
	}
	who := g.Browser()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Phone: ptr(number)}))
	early := out.SignUp.ID
	wantCode(t, check(t)(g.PrepareVerification(ctx(), who, early, "")), "")
	typed := g.Code(early)
	reserve() // after the code was sent
	wantCode(t, check(t)(g.AttemptVerification(ctx(), who, early, "", typed)), gatelatch.CodeIncorrect)

	out = check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Phone: ptr(number), Prepare: true}))
	wantCode(t, out, "")
	if sent := g.Fetch(); len(sent) > 0 {
		t.Error("a text to a number that begins nothing")
	}
}

// TestANumberReservedBetweenProofAndTransfer signs nobody in.
func TestANumberReservedBetweenProofAndTransfer(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Policy.Fields.Email, s.Policy.Fields.Phone = flow.Optional, flow.Optional })
	u := g.AddUser(ada)
	u.Addresses = append(u.Addresses, gatelatch.Address{ID: "idn_number", Identifier: phoneFactor(number).To, Display: number, VerifiedAt: g.Clock.Now(), Primary: true})
	in(t, g, func(tx flow.Tx) error { return tx.PutUser(ctx(), u) })
	who := g.Browser()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Phone: ptr(number), Prepare: true}))
	id := out.SignUp.ID
	if out = check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id))); !out.SignUp.Transferable() {
		t.Fatalf("not proven: %+v", out.Refusal)
	}
	u.Addresses[1].SecondFactor = true
	in(t, g, func(tx flow.Tx) error { return tx.PutUser(ctx(), u) })
	wantCode(t, check(t)(g.TransferToSignIn(ctx(), who, id)), gatelatch.CodeNotAllowed)
	if g.Store.Count("CreateSession") > 0 {
		t.Error("signed in by a number for the second step")
	}
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// invite invites an address, and returns the ticket in the mail to it.
func (w *world) invite(email, redirectURL string) string {
	w.t.Helper()
	inv := gatelatch.Invitation{
		ID: "inv_1", Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: email}, Display: email,
		CreatedAt: w.clock(), ExpireAt: w.clock().Add(24 * time.Hour), RedirectURL: redirectURL, PublicMetadata: []byte(`{"team":"blue"}`),
	}
	w.inTx(func(ctx context.Context, tx flow.Tx) error { return tx.PutInvitation(ctx, inv) })
	return w.handler.Flow.InvitationToken(inv.ID).Reveal()
}

func inviteOnly(s *setting) { s.policy.SignUp = flow.SignUpInvite }

func TestInvitation(t *testing.T) {
	w := newWorld(t, inviteOnly)
	p := w.program()
	ticket := w.invite("ada@example.com", "")
	a := p.post("/client/sign_ups", "strategy", "ticket", "ticket", ticket, "first_name", "Ada").ok().want("response.status", "complete")
	a.want("response.verifications.email_address.strategy", "ticket").want("response.verifications.email_address.status", "verified")
	a.want("client.sessions.0.user.email_addresses.0.email_address", "ada@example.com").want("client.sessions.0.user.public_metadata", `{"team":"blue"}`)
	if len(w.queued()) != 0 {
		t.Error("a code was sent to an address that is proven")
	}
	other := w.program()
	other.post("/client/sign_ups", "strategy", "ticket", "ticket", ticket).refused(400, "ticket_invalid_code", "ticket")
	other.post("/client/sign_ups", "strategy", "ticket", "ticket", "inv_1.made-up").refused(400, "ticket_invalid_code", "ticket")
}

func TestSignInToken(t *testing.T) {
	w := newWorld(t)
	user := w.program().signUp("ada@example.com").str("response.created_user_id")
	w.inTx(func(ctx context.Context, tx flow.Tx) error {
		return tx.PutSignInToken(ctx, gatelatch.SignInToken{ID: "sit_1", UserID: user, CreatedAt: noon, ExpireAt: noon.Add(time.Hour)})
	})
	ticket := w.handler.Flow.SignInToken("sit_1").Reveal()
	p := w.program()
	p.post("/client/sign_ins", "strategy", "ticket", "ticket", ticket).ok().want("response.status", "complete").want("client.sessions.0.user.id", user)
	w.program().post("/client/sign_ins", "strategy", "ticket", "ticket", ticket).refused(400, "ticket_invalid_code", "ticket")
	w.program().post("/client/sign_ins", "strategy", "ticket").refused(400, "ticket_invalid_code", "ticket")
}

func TestAcceptTicket(t *testing.T) {
	for _, tt := range []struct{ redirect, to string }{
		{"", "/.auth/sign-up?__clerk_status=sign_up&__clerk_ticket=TICKET&invitation=TICKET"},
		{origin + "/join?x=y", origin + "/join?__clerk_status=sign_up&__clerk_ticket=TICKET&x=y"},
		{spa + "/", spa + "/?__clerk_status=sign_up&__clerk_ticket=TICKET"},
		{"https://evil.test/", "/.auth/sign-up?__clerk_status=sign_up&__clerk_ticket=TICKET&invitation=TICKET"},
	} {
		w := newWorld(t, inviteOnly)
		ticket := w.invite("ada@example.com", tt.redirect)
		a := w.program().get("/tickets/accept?ticket=" + url.QueryEscape(ticket))
		want := strings.ReplaceAll(tt.to, "TICKET", url.QueryEscape(ticket))
		if got := a.header.Get("Location"); a.status != 302 || got != want {
			t.Errorf("led to %d %s, want %s", a.status, got, want)
		}
		w.program().post("/client/sign_ups", "strategy", "ticket", "ticket", ticket).ok() // following the link has spent nothing
	}
}

// A sign-in token leads to the gate's own page, unless a page of the site is named.
func TestAcceptSignInToken(t *testing.T) {
	const ticket = "sit_1.ticket"
	for redirect, want := range map[string]string{
		"":                    "/.auth/sign-in?__clerk_status=sign_in&__clerk_ticket=" + ticket,
		"https://evil.test/":  "/.auth/sign-in?__clerk_status=sign_in&__clerk_ticket=" + ticket,
		origin + "/enter?x=y": origin + "/enter?__clerk_status=sign_in&__clerk_ticket=" + ticket + "&x=y",
	} {
		a := newWorld(t).program().get("/tickets/accept?ticket=" + ticket + "&redirect_url=" + url.QueryEscape(redirect))
		if got := a.header.Get("Location"); a.status != 302 || got != want || a.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("led to %d %s, want %s", a.status, got, want)
		}
	}
}

func TestTerms(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.policy.Terms = flow.Terms{URL: "https://example.com/terms", Version: "2"} })
	p := w.program()
	p.get("/environment").ok().want("user_settings.sign_up.legal_consent_enabled", "true")
	p.signUp("ada@example.com", "legal_accepted", "true").want("client.sessions.0.status", "active")
	w.program().signUp("bob@example.com").want("client.sessions.0.status", "pending").want("client.sessions.0.tasks", `[{"key":"accept-terms"}]`)
}

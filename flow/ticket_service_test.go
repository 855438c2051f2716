// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/limit"
)

// tokenFor stores a sign-in token of an hour for a user.
func tokenFor(g *flowtest.Gate, userID string) gatelatch.SignInToken {
	now := g.Clock.Now()
	t := gatelatch.SignInToken{
		ID: gatelatch.NewID(gatelatch.PrefixSignInToken, now), UserID: userID, CreatedAt: now, ExpireAt: now.Add(time.Hour),
	}
	putToken(g, t)
	return t
}

func putToken(g *flowtest.Gate, t gatelatch.SignInToken) {
	g.Tx(func(ctx context.Context, tx flow.Tx) error { return tx.PutSignInToken(ctx, t) })
}

func storedToken(g *flowtest.Gate, id string) (t gatelatch.SignInToken) {
	g.Tx(func(ctx context.Context, tx flow.Tx) (err error) {
		t, err = tx.SignInToken(ctx, id)
		return err
	})
	return t
}

func showTicket(t fatal, g *flowtest.Gate, who flow.Caller, ticket gatelatch.Secret) flow.Outcome {
	t.Helper()
	return check(t)(g.SignInWithTicket(ctx(), who, ticket, ""))
}

func TestATicketSignsItsUserInOnce(t *testing.T) {
	g := newGate(t)
	u := g.AddUser(ada)
	token, who := tokenFor(g, u.ID), g.Browser()
	out := showTicket(t, g, who, g.SignInToken(token.ID))
	wantStatus(t, out, flow.SignInComplete)
	s := out.Issued.Session
	if s.UserID != u.ID || s.Strategy != gatelatch.Ticket || s.Second != "" || !s.FirstAt.Equal(g.Clock.Now()) {
		t.Errorf("a session as %+v", s)
	}
	if out.SignIn.Identifier.Value != ada || out.SignIn.FirstBy != gatelatch.Ticket {
		t.Errorf("signed in as %+v", out.SignIn)
	}
	if kept := storedToken(g, token.ID); !kept.AcceptedAt.Equal(g.Clock.Now()) {
		t.Error("the token still signs in")
	}
	other := showTicket(t, g, g.Browser(), g.SignInToken(token.ID))
	wantCode(t, other, gatelatch.CodeTicketInvalid)
	if other.SignIn != nil || other.Issued != nil || other.Refusal.Param != flow.ParamTicket {
		t.Errorf("another browser is shown %+v", other)
	}
}

// Browsers send requests twice. Only the same one, and only for a moment, is
// answered with the same session.
func TestATicketThatComesTwiceFromOneBrowser(t *testing.T) {
	g := newGate(t)
	token, who := tokenFor(g, g.AddUser(ada).ID), g.Browser()
	first := showTicket(t, g, who, g.SignInToken(token.ID))
	g.Restart()
	again := showTicket(t, g, who, g.SignInToken(token.ID))
	if again.Issued == nil || again.Issued.Session.ID != first.Issued.Session.ID {
		t.Fatalf("answered with %+v", again.Refusal)
	}
	g.Clock.Advance(doubleClick)
	late := showTicket(t, g, who, g.SignInToken(token.ID))
	if late.Issued != nil || late.Refusal == nil {
		t.Error("the session comes back later")
	}
	if n := g.Store.Count("CreateSession"); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestNoSessionOfATicketComesBackAfterSignOut(t *testing.T) {
	g := newGate(t)
	token, who := tokenFor(g, g.AddUser(ada).ID), g.Browser()
	first := showTicket(t, g, who, g.SignInToken(token.ID))
	if err := g.Store.EndSession(ctx(), first.Issued.Session.ID, gatelatch.SessionEnded, g.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if out := showTicket(t, g, who, g.SignInToken(token.ID)); out.Issued != nil || out.Refusal == nil {
		t.Error("a session came back")
	}
}

// A ticket may have been forwarded: it makes no browser the user's.
func TestATicketTrustsNoBrowser(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	wantStatus(t, showTicket(t, p.Gate, who, p.SignInToken(tokenFor(p.Gate, p.user.ID).ID)), flow.SignInComplete)
	wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), flow.NeedsClientTrust)
}

func TestTheHolderHearsOfATicketOnANewDevice(t *testing.T) {
	p := newPerson(t)
	wantStatus(t, showTicket(t, p.Gate, p.Browser(), p.SignInToken(tokenFor(p.Gate, p.user.ID).ID)), flow.SignInComplete)
	if told := p.Fetch(); len(told) != 1 || told[0].Purpose != "new_device" {
		t.Errorf("%d messages", len(told))
	}
}

func TestATicketDoesNotGoAroundTheSecondStep(t *testing.T) {
	p := newCareful(t)
	who := p.Browser()
	out := showTicket(t, p.Gate, who, p.SignInToken(tokenFor(p.Gate, p.user.ID).ID))
	wantStatus(t, out, flow.NeedsSecondFactor)
	id := out.SignIn.ID
	wantCode(t, p.second(t, who, id, gatelatch.TOTPCode, flowtest.Wrong(p.AppCode(p.app))), gatelatch.CodeIncorrect)
	done := p.second(t, who, id, gatelatch.TOTPCode, p.AppCode(p.app))
	wantStatus(t, done, flow.SignInComplete)
	if s := done.Issued.Session; s.Strategy != gatelatch.Ticket || s.Second != gatelatch.TOTPCode {
		t.Errorf("the session remembers %q and %q", s.Strategy, s.Second)
	}
}

// Who is barred is told so, and the token is not spent by it.
func TestATicketOfABarredUser(t *testing.T) {
	for name, c := range map[string]struct {
		bar  func(*gatelatch.User)
		free func(*gatelatch.User)
		want gatelatch.Code
	}{
		"banned": {func(u *gatelatch.User) { u.Banned = true }, func(u *gatelatch.User) { u.Banned = false }, gatelatch.CodeBanned},
		"locked": {
			func(u *gatelatch.User) { u.LockedUntil = flowtest.Noon().Add(time.Minute) },
			func(u *gatelatch.User) { u.LockedUntil = time.Time{} }, gatelatch.CodeUserLocked,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			u := g.AddUser(ada)
			g.ChangeUser(u.ID, c.bar)
			token := tokenFor(g, u.ID)
			out := showTicket(t, g, g.Browser(), g.SignInToken(token.ID))
			wantCode(t, out, c.want)
			if out.Issued != nil || !storedToken(g, token.ID).LiveAt(g.Clock.Now()) {
				t.Error("signed in, or spent")
			}
			g.ChangeUser(u.ID, c.free)
			wantStatus(t, showTicket(t, g, g.Browser(), g.SignInToken(token.ID)), flow.SignInComplete)
		})
	}
}

func TestTicketsThatAreOver(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*gatelatch.SignInToken)
		want  gatelatch.Code
	}{
		"expired at this instant": {func(x *gatelatch.SignInToken) { x.ExpireAt = flowtest.Noon() }, gatelatch.CodeTicketExpired},
		"revoked":                 {func(x *gatelatch.SignInToken) { x.RevokedAt = flowtest.Noon() }, gatelatch.CodeTicketInvalid},
		"used":                    {func(x *gatelatch.SignInToken) { x.AcceptedAt = flowtest.Noon() }, gatelatch.CodeTicketInvalid},
		"used, and expired since": {func(x *gatelatch.SignInToken) { x.AcceptedAt, x.ExpireAt = flowtest.Noon(), flowtest.Noon() }, gatelatch.CodeTicketInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			token := tokenFor(g, g.AddUser(ada).ID)
			c.spoil(&token)
			putToken(g, token)
			wantCode(t, showTicket(t, g, g.Browser(), g.SignInToken(token.ID)), c.want)
			if n := g.Store.Count("CreateSession") + g.Store.Count("PutSignIn") + g.Store.Count("CreateClient"); n != 0 {
				t.Errorf("%d rows", n)
			}
		})
	}
}

// elsewhere is the ticket as a site with another secret makes it.
func elsewhere(g *flowtest.Gate, id string) gatelatch.Secret {
	other := *g.Service
	other.Keys.Link[0] ^= 1
	return other.SignInToken(id)
}

func TestTicketsThatWereMadeUp(t *testing.T) {
	g := newGate(t)
	u, bob := g.AddUser(ada), g.AddUser("bob@example.com")
	token, bobs := tokenFor(g, u.ID), tokenFor(g, bob.ID)
	true1 := g.SignInToken(token.ID).Reveal()
	_, tag, _ := strings.Cut(g.SignInToken(bobs.ID).Reveal(), ".")
	for name, ticket := range map[string]string{
		"nothing": "", "a dot": ".", "the id alone": token.ID, "no tag": token.ID + ".", "another's tag": token.ID + "." + tag,
		"one character more": true1 + "x", "one fewer": true1[:len(true1)-1], "an unknown id": g.SignInToken("sit_unknown").Reveal(),
		"an invitation": g.InvitationToken(token.ID).Reveal(), "another site's": elsewhere(g, token.ID).Reveal(),
		"a zero byte": "sit_\x00." + tag, "a megabyte": strings.Repeat("x", 1<<20) + "." + tag, "twice": true1 + "." + tag,
	} {
		out := showTicket(t, g, g.Browser(), gatelatch.Secret(ticket))
		if c := code(out.Refusal); c != gatelatch.CodeTicketInvalid || out.Issued != nil || out.SignIn != nil {
			t.Errorf("%s: %q", name, c)
		}
	}
	wantStatus(t, showTicket(t, g, g.Browser(), g.SignInToken(token.ID)), flow.SignInComplete)
}

func TestATicketOfADeletedUser(t *testing.T) {
	g := newGate(t)
	u := g.AddUser(ada)
	token := tokenFor(g, u.ID)
	g.Tx(func(ctx context.Context, tx flow.Tx) error { return tx.DeleteUser(ctx, u.ID) })
	wantCode(t, showTicket(t, g, g.Browser(), g.SignInToken(token.ID)), gatelatch.CodeTicketInvalid)
}

// Guesses at tickets run into a wall for one client, and for one network. A true
// ticket is taken all the same: nobody is locked out by a neighbour.
func TestGuessesAtTicketsAreLimited(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Limits.StartsPerNetwork = []limit.Rate{{}} })
	token := tokenFor(g, g.AddUser(ada).ID)
	who, ip := g.Browser(), "192.0.2.1"
	guess := func(who flow.Caller) gatelatch.Code {
		return code(showTicket(t, g, who, gatelatch.Secret(token.ID+".AAAAAAAAAAAAAAAAAAAAAA")).Refusal)
	}
	for n, c := range map[string]func() flow.Caller{
		"one client": func() flow.Caller { // that moves from network to network
			moved := g.Browser()
			moved.Client = who.Client
			return moved
		},
		"one network": func() flow.Caller { return g.BrowserAt(ip) },
	} {
		for i := range 12 {
			want := gatelatch.CodeTicketInvalid
			if i >= 10 {
				want = gatelatch.CodeTooManyRequests
			}
			if got := guess(c()); got != want {
				t.Fatalf("%s: guess %d is refused with %q", n, i, got)
			}
		}
	}
	wantStatus(t, showTicket(t, g, g.BrowserAt(ip), g.SignInToken(token.ID)), flow.SignInComplete)
}

func TestTicketsAreCountedAsStarts(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Limits.StartsPerNetwork = []limit.Rate{{Count: 2, Window: time.Minute}} })
	token, ip := tokenFor(g, g.AddUser(ada).ID), "192.0.2.1"
	for range 2 {
		wantCode(t, showTicket(t, g, g.BrowserAt(ip), "made up"), gatelatch.CodeTicketInvalid)
	}
	out := showTicket(t, g, g.BrowserAt(ip), g.SignInToken(token.ID))
	wantCode(t, out, gatelatch.CodeTooManyRequests)
	if out.Refusal.RetryAfter <= 0 || !storedToken(g, token.ID).LiveAt(g.Clock.Now()) {
		t.Error("spent, or no word of when")
	}
}

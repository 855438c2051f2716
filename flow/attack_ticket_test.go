// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// oneTicketEverywhere: a token that was forwarded to fifty people signs one of them
// in.
func oneTicketEverywhere(t *testing.T, g *flowtest.Gate) {
	token := tokenFor(g, g.AddUser(ada).ID)
	browsers := manyBrowsers(g, 50)
	outs := atOnce(t, 50, func(i int) (flow.Outcome, error) {
		return g.SignInWithTicket(ctx(), browsers[i], g.SignInToken(token.ID), "")
	})
	oneIsLetIn(t, g, outs, gatelatch.CodeTicketInvalid)
	if storedToken(g, token.ID).AcceptedAt.IsZero() {
		t.Error("the token is not spent")
	}
}

// oneTicketManyTimes: a browser that repeats itself gets one session.
func oneTicketManyTimes(t *testing.T, g *flowtest.Gate) {
	token, who := tokenFor(g, g.AddUser(ada).ID), g.Browser()
	oneSession(t, g, atOnce(t, 50, func(int) (flow.Outcome, error) {
		return g.SignInWithTicket(ctx(), who, g.SignInToken(token.ID), "")
	}))
}

// oneInvitationEverywhere: an invitation makes one user.
func oneInvitationEverywhere(t *testing.T, g *flowtest.Gate) {
	i := inviteWith(t, g, ada, `{"plan":"gold"}`)
	browsers := manyBrowsers(g, 50)
	outs := atOnce(t, 50, func(n int) (flow.Outcome, error) {
		return g.CreateSignUp(ctx(), browsers[n], flow.SignUpParams{Ticket: g.InvitationToken(i.ID)})
	})
	oneIsLetIn(t, g, outs, gatelatch.CodeTicketInvalid)
	if n := g.Store.Count("CreateUser"); n != 1 {
		t.Errorf("%d users", n)
	}
}

// oneBrowserSignsInAtOnce: what was live in a browser when many sign-ins end there
// at once, one of them is after it.
func oneBrowserSignsInAtOnce(t *testing.T, g *flowtest.Gate) {
	g.Policy.OneSession = true
	who := g.Browser()
	startSignIn(t, g, who, ada) // so that the gate knows the browser
	tickets := make([]gatelatch.Secret, 20)
	for i := range tickets { // of somebody else each
		tickets[i] = g.SignInToken(tokenFor(g, g.AddUser(fmt.Sprintf("user%d@example.com", i)).ID).ID)
	}
	outs := atOnce(t, len(tickets), func(i int) (flow.Outcome, error) { return g.SignInWithTicket(ctx(), who, tickets[i], "") })
	live := 0
	for _, out := range outs {
		wantStatus(t, out, flow.SignInComplete)
		if storedSession(g, out.Issued.Session.ID).Status == gatelatch.SessionActive {
			live++
		}
	}
	forgotten := map[string]bool{}
	for _, id := range g.Heard.Forgotten() {
		forgotten[id] = true
	}
	if live != 1 || len(forgotten) != len(tickets)-1 {
		t.Errorf("%d sessions live, %d are forgotten", live, len(forgotten))
	}
}

// oneBrowserHoldsTen: however many sign in there at once, a browser holds ten
// sessions, and one for each user.
func oneBrowserHoldsTen(t *testing.T, g *flowtest.Gate) {
	who := g.Browser()
	startSignIn(t, g, who, ada) // so that the gate knows the browser
	tickets := make([]gatelatch.Secret, 24)
	same := g.AddUser("same@example.com").ID
	for i := range tickets {
		user := same
		if i%3 > 0 {
			user = g.AddUser(fmt.Sprintf("user%d@example.com", i)).ID
		}
		tickets[i] = g.SignInToken(tokenFor(g, user).ID)
	}
	outs := atOnce(t, len(tickets), func(i int) (flow.Outcome, error) { return g.SignInWithTicket(ctx(), who, tickets[i], "") })
	live := map[string]int{}
	for _, out := range outs {
		wantStatus(t, out, flow.SignInComplete)
		if s := storedSession(g, out.Issued.Session.ID); s.Status == gatelatch.SessionActive {
			live[s.UserID]++
		}
	}
	if len(live) != flow.MaxOnClient || live[same] > 1 || len(g.Heard.Forgotten()) != len(tickets)-len(live) {
		t.Errorf("%d users hold a session, one of them %d; %d are forgotten", len(live), live[same], len(g.Heard.Forgotten()))
	}
}

func manyBrowsers(g *flowtest.Gate, n int) []flow.Caller {
	browsers := make([]flow.Caller, n)
	for i := range browsers {
		browsers[i] = g.Browser()
	}
	return browsers
}

// oneIsLetIn fails unless one outcome has a session, and all others were refused
// for the same reason.
func oneIsLetIn(t *testing.T, g *flowtest.Gate, outs []flow.Outcome, why gatelatch.Code) {
	t.Helper()
	n := 0
	for _, out := range outs {
		if out.Issued != nil {
			n++
		} else if c := code(out.Refusal); c != why {
			t.Errorf("refused with %q", c)
		}
	}
	if made := g.Store.Count("CreateSession"); n != 1 || made != 1 {
		t.Errorf("%d let in, %d sessions", n, made)
	}
}

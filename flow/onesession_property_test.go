// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/limit"
	"pgregory.net/rapid"
)

// freely takes starts and messages without end.
func freely(s *flow.Service) {
	off := []limit.Rate{{}}
	s.Limits = limit.Policy{SendsPerIdentifier: off, SendsPerNetwork: off, StartsPerNetwork: off, MessagesPerSite: off, GuessesPerIdentifier: off}
}

func oneAtATime(s *flow.Service) { s.Policy.OneSession = true }

// TestABrowserHoldsOneSession: whoever signs in, and by whatever, the others of
// that browser end as replaced, those of other browsers stay, and all that ended
// are forgotten after the commit. Without the policy those of the same user end, and
// the oldest of too many.
func TestABrowserHoldsOneSession(t *testing.T) { rapid.Check(t, oneSessionProperty) }

func oneSessionProperty(t *rapid.T) {
	one := rapid.IntRange(0, 3).Draw(t, "one session") > 0
	g := newGate(t, freely, func(s *flow.Service) { s.Policy.OneSession = one })
	browsers := []flow.Caller{g.Browser(), g.Browser()}
	people := []string{ada, "bob@example.com", "carol@example.com"}
	g.AddUser(ada)
	bob := g.AddUser("bob@example.com")
	live := map[int][]string{} // by browser, the newest last
	var replaced []string
	for range rapid.IntRange(1, 14).Draw(t, "sign-ins") {
		b := rapid.IntRange(0, 1).Draw(t, "browser")
		id := arrive(t, g, browsers[b], people, bob.ID)
		over, stay := makeRoom(g, live[b], id, one)
		replaced = append(replaced, over...)
		live[b] = append(stay, id)
		g.Clock.Advance(rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour}).Draw(t, "wait"))
		for b := range browsers {
			holds(t, g, live[b])
		}
	}
	heard := g.Heard.Forgotten()
	slices.Sort(heard)
	slices.Sort(replaced)
	if !slices.Equal(heard, replaced) {
		t.Fatalf("%d sessions are forgotten, %d were replaced", len(heard), len(replaced))
	}
	for _, id := range replaced {
		if s := storedSession(g, id); s.Status != gatelatch.SessionReplaced {
			t.Fatalf("a replaced session is %s", s.Status)
		}
	}
}

// makeRoom says which sessions of a browser end for a new one, and which stay.
func makeRoom(g *flowtest.Gate, live []string, id string, one bool) (over, stay []string) {
	for _, held := range live {
		if one || storedSession(g, held).UserID == storedSession(g, id).UserID {
			over = append(over, held)
		} else {
			stay = append(stay, held)
		}
	}
	many := max(0, len(stay)+1-flow.MaxOnClient)
	return append(over, stay[:many]...), stay[many:]
}

// A browser that holds several sessions holds ten at the most.
func TestABrowserHoldsTenSessions(t *testing.T) {
	g := newGate(t, freely)
	who := g.Browser()
	var ids []string
	for i := range 2*flow.MaxOnClient + 1 {
		address := fmt.Sprintf("person%d@example.com", i)
		g.AddUser(address)
		ids = append(ids, signIn(t, g, who, address).Issued.Session.ID)
		g.Clock.Advance(time.Second)
	}
	for i, id := range ids {
		want := gatelatch.SessionActive
		if i < len(ids)-flow.MaxOnClient {
			want = gatelatch.SessionReplaced
		}
		if got := storedSession(g, id).Status; got != want {
			t.Errorf("session %d is %s, want %s", i, got, want)
		}
	}
}

// arrive signs somebody in, in one of the ways that there are.
func arrive(t *rapid.T, g *flowtest.Gate, who flow.Caller, people []string, bob string) string {
	switch rapid.IntRange(0, 3).Draw(t, "way") {
	case 0:
		return showTicket(t, g, who, g.SignInToken(tokenFor(g, bob).ID)).Issued.Session.ID
	case 1:
		i := invite(t, g, gatelatch.NewID("new", g.Clock.Now())+"@example.com")
		return signUpWithTicket(t, g, who, g.InvitationToken(i.ID)).Issued.Session.ID
	}
	address := rapid.SampledFrom(people).Draw(t, "who")
	id := startSignIn(t, g, who, address)
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id)))
	if out.Issued == nil {
		out = check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
	}
	return out.Issued.Session.ID
}

// holds fails unless exactly these sessions are live, on one client.
func holds(t *rapid.T, g *flowtest.Gate, want []string) {
	if len(want) == 0 {
		return
	}
	client := storedSession(g, want[0]).ClientID
	g.Tx(func(ctx context.Context, tx flow.Tx) error {
		held, err := tx.ClientSessions(ctx, client, g.Clock.Now(), 100)
		if len(held) != len(want) {
			t.Fatalf("%d sessions live, want %d", len(held), len(want))
		}
		for _, s := range held {
			if !slices.Contains(want, s.ID) {
				t.Fatal("a session lives that was replaced")
			}
		}
		return err
	})
}

// To be asked once more makes no session, and ends none.
func TestAskingOnceMoreReplacesNothing(t *testing.T) {
	p := newPerson(t, oneAtATime)
	held := signIn(t, p.Gate, p.home, ada).Issued.Session
	id := askAgain(t, p.Gate, p.home, held.ID, flow.LevelFirst).SignIn.ID
	wantCode(t, p.give(t, p.home, id, secretWords), "")
	if s := storedSession(p.Gate, held.ID); s.Status != gatelatch.SessionActive || len(p.Heard.Forgotten()) != 0 {
		t.Errorf("the session is %s", s.Status)
	}
}

// A repeated request is answered with the session that it has led to, and does not
// end it.
func TestARepeatedCodeReplacesNothing(t *testing.T) {
	g := newGate(t, oneAtATime)
	g.AddUser(ada)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	right := g.Code(id)
	first := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", right))
	again := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", right))
	if again.Issued == nil || again.Issued.Session.ID != first.Issued.Session.ID || len(g.Heard.Forgotten()) != 0 {
		t.Errorf("answered with %+v", again.Refusal)
	}
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

func send(g *flowtest.Gate, who flow.Caller, address string) func() (flow.Outcome, error) {
	return func() (flow.Outcome, error) {
		return g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: address, Prepare: true})
	}
}

func TestFiveMessagesToAnAddressInTenMinutes(t *testing.T) {
	for name, option := range map[string]func(*flow.Service){"a real one": func(*flow.Service) {}, "a decoy": closed} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, option)
			for range 5 {
				startSignIn(t, g, g.Browser(), ada)
			}
			g.Restart()
			wait := spent(t, g, send(g, g.Browser(), ada))
			spent(t, g, send(g, g.Browser(), "ADA@Example.COM"))
			startSignIn(t, g, g.Browser(), "bob@example.com")
			g.Clock.Advance(wait - time.Second)
			spent(t, g, send(g, g.Browser(), ada))
			g.Clock.Advance(time.Second)
			startSignIn(t, g, g.Browser(), ada)
		})
	}
}

func TestTwentyMessagesToAnAddressInADay(t *testing.T) {
	g := newGate(t)
	for range 20 {
		startSignIn(t, g, g.Browser(), ada)
		g.Clock.Advance(11 * time.Minute)
	}
	wait := spent(t, g, send(g, g.Browser(), ada))
	if wait < 19*time.Hour || wait > 25*time.Hour {
		t.Errorf("wait %s", wait)
	}
	g.Clock.Advance(wait)
	startSignIn(t, g, g.Browser(), ada)
}

func TestASecondMessageWaitsThirtySeconds(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	in, up := startSignIn(t, g, who, ada), startSignUp(t, g, who, "bob@example.com")
	resend := map[string]func() (flow.Outcome, error){
		"sign-in": func() (flow.Outcome, error) { return g.PrepareFirstFactor(ctx(), who, in, "", "") },
		"sign-up": func() (flow.Outcome, error) { return g.PrepareVerification(ctx(), who, up, "") },
	}
	for _, after := range []time.Duration{0, 29 * time.Second} {
		g.Clock.Advance(after)
		for name, again := range resend {
			out := check(t)(again())
			if code(out.Refusal) != gatelatch.CodeResendTooSoon || out.Refusal.Status() != 429 || out.Refusal.RetryAfter != 30*time.Second-after {
				t.Errorf("%s after %s: %+v", name, after, out.Refusal)
			}
		}
	}
	if len(g.Fetch()) != 2 {
		t.Fatal("a message too many")
	}
	first := g.Code(in)
	g.Clock.Advance(time.Second)
	for name, again := range resend {
		if out := check(t)(again()); out.Refusal != nil {
			t.Errorf("%s after 30 s: %+v", name, out.Refusal)
		}
	}
	if second := g.Code(in); first != second || len(g.Inbox) != 4 {
		t.Error("the second message has another code")
	}
}

// A resend draws on the budget of its address as a first message does.
func TestResendsAreMessages(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	for range 4 {
		g.Clock.Advance(30 * time.Second)
		wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, "", "")), "")
	}
	g.Clock.Advance(30 * time.Second)
	spent(t, g, func() (flow.Outcome, error) { return g.PrepareFirstFactor(ctx(), who, id, "", "") })
	if got := len(g.Fetch()); got != 5 {
		t.Fatalf("%d messages", got)
	}
}

func TestTwentyTextsToNeighbouringNumbers(t *testing.T) {
	g := newGate(t)
	for i := range 20 {
		startSignIn(t, g, g.Browser(), fmt.Sprintf("+1 201 555 %04d", 100+i))
	}
	spent(t, g, send(g, g.Browser(), "+1 201 555 0150"))
	startSignIn(t, g, g.Browser(), "+1 212 555 0150")
	startSignIn(t, g, g.Browser(), ada)
}

func TestFifteenMessagesFromANetworkInAMinute(t *testing.T) {
	for _, c := range []struct {
		name               string
		same, elsewhere    string
		sharesWithTheFirst []string
	}{
		{"IPv4", "192.0.2.1", "192.0.2.2", []string{"192.0.2.1", "::ffff:192.0.2.1"}},
		{"IPv6, a /64", "2001:db8::1", "2001:db8:0:1::1", []string{"2001:db8::2", "2001:db8::ffff:ffff:ffff:ffff"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGate(t)
			for i := range 15 {
				ip := c.sharesWithTheFirst[i%len(c.sharesWithTheFirst)]
				startSignIn(t, g, g.BrowserAt(ip), fmt.Sprintf("visitor%d@example.com", i))
			}
			wait := spent(t, g, send(g, g.BrowserAt(c.same), ada))
			startSignIn(t, g, g.BrowserAt(c.elsewhere), ada)
			g.Clock.Advance(wait)
			startSignIn(t, g, g.BrowserAt(c.same), "bob@example.com")
		})
	}
}

func TestFiveHundredMessagesFromASiteInAMinute(t *testing.T) {
	g := newGate(t)
	for i := range 500 {
		startSignIn(t, g, g.Browser(), fmt.Sprintf("visitor%d@example.com", i))
	}
	wait := spent(t, g, send(g, g.Browser(), ada))
	other := newGateOn(t, g, func(s *flow.Service) { s.Site = "another site" })
	startSignIn(t, other, other.BrowserAt("198.51.100.1"), ada)
	g.Clock.Advance(wait)
	startSignIn(t, g, g.BrowserAt("198.51.100.2"), ada)
}

// newGateOn is another site on the store of a gate.
func newGateOn(t *testing.T, g *flowtest.Gate, options ...func(*flow.Service)) *flowtest.Gate {
	t.Helper()
	return flowtest.New(t, g.Store.Store, options...)
}

func TestThirtyStartsFromANetworkInAMinute(t *testing.T) {
	g := newGate(t)
	begin := func(ip string, up bool) (flow.Outcome, error) {
		if up {
			return g.CreateSignUp(ctx(), g.BrowserAt(ip), flow.SignUpParams{Email: ptr(ada)})
		}
		return g.CreateSignIn(ctx(), g.BrowserAt(ip), flow.SignInParams{Identifier: ada})
	}
	for i := range 30 {
		wantCode(t, check(t)(begin("192.0.2.1", i%2 == 0)), "")
	}
	for _, up := range []bool{true, false} {
		wait := spent(t, g, func() (flow.Outcome, error) { return begin("192.0.2.1", up) })
		if wait > 61*time.Second {
			t.Errorf("wait %s", wait)
		}
	}
	wantCode(t, check(t)(begin("192.0.2.2", false)), "")
	g.Clock.Advance(61 * time.Second)
	wantCode(t, check(t)(begin("192.0.2.1", false)), "")
}

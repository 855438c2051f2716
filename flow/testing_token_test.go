// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/limit"
)

func TestWhichTestingTokensAreGood(t *testing.T) {
	g := newGate(t, testMode)
	until := g.Clock.Now().Add(time.Hour)
	text := g.TestingToken(until).Reveal()
	if !g.Tester(text) {
		t.Fatal("a token of this site is not good")
	}
	for _, wrong := range []string{"", "-", text + "x", text[1:], "9" + text, "9999999999-", "9999999999-AAAA"} {
		if g.Tester(wrong) {
			t.Errorf("%q is good", wrong)
		}
	}
	other := *g.Service
	other.Keys.Link = g.Keys.Code
	if other.Tester(text) {
		t.Error("good on a site with another key")
	}
	other = *g.Service
	if other.Policy.TestMode = false; other.Tester(text) {
		t.Error("good outside test mode")
	}
	if g.Clock.Advance(time.Hour); g.Tester(text) {
		t.Error("good when it is over")
	}
}

func oneEach(s *flow.Service) {
	one := []limit.Rate{{Count: 1, Window: time.Hour}}
	s.Limits.StartsPerNetwork, s.Limits.SendsPerNetwork, s.Limits.MessagesPerSite = one, one, one
}

// A tester is spared the budgets of the network and the site, where the site is in
// test mode, and those of addresses nowhere.
func TestWhatATesterIsSpared(t *testing.T) {
	for name, tt := range map[string]struct {
		options []func(*flow.Service)
		tester  bool
		want    gatelatch.Code
	}{
		"a tester":               {[]func(*flow.Service){oneEach, testMode}, true, ""},
		"somebody else":          {[]func(*flow.Service){oneEach, testMode}, false, gatelatch.CodeTooManyRequests},
		"no test mode":           {[]func(*flow.Service){oneEach}, true, gatelatch.CodeTooManyRequests},
		"the budget of starts":   {[]func(*flow.Service){testMode, func(s *flow.Service) { oneEach(s); s.Limits.SendsPerNetwork, s.Limits.MessagesPerSite = nil, nil }}, true, ""},
		"the budget of messages": {[]func(*flow.Service){testMode, func(s *flow.Service) { oneEach(s); s.Limits.StartsPerNetwork = nil }}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, tt.options...)
			for i, address := range []string{ada, "bob@example.com", "cyd@example.com"} {
				who := g.Browser()
				who.IP, who.Tester = netip.MustParseAddr("203.0.113.9"), tt.tester
				out := check(t)(send(g, who, address)())
				if want := tt.want; i > 0 {
					wantCode(t, out, want)
				}
			}
		})
	}
}

func TestGuessesAndAddressesKnowNoTester(t *testing.T) {
	g := newGate(t, testMode, func(s *flow.Service) {
		s.Limits.SendsPerIdentifier = []limit.Rate{{Count: 1, Window: time.Hour}}
		s.Limits.GuessesPerIdentifier = []limit.Rate{{Count: 2, Window: time.Hour}}
	})
	who := g.Browser()
	who.Tester = true
	id := startSignIn(t, g, who, ada)
	for _, want := range []gatelatch.Code{gatelatch.CodeIncorrect, gatelatch.CodeIncorrect, gatelatch.CodeTooManyRequests} {
		wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, id, "", otherCode(g.Code(id)))), want)
	}
	wantCode(t, check(t)(send(g, who, ada)()), gatelatch.CodeTooManyRequests)
}

// otherCode is a code that is not the right one.
func otherCode(right string) string {
	b := []byte(right)
	b[0] = '0' + (b[0]-'0'+1)%10
	return string(b)
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/limit"
)

// line is what one customer has of the net, and what may come from all of it in a
// minute by default.
type line struct {
	name      string
	at        func(i int) string // an address in the i-th network of the line
	sends     int
	starts    int
	elsewhere string // in no network of the line
}

func lines() []line {
	return []line{
		{"IPv4, a /24", func(i int) string { return fmt.Sprintf("192.0.2.%d", i%256) }, 240, 480, "192.0.3.1"},
		{"IPv6, a /56", func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i%256) }, 60, 120, "2001:db8:0:100::1"},
		{"IPv6, a /48", func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i<<8&0xffff|i>>8) }, 240, 480, "2001:db8:1::1"},
	}
}

// till counts how many are let through, one from each network of a line in turn,
// before the first is refused for having been too many.
func till(t *testing.T, l line, one func(ip string, i int) (flow.Outcome, error)) int {
	t.Helper()
	for i := range 600 {
		out := check(t)(one(l.at(i), i))
		if out.Refusal == nil {
			continue
		}
		wantCode(t, out, gatelatch.CodeTooManyRequests)
		if out.Refusal.RetryAfter <= 0 || out.Refusal.RetryAfter > 61*time.Second {
			t.Errorf("wait %s", out.Refusal.RetryAfter)
		}
		return i
	}
	t.Fatal("whoever holds the line may spend what the whole site has")
	return 0
}

func TestMessagesFromAllNetworksOfALine(t *testing.T) {
	for _, l := range lines() {
		t.Run(l.name, func(t *testing.T) {
			g := newGate(t)
			got := till(t, l, func(ip string, i int) (flow.Outcome, error) {
				return send(g, g.BrowserAt(ip), fmt.Sprintf("visitor%d@example.com", i))()
			})
			if got != l.sends {
				t.Errorf("%d messages in a minute, want %d", got, l.sends)
			}
			startSignIn(t, g, g.BrowserAt(l.elsewhere), ada)
			g.Clock.Advance(61 * time.Second)
			startSignIn(t, g, g.BrowserAt(l.at(0)), ada)
		})
	}
}

func TestStartsFromAllNetworksOfALine(t *testing.T) {
	for _, l := range lines() {
		t.Run(l.name, func(t *testing.T) {
			g := newGate(t)
			got := till(t, l, func(ip string, _ int) (flow.Outcome, error) {
				return g.CreateSignIn(ctx(), g.BrowserAt(ip), flow.SignInParams{Identifier: ada})
			})
			if got != l.starts {
				t.Errorf("%d starts in a minute, want %d", got, l.starts)
			}
			begin(t, g, g.BrowserAt(l.elsewhere), ada)
		})
	}
}

// TestNoLimitOfNetworksIsNone, however many share a wider one.
func TestNoLimitOfNetworksIsNone(t *testing.T) {
	off := []limit.Rate{{}}
	g := newGate(t, func(s *flow.Service) { s.Limits.StartsPerNetwork, s.Limits.SendsPerNetwork = off, off })
	for i := range 499 {
		startSignIn(t, g, g.BrowserAt("192.0.2.1"), fmt.Sprintf("visitor%d@example.com", i))
	}
}

// TestWhatALineSpentOutlivesARestart, as all budgets do.
func TestWhatALineSpentOutlivesARestart(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Limits.SendsPerNetwork = []limit.Rate{{Count: 1, Window: time.Hour}} })
	for i := range 4 {
		startSignIn(t, g, g.BrowserAt(fmt.Sprintf("2001:db8:0:%d::1", i)), fmt.Sprintf("visitor%d@example.com", i))
	}
	g.Restart()
	spent(t, g, send(g, g.BrowserAt("2001:db8:0:9::1"), ada))
}

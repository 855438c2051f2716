// SPDX-License-Identifier: Apache-2.0

// Package flowtest is the gate's flows with nothing around them: a service on
// a store, a clock that a test moves, browsers, and an inbox that finds codes
// the way the delivery worker does, from what was queued.
package flowtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

// TB is what the fixtures need of a test; both testing.TB and rapid.T have it.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Noon is when every test begins.
func Noon() time.Time { return time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC) }

// Clock is a clock that only a test moves. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Gate is a service on a store that remembers what was written.
type Gate struct {
	*flow.Service
	T     TB
	Clock *Clock
	Store *Recorder
	// Inbox holds every message that was queued and then claimed.
	Inbox []delivery.Queued
	// Heard is what was told of sessions.
	Heard *Heard

	options  []func(*flow.Service)
	browsers int
}

// New returns a gate on a migrated store: open sign-up by e-mail, both kinds
// of identifier understood, default limits. Options change the service, now and
// at every restart.
func New(t TB, st store.Store, options ...func(*flow.Service)) *Gate {
	t.Helper()
	g := &Gate{T: t, Clock: &Clock{now: Noon()}, Store: NewRecorder(st), Heard: &Heard{}, options: options}
	g.Restart()
	return g
}

// Restart replaces the service with a new one on the same store: nothing is
// remembered but what was saved.
func (g *Gate) Restart() {
	g.T.Helper()
	secret := sha256.Sum256([]byte("a site secret for tests"))
	keys, err := gatelatch.DeriveKeys(secret[:])
	if err != nil {
		g.T.Fatalf("deriving keys: %v", err)
	}
	policy := flow.DefaultPolicy()
	g.Service = &flow.Service{
		Repo: g.Store, Policy: policy, Site: "site",
		Codes:       flow.Codes{Key: keys.Code, Length: policy.Code.Length},
		Identifiers: identifier.Policy{Email: true, Phone: true, Region: "US"},
		Tokens:      session.Tokens{Key: keys.Token}, BudgetKey: keys.Budget, Keys: keys,
		Now: g.Clock.Now, Wake: func() {}, Hasher: Hasher(), Sessions: g.Heard,
	}
	for _, change := range g.options {
		change(g.Service)
	}
}

// Browser returns a new client in a network of its own.
func (g *Gate) Browser() flow.Caller {
	g.browsers++
	return g.BrowserAt(fmt.Sprintf("10.%d.%d.1", g.browsers>>8&0xff, g.browsers&0xff))
}

// BrowserAt returns a new client at an address.
func (g *Gate) BrowserAt(ip string) flow.Caller {
	return flow.Caller{Client: g.Tokens.New(session.ClientToken), IP: netip.MustParseAddr(ip)}
}

// Fetch empties the queue into the inbox and returns what was new.
func (g *Gate) Fetch() []delivery.Queued {
	g.T.Helper()
	var got []delivery.Queued
	for {
		some, err := g.Store.ClaimMessages(context.Background(), g.Clock.Now(), g.Clock.Now().Add(time.Hour), 1000)
		if err != nil {
			g.T.Fatalf("claiming messages: %v", err)
		}
		if len(some) == 0 {
			g.Inbox = append(g.Inbox, got...)
			return got
		}
		ids := make([]string, len(some))
		for i, m := range some {
			ids[i] = m.ID
		}
		if err := g.Store.DeleteMessages(context.Background(), ids); err != nil {
			g.T.Fatalf("deleting messages: %v", err)
		}
		got = append(got, some...)
	}
}

// CodeIn derives the code of a message as the delivery worker does.
func (g *Gate) CodeIn(m delivery.Queued) string {
	v := flow.Verification{Factor: flow.Factor{Strategy: m.Strategy, To: m.To, Display: m.Display}, Nonce: m.Nonce}
	return g.Codes.Code(m.AttemptID, flow.Purpose(m.Purpose), v).Reveal()
}

// Code returns the code of the newest message of an attempt.
func (g *Gate) Code(attemptID string) string {
	g.T.Helper()
	g.Fetch()
	for i := len(g.Inbox) - 1; i >= 0; i-- {
		if g.Inbox[i].AttemptID == attemptID {
			return g.CodeIn(g.Inbox[i])
		}
	}
	g.T.Fatalf("no message for the attempt %s", attemptID)
	return ""
}

// Wrong returns a code that is not the given one.
func Wrong(code string) string {
	last := code[len(code)-1]
	return code[:len(code)-1] + string('0'+(last-'0'+1)%10)
}

// AddUser puts a user into the store who holds an e-mail address, without any
// flow, client or session.
func (g *Gate) AddUser(email string) gatelatch.User {
	g.T.Helper()
	parsed, r := g.Identifiers.Parse(email)
	if r != nil {
		g.T.Fatalf("%s", r.Message)
	}
	now := g.Clock.Now()
	u := gatelatch.User{ID: gatelatch.NewID(gatelatch.PrefixUser, now), CreatedAt: now, UpdatedAt: now, LastSignInAt: now}
	u.Addresses = []gatelatch.Address{{
		ID: gatelatch.NewID(gatelatch.PrefixAddress, now), Identifier: parsed.Identifier,
		Display: parsed.Display, VerifiedAt: now, Primary: true,
	}}
	err := g.Store.InTx(context.Background(), func(tx flow.Tx) error {
		return tx.CreateUser(context.Background(), u)
	})
	if err != nil {
		g.T.Fatalf("adding a user: %v", err)
	}
	return u
}

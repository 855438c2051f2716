// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
)

const (
	ada    = "Ada@example.com"
	bob    = "bob@example.com"
	fresh  = "new@example.com"
	number = "+12015550123"
	other  = "+12015550199"
)

func ctx() context.Context { return context.Background() }

// world is a gate with the account service beside it, and somebody who listens
// to what becomes of sessions.
type world struct {
	*account.Service
	g *flowtest.Gate

	mu        sync.Mutex
	forgotten []string
	refreshed []string
	events    []flow.Event
}

// newWorld has passwords and second factors as everybody likes.
func newWorld(t flowtest.TB, options ...func(*flow.Service)) *world {
	t.Helper()
	return newWorldOn(t, memory.New(), options...)
}

func newWorldOn(t flowtest.TB, st store.Store, options ...func(*flow.Service)) *world {
	t.Helper()
	w := &world{}
	usual := func(s *flow.Service) {
		s.Policy.Password, s.Policy.SecondFactor = flow.Optional, flow.Optional
		s.Policy.Fields.FirstName, s.Policy.Fields.LastName = flow.Optional, flow.Optional
		s.Hasher = password.NewHasher(password.Params{Memory: 64, Iterations: 1, Parallelism: 1}, 2, 100)
		s.Sessions, s.Observer = w, w
	}
	w.g = flowtest.New(t, st, append([]func(*flow.Service){usual}, options...)...)
	w.Service = &account.Service{Flow: w.g.Service, Issuer: "Acme"}
	return w
}

// Forget implements [flow.Sessions].
func (w *world) Forget(ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forgotten = append(w.forgotten, ids...)
}

// Refresh implements [flow.Sessions].
func (w *world) Refresh(userID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refreshed = append(w.refreshed, userID)
}

// Observe implements [flow.Observer].
func (w *world) Observe(e flow.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// person is a user who has just signed in.
type person struct {
	account.Actor
	w    *world
	id   string
	test flowtest.TB
}

// person makes a user with an e-mail address and a session.
func (w *world) person(t flowtest.TB, email string) person {
	t.Helper()
	u := w.g.AddUser(email)
	return w.signIn(t, u.ID)
}

// signIn makes a session of a user on a browser of its own, which is trusted.
func (w *world) signIn(t flowtest.TB, userID string) person {
	t.Helper()
	p := person{Actor: account.Actor{Caller: w.g.Browser()}, w: w, id: userID, test: t}
	p.UserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	now := w.g.Clock.Now()
	client := gatelatch.Client{
		ID: gatelatch.NewID(gatelatch.PrefixClient, now), TokenHash: p.Client.Hash(), CreatedAt: now, ExpireAt: now.Add(session.ClientLifetime),
	}
	p.SessionID = gatelatch.NewID(gatelatch.PrefixSession, now)
	s := gatelatch.Session{
		ID: p.SessionID, UserID: userID, ClientID: client.ID, TokenHash: w.g.Tokens.ForSession(p.SessionID).Hash(),
		Status: gatelatch.SessionActive, Strategy: gatelatch.EmailCode, FirstAt: now, UserAgent: p.UserAgent, IP: p.IP.String(),
		CreatedAt: now, LastActiveAt: now, ExpireAt: now.Add(7 * 24 * time.Hour),
	}
	p.tx(func(tx flow.Tx) error {
		if err := tx.CreateClient(ctx(), client); err != nil {
			return err
		}
		if err := tx.CreateSession(ctx(), s); err != nil {
			return err
		}
		return tx.PutClientTrust(ctx(), gatelatch.ClientTrust{UserID: userID, ClientID: client.ID, TrustedAt: now, LastUsedAt: now})
	})
	return p
}

func (p person) tx(fn func(tx flow.Tx) error) {
	p.test.Helper()
	if err := p.w.g.Store.InTx(ctx(), fn); err != nil {
		p.test.Fatalf("a transaction: %v", err)
	}
}

// user returns the user as stored.
func (p person) user() (u gatelatch.User) {
	p.test.Helper()
	p.tx(func(tx flow.Tx) (err error) {
		u, err = tx.User(ctx(), p.id)
		return err
	})
	return u
}

func (p person) credentials() (c gatelatch.Credentials) {
	p.test.Helper()
	p.tx(func(tx flow.Tx) (err error) {
		c, err = tx.Credentials(ctx(), p.id)
		return err
	})
	return c
}

func (p person) session() (s gatelatch.Session) {
	p.test.Helper()
	p.tx(func(tx flow.Tx) (err error) {
		s, err = tx.Session(ctx(), p.SessionID)
		return err
	})
	return s
}

// alter changes the user as an operator would.
func (p person) alter(fn func(*gatelatch.User)) {
	p.test.Helper()
	p.tx(func(tx flow.Tx) error {
		u, err := tx.User(ctx(), p.id)
		if err != nil {
			return err
		}
		fn(&u)
		return tx.PutUser(ctx(), u)
	})
}

// again proves the session anew.
func (p person) again() {
	p.test.Helper()
	p.tx(func(tx flow.Tx) error {
		s, err := tx.Session(ctx(), p.SessionID)
		if err != nil {
			return err
		}
		s.FirstAt = p.w.g.Clock.Now()
		if !s.SecondAt.IsZero() {
			s.SecondAt = s.FirstAt
		}
		return tx.MarkProven(ctx(), s)
	})
}

// address returns the id of an address of the user.
func (p person) address(value string) string {
	p.test.Helper()
	for _, a := range p.user().Addresses {
		if a.Display == value {
			return a.ID
		}
	}
	p.test.Fatalf("the user has no such address")
	return ""
}

// add adds an address, or a second factor, with its code.
func (p person) add(k flow.ChangeKind, typed string) {
	p.test.Helper()
	c, r, err := p.w.Begin(ctx(), p.Actor, k, typed)
	p.fine(r, err)
	_, r, err = p.w.Confirm(ctx(), p.Actor, c.ID, p.w.g.Code(c.ID))
	p.fine(r, err)
}

// fine fails the test unless an operation went well.
func (p person) fine(r *gatelatch.Refusal, err error) {
	p.test.Helper()
	p.wants("", r, err)
}

// wants fails the test unless an operation was refused for a reason.
func (p person) wants(want gatelatch.Code, r *gatelatch.Refusal, err error) {
	p.test.Helper()
	if err != nil {
		p.test.Fatalf("a machine failed: %v", err)
	}
	if got := code(r); got != want {
		p.test.Fatalf("refused with %q, want %q", got, want)
	}
}

func code(r *gatelatch.Refusal) gatelatch.Code {
	if r == nil {
		return ""
	}
	return r.Code
}

// notices returns what was told since the last time: purpose and recipient.
func (w *world) notices() []string {
	told := []string{}
	for _, m := range w.g.Fetch() {
		if m.Strategy == "" {
			told = append(told, m.Purpose+" "+m.Display)
		}
	}
	slices.Sort(told)
	return told
}

// told fails the test unless exactly these notices went out.
func (w *world) told(t testing.TB, purpose string, to ...string) {
	t.Helper()
	want := []string{}
	for _, address := range to {
		want = append(want, purpose+" "+address)
	}
	slices.Sort(want)
	if got := w.notices(); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

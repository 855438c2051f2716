// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

var (
	noon    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	errDown = errors.New("the store is away")
)

const idle = time.Hour

// fake is a store that a test can hold up, take away and look into.
type fake struct {
	mu         sync.Mutex
	principals map[gatelatch.TokenHash]session.Principal
	keys       []session.StoredKey
	down       bool
	reads      int
	touches    [][]session.Touch
	// read, when set, runs between reading a principal and answering with it.
	read func()
}

func newFake() *fake { return &fake{principals: map[gatelatch.TokenHash]session.Principal{}} }

func (f *fake) PrincipalByTokenHash(_ context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	f.mu.Lock()
	f.reads++
	p, ok := f.principals[h]
	down, hold := f.down, f.read
	f.mu.Unlock()
	if hold != nil {
		hold()
	}
	switch {
	case down:
		return session.Principal{}, errDown
	case !ok:
		return session.Principal{}, gatelatch.ErrNotFound
	}
	return p, nil
}

func (f *fake) PrincipalsByClient(_ context.Context, h gatelatch.TokenHash, limit int) (gatelatch.Client, []session.Principal, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.down {
		return gatelatch.Client{}, nil, errDown
	}
	var client gatelatch.Client
	var found []session.Principal
	for _, p := range f.principals {
		if p.Client.TokenHash != h {
			continue
		}
		client = p.Client
		if p.Session.Status == gatelatch.SessionActive {
			found = append(found, p)
		}
	}
	if client.ID == "" {
		return gatelatch.Client{}, nil, gatelatch.ErrNotFound
	}
	slices.SortFunc(found, func(a, b session.Principal) int { return b.Session.CreatedAt.Compare(a.Session.CreatedAt) })
	return client, found[:min(len(found), limit)], nil
}

func (f *fake) TouchSessions(_ context.Context, touches []session.Touch) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.touches = append(f.touches, slices.Clone(touches))
	for _, touch := range touches {
		f.change(touch.SessionID, func(s *gatelatch.Session) {
			if s.Status == gatelatch.SessionActive && touch.At.After(s.LastActiveAt) {
				s.LastActiveAt = touch.At
			}
		})
	}
	return nil
}

func (f *fake) EndSession(_ context.Context, id string, status gatelatch.SessionStatus, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.change(id, func(s *gatelatch.Session) { s.Status, s.EndedAt = status, at })
	return nil
}

// change alters a stored session; the caller holds the lock.
func (f *fake) change(id string, how func(*gatelatch.Session)) {
	for h, p := range f.principals {
		if p.Session.ID == id {
			how(&p.Session)
			f.principals[h] = p
		}
	}
}

// alter changes who somebody is, or what they have proven.
func (f *fake) alter(id string, how func(*session.Principal)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for h, p := range f.principals {
		if p.Session.ID == id {
			how(&p)
			f.principals[h] = p
		}
	}
}

func (f *fake) SigningKeys(context.Context) ([]session.StoredKey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, errDown
	}
	return slices.Clone(f.keys), nil
}

func (f *fake) PutSigningKey(_ context.Context, k session.StoredKey) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.keys = append(f.keys, k)
	slices.SortStableFunc(f.keys, func(a, b session.StoredKey) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return nil
}

func (f *fake) DeleteSigningKeys(_ context.Context, before time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys = slices.DeleteFunc(f.keys, func(k session.StoredKey) bool { return k.CreatedAt.Before(before) })
	return nil
}

func (f *fake) setDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

func (f *fake) readCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

// touched returns how often each session was written, and in how many groups.
func (f *fake) touched() (counts map[string]int, groups int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts = map[string]int{}
	for _, group := range f.touches {
		for _, touch := range group {
			counts[touch.SessionID]++
		}
	}
	return counts, len(f.touches)
}

// add stores a session made at noon and returns its cookies.
func (f *fake) add(id string, change ...func(*session.Principal)) session.Cookies {
	client, token := tokens.New(session.ClientToken), tokens.ForSession(id)
	p := session.Principal{
		User: gatelatch.User{ID: "user_of_" + id, FirstName: "Jo", Addresses: []gatelatch.Address{{
			Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "jo@example.com"}, Display: "Jo@example.com", Primary: true,
		}}},
		Client: gatelatch.Client{ID: "client_of_" + id, TokenHash: client.Hash()},
		Session: gatelatch.Session{
			ID: id, UserID: "user_of_" + id, ClientID: "client_of_" + id, TokenHash: token.Hash(), Status: gatelatch.SessionActive,
			CreatedAt: noon, LastActiveAt: noon, ExpireAt: noon.Add(24 * time.Hour),
		},
	}
	for _, c := range change {
		c(&p)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.principals[token.Hash()] = p
	return session.Cookies{Client: client.Reveal(), Session: token.Reveal()}
}

func manager(f *fake, change ...func(*session.Config)) *session.Manager {
	c := session.Config{Repo: f, Tokens: tokens}
	for _, x := range change {
		x(&c)
	}
	return session.NewManager(c)
}

// in asserts what a pair of cookies is at a moment.
func in(t *testing.T, m *session.Manager, c session.Cookies, now time.Time, want bool) *session.Live {
	t.Helper()
	l, err := m.Authenticate(t.Context(), c, idle, now)
	if err != nil {
		t.Fatalf("at %v: %v", now, err)
	}
	if (l != nil) != want {
		t.Fatalf("at %v: live is %v", now.Sub(noon), l != nil)
	}
	return l
}

func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

// forget removes a session, as a sweep does.
func (f *fake) forget(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.principals, func(_ gatelatch.TokenHash, p session.Principal) bool { return p.Session.ID == id })
}

// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// Session implements [flow.Tx].
func (t *tx) Session(ctx context.Context, id string) (gatelatch.Session, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.Session{}, err
	}
	s, ok := t.m.sessions[id]
	if !ok {
		return gatelatch.Session{}, gatelatch.ErrNotFound
	}
	return s, nil
}

// CreateSession implements [flow.Tx].
func (t *tx) CreateSession(ctx context.Context, s gatelatch.Session) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if t.m.sessions.has(s.ID) || t.m.sessionHashes.has(s.TokenHash) {
		return t.conflict("a session")
	}
	if err := t.refers(s.UserID, s.ClientID); err != nil {
		return err
	}
	s.CreatedAt, s.LastActiveAt = stored.Moment(s.CreatedAt), stored.Moment(s.LastActiveAt)
	s.FirstAt, s.SecondAt = stored.Moment(s.FirstAt), stored.Moment(s.SecondAt)
	s.ExpireAt, s.EndedAt = stored.Moment(s.ExpireAt), stored.Moment(s.EndedAt)
	t.m.sessions.put(t.m, s.ID, s)
	t.m.sessionHashes.put(t.m, s.TokenHash, s.ID)
	return nil
}

// Sessions implements [flow.Tx].
func (t *tx) Sessions(ctx context.Context, userID string, now time.Time, limit int) ([]gatelatch.Session, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	now = stored.Moment(now)
	live := t.m.active(func(s gatelatch.Session) bool { return s.UserID == userID && s.ExpireAt.After(now) })
	return live[:min(len(live), max(limit, 0))], nil
}

// ClientSessions implements [flow.Tx].
func (t *tx) ClientSessions(ctx context.Context, clientID string, now time.Time, limit int) ([]gatelatch.Session, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	now = stored.Moment(now)
	live := t.m.active(func(s gatelatch.Session) bool { return s.ClientID == clientID && s.ExpireAt.After(now) })
	return live[:min(len(live), max(limit, 0))], nil
}

// HasSession implements [flow.Tx].
func (t *tx) HasSession(ctx context.Context, userID, clientID string) (bool, error) {
	if err := t.ready(ctx); err != nil {
		return false, err
	}
	for _, s := range t.m.sessions {
		if s.UserID == userID && s.ClientID == clientID {
			return true, nil
		}
	}
	return false, nil
}

// EndOldest implements [flow.Tx].
func (t *tx) EndOldest(ctx context.Context, userID string, keep int, at time.Time) ([]string, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	var ended []string
	all := t.m.active(func(s gatelatch.Session) bool { return s.UserID == userID })
	for _, s := range all[min(keep, len(all)):min(keep+stored.EndedAtOnce, len(all))] {
		if err := t.EndSession(ctx, s.ID, gatelatch.SessionRevoked, at); err != nil {
			return nil, err
		}
		ended = append(ended, s.ID)
	}
	slices.Sort(ended)
	return ended, nil
}

// active returns the active sessions that keep picks, the newest first.
func (m *memory) active(keep func(gatelatch.Session) bool) []gatelatch.Session {
	var all []gatelatch.Session
	for _, s := range m.sessions {
		if s.Status == gatelatch.SessionActive && keep(s) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b gatelatch.Session) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return all
}

// MarkProven implements [flow.Tx].
func (t *tx) MarkProven(ctx context.Context, proven gatelatch.Session) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	s, ok := t.m.sessions[proven.ID]
	if !ok {
		return gatelatch.ErrNotFound
	}
	s.Strategy, s.FirstAt = proven.Strategy, stored.Moment(proven.FirstAt)
	s.Second, s.SecondAt = proven.Second, stored.Moment(proven.SecondAt)
	t.m.sessions.put(t.m, s.ID, s)
	return nil
}

// EndSession implements [flow.Tx].
func (t *tx) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if s := t.m.sessions[id]; s.Status == gatelatch.SessionActive {
		s.Status, s.EndedAt = status, stored.Moment(at)
		t.m.sessions.put(t.m, id, s)
	}
	return nil
}

// EndSessions implements [flow.Tx].
func (t *tx) EndSessions(ctx context.Context, userID, exceptID string, status gatelatch.SessionStatus, at time.Time) ([]string, error) {
	var ended []string
	for id, s := range t.m.sessions {
		if s.UserID == userID && id != exceptID && s.Status == gatelatch.SessionActive {
			ended = append(ended, id)
		}
	}
	slices.Sort(ended)
	for _, id := range ended {
		if err := t.EndSession(ctx, id, status, at); err != nil {
			return nil, err
		}
	}
	return ended, t.ready(ctx)
}

// PrincipalByTokenHash implements [session.Repo].
func (m *memory) PrincipalByTokenHash(ctx context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	var p session.Principal
	err := m.write(ctx, func(*tx) error {
		id, ok := m.sessionHashes[h]
		if !ok {
			return gatelatch.ErrNotFound
		}
		s := m.sessions[id]
		p = session.Principal{User: clone(m.users[s.UserID]), Session: s, Client: m.clients[s.ClientID]}
		return nil
	})
	return p, err
}

// PrincipalsByClient implements [session.Repo].
func (m *memory) PrincipalsByClient(ctx context.Context, h gatelatch.TokenHash, limit int) (gatelatch.Client, []session.Principal, error) {
	var (
		c   gatelatch.Client
		all []session.Principal
	)
	err := m.write(ctx, func(*tx) error {
		id, ok := m.clientHashes[h]
		if !ok {
			return gatelatch.ErrNotFound
		}
		c = m.clients[id]
		live := m.active(func(s gatelatch.Session) bool { return s.ClientID == id })
		for _, s := range live[:min(len(live), max(limit, 0))] {
			all = append(all, session.Principal{User: clone(m.users[s.UserID]), Session: s, Client: c})
		}
		return nil
	})
	return c, all, err
}

// TouchSessions implements [session.Repo].
func (m *memory) TouchSessions(ctx context.Context, touches []session.Touch) error {
	return m.write(ctx, func(*tx) error {
		for _, touch := range touches {
			m.touch(touch.SessionID, stored.Moment(touch.At))
		}
		return nil
	})
}

// touch moves an active session forward, its user, and the trust of its client.
func (m *memory) touch(id string, at time.Time) {
	s := m.sessions[id]
	if s.Status != gatelatch.SessionActive {
		return
	}
	if at.After(s.LastActiveAt) {
		s.LastActiveAt = at
		m.sessions.put(m, id, s)
	}
	if u := m.users[s.UserID]; at.After(u.LastActiveAt) {
		u.LastActiveAt = at
		m.users.put(m, u.ID, u)
	}
	key := trustKey{s.UserID, s.ClientID}
	if trust, ok := m.trusts[key]; ok && at.After(trust.LastUsedAt) {
		trust.LastUsedAt = at
		m.trusts.put(m, key, trust)
	}
}

// EndSession implements [session.Repo].
func (m *memory) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error {
	return m.write(ctx, func(t *tx) error { return t.EndSession(ctx, id, status, at) })
}

// SigningKeys implements [session.Repo].
func (m *memory) SigningKeys(ctx context.Context) ([]session.StoredKey, error) {
	var keys []session.StoredKey
	err := m.write(ctx, func(*tx) error {
		for _, k := range m.keys {
			k.Sealed = bytes.Clone(k.Sealed)
			keys = append(keys, k)
		}
		return nil
	})
	slices.SortFunc(keys, func(a, b session.StoredKey) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return keys, err
}

// PutSigningKey implements [session.Repo].
func (m *memory) PutSigningKey(ctx context.Context, k session.StoredKey) error {
	return m.write(ctx, func(t *tx) error {
		if _, taken := m.keys[k.ID]; taken {
			return t.conflict("a signing key")
		}
		k.Sealed, k.CreatedAt = bytes.Clone(k.Sealed), stored.Moment(k.CreatedAt)
		m.keys.put(m, k.ID, k)
		return nil
	})
}

// DeleteSigningKeys implements [session.Repo].
func (m *memory) DeleteSigningKeys(ctx context.Context, before time.Time) error {
	return m.write(ctx, func(*tx) error {
		for id, k := range m.keys {
			if k.CreatedAt.Before(stored.Moment(before)) {
				m.keys.remove(m, id)
			}
		}
		return nil
	})
}

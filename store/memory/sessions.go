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
	s.ExpireAt = stored.Moment(s.ExpireAt)
	t.m.sessions.put(t.m, s.ID, s)
	t.m.sessionHashes.put(t.m, s.TokenHash, s.ID)
	return nil
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

// TouchSessions implements [session.Repo].
func (m *memory) TouchSessions(ctx context.Context, touches []session.Touch) error {
	return m.write(ctx, func(*tx) error {
		for _, touch := range touches {
			s, at := m.sessions[touch.SessionID], stored.Moment(touch.At)
			if s.Status == gatelatch.SessionActive && at.After(s.LastActiveAt) {
				s.LastActiveAt = at
				m.sessions.put(m, s.ID, s)
			}
		}
		return nil
	})
}

// EndSession implements [session.Repo].
func (m *memory) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, _ time.Time) error {
	return m.write(ctx, func(*tx) error {
		if s := m.sessions[id]; s.Status == gatelatch.SessionActive {
			s.Status = status
			m.sessions.put(m, id, s)
		}
		return nil
	})
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

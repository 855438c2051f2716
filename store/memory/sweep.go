// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// Sweep implements [store.Store].
func (m *memory) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	var n int
	err := m.write(ctx, func(*tx) error {
		now := stored.Moment(now)
		n = sweep(m, m.signIns, limit, func(a attempt) bool { return !a.abandonAt.After(now) }) +
			sweep(m, m.signUps, limit, func(a attempt) bool { return !a.abandonAt.After(now) }) +
			sweep(m, m.changes, limit, func(a attempt) bool { return !a.abandonAt.After(now) }) +
			sweep(m, m.invitations, limit, func(i gatelatch.Invitation) bool {
				return !stored.InvitationOver(i).After(now.Add(-stored.KeepInvitations))
			}) +
			sweep(m, m.signInTokens, limit, func(s gatelatch.SignInToken) bool {
				return !stored.SignInTokenOver(s).After(now.Add(-stored.KeepSignInTokens))
			}) +
			sweep(m, m.counters, limit, func(c counter) bool { return !c.expireAt.After(now) }) +
			sweep(m, m.messages, limit, func(q delivery.Queued) bool { return !q.ExpireAt.After(now) }) +
			sweep(m, m.sessions, limit, func(s gatelatch.Session) bool { return !s.ExpireAt.After(now) && !m.hasNeighbour(s, now) }) +
			sweep(m, m.clients, limit, func(c gatelatch.Client) bool { return !c.ExpireAt.After(now) && !m.used(c.ID) })
		m.dropOrphans()
		return nil
	})
	return n, err
}

func sweep[K comparable, V any](m *memory, t table[K, V], limit int, over func(V) bool) int {
	n := 0
	for k, v := range t {
		if n < limit && over(v) {
			t.remove(m, k)
			n++
		}
	}
	return n
}

// used reports whether a client has sessions.
func (m *memory) used(clientID string) bool {
	for _, s := range m.sessions {
		if s.ClientID == clientID {
			return true
		}
	}
	return false
}

// hasNeighbour reports whether another session of the client lives on that began
// before this one was over.
func (m *memory) hasNeighbour(over gatelatch.Session, now time.Time) bool {
	for _, s := range m.sessions {
		if s.ClientID == over.ClientID && s.Status == gatelatch.SessionActive && s.ExpireAt.After(now) && s.CreatedAt.Before(over.OverAt(0)) {
			return true
		}
	}
	return false
}

// dropOrphans forgets what belonged to sessions and clients that are gone.
func (m *memory) dropOrphans() {
	drop(m, m.sessionHashes, func(_ gatelatch.TokenHash, id string) bool { return !m.sessions.has(id) })
	drop(m, m.clientHashes, func(_ gatelatch.TokenHash, id string) bool { return !m.clients.has(id) })
	drop(m, m.trusts, func(k trustKey, _ gatelatch.ClientTrust) bool { return !m.clients.has(k.client) })
}

func drop[K comparable, V any](m *memory, t table[K, V], orphaned func(K, V) bool) {
	for k, v := range t {
		if orphaned(k, v) {
			t.remove(m, k)
		}
	}
}

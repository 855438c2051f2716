// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"log/slog"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

// PoolKeys returns the names of the databases in use, for tests.
func PoolKeys() []string {
	var keys []string
	pool.Range(func(key, _ any) bool {
		name, _ := key.(string)
		keys = append(keys, name)
		return true
	})
	return keys
}

// CloseStores closes every database behind the back of its gates, for tests.
func CloseStores() {
	pool.Range(func(_, value any) bool {
		if s, ok := value.(*shared); ok {
			_ = s.store.Close()
		}
		return true
	})
}

// GatesIn returns the gates among routes, for tests.
func GatesIn(routes caddyhttp.RouteList) []*Gate {
	var gates []*Gate
	for _, r := range routes {
		for _, h := range r.Handlers {
			switch h := h.(type) {
			case *Gate:
				gates = append(gates, h)
			case *caddyhttp.Subroute:
				gates = append(gates, GatesIn(h.Routes)...)
			}
		}
	}
	return gates
}

// SiteOrigins returns the origins that a gate has found, for tests.
func (g *Gate) SiteOrigins() []string { return g.site.origins }

// ReadSecret is readSecret, for tests.
func ReadSecret(text gatelatch.Secret) ([]byte, error) { return readSecret(text) }

// StandsInFor reports whether a gate that serves may take the requests of one
// that is still starting, for tests.
func (g *Gate) StandsInFor(starting *Gate) bool { return starting.like(g) || starting.succeeds(g) }

// testStore is a database that is no module.
type testStore struct{ store.Store }

func (s testStore) key() string                { return "test" }
func (s testStore) label() string              { return "test" }
func (s testStore) open() (store.Store, error) { return s.Store, nil }
func (s testStore) needsSecret() bool          { return false }

// OpenStore does with a database what a gate does when it starts, for tests. The
// function ends it.
func OpenStore(ctx context.Context, db store.Store, keys gatelatch.Keys) (*session.Manager, func() error, error) {
	s, err := newShared(testStore{db})
	if err != nil {
		return nil, nil, err
	}
	if err := s.open(ctx, keys, []string{"ES256"}); err != nil {
		return nil, nil, err
	}
	return s.sessions, s.Destruct, nil
}

// Unescape is unescape, for tests.
func Unescape(path string) string { return unescape(path) }

// Announcer is a sender whose messages also show in a log, for tests.
func Announcer(s delivery.Sender, log *slog.Logger) delivery.Sender { return announcer{s, log} }

// PublishableKey returns the key of a gate with the Frontend API, for tests.
func (g *Gate) PublishableKey() string { return string(g.programs.key) }

// StreamEnd is when a stream is cut at the latest that a signed token has opened,
// for tests.
func StreamEnd(session, token time.Time) time.Time {
	return streamEnd(session, &brought{until: token})
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch"
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

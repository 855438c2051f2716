// SPDX-License-Identifier: Apache-2.0

// Package backendapi is the operator's interface over HTTP, in the shape of
// Clerk's Backend API, so that its server SDKs administer the gate. Handlers
// decode, call package admin, and render; nothing is decided here.
package backendapi

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

// SecretKey lets its holder in. Name stands in the log beside what was done.
type SecretKey struct {
	Name  string
	Value gatelatch.Secret
}

// Sessions is what the API needs of the session manager.
type Sessions interface {
	// OfClient finds a client by its token.
	OfClient(ctx context.Context, client session.Token, idle time.Duration, now time.Time) (session.Held, error)
}

// Change is one call that changed something, or tried to, for the operator's log:
// no secret and no full address is in it.
type Change struct {
	Key    string // the name of the secret key
	Method string
	Path   string // the pattern of the route, such as /users/{id}/ban
	ID     string // the id in the path, or of what was made
	Status int
	IP     netip.Addr
}

// Handler serves the paths under Base + "/v1". All fields but Templates, Limits,
// Observe and Report are required. It is safe for concurrent use.
type Handler struct {
	// Base is the prefix of the API, such as /.auth/backend.
	Base string
	// SignUpURL and SignInURL are whole addresses of the pages; FrontendURL is the one of
	// the Frontend API, such as https://app.example.com/.auth/v1, or empty when that is
	// off.
	SignUpURL, SignInURL, FrontendURL string
	Keys                              []SecretKey
	Admin                             *admin.Service
	Sessions                          Sessions
	Idle                              time.Duration
	Tokens                            session.Tokens
	Minter                            *session.Minter
	Templates                         map[string]session.Template
	KeySet                            func() []byte
	Allowed                           []string
	PublishableKey                    wire.PublishableKey
	ClientIP                          func(r *http.Request) netip.Addr
	Now                               func() time.Time
	// Limits are those of the site; nil for some of the handler's own.
	Limits *Limits
	// Observe hears of every call that changes something; may be nil.
	Observe func(Change)
	// Report hears of machine failures, without secrets; may be nil.
	Report func(r *http.Request, err error)

	once sync.Once
	*prepared
}

// prepared is what a handler makes of its fields at the first request.
type prepared struct {
	mux    *http.ServeMux
	routes map[string]*Route // by pattern
	keys   []hashedKey
	limits *Limits
}

func (h *Handler) prepare() {
	h.once.Do(func() {
		p := &prepared{mux: http.NewServeMux(), routes: make(map[string]*Route), keys: hashKeys(h.Keys), limits: cmp.Or(h.Limits, NewLimits())}
		for i := range routes {
			pattern := routes[i].Method + " " + routes[i].Path
			p.routes[pattern] = &routes[i]
			p.mux.Handle(pattern, http.NotFoundHandler()) // finds the route, and serves nothing
		}
		h.prepared = p
	})
}

// ServeHTTP answers a path under the base of the API. Who has no key learns nothing
// of what there is: that is looked at before the path.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.prepare()
	c := &call{Handler: h, w: w, r: r, now: h.Now()}
	if no := c.admit(); no != nil {
		c.refuse(*no)
		return
	}
	route := c.find()
	if route == nil {
		return
	}
	c.run(route)
	c.observe(route)
}

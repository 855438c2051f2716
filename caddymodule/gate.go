// SPDX-License-Identifier: Apache-2.0

// Package caddymodule puts the gate into Caddy: the directive gatelatch, the
// app that owns what must start, and the guests that carry the settings of
// stores and senders. It is the only package that imports Caddy.
package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/pages"
)

func init() {
	caddy.RegisterModule(new(Gate))
}

// readyWait is how long a request waits for a gate that is just starting.
const readyWait = 5 * time.Second

// Gate lets a request through to the handlers behind it when it comes from
// somebody who has proven an address; anybody else gets a sign-in page, or an
// answer that a program understands. The upstream learns who it is from
// identity headers and a signed token.
//
// The gate sets these placeholders on requests that it lets through:
//
// Placeholder | Description
// ------------|------------
// `{http.auth.user.id}` | The user's id, which the access log shows as user_id
// `{http.auth.user.email}` | The user's e-mail address, empty when there is none
// `{http.auth.user.phone}` | The user's phone number in E.164, empty when there is none
// `{http.auth.user.name}` | First and last name, empty when not given
// `{http.auth.user.session_id}` | The id of the session
//
// The gate's own pages live under its base path. A route that leaves requests
// out of the gate by a matcher also leaves the identity headers of those
// requests as the client sent them; use the option public for paths that anybody
// may see.
type Gate struct {
	Config

	// matcher finds what a path or a named matcher stands for while a Caddyfile is
	// read.
	matcher func(word string) (caddy.ModuleMap, bool, error)

	ctx      caddy.Context
	app      *App // of the configuration that the gate belongs to
	written  digest
	log      *slog.Logger
	events   *caddyevents.App
	site     site
	programs programs
	renderer *pages.Renderer

	carriers   map[string]carrier
	storeGuest storeGuest
	admission  admission.Rules
	secret     []byte // nil when Caddy's storage holds it

	shared   *shared
	poolKey  string
	emitting chan struct{}

	running atomic.Pointer[running]
	settled chan struct{} // closed when running is set, or never will be
	settle  func()
}

// CaddyModule returns the Caddy module information.
func (*Gate) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.gatelatch",
		New: func() caddy.Module { return new(Gate) },
	}
}

// Provision computes everything that needs no database, no secret and no
// network, so that a configuration can be validated anywhere.
func (g *Gate) Provision(ctx caddy.Context) error {
	g.ctx, g.log = ctx, ctx.Slogger()
	g.settled, g.emitting = make(chan struct{}), make(chan struct{}, eventsInFlight)
	g.settle = sync.OnceFunc(func() { close(g.settled) })
	if err := g.Check(); err != nil {
		return err
	}
	for _, step := range []func(caddy.Context) error{
		g.digestOptions, g.findEvents, g.resolveSite, g.resolvePrograms, g.resolveGuests, g.resolveAdmission, g.loadRequirements, g.render, g.watch, g.acquire,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return joinApp(ctx, g)
}

func (g *Gate) findEvents(ctx caddy.Context) error {
	app, err := ctx.App("events")
	if err != nil {
		return fmt.Errorf("getting the events app: %w", err)
	}
	var ok bool
	if g.events, ok = app.(*caddyevents.App); !ok {
		return fmt.Errorf("the events app is a %T", app)
	}
	return nil
}

// resolveGuests finds out which store and senders there are to be, and the
// secret if it is given.
func (g *Gate) resolveGuests(ctx caddy.Context) (err error) {
	if g.carriers, err = g.loadCarriers(ctx); err != nil {
		return err
	}
	if g.storeGuest, err = g.loadStore(ctx); err != nil {
		return err
	}
	if g.Secret == "" {
		if g.storeGuest.needsSecret() {
			return errNoSecretForPostgres
		}
		return nil
	}
	text, err := resolveSecret("secret", g.Secret)
	if err != nil {
		return err
	}
	if g.secret, err = readSecret(text); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	return nil
}

func (g *Gate) render(caddy.Context) (err error) {
	g.renderer, err = pages.NewRenderer(g.site.pages)
	return err
}

func (g *Gate) watch(ctx caddy.Context) error {
	if err := metrics.register(ctx.GetMetricsRegistry()); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	return nil
}

// Cleanup lets go of what this gate has acquired, and of nothing else. The
// shared parts live on while another gate, such as that of the next
// configuration, uses them.
func (g *Gate) Cleanup() error {
	if g.poolKey == "" {
		return nil
	}
	g.settle()
	g.shared.board.leave(g)
	_, err := pool.Delete(g.poolKey)
	g.poolKey = ""
	return err
}

// ServeHTTP decides what a request gets.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	run := g.running.Load()
	if run == nil {
		if run = g.await(r.Context()); run == nil {
			metrics.decided(gate.Unavailable)
			gate.AnswerUnavailable(w, readyWait)
			return nil
		}
	}
	return run.serve(w, r, next)
}

// await returns what serves while this gate is just starting: servers may
// listen first. During a reload that is its predecessor in the configuration
// before, which stays when this one turns out not to work.
func (g *Gate) await(ctx context.Context) *running {
	if run := g.shared.board.standIn(g); run != nil {
		return run
	}
	t := time.NewTimer(readyWait)
	defer t.Stop()
	select {
	case <-g.settled:
	case <-ctx.Done():
	case <-t.C:
	}
	return g.running.Load()
}

// start begins to serve, once the shared parts work.
func (g *Gate) start() error {
	defer g.settle()
	run, err := g.newRunning()
	if err != nil {
		return err
	}
	g.running.Store(run)
	return nil
}

var errNoSecretForPostgres = errors.New("store postgres needs the option secret: " +
	"every process that uses the database must be given the same one, for example secret {env.GATELATCH_SECRET}")

// Interface guards.
var (
	_ caddy.Provisioner           = (*Gate)(nil)
	_ caddy.CleanerUpper          = (*Gate)(nil)
	_ caddyhttp.MiddlewareHandler = (*Gate)(nil)
)

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store"
)

func init() { caddy.RegisterModule(new(App)) }

const appName = "gatelatch"

// startTimeout bounds opening one store.
const startTimeout = time.Minute

// App starts what the gates of a configuration need. It has no options, and is
// there whenever a gate is.
type App struct {
	ctx   caddy.Context
	gates []*Gate
}

// CaddyModule returns the Caddy module information.
func (*App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: appName, New: func() caddy.Module { return new(App) }}
}

// Provision remembers the configuration that the app belongs to.
func (a *App) Provision(ctx caddy.Context) error {
	a.ctx = ctx
	return nil
}

// joinApp has a gate started with its configuration.
func joinApp(ctx caddy.Context, g *Gate) error {
	module, err := ctx.App(appName)
	if err != nil {
		return fmt.Errorf("getting the gatelatch app: %w", err)
	}
	a, ok := module.(*App)
	if !ok {
		return fmt.Errorf("the gatelatch app is a %T", module)
	}
	return a.add(g)
}

// Start opens the stores and lets the gates serve. A store that cannot be used
// fails the whole configuration: the one before it, if any, goes on running.
func (a *App) Start() error {
	// Nobody waits for a gate that did not start.
	defer func() {
		for _, g := range a.gates {
			g.settle()
		}
	}()
	for _, group := range a.groups() {
		if err := a.startGroup(group); err != nil {
			return err
		}
	}
	return nil
}

// Stop has nothing to do: gates let go of what they share when Caddy cleans
// them up, which also happens to a configuration that failed to start.
func (a *App) Stop() error { return nil }

// groups returns the gates by what they share.
func (a *App) groups() [][]*Gate {
	var groups [][]*Gate
	for _, g := range a.gates {
		i := slices.IndexFunc(groups, func(group []*Gate) bool { return group[0].shared == g.shared })
		if i < 0 {
			groups = append(groups, []*Gate{g})
			continue
		}
		groups[i] = append(groups[i], g)
	}
	return groups
}

func (a *App) startGroup(group []*Gate) error {
	ctx, cancel := context.WithTimeout(a.ctx, startTimeout)
	defer cancel()
	keys, err := a.keys(ctx, group)
	if err != nil {
		return err
	}
	s := group[0].shared
	if err := s.open(ctx, keys, algorithmsOf(group)); err != nil {
		return explain(s.label, err)
	}
	for _, g := range group {
		if err := g.start(); err != nil {
			return fmt.Errorf("%s: %w", g.site.origins[0], err)
		}
	}
	warnOfNeighbours(group)
	return nil
}

// keys derives the keys of an installation from the one secret that its sites
// agree on.
func (a *App) keys(ctx context.Context, group []*Gate) (gatelatch.Keys, error) {
	var secret []byte
	for _, g := range group {
		if g.secret == nil {
			continue
		}
		if secret != nil && subtle.ConstantTimeCompare(secret, g.secret) != 1 {
			return gatelatch.Keys{}, fmt.Errorf("sites that share the store %s have different secrets; give them the same one", g.shared.label)
		}
		secret = g.secret
	}
	if secret == nil {
		var err error
		if secret, err = storedSecret(ctx, a.ctx.Storage(), group[0].log); err != nil {
			return gatelatch.Keys{}, err
		}
	}
	return gatelatch.DeriveKeys(secret)
}

func algorithmsOf(group []*Gate) []string {
	var list []string
	for _, g := range group {
		if a := g.algorithm(); !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

// explain says what an operator can do about a store that cannot be used.
func explain(label string, err error) error {
	if errors.Is(err, store.ErrSecret) {
		return fmt.Errorf("store %s: %w; start with the secret it was first used with; when that is lost, "+
			"see \"The site secret\" in docs/operating.md, which keeps the users", label, err)
	}
	return fmt.Errorf("store %s cannot be used: %w", label, err)
}

var _ caddy.App = (*App)(nil)

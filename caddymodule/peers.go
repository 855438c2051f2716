// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/caddyserver/caddy/v2"
)

// digest tells the options of gates apart. It stands in for them because
// Caddy forgets the settings of guests once it has loaded them.
type digest [sha256.Size]byte

// digestOf returns the digest of the options as they were written. The order of
// fields does not matter.
func digestOf(c *Config) (digest, error) {
	written, err := json.Marshal(c) //nolint:gosec // G117: a placeholder or what Caddy's own configuration shows; it is hashed
	if err != nil {
		return digest{}, fmt.Errorf("reading the options again: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(written))
	d.UseNumber()
	var options any
	if err := d.Decode(&options); err != nil {
		return digest{}, fmt.Errorf("reading the options again: %w", err)
	}
	sorted, err := json.Marshal(options)
	return sha256.Sum256(sorted), err
}

func (g *Gate) digestOptions(caddy.Context) (err error) {
	g.written, err = digestOf(&g.Config)
	return err
}

// like reports whether two gates are one in all but the place where they stand.
func (g *Gate) like(other *Gate) bool {
	return g.site.key == other.site.key && g.written == other.written && slices.Equal(g.site.origins, other.site.origins)
}

// add takes a gate into its configuration, unless one that is there already
// makes that unsafe.
func (a *App) add(g *Gate) error {
	for _, other := range a.gates {
		if err := g.agree(other); err != nil {
			return err
		}
	}
	a.gates = append(a.gates, g)
	g.app = a
	return nil
}

// agree reports what must not be together in one configuration: two gates that
// go by one name and differ, since limits, messages and a reload know a gate by
// that name; and codes that are shown where a public site takes them.
func (g *Gate) agree(other *Gate) error {
	if g.site.key == other.site.key && g.written != other.written {
		return fmt.Errorf("%s has two gates under %s whose options differ, and a site has one; write one gatelatch "+
			"with a named matcher for all that it guards, or with public for what anybody may see, "+
			"or give both the same options", g.site.origins[0], g.basePath())
	}
	if g.poolKey != other.poolKey {
		return nil
	}
	if err := g.agreeOnTests(other); err != nil || g.showsCodes() == other.showsCodes() {
		return err
	}
	shows, public := g, other
	if other.showsCodes() {
		shows, public = other, g
	}
	if public.site.development {
		return nil
	}
	return fmt.Errorf("%s shows its codes in an outbox, and shares the store %s with %s, so whoever reaches the one could be "+
		"anybody on the other; give %[1]s a store of its own, such as store sqlite development.db, or a sender",
		shows.site.origins[0], shows.shared.label, public.site.origins[0])
}

// agreeOnTests reports a site in test mode that shares its users with a public one
// that is not: the one code would open both.
func (g *Gate) agreeOnTests(other *Gate) error {
	if g.testMode() == other.testMode() {
		return nil
	}
	tests, public := g, other
	if other.testMode() {
		tests, public = other, g
	}
	if public.site.development {
		return nil
	}
	return fmt.Errorf("%s is in test_mode, and shares the store %s with %s, which is not, so whoever reaches the one could be any user with "+
		"a test address on the other; give %[1]s a store of its own, such as store sqlite test.db",
		tests.site.origins[0], tests.shared.label, public.site.origins[0])
}

// showsCodes reports whether codes of this site can be seen on a page or in the
// log.
func (g *Gate) showsCodes() bool { return len(g.outboxFiles()) > 0 }

// succeeds reports whether a gate takes the place of another one: each is the
// only gate of its configuration that goes by their name.
func (g *Gate) succeeds(other *Gate) bool {
	return g.site.key == other.site.key && g.app != other.app && g.alone() && other.alone()
}

// alone reports whether a gate is the only one of its configuration that goes
// by its name.
func (g *Gate) alone() bool {
	return g.app != nil && !slices.ContainsFunc(g.app.gates, func(other *Gate) bool {
		return other != g && other.site.key == g.site.key
	})
}

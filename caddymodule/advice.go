// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch/gate"
)

// introduce tells the log which site a gate has taken itself for: an operator
// whose forms are refused finds the wrong origin here.
func (g *Gate) introduce() {
	attrs := []any{
		slog.String("origin", strings.Join(g.site.origins, " ")), slog.String("base_path", g.basePath()),
		slog.String("store", g.shared.label), slog.String("sign_up", g.signUpMode()),
	}
	for _, channel := range slices.Sorted(maps.Keys(g.carriers)) {
		attrs = append(attrs, slog.String(channel, g.carriers[channel].guest.CaddyModule().ID.Name()))
	}
	g.log.Info("the gate is up", attrs...)
	for _, a := range g.advice() {
		g.log.Warn(a, slog.String("origin", g.site.origins[0]))
	}
}

// advice is what an operator may not have meant. None of it is refused, since
// each can be right: something in front of the gate may serve the logo.
func (g *Gate) advice() []string {
	var list []string
	if b := g.Branding; b != nil {
		for option, path := range map[string]string{"logo": b.Logo, "stylesheet": b.Stylesheet} {
			if g.guarded(path) {
				list = append(list, "branding "+option+" is not public, so nobody sees it before signing in; add "+path+" to public")
			}
		}
	}
	if slices.Contains(g.Public, "/*") && g.FrontendAPI == nil {
		list = append(list, "public /* leaves nothing guarded")
	}
	for _, channel := range slices.Sorted(maps.Keys(g.carriers)) {
		if _, file := g.carriers[channel].guest.(*Outbox); file && !g.site.development {
			list = append(list, channel+" is written to a file and not sent: whoever can read the file can be anybody")
		}
	}
	slices.Sort(list)
	return list
}

// guarded reports whether a path of the site is behind the gate.
func (g *Gate) guarded(path string) bool {
	u, err := url.Parse(path)
	if path == "" || err != nil {
		return false
	}
	routes := gate.Routes{Base: g.basePath(), Other: g.otherPath(), Public: slices.Clone(g.Public)}
	return routes.Route(&http.Request{URL: u}) == gate.Protected
}

// signUpMode is the word that an operator would write.
func (c *Config) signUpMode() string {
	if c.SignUp == nil {
		return wordOpen
	}
	return cmp.Or(c.SignUp.Mode, wordOpen)
}

// takesAnybody reports whether anybody with an address may sign up.
func (c *Config) takesAnybody() bool { return c.signUpMode() == wordOpen && len(c.Allow) == 0 }

// warnOfNeighbours tells of sites that are choosy, beside others of the same
// store that take anybody: whoever has signed up at one can sign in at all.
func warnOfNeighbours(group []*Gate) {
	i := slices.IndexFunc(group, func(g *Gate) bool { return g.takesAnybody() })
	if i < 0 {
		return
	}
	for _, g := range group {
		if !g.takesAnybody() {
			g.log.Warn("this site shares its users with one where anybody may sign up, and who signs up there can sign in here; "+
				"give one of them a store of its own, or both the same sign_up and allow",
				slog.String("origin", g.site.origins[0]), slog.String("other", group[i].site.origins[0]))
		}
	}
}

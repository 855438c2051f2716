// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/admin"
)

func timeOf(d caddy.Duration) time.Duration { return time.Duration(d) }

// choice is one site that runs, with what it shares.
type choice struct {
	label, origin string
	gate          *Gate
	run           *running
}

// choices returns the sites that run, in one order.
func choices() []choice {
	var all []choice
	pool.Range(func(_, value any) bool {
		if s, ok := value.(*shared); ok {
			all = append(all, s.board.serving(s.label)...)
		}
		return true
	})
	slices.SortFunc(all, func(a, b choice) int {
		return cmp.Or(strings.Compare(a.label, b.label), strings.Compare(a.gate.site.key, b.gate.site.key))
	})
	return all
}

// pickStore returns the operations of the one store that a request means: by its
// label, or by the origin of a site, which then is also the one in whose name
// messages go out.
func pickStore(name string, sends bool) (*admin.Service, *caddy.APIError) {
	all := choices()
	if len(all) == 0 {
		no := adminError(http.StatusServiceUnavailable, "No gate is running here.")
		return nil, &no
	}
	fitting := slices.DeleteFunc(slices.Clone(all), func(c choice) bool {
		return name != "" && name != c.label && !slices.Contains(c.gate.site.origins, name)
	})
	if len(fitting) == 0 {
		no := adminError(http.StatusNotFound, "There is no store of that name; there are: "+listed(all)+".")
		return nil, &no
	}
	if slices.ContainsFunc(fitting, func(c choice) bool { return c.gate.shared != fitting[0].gate.shared }) {
		no := adminError(http.StatusConflict, "There are several stores, so name one, or one of its sites, by --store: "+listed(fitting)+".")
		return nil, &no
	}
	if sends && len(fitting) > 1 {
		no := adminError(http.StatusConflict, "Several sites share the store, so name the one that the message comes from, as in --store "+fitting[0].origin+": "+listed(fitting)+".")
		return nil, &no
	}
	return fitting[0].run.operator(fitting[0].gate), nil
}

// listed names stores with their sites.
func listed(all []choice) string {
	texts := make([]string, 0, len(all))
	for _, c := range all {
		texts = append(texts, c.label+" ("+c.origin+")")
	}
	return strings.Join(texts, ", ")
}

// operator returns the operator's operations on the store of a site.
func (g *running) operator(of *Gate) *admin.Service {
	return &admin.Service{Repo: of.shared.store, Flow: g.flow, Idle: g.idle}
}

// serving returns the gates in charge of their sites.
func (b *board) serving(label string) []choice {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []choice
	for _, e := range b.entries {
		run := e.gate.running.Load()
		if found, _ := b.inCharge(e.gate.site.key); found.gate != e.gate || run == nil {
			continue
		}
		all = append(all, choice{label, e.gate.site.origins[0], e.gate, run})
	}
	return all
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"log/slog"
	"slices"
	"sync"

	"github.com/gatelatch/gatelatch/delivery"
)

// board knows which gates are there for a database. During a reload the gates
// of the old and of the new configuration are there together: the new one is in
// charge of its site, and the old one again if the new one fails.
type board struct {
	queue *delivery.Queue

	mu      sync.Mutex
	entries []entry // in the order of joining
}

type entry struct {
	gate *Gate
	site delivery.Site
}

// join puts a gate in charge of its site.
func (b *board) join(g *Gate, s delivery.Site) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, entry{g, s})
	b.queue.Register(g.site.key, s)
}

// leave hands the gate's site back to whoever was in charge before.
func (b *board) leave(g *Gate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = slices.DeleteFunc(b.entries, func(e entry) bool { return e.gate == g })
	if e, ok := b.inCharge(g.site.key); ok {
		b.queue.Register(g.site.key, e.site)
		return
	}
	b.queue.Unregister(g.site.key)
}

func (b *board) inCharge(key string) (entry, bool) {
	for _, e := range slices.Backward(b.entries) {
		if e.gate.site.key == key {
			return e, true
		}
	}
	return entry{}, false
}

// standIn returns what may serve in place of a gate that is still starting: a
// gate like it, or, when its options have changed, the one gate that its site
// had before. It is nil when that cannot be told.
func (b *board) standIn(g *Gate) *running {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, like := range []func(*Gate) bool{g.like, g.succeeds} {
		for _, e := range slices.Backward(b.entries) {
			if run := e.gate.running.Load(); run != nil && like(e.gate) {
				return run
			}
		}
	}
	return nil
}

// sent hands on what became of a message to the site it belongs to.
func (b *board) sent(e delivery.SendEvent) {
	b.mu.Lock()
	found, ok := b.inCharge(e.Site)
	if !ok && len(b.entries) > 0 {
		found, ok = b.entries[len(b.entries)-1], true
	}
	b.mu.Unlock()
	metrics.sent(e)
	if ok {
		found.gate.observeSend(e)
	}
}

// log returns the log of a gate that is there.
func (b *board) log() *slog.Logger {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.entries) == 0 {
		return slog.New(slog.DiscardHandler)
	}
	return b.entries[len(b.entries)-1].gate.log
}

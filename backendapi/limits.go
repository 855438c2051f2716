// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"net/netip"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/limit"
)

// The limits are Clerk's for a key, and for wrong keys ones that leave a person
// room to find the right one. A right key is let in however many wrong ones came
// from its network.
var (
	keyRate   = limit.Rate{Count: 1000, Window: 10 * time.Second}
	wrongRate = limit.Rate{Count: 30, Window: time.Minute}
)

// maxNetworks bounds what is remembered of wrong keys. Beyond it all networks that
// are new share one budget, so remembering costs nobody's memory.
const maxNetworks = 4096

// Limits count requests by key, and wrong keys by network. They are kept in this
// process: they bear load, and a key is out of reach for guesses anyway. The handlers
// of one site share them, so that they outlive a new configuration. They are safe for
// concurrent use.
type Limits struct {
	mu       sync.Mutex
	keys     map[string]limit.Budget
	networks map[string]limit.Budget
}

// NewLimits returns limits of which nothing is spent.
func NewLimits() *Limits {
	return &Limits{keys: make(map[string]limit.Budget), networks: make(map[string]limit.Budget)}
}

// used counts a request with a key, and returns how long to wait when there were
// too many.
func (l *Limits) used(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return take(l.keys, key, keyRate, now)
}

// wrong counts a wrong key.
func (l *Limits) wrong(from netip.Addr, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	network := limit.Network(from)
	if _, known := l.networks[network]; !known && len(l.networks) >= maxNetworks {
		if l.sweep(now); len(l.networks) >= maxNetworks {
			network = ""
		}
	}
	return take(l.networks, network, wrongRate, now)
}

func (l *Limits) sweep(now time.Time) {
	for network, b := range l.networks {
		if !now.Before(b.ExpireAt(wrongRate)) {
			delete(l.networks, network)
		}
	}
}

func take(budgets map[string]limit.Budget, name string, r limit.Rate, now time.Time) time.Duration {
	next, wait := budgets[name].Take(r, now, 1)
	budgets[name] = next
	return wait
}

func refuseTooMany(wait time.Duration) *gatelatch.Refusal {
	return &gatelatch.Refusal{
		Code: gatelatch.CodeTooManyRequests, Message: "There were too many requests. Wait a little and try again.", RetryAfter: wait,
	}
}

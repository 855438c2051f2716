// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"sync"
	"time"
)

// maxWaiting bounds what waits on one route. It is as much as the default
// breaker lets a site send in four minutes; what is more is left to the next
// claim.
const maxWaiting = 2048

// route is the way out of one site's messages on one channel. Messages wait
// here and not in goroutines, and each route for itself, so that however many
// wait for a provider that hangs, other routes go on.
type route struct {
	workers int

	mu      sync.Mutex
	active  int
	waiting []held
}

// held is a claimed message. A try must begin before until, or the claim would
// lapse during the try.
type held struct {
	message Queued
	until   time.Time
}

// accept takes a message. It reports whether a worker should be started with
// it; otherwise it waits for one, or is left to the next claim.
func (r *route) accept(h held) (start bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active < r.workers {
		r.active++
		return true
	}
	if len(r.waiting) < maxWaiting {
		r.waiting = append(r.waiting, h)
	}
	return false
}

// next returns what a worker sends next; false ends it. Messages whose claim
// has no time left for a try are left to the next claim.
func (r *route) next(now time.Time) (held, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.waiting) > 0 {
		h := r.waiting[0]
		r.waiting = r.waiting[1:]
		if now.Before(h.until) {
			return h, true
		}
	}
	r.active--
	r.waiting = nil
	return held{}, false
}

// abandon ends a worker because the queue is ending; what waits stays in the
// store.
func (r *route) abandon() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active--
	r.waiting = nil
}

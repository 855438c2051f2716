// SPDX-License-Identifier: Apache-2.0

package session

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Streams are the long-lived requests (WebSockets, event streams) of live
// sessions. They end with their session instead of outliving it. The zero
// value is ready; it is safe for concurrent use.
type Streams struct {
	mu   sync.Mutex
	next uint64
	open map[string]map[uint64]stream
	// over are the sessions that ended since the last sweep, before those of the
	// sweep before: a request let in just before the end may attach just after.
	over, before map[string]struct{}
}

type stream struct {
	end      func()
	expireAt time.Time
}

// Attach registers what ends a request of a session, at the latest soon after
// expireAt. The returned function lets go of it and must be called. When the
// session has ended meanwhile, end is called at once.
func (s *Streams) Attach(sessionID string, expireAt time.Time, end func()) (detach func()) {
	detach, ok := s.attach(sessionID, stream{end, expireAt})
	if !ok {
		end()
	}
	return detach
}

func (s *Streams) attach(sessionID string, x stream) (detach func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, over := s.over[sessionID]; over {
		return func() {}, false
	}
	if _, over := s.before[sessionID]; over {
		return func() {}, false
	}
	if s.open == nil {
		s.open = make(map[string]map[uint64]stream)
	}
	if s.open[sessionID] == nil {
		s.open[sessionID] = make(map[uint64]stream)
	}
	s.next++
	id := s.next
	s.open[sessionID][id] = x
	return func() { s.detach(sessionID, id) }, true
}

func (s *Streams) detach(sessionID string, id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open[sessionID], id)
	if len(s.open[sessionID]) == 0 {
		delete(s.open, sessionID)
	}
}

// End ends all requests of a session that is over.
func (s *Streams) End(sessionID string) {
	s.mu.Lock()
	if s.over == nil {
		s.over = make(map[string]struct{})
	}
	s.over[sessionID] = struct{}{}
	s.mu.Unlock()
	for _, end := range s.take(sessionID, func(stream) bool { return true }) {
		end()
	}
}

// EndExpired ends the requests of sessions whose absolute limit has passed.
func (s *Streams) EndExpired(now time.Time) {
	s.mu.Lock()
	s.over, s.before = nil, s.over
	s.mu.Unlock()
	for _, id := range s.sessions() {
		for _, end := range s.take(id, func(x stream) bool { return !now.Before(x.expireAt) }) {
			end()
		}
	}
}

// sessions returns the sessions that hold something open.
func (s *Streams) sessions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.open))
}

// take removes the matching streams of a session and returns what ends them,
// so that no callback runs under the lock.
func (s *Streams) take(sessionID string, match func(stream) bool) []func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ends []func()
	for id, x := range s.open[sessionID] {
		if match(x) {
			ends = append(ends, x.end)
			delete(s.open[sessionID], id)
		}
	}
	if len(s.open[sessionID]) == 0 {
		delete(s.open, sessionID)
	}
	return ends
}

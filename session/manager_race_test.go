// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// A session that ends while its row is being read must not be remembered by
// the reader, who has seen it alive.
func TestARevokedSessionIsNeverCachedByASlowRead(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	l := in(t, m, c, noon, true)
	stale := noon.Add(5 * time.Minute) // the next look is a cold one

	reading, goOn := make(chan struct{}), make(chan struct{})
	f.mu.Lock()
	f.read = func() { close(reading); <-goOn }
	f.mu.Unlock()
	answered := make(chan *session.Live)
	go func() {
		slow, _ := m.Authenticate(t.Context(), c, idle, stale)
		answered <- slow
	}()
	<-reading
	f.mu.Lock()
	f.read = nil
	f.mu.Unlock()
	if err := m.End(t.Context(), l, gatelatch.SessionRevoked, stale); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	if slow := <-answered; slow == nil {
		t.Fatal("the slow read must have seen the session alive, or this proves nothing")
	}
	if m.CacheLen() != 0 {
		t.Error("the slow read has cached what it saw")
	}
	in(t, m, c, stale, false)
}

// The same for a stream: it attaches after the session has ended.
func TestAStreamThatAttachesTooLateIsCut(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	l := in(t, m, c, noon, true)
	if err := m.End(t.Context(), l, gatelatch.SessionEnded, noon); err != nil {
		t.Fatal(err)
	}
	m.Sweep(noon)
	cut := 0
	m.Streams.Attach(l.Value(session.SessionID), l.ExpireAt(), func() { cut++ })()
	if cut != 1 {
		t.Errorf("cut %d times", cut)
	}
}

func TestStreamsEndWithTheirSession(t *testing.T) {
	var s session.Streams
	ended := map[string]int{}
	count := func(name string) func() { return func() { ended[name]++ } }
	s.Attach("a", noon.Add(time.Hour), count("a1"))
	s.Attach("a", noon.Add(2*time.Hour), count("a2"))
	gone := s.Attach("a", noon, count("a3"))
	s.Attach("b", noon.Add(time.Hour), count("b1"))
	var detach func()
	detach = s.Attach("c", noon.Add(time.Hour), func() { detach(); ended["c1"]++ }) // a callback may let go itself
	gone()
	gone()
	s.EndExpired(noon.Add(time.Hour - 1))
	if len(ended) != 0 {
		t.Errorf("before their time: %v", ended)
	}
	s.EndExpired(noon.Add(time.Hour))
	if fmt.Sprint(ended) != "map[a1:1 b1:1 c1:1]" {
		t.Errorf("at the absolute limit: %v", ended)
	}
	s.End("a")
	s.End("a")
	s.End("nobody")
	s.EndExpired(noon.Add(99 * time.Hour))
	if fmt.Sprint(ended) != "map[a1:1 a2:1 b1:1 c1:1]" {
		t.Errorf("in the end: %v", ended)
	}
}

// Everything at once: whoever asks after a sign-out has been acknowledged is
// told no, whatever sweeps, floods and outages go on beside.
func TestSignOutIsFinalUnderLoad(t *testing.T) {
	const sessions, readers = 24, 6
	f := newFake()
	m := manager(f, func(c *session.Config) { c.CacheSize = 64; c.CacheFor = time.Hour })
	var over [sessions]atomic.Bool
	var lives [sessions]*session.Live
	var cookies [sessions]session.Cookies
	for i := range sessions {
		cookies[i] = f.add(fmt.Sprintf("sess_%d", i))
		lives[i] = in(t, m, cookies[i], noon, true)
		m.Streams.Attach(lives[i].Value(session.SessionID), lives[i].ExpireAt(), func() {})
	}
	stop := make(chan struct{})
	var beside, ending sync.WaitGroup
	for r := range readers {
		beside.Go(func() {
			for n := r; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				i := n % sessions
				wasOver := over[i].Load()
				l, err := m.Authenticate(t.Context(), cookies[i], idle, noon.Add(time.Duration(n%7)*time.Second))
				if err != nil && !errors.Is(err, errDown) || l != nil && wasOver {
					t.Errorf("session %d: live %v after its end, %v", i, l != nil, err)
					return
				}
			}
		})
	}
	beside.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			m.Sweep(noon)
			_ = m.Flush(t.Context())
			f.setDown(n%5 == 0)
		}
	})
	for i := range sessions {
		ending.Go(func() {
			for m.End(t.Context(), lives[i], gatelatch.SessionEnded, noon) != nil { // asked again while the store is away
			}
			over[i].Store(true)
		})
	}
	ending.Wait()
	close(stop)
	beside.Wait()
	f.setDown(false)
	for i := range sessions {
		in(t, m, cookies[i], noon, false)
	}
	if n := m.CacheLen(); n != 0 {
		t.Errorf("%d ended sessions are cached", n)
	}
}

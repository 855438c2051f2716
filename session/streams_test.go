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

// Two processes on one database: what one of them ends, or bans, is cut in the
// other as well.
func TestStreamsEndWithASessionThatEndedElsewhere(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*session.Principal)
		cut    int
	}{
		"nothing":              {func(*session.Principal) {}, 0},
		"ended":                {func(p *session.Principal) { p.Session.Status = gatelatch.SessionEnded }, 1},
		"revoked":              {func(p *session.Principal) { p.Session.Status = gatelatch.SessionRevoked }, 1},
		"banned":               {func(p *session.Principal) { p.User.Banned = true }, 1},
		"cut short":            {func(p *session.Principal) { p.Session.ExpireAt = noon }, 1},
		"gone from the store":  {func(p *session.Principal) { p.Session.ID = "sess_gone" }, 1},
		"idle for a long time": {func(p *session.Principal) { p.Session.LastActiveAt = noon.Add(-2 * idle) }, 0},
		"another name":         {func(p *session.Principal) { p.User.FirstName = "Ada" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			m, c := manager(f), f.add("sess_1")
			l := in(t, m, c, noon, true)
			cut := 0
			detach := m.Streams.Attach("sess_1", l.ExpireAt(), func() { cut++ })
			defer detach()
			f.alter("sess_1", row.change)
			f.forget("sess_gone")
			for range 2 {
				if err := m.Recheck(t.Context(), noon); err != nil {
					t.Fatal(err)
				}
			}
			if cut != row.cut {
				t.Errorf("cut %d times", cut)
			}
			if row.cut > 0 {
				in(t, m, c, noon, false) // though it is cached
			}
		})
	}
}

func TestARecheckAsksForOpenStreamsOnly(t *testing.T) {
	f := newFake()
	m := manager(f)
	in(t, m, f.add("sess_closed"), noon, true)
	f.add("sess_1")
	for range 3 {
		m.Streams.Attach("sess_1", noon.Add(time.Hour), func() { t.Error("a live stream was cut") })
	}
	m.Streams.Attach("sess_closed", noon.Add(time.Hour), func() {})()
	before := f.readCount()
	if err := m.Recheck(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if n := f.readCount() - before; n != 1 {
		t.Errorf("%d queries", n)
	}
	f.setDown(true)
	if err := m.Recheck(t.Context(), noon); !errors.Is(err, errDown) {
		t.Errorf("while the store is away: %v", err)
	}
}

// Streams come and go while sessions end elsewhere: none outlives the next look.
func TestRechecksUnderLoad(t *testing.T) {
	const sessions, each = 24, 4
	f := newFake()
	here := manager(f)
	var open atomic.Int64
	var wg sync.WaitGroup
	for i := range sessions {
		id := fmt.Sprintf("sess_%d", i)
		f.add(id)
		for range each {
			wg.Go(func() {
				open.Add(1)
				here.Streams.Attach(id, noon.Add(time.Hour), func() { open.Add(-1) })
			})
		}
		wg.Go(func() { f.alter(id, func(p *session.Principal) { p.Session.Status = gatelatch.SessionRevoked }) })
		wg.Go(func() {
			if err := here.Recheck(t.Context(), noon); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := here.Recheck(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if n := open.Load(); n != 0 {
		t.Errorf("%d streams go on", n)
	}
}

// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

var _ flow.Sessions = (*session.Manager)(nil)

func TestABannedUserHasNoSession(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	in(t, m, c, noon, true)
	f.alter("sess_1", who(func(u *gatelatch.User) { u.Banned = true }))
	m.Refresh("user_of_sess_1")
	in(t, m, c, noon, false)
	f.alter("sess_1", who(func(u *gatelatch.User) { u.Banned = false }))
	in(t, m, c, noon, true)
}

// flowEnds ends sessions as a flow does: in the store, and then here.
func flowEnds(t *testing.T, f *fake, m *session.Manager, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := f.EndSession(t.Context(), id, gatelatch.SessionEnded, noon); err != nil {
			t.Fatal(err)
		}
	}
	m.Forget(ids...)
}

func TestForgottenSessionsAreOverAtOnce(t *testing.T) {
	f := newFake()
	m := manager(f)
	a, b, kept := f.add("sess_a"), f.add("sess_b"), f.add("sess_kept")
	cut := map[string]int{}
	for id, c := range map[string]session.Cookies{"sess_a": a, "sess_b": b, "sess_kept": kept} {
		l := in(t, m, c, noon, true)
		m.Streams.Attach(id, l.ExpireAt(), func() { cut[id]++ })
	}
	flowEnds(t, f, m, "sess_a", "sess_b", "sess_never_was")
	in(t, m, a, noon, false)
	in(t, m, b, noon, false)
	in(t, m, kept, noon, true)
	if fmt.Sprint(cut) != "map[sess_a:1 sess_b:1]" {
		t.Errorf("cut: %v", cut)
	}
	m.Streams.Attach("sess_a", noon.Add(time.Hour), func() { cut["late"]++ })
	if cut["late"] != 1 {
		t.Error("a stream that attaches late goes on")
	}
	m.Forget()
	in(t, m, kept, noon, true)
}

func TestARefreshReadsAgainAndCutsNothing(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	other := f.add("sess_2")
	in(t, m, c, noon, true)
	in(t, m, other, noon, true)
	m.Streams.Attach("sess_1", noon.Add(24*time.Hour), func() { t.Error("a stream was cut") })
	f.alter("sess_1", who(func(u *gatelatch.User) { u.FirstName, u.PasswordReset = "Ada", true }))
	if l := in(t, m, c, noon, true); l.Value(session.UserName) != "Jo" {
		t.Errorf("the store was read although nobody was told: %q", l.Value(session.UserName))
	}
	m.Refresh("user_of_sess_1")
	l := in(t, m, c, noon, true)
	if l.Value(session.UserName) != "Ada" || l.Task(session.Rules{Passwords: true}) != gatelatch.TaskResetPassword {
		t.Errorf("%q owes %q", l.Value(session.UserName), l.Task(session.Rules{Passwords: true}))
	}
	before := f.readCount()
	in(t, m, c, noon, true)
	if f.readCount() != before {
		t.Error("what was read again is not kept")
	}
}

func TestASweepForgetsWhatChanged(t *testing.T) {
	f := newFake()
	m := manager(f)
	in(t, m, f.add("sess_1"), noon, true)
	in(t, m, f.add("sess_2"), noon, true)
	m.Refresh("user_of_sess_1")
	m.Sweep(noon)
	if n := m.CacheLen(); n != 1 {
		t.Errorf("%d are left", n)
	}
}

// A reader who has seen the old row must not be the one who is remembered,
// whenever its answer comes back.
func TestASlowReadIsNotKeptPastAChange(t *testing.T) {
	for name, change := range map[string]func(*fake, *session.Manager){
		"a session was ended": func(f *fake, m *session.Manager) { flowEnds(t, f, m, "sess_1") },
		"a user was banned": func(f *fake, m *session.Manager) {
			f.alter("sess_1", who(func(u *gatelatch.User) { u.Banned = true }))
			m.Refresh("user_of_sess_1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			m, c := manager(f), f.add("sess_1")
			reading, goOn := make(chan struct{}), make(chan struct{})
			f.mu.Lock()
			f.read = func() { close(reading); <-goOn }
			f.mu.Unlock()
			answered := make(chan *session.Live)
			go func() {
				slow, _ := m.Authenticate(t.Context(), c, idle, noon)
				answered <- slow
			}()
			<-reading
			f.mu.Lock()
			f.read = nil
			f.mu.Unlock()
			change(f, m)
			close(goOn)
			if slow := <-answered; slow == nil {
				t.Fatal("the slow read must have seen the old row, or this proves nothing")
			}
			in(t, m, c, noon, false)
		})
	}
}

// Readers ask as fast as they can while sessions end and users change. Whoever
// asks after Forget or Refresh has returned is answered by the new row.
func TestChangesAreFinalUnderLoad(t *testing.T) {
	const sessions, readers, changes = 32, 8, 40
	f := newFake()
	m := manager(f, func(c *session.Config) { c.CacheSize = 128; c.CacheFor = time.Hour })
	var cookies [sessions]session.Cookies
	var over [sessions]atomic.Bool
	var version [sessions]atomic.Int64 // the least that a reader may see
	for i := range sessions {
		cookies[i] = f.add(fmt.Sprintf("sess_%d", i), who(func(u *gatelatch.User) { u.FirstName = "0" }))
		in(t, m, cookies[i], noon, true)
	}
	stop := make(chan struct{})
	var beside, changing sync.WaitGroup
	for r := range readers {
		beside.Go(func() {
			for n := r; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				i := n % sessions
				wasOver, least := over[i].Load(), version[i].Load()
				l, err := m.Authenticate(t.Context(), cookies[i], idle, noon)
				if err != nil || l != nil && wasOver {
					t.Errorf("session %d passes after it was forgotten: %v, %v", i, l != nil, err)
					return
				}
				if l != nil && versionOf(l) < least {
					t.Errorf("session %d: version %d is used after version %d", i, versionOf(l), least)
					return
				}
			}
		})
	}
	beside.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				m.Sweep(noon)
			}
		}
	})
	for i := range sessions {
		changing.Go(func() {
			id := fmt.Sprintf("sess_%d", i)
			for v := int64(1); v <= changes; v++ {
				f.alter(id, who(func(u *gatelatch.User) { u.FirstName = strconv.FormatInt(v, 10) }))
				m.Refresh("user_of_" + id)
				version[i].Store(v)
			}
			flowEnds(t, f, m, id)
			over[i].Store(true)
		})
	}
	changing.Wait()
	close(stop)
	beside.Wait()
	for i := range sessions {
		in(t, m, cookies[i], noon, false)
	}
}

func versionOf(l *session.Live) int64 {
	v, _ := strconv.ParseInt(l.Value(session.UserName), 10, 64)
	return v
}

// Requests that come in while a session is being forgotten attach streams to
// it; none of them outlives it.
func TestNoStreamOutlivesItsSession(t *testing.T) {
	for round := range 50 {
		f := newFake()
		m, c := manager(f), f.add("sess_1")
		in(t, m, c, noon, true)
		var open atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				// As the gate does: attach, then look once more.
				open.Add(1)
				end := sync.OnceFunc(func() { open.Add(-1) })
				detach := m.Streams.Attach("sess_1", noon.Add(time.Hour), end)
				if l, _ := m.Authenticate(t.Context(), c, idle, noon); l == nil {
					detach()
					end()
				}
			})
		}
		wg.Go(func() { flowEnds(t, f, m, "sess_1") })
		wg.Wait()
		if n := open.Load(); n != 0 {
			t.Fatalf("round %d: %d streams go on", round, n)
		}
	}
}

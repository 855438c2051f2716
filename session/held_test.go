// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// together puts sessions on one client, one second after the other.
func together(f *fake, client session.Token, ids ...string) {
	for i, id := range ids {
		f.add(id, func(p *session.Principal) {
			p.Client = gatelatch.Client{ID: "client_1", TokenHash: client.Hash()}
			p.Session.CreatedAt = noon.Add(time.Duration(i) * time.Second)
		})
	}
}

func heldIDs(t *testing.T, m *session.Manager, client session.Token, now time.Time) []string {
	t.Helper()
	h, err := m.OfClient(t.Context(), client, idle, now)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range h.Principals {
		ids = append(ids, p.Session.ID)
	}
	return ids
}

func TestWhatAClientHolds(t *testing.T) {
	f, client := newFake(), tokens.New(session.ClientToken)
	m := manager(f)
	together(f, client, "sess_1", "sess_2", "sess_3", "sess_4", "sess_5")
	f.add("sess_of_another")
	f.alter("sess_2", func(p *session.Principal) { p.User.Banned = true })
	f.alter("sess_3", func(p *session.Principal) { p.Session.Status = gatelatch.SessionRevoked })
	f.alter("sess_4", func(p *session.Principal) { p.Session.ExpireAt = noon.Add(30 * time.Minute) })
	for _, row := range []struct {
		name string
		at   time.Duration
		want []string
	}{
		{"the newest first", 0, []string{"sess_5", "sess_4", "sess_1"}},
		{"before the absolute limit", 30*time.Minute - 1, []string{"sess_5", "sess_4", "sess_1"}},
		{"at the absolute limit", 30 * time.Minute, []string{"sess_5", "sess_1"}},
		{"before the idle limit", idle - 1, []string{"sess_5", "sess_1"}},
		{"at the idle limit", idle, nil},
	} {
		if got := heldIDs(t, m, client, noon.Add(row.at)); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v", row.name, got)
		}
	}
	held, err := m.OfClient(t.Context(), client, idle, noon)
	if err != nil || held.Client.ID != "client_1" || held.UpdatedAt() != noon.Unix()+4 {
		t.Errorf("%+v %d %v", held.Client, held.UpdatedAt(), err)
	}
}

func TestUnknownClientHoldsNothing(t *testing.T) {
	m := manager(newFake())
	held, err := m.OfClient(t.Context(), tokens.New(session.ClientToken), idle, noon)
	if err != nil || held.Client.ID != "" || held.Principals != nil || held.UpdatedAt() != 0 {
		t.Errorf("%+v %v", held, err)
	}
}

func TestAStoreThatIsAwayIsNoAnswer(t *testing.T) {
	f := newFake()
	f.add("sess_1")
	m := manager(f)
	f.setDown(true)
	if _, err := m.OfClient(t.Context(), tokens.New(session.ClientToken), idle, noon); !errors.Is(err, errDown) {
		t.Errorf("held: %v", err)
	}
	if l, err := m.BySession(t.Context(), signedAt("sess_1", noon), idle, noon); l != nil || !errors.Is(err, errDown) {
		t.Errorf("by session: %v %v", l != nil, err)
	}
	if err := m.Touch(t.Context(), "sess_1", noon); !errors.Is(err, errDown) {
		t.Errorf("touch: %v", err)
	}
}

// What a request has noted and nobody has written yet counts.
func TestHeldSessionsKnowOfNotedUses(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	client, ok := tokens.Parse(session.ClientToken, c.Client)
	if !ok {
		t.Fatal("no token")
	}
	used := noon.Add(idle - time.Second)
	in(t, m, c, used, true)
	held, err := m.OfClient(t.Context(), client, idle, noon.Add(idle))
	if err != nil || len(held.Principals) != 1 || !held.Principals[0].Session.LastActiveAt.Equal(used) {
		t.Fatalf("%+v %v", held, err)
	}
	if counts, _ := f.touched(); len(counts) != 0 {
		t.Errorf("written: %v", counts)
	}
}

func TestTouchIsWrittenAtOnce(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	client, _ := tokens.Parse(session.ClientToken, c.Client)
	if err := m.Touch(t.Context(), "sess_1", noon.Add(idle-1)); err != nil {
		t.Fatal(err)
	}
	if got := heldIDs(t, m, client, noon.Add(idle)); !slices.Equal(got, []string{"sess_1"}) {
		t.Errorf("%v", got)
	}
	in(t, m, c, noon.Add(idle), true)
}

// signedAt is what a token says that was signed for a session at a moment.
func signedAt(id string, at time.Time) session.Claims {
	return session.Claims{UserID: "user_of_" + id, SessionID: id, IssuedAt: at, ExpireAt: at.Add(time.Minute)}
}

// bySession asserts what the id of a session is at a moment.
func bySession(t *testing.T, m *session.Manager, id string, now time.Time, want bool) *session.Live {
	t.Helper()
	l, err := m.BySession(t.Context(), signedAt(id, now), idle, now)
	if err != nil {
		t.Fatal(err)
	}
	if (l != nil) != want || l != nil && l.Value(session.SessionID) != id {
		t.Fatalf("%s at %v: live is %v", id, now.Sub(noon), l != nil)
	}
	return l
}

func TestBySessionAnswersFromTheCache(t *testing.T) {
	f := newFake()
	m := manager(f)
	f.add("sess_1")
	first := bySession(t, m, "sess_1", noon, true)
	for range 10 {
		if bySession(t, m, "sess_1", noon.Add(time.Second), true) != first {
			t.Error("another entry")
		}
	}
	if f.readCount() != 1 {
		t.Errorf("%d reads", f.readCount())
	}
	bySession(t, m, "sess_2", noon, false)
	bySession(t, m, "", noon, false)
}

func TestBySessionKnowsTheLimits(t *testing.T) {
	f := newFake()
	m := manager(f, func(c *session.Config) { c.CacheFor = 99 * time.Hour })
	f.add("sess_1")
	bySession(t, m, "sess_1", noon, true)
	bySession(t, m, "sess_1", noon.Add(idle-1), true) // a use
	bySession(t, m, "sess_1", noon.Add(2*idle-2), true)
	bySession(t, m, "sess_1", noon.Add(3*idle-2), false)
	f.add("sess_2", func(p *session.Principal) { p.Session.ExpireAt = noon.Add(time.Minute) })
	bySession(t, m, "sess_2", noon.Add(time.Minute-1), true)
	bySession(t, m, "sess_2", noon.Add(time.Minute), false)
}

// A token keeps its session alive as of when it was signed: whoever got hold of it
// cannot go on for longer than its owner would have.
func TestATokenIsAUseWhenItWasSigned(t *testing.T) {
	for name, warm := range map[string]bool{"from the cache": true, "from the store": false} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			m := manager(f, func(c *session.Config) { c.CacheFor = 99 * time.Hour })
			c := f.add("sess_1")
			if warm {
				bySession(t, m, "sess_1", noon, true)
			}
			signed := noon.Add(10 * time.Minute)
			for _, after := range []time.Duration{0, 30 * time.Second, idle - 1} {
				if l, err := m.BySession(t.Context(), signedAt("sess_1", signed), idle, signed.Add(after)); l == nil || err != nil {
					t.Fatalf("%v after the signature: %v", after, err)
				}
			}
			if l, err := m.BySession(t.Context(), signedAt("sess_1", signed), idle, signed.Add(idle)); l != nil || err != nil {
				t.Errorf("the token has kept the session alive: %v", err)
			}
			if err := m.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			in(t, m, c, signed.Add(idle-1), true)
		})
	}
}

// What was noted later is not taken back by an older token.
func TestAnOldTokenTakesNoUseBack(t *testing.T) {
	f := newFake()
	m := manager(f)
	c := f.add("sess_1")
	client, _ := tokens.Parse(session.ClientToken, c.Client)
	used := noon.Add(idle - time.Second)
	in(t, m, c, used, true)
	if l, err := m.BySession(t.Context(), signedAt("sess_1", used.Add(-2*time.Minute)), idle, used); l == nil || err != nil {
		t.Fatal(err)
	}
	if got := heldIDs(t, m, client, used.Add(idle-1)); !slices.Equal(got, []string{"sess_1"}) {
		t.Errorf("held: %v", got)
	}
}

func TestATokenOfAnotherUserIsNone(t *testing.T) {
	f := newFake()
	f.add("sess_1")
	m := manager(f)
	for range 2 { // from the store, and from the cache
		claims := signedAt("sess_1", noon)
		claims.UserID = "user_of_sess_2"
		if l, err := m.BySession(t.Context(), claims, idle, noon); l != nil || err != nil {
			t.Errorf("live: %v %v", l != nil, err)
		}
	}
}

// Whatever ends a session is known at once under its id as well as under its
// cookies.
func TestBySessionHearsOfEveryEnd(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, f *fake, m *session.Manager, l *session.Live){
		"forgotten": func(_ *testing.T, f *fake, m *session.Manager, _ *session.Live) {
			f.alter("sess_1", func(p *session.Principal) { p.Session.Status = gatelatch.SessionRevoked })
			m.Forget("sess_1")
		},
		"banned": func(_ *testing.T, f *fake, m *session.Manager, _ *session.Live) {
			f.alter("sess_1", func(p *session.Principal) { p.User.Banned = true })
			m.Refresh("user_of_sess_1")
		},
		"ended by its cookies": func(t *testing.T, _ *fake, m *session.Manager, l *session.Live) {
			if err := m.End(t.Context(), l, gatelatch.SessionEnded, noon); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			m, c := manager(f), f.add("sess_1")
			bySession(t, m, "sess_1", noon, true)
			end(t, f, m, in(t, m, c, noon, true))
			bySession(t, m, "sess_1", noon, false)
			in(t, m, c, noon, false)
			m.Sweep(noon)
			if m.CacheLen() != 0 {
				t.Errorf("%d entries are kept", m.CacheLen())
			}
		})
	}
	t.Run("ended by its id", func(t *testing.T) {
		f := newFake()
		m, c := manager(f), f.add("sess_1")
		in(t, m, c, noon, true)
		if err := m.End(t.Context(), bySession(t, m, "sess_1", noon, true), gatelatch.SessionEnded, noon); err != nil {
			t.Fatal(err)
		}
		in(t, m, c, noon, false)
	})
}

// Nobody gets in by cookies whose ends make up what an id is kept under. The cache
// looks at 22 characters of the one and 33 of the other.
func TestIDsAreNoCookies(t *testing.T) {
	f := newFake()
	m := manager(f)
	id := "sess_" + strings.Repeat("0123456789", 5)
	f.add(id)
	bySession(t, m, id, noon, true)
	const cut = 22
	client, sess := strings.Repeat("A", 64-cut)+id[:cut], strings.Repeat("A", 64-len(id)+cut)+id[cut:]
	in(t, m, session.Cookies{Client: client, Session: sess}, noon, false)
	in(t, m, session.Cookies{Client: id, Session: id}, noon, false)
}

// Everything at once: who asks after Forget has returned is told no, by the id and
// by the client.
func TestForgetIsFinalForIDsAndClients(t *testing.T) {
	const sessions, readers = 16, 6
	f, client := newFake(), tokens.New(session.ClientToken)
	m := manager(f, func(c *session.Config) { c.CacheSize = 64; c.CacheFor = time.Hour })
	var ids []string
	for i := range sessions {
		ids = append(ids, fmt.Sprintf("sess_%d", i))
	}
	together(f, client, ids...)
	var over [sessions]atomic.Bool
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
				l, err := m.BySession(t.Context(), signedAt(ids[i], noon), idle, noon)
				if err != nil || l != nil && wasOver {
					t.Errorf("%s: live %v after its end, %v", ids[i], l != nil, err)
					return
				}
				if !r0(r) {
					continue
				}
				wasOver = over[i].Load()
				held, err := m.OfClient(t.Context(), client, idle, noon)
				if err != nil || wasOver && slices.ContainsFunc(held.Principals, func(p session.Principal) bool { return p.Session.ID == ids[i] }) {
					t.Errorf("%s is held after its end, %v", ids[i], err)
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
			}
			m.Sweep(noon)
			_ = m.Flush(t.Context())
		}
	})
	for i := range sessions {
		ending.Go(func() {
			f.alter(ids[i], func(p *session.Principal) { p.Session.Status = gatelatch.SessionEnded })
			m.Forget(ids[i])
			over[i].Store(true)
		})
	}
	ending.Wait()
	close(stop)
	beside.Wait()
	if got := heldIDs(t, m, client, noon); len(got) != 0 {
		t.Errorf("held: %v", got)
	}
	for _, id := range ids {
		bySession(t, m, id, noon, false)
	}
}

// r0 picks the readers that look at the client too.
func r0(reader int) bool { return reader%2 == 0 }

// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

func TestAuthenticateKnowsItsSession(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	for i := range 3 {
		l := in(t, m, c, noon, true)
		for field, want := range map[session.Field]string{
			session.UserID: "user_of_sess_1", session.UserEmail: "Jo@example.com", session.UserPhone: "", session.UserName: "Jo", session.SessionID: "sess_1",
		} {
			if l.Value(field) != want {
				t.Errorf("field %d is %q", field, l.Value(field))
			}
		}
		if !l.SignedInAt().Equal(noon) || !l.ExpireAt().Equal(noon.Add(24*time.Hour)) {
			t.Errorf("%v %v", l.SignedInAt(), l.ExpireAt())
		}
		if f.readCount() != 1 {
			t.Errorf("request %d has read the store %d times in all", i, f.readCount())
		}
	}
}

// What is no pair of this gate's cookies does not even reach the store.
func TestForgedCookiesDoNotReachTheStore(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	for name, text := range forgeries() {
		in(t, m, session.Cookies{Client: c.Client, Session: text}, noon, false)
		if name != "of the other kind" { // that one is a client, and somebody else's
			in(t, m, session.Cookies{Client: text, Session: c.Session}, noon, false)
		}
	}
	in(t, m, session.Cookies{}, noon, false)
	in(t, m, session.Cookies{Session: c.Session}, noon, false)
	in(t, m, session.Cookies{Client: c.Client}, noon, false)
	in(t, m, session.Cookies{Client: c.Session, Session: c.Client}, noon, false)
	in(t, m, session.Cookies{Client: c.Session, Session: c.Session}, noon, false)
	f.setDown(true)
	in(t, m, session.Cookies{Client: c.Client, Session: forgeries()["of another installation"]}, noon, false)
	if f.readCount() != 0 {
		t.Errorf("the store was asked %d times", f.readCount())
	}
}

func TestHalvesOfDifferentSessionsAreNone(t *testing.T) {
	f := newFake()
	m := manager(f)
	a, b := f.add("sess_a"), f.add("sess_b")
	for _, warm := range []bool{false, true} {
		if warm {
			in(t, m, a, noon, true)
			in(t, m, b, noon, true)
		}
		in(t, m, session.Cookies{Client: a.Client, Session: b.Session}, noon, false)
		in(t, m, session.Cookies{Client: b.Client, Session: a.Session}, noon, false)
		in(t, m, session.Cookies{Client: tokens.New(session.ClientToken).Reveal(), Session: a.Session}, noon, false)
	}
}

func TestTwoCookiesOfOneNameAreNoSession(t *testing.T) {
	f := newFake()
	m := manager(f)
	a, b := f.add("sess_a"), f.add("sess_b")
	in(t, m, a, noon, true)
	for name, lines := range map[string][]string{
		"a second session": {jar.Client + "=" + a.Client + "; " + jar.Session + "=" + a.Session + "; " + jar.Session + "=" + b.Session},
		"another's first":  {jar.Session + "=" + b.Session, jar.Session + "=" + a.Session + "; " + jar.Client + "=" + a.Client},
		"the same twice":   {jar.Client + "=" + a.Client + "; " + jar.Session + "=" + a.Session + "; " + jar.Session + "=" + a.Session},
		"a second client":  {jar.Client + "=" + a.Client + "; " + jar.Session + "=" + a.Session + "; " + jar.Client + "=" + b.Client},
	} {
		if l, err := m.Authenticate(t.Context(), jar.Read(http.Header{"Cookie": lines}), idle, noon); l != nil || err != nil {
			t.Errorf("%s: %v, %v", name, l != nil, err)
		}
	}
}

func TestSessionsThatAreOver(t *testing.T) {
	for name, change := range map[string]func(*gatelatch.Session){
		"ended":   func(s *gatelatch.Session) { s.Status = gatelatch.SessionEnded },
		"revoked": func(s *gatelatch.Session) { s.Status = gatelatch.SessionRevoked },
		"expired": func(s *gatelatch.Session) { s.ExpireAt = noon },
		"idle":    func(s *gatelatch.Session) { s.LastActiveAt = noon.Add(-idle) },
	} {
		f := newFake()
		m, c := manager(f), f.add("sess_1", func(p *session.Principal) { change(&p.Session) })
		for range 2 {
			if l, err := m.Authenticate(t.Context(), c, idle, noon); l != nil || err != nil {
				t.Errorf("%s: %v, %v", name, l != nil, err)
			}
		}
		if m.CacheLen() != 0 {
			t.Errorf("%s: is cached", name)
		}
	}
}

// Both limits hold to the nanosecond, from the cache as from the store.
func TestLimitsHoldAtTheVeryInstant(t *testing.T) {
	for name, fresh := range map[string]bool{"warm": false, "cold": true} {
		t.Run(name, func(t *testing.T) {
			at := func(f *fake, m *session.Manager, c session.Cookies, now time.Time, want bool) {
				if fresh {
					m = manager(f, func(c *session.Config) { c.CacheFor = 48 * time.Hour })
				}
				in(t, m, c, now, want)
			}
			f := newFake()
			m, c := manager(f, func(c *session.Config) { c.CacheFor = 48 * time.Hour }), f.add("sess_1")
			at(f, m, c, noon, true)
			at(f, m, c, noon.Add(idle), false)
			if !fresh {
				at(f, m, c, noon.Add(idle-1), true) // the limit itself ended nothing
			}

			f = newFake()
			m = manager(f, func(c *session.Config) { c.CacheFor = 48 * time.Hour })
			c = f.add("sess_2", func(p *session.Principal) { p.Session.ExpireAt = noon.Add(30 * time.Second) })
			at(f, m, c, noon, true)
			at(f, m, c, noon.Add(30*time.Second-1), true)
			at(f, m, c, noon.Add(30*time.Second), false)
		})
	}
}

// An idle limit shorter than the grain of "last active" still counts from the
// last request.
func TestShortIdleLimits(t *testing.T) {
	const short = 10 * time.Second
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	now := noon
	for range 20 {
		if l, err := m.Authenticate(t.Context(), c, short, now); l == nil || err != nil {
			t.Fatalf("used every six seconds, and over after %v: %v", now.Sub(noon), err)
		}
		now = now.Add(6 * time.Second)
	}
	if l, _ := m.Authenticate(t.Context(), c, short, now.Add(short)); l != nil {
		t.Error("not used for longer than the limit, and still live")
	}
}

func TestSitesHaveTheirOwnIdleLimits(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	in(t, m, c, noon, true)
	late := noon.Add(2 * time.Minute)
	if l, err := m.Authenticate(t.Context(), c, time.Minute, late); l != nil || err != nil {
		t.Errorf("over the shorter limit: %v, %v", l != nil, err)
	}
	in(t, m, c, late, true)
	if l, err := m.Authenticate(t.Context(), c, 0, late.Add(20*time.Hour)); l == nil || err != nil {
		t.Errorf("a site without an idle limit: %v, %v", l != nil, err)
	}
}

func TestAStoreThatFailsLetsNobodyIn(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	f.setDown(true)
	for range 2 {
		if l, err := m.Authenticate(t.Context(), c, idle, noon); l != nil || !errors.Is(err, errDown) {
			t.Fatalf("%v, %v", l != nil, err)
		}
	}
	f.setDown(false)
	in(t, m, c, noon, true)
}

func TestKnownSessionsOutliveAnOutage(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	in(t, m, c, noon, true)
	f.setDown(true)
	in(t, m, c, noon.Add(5*time.Minute-1), true)
	if l, err := m.Authenticate(t.Context(), c, idle, noon.Add(5*time.Minute)); l != nil || !errors.Is(err, errDown) {
		t.Errorf("out of date, and answered with %v, %v", l != nil, err)
	}
	f.setDown(false)
	in(t, m, c, noon.Add(5*time.Minute), true)
}

func TestEndIsFinalOnlyWhenTheStoreSaysSo(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	l := in(t, m, c, noon, true)
	f.setDown(true)
	if err := m.End(t.Context(), l, gatelatch.SessionEnded, noon); !errors.Is(err, errDown) {
		t.Fatalf("sign-out without a store: %v", err)
	}
	f.setDown(false)
	if err := m.End(t.Context(), l, gatelatch.SessionEnded, noon); err != nil {
		t.Fatal(err)
	}
	in(t, m, c, noon, false)
	if err := m.End(t.Context(), l, gatelatch.SessionEnded, noon); err != nil {
		t.Errorf("a second sign-out: %v", err)
	}
	if m.CacheLen() != 0 {
		t.Error("an ended session is cached")
	}
}

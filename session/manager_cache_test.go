// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/session"
)

func TestUseIsNotedOnceAMinuteAndWrittenInGroups(t *testing.T) {
	f := newFake()
	m := manager(f, func(c *session.Config) { c.CacheFor = time.Hour })
	var cookies []session.Cookies
	for i := range 5 {
		cookies = append(cookies, f.add(fmt.Sprintf("sess_%d", i)))
	}
	for second := range 10 * 60 { // ten minutes, each session used every second, written every ten seconds
		now := noon.Add(time.Duration(second) * time.Second)
		for _, c := range cookies {
			in(t, m, c, now, true)
		}
		if second%10 == 9 {
			if err := m.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	counts, groups := f.touched()
	if !slices.Equal(sortedKeys(counts), []string{"sess_0", "sess_1", "sess_2", "sess_3", "sess_4"}) {
		t.Errorf("written: %v", counts)
	}
	for id, n := range counts {
		if n != 9 { // at 1, 2 ... 9 minutes; sign-in itself was the first
			t.Errorf("%s was written %d times in ten minutes", id, n)
		}
	}
	if groups != 9 {
		t.Errorf("%d groups", groups)
	}
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, again := f.touched(); again != groups {
		t.Error("nothing to write, and the store was asked to write it")
	}
}

func TestUseThatCouldNotBeWrittenIsPutBack(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	in(t, m, c, noon.Add(time.Minute), true)
	f.setDown(true)
	if err := m.Flush(t.Context()); !errors.Is(err, errDown) {
		t.Fatalf("%v", err)
	}
	f.setDown(false)
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if counts, _ := f.touched(); counts["sess_1"] != 1 || !f.touches[0][0].At.Equal(noon.Add(time.Minute)) {
		t.Errorf("written: %+v", f.touches)
	}
}

// What is noted and not yet written counts for the idle limit all the same.
func TestUnwrittenUseKeepsASessionAlive(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	in(t, m, c, noon, true)
	in(t, m, c, noon.Add(50*time.Minute), true)
	in(t, m, c, noon.Add(100*time.Minute), true) // cold, and the store says 12:00
	in(t, m, c, noon.Add(160*time.Minute), false)
	in(t, manager(f), c, noon.Add(100*time.Minute), false) // a process that knows nothing of it
}

func TestTheCacheIsBounded(t *testing.T) {
	const size = 512
	f := newFake()
	m := manager(f, func(c *session.Config) { c.CacheSize = size })
	most := 0
	for i := range 5000 {
		in(t, m, f.add(fmt.Sprintf("sess_%d", i)), noon, true)
		most = max(most, m.CacheLen())
	}
	if most > size || most < size/4 {
		t.Errorf("held up to %d of %d", most, size)
	}
	m.Sweep(noon.Add(5*time.Minute - 1))
	if m.CacheLen() == 0 {
		t.Error("swept too early")
	}
	if m.Sweep(noon.Add(5 * time.Minute)); m.CacheLen() != 0 {
		t.Errorf("%d are left after their time", m.CacheLen())
	}
}

func TestATinyCacheStillWorks(t *testing.T) {
	f := newFake()
	m, c := manager(f, func(c *session.Config) { c.CacheSize = 1 }), f.add("sess_1")
	in(t, m, c, noon, true)
	in(t, m, c, noon, true)
	if f.readCount() != 1 {
		t.Errorf("%d reads", f.readCount())
	}
}

func TestWhatEndsElsewhereIsNoticedInTime(t *testing.T) {
	f := newFake()
	m, c := manager(f, func(c *session.Config) { c.CacheFor = time.Second }), f.add("sess_1")
	in(t, m, c, noon, true)
	if err := f.EndSession(t.Context(), "sess_1", "ended", noon); err != nil {
		t.Fatal(err)
	}
	in(t, m, c, noon.Add(time.Second-1), true)
	in(t, m, c, noon.Add(time.Second), false)
}

func TestWarmRequestsAllocateNothing(t *testing.T) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	in(t, m, c, noon, true)
	ctx := t.Context()
	if n := testing.AllocsPerRun(200, func() { _, _ = m.Authenticate(ctx, c, idle, noon) }); n != 0 {
		t.Errorf("a known session: %v allocations", n)
	}
	if n := testing.AllocsPerRun(200, func() { _, _ = m.Authenticate(ctx, session.Cookies{Client: "x", Session: "y"}, idle, noon) }); n != 0 {
		t.Errorf("a malformed cookie: %v allocations", n)
	}
}

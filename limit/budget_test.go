// SPDX-License-Identifier: Apache-2.0

package limit_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/limit"
)

// noon is on a boundary of every slot used here.
var noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

var (
	fiveInTen = limit.Rate{Count: 5, Window: 10 * time.Minute} // slots of 10 s
	tenAnHour = limit.Rate{Count: 10, Window: time.Hour}       // slots of 1 min
)

// spend takes n events one by one and fails the test when one is refused.
func spend(t *testing.T, b limit.Budget, r limit.Rate, now time.Time, n int) limit.Budget {
	t.Helper()
	for range n {
		var wait time.Duration
		if b, wait = b.Take(r, now, 1); wait != 0 {
			t.Fatalf("refused for %s with room left", wait)
		}
	}
	return b
}

func TestTake(t *testing.T) {
	for _, c := range []struct {
		name  string
		rate  limit.Rate
		spent map[time.Duration]int // events at noon plus the key
		at    time.Duration
		n     int
		wait  time.Duration
		left  int // before taking
	}{
		{"nothing spent", fiveInTen, nil, 0, 1, 0, 5},
		{"all at once", fiveInTen, nil, 0, 5, 0, 5},
		{"the last one", fiveInTen, map[time.Duration]int{0: 4}, 0, 1, 0, 1},
		{"one too many waits for the slot to leave", fiveInTen, map[time.Duration]int{0: 5}, 0, 1, 10*time.Minute + 10*time.Second, 0},
		{"the wait shrinks", fiveInTen, map[time.Duration]int{0: 5}, 9 * time.Minute, 1, 70 * time.Second, 0},
		{"an event at the end of its slot is free after the window", fiveInTen, map[time.Duration]int{10*time.Second - 1: 5}, 10*time.Minute + 10*time.Second, 1, 0, 5},
		{"just before the slot leaves", fiveInTen, map[time.Duration]int{0: 5}, 10*time.Minute + 10*time.Second - 1, 1, time.Second, 0},
		{"parts of a second are rounded up", fiveInTen, map[time.Duration]int{0: 5}, 10*time.Minute + 7500*time.Millisecond, 1, 3 * time.Second, 0},
		{"the oldest leaves first", fiveInTen, map[time.Duration]int{0: 1, 5 * time.Minute: 4}, 6 * time.Minute, 1, 4*time.Minute + 10*time.Second, 0},
		{"two need the second oldest", fiveInTen, map[time.Duration]int{0: 1, 5 * time.Minute: 4}, 6 * time.Minute, 2, 9*time.Minute + 10*time.Second, 0},
		{"two do not fit where one does", fiveInTen, map[time.Duration]int{0: 4}, 0, 2, 10*time.Minute + 10*time.Second, 1},
		{"more than the count never fits", fiveInTen, nil, 0, 6, 10 * time.Minute, 5},
		{"taking nothing succeeds", fiveInTen, map[time.Duration]int{0: 5}, 0, 0, 0, 0},
		{"a negative number gives nothing back", fiveInTen, map[time.Duration]int{0: 5}, 0, -3, 0, 0},
		{"a count of zero lets nothing through", limit.Rate{Window: time.Hour}, nil, 0, 1, time.Hour, 0},
		{"no window, no limit", limit.Rate{Count: 1}, map[time.Duration]int{0: 1}, 0, 1000, 0, math.MaxInt},
		{"off", limit.Rate{}, nil, 0, 1000, 0, math.MaxInt},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b limit.Budget
			for _, at := range sorted(c.spent) {
				b = spend(t, b, c.rate, noon.Add(at), c.spent[at])
			}
			now := noon.Add(c.at)
			if got := b.Left(c.rate, now); got != c.left {
				t.Errorf("%d left, want %d", got, c.left)
			}
			next, wait := b.Take(c.rate, now, c.n)
			if wait != c.wait {
				t.Errorf("wait %s, want %s", wait, c.wait)
			}
			if (wait > 0 || c.n <= 0) && !reflect.DeepEqual(next, b) {
				t.Errorf("nothing was taken and %v became %v", b, next)
			}
			if want := max(c.left-max(c.n, 0), 0); wait == 0 && !c.rate.IsOff() && next.Left(c.rate, now) != want {
				t.Errorf("%d left afterwards, want %d", next.Left(c.rate, now), want)
			}
		})
	}
}

func TestClockSetBackFreesNothingAndClosesNothingForGood(t *testing.T) {
	for _, step := range []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour, 100 * 365 * 24 * time.Hour} {
		t.Run(step.String(), func(t *testing.T) {
			full := spend(t, limit.Budget{}, tenAnHour, noon, 10)
			now := noon.Add(-step)
			if left := full.Left(tenAnHour, now); left != 0 {
				t.Fatalf("setting the clock back freed %d", left)
			}
			next, wait := full.Take(tenAnHour, now, 1)
			if wait <= 0 || wait > time.Hour+time.Minute {
				t.Fatalf("wait %s, want at most the window and a slot", wait)
			}
			if _, early := next.Take(tenAnHour, now.Add(wait-time.Second), 1); early == 0 {
				t.Error("free before the time that was told")
			}
			if _, late := next.Take(tenAnHour, now.Add(wait), 1); late != 0 {
				t.Errorf("told to wait %s, and then %s more", wait, late)
			}
		})
	}
}

// TestRefusalNotSavedStillOpens is about callers that drop the budget of a
// refusal: the wait is then counted from the clock that was ahead.
func TestRefusalNotSavedStillOpens(t *testing.T) {
	full := spend(t, limit.Budget{}, tenAnHour, noon, 10)
	for at := -24 * time.Hour; at < time.Hour; at += 7 * time.Minute {
		if _, wait := full.Take(tenAnHour, noon.Add(at), 1); wait == 0 {
			t.Fatalf("taken at noon %s", at)
		}
	}
	if _, wait := full.Take(tenAnHour, noon.Add(time.Hour+time.Minute), 1); wait != 0 {
		t.Errorf("still closed for %s", wait)
	}
}

func TestWindowMayChange(t *testing.T) {
	full := spend(t, limit.Budget{}, fiveInTen, noon, 5)
	for _, c := range []struct {
		name string
		rate limit.Rate
		left int
	}{
		{"longer", limit.Rate{Count: 5, Window: time.Hour}, 0},
		{"shorter", limit.Rate{Count: 5, Window: time.Minute}, 5},
		{"more", limit.Rate{Count: 7, Window: 10 * time.Minute}, 2},
		{"fewer", limit.Rate{Count: 3, Window: 10 * time.Minute}, 0},
	} {
		if got := full.Left(c.rate, noon.Add(5*time.Minute)); got != c.left {
			t.Errorf("%s: %d left, want %d", c.name, got, c.left)
		}
	}
}

func TestTakeForgetsWhatHasLeft(t *testing.T) {
	var b limit.Budget
	r := limit.Rate{Count: 1_000_000, Window: time.Minute}
	for i := range 10_000 {
		b, _ = b.Take(r, noon.Add(time.Duration(i)*137*time.Millisecond), 1)
		if len(b.Slots) > 61 {
			t.Fatalf("%d slots after %d events", len(b.Slots), i)
		}
	}
	text, err := json.Marshal(b)
	if err != nil || len(text) > 2048 {
		t.Errorf("a full budget takes %d bytes (%v)", len(text), err)
	}
}

func TestTakeChangesNothingInPlace(t *testing.T) {
	b := spend(t, limit.Budget{}, tenAnHour, noon, 2)
	before, _ := json.Marshal(b)
	first, _ := b.Take(tenAnHour, noon, 1)
	second, _ := b.Take(tenAnHour, noon, 5)
	b.Take(tenAnHour, noon.Add(-time.Hour), 1)
	after, _ := json.Marshal(b)
	if string(before) != string(after) {
		t.Errorf("%s became %s", before, after)
	}
	if first.Left(tenAnHour, noon) != 7 || second.Left(tenAnHour, noon) != 3 {
		t.Error("two budgets made of one share their slots")
	}
}

func TestExpireAt(t *testing.T) {
	if at := (limit.Budget{}).ExpireAt(tenAnHour); !at.IsZero() {
		t.Errorf("nothing spent expires at %s", at)
	}
	b := spend(t, limit.Budget{}, tenAnHour, noon, 1)
	if at := b.ExpireAt(limit.Rate{}); !at.IsZero() {
		t.Errorf("nothing limited expires at %s", at)
	}
	b = spend(t, b, tenAnHour, noon.Add(30*time.Second), 1)
	b = spend(t, b, tenAnHour, noon.Add(5*time.Minute), 1)
	at := b.ExpireAt(tenAnHour)
	if want := noon.Add(time.Hour + 6*time.Minute); !at.Equal(want) {
		t.Errorf("expires at %s, want %s", at, want)
	}
	if b.Left(tenAnHour, at) != 10 || b.Left(tenAnHour, at.Add(-1)) != 9 {
		t.Error("expiry is not the moment when the last event leaves")
	}
}

func TestBudgetIsCompactJSON(t *testing.T) {
	text, err := json.Marshal(limit.Budget{})
	if err != nil || string(text) != "{}" {
		t.Errorf("nothing spent is %s, %v", text, err)
	}
	text, err = json.Marshal(spend(t, limit.Budget{}, fiveInTen, noon, 3))
	if err != nil || string(text) != `{"s":[{"t":1785585610000,"n":3}]}` {
		t.Errorf("three events are %s, %v", text, err)
	}
}

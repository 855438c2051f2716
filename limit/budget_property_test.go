// SPDX-License-Identifier: Apache-2.0

package limit_test

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/limit"
	"pgregory.net/rapid"
)

func sorted(m map[time.Duration]int) []time.Duration { return slices.Sorted(maps.Keys(m)) }

// journal is the brute-force model: the moment of every event that was taken.
type journal []time.Time

// within counts the events of the half-open window that ends with now.
func (j journal) within(now time.Time, window time.Duration) int {
	n := 0
	for _, at := range j {
		if at.After(now.Add(-window)) {
			n++
		}
	}
	return n
}

var (
	windows = rapid.SampledFrom([]time.Duration{
		time.Second, 7 * time.Second, 30 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour, 365 * 24 * time.Hour,
	})
	rates = rapid.Custom(func(t *rapid.T) limit.Rate {
		return limit.Rate{Count: rapid.IntRange(1, 12).Draw(t, "count"), Window: windows.Draw(t, "window")}
	})
)

// TestNeverMoreThanTheCountInAnyWindow plays events against the journal: none
// too many, and none refused that a sixtieth more of the window would not refuse.
func TestNeverMoreThanTheCountInAnyWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rates.Draw(t, "rate")
		slot := r.Window / 60
		now := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "start"), rapid.Int64Range(0, 1e9-1).Draw(t, "ns"))
		var b limit.Budget
		var log journal
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			now = now.Add(step(t, r))
			n := rapid.IntRange(1, min(3, r.Count)).Draw(t, "n")
			next, wait := b.Take(r, now, n)
			switch {
			case wait == 0:
				for range n {
					log = append(log, now)
				}
			case log.within(now, r.Window+slot+time.Millisecond)+n <= r.Count:
				t.Fatalf("refused %d with room for them", n)
			}
			if spent := log.within(now, r.Window); spent > r.Count {
				t.Fatalf("%d in %s, at most %d allowed", spent, r.Window, r.Count)
			}
			b = next
			if left := b.Left(r, now); left > r.Count-log.within(now, r.Window) {
				t.Fatalf("%d left, the journal has %d spent of %d", left, log.within(now, r.Window), r.Count)
			}
			if len(b.Slots) > 61 {
				t.Fatalf("%d slots", len(b.Slots))
			}
		}
	})
}

// step draws a time that passes, from nothing to more than the window.
func step(t *rapid.T, r limit.Rate) time.Duration {
	most := rapid.SampledFrom([]time.Duration{0, r.Window / 600, r.Window / 60, r.Window / 6, r.Window + r.Window/60 + 1}).Draw(t, "scale")
	return time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "step"))
}

// budgets draws a budget that events made, with the clock of its last one.
func budgets(t *rapid.T, r limit.Rate) (limit.Budget, time.Time) {
	now := noon
	var b limit.Budget
	for range rapid.IntRange(0, 40).Draw(t, "events") {
		now = now.Add(step(t, r))
		b, _ = b.Take(r, now, rapid.IntRange(1, r.Count).Draw(t, "n"))
	}
	return b, now
}

// TestRetryAfterIsTrue: whoever waits as long as told gets in, and a second
// less would not have done.
func TestRetryAfterIsTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rates.Draw(t, "rate")
		b, now := budgets(t, r)
		// The clock may since have been set back or have gone on.
		now = now.Add(time.Duration(rapid.Int64Range(-3*int64(r.Window), int64(r.Window)).Draw(t, "later")))
		n := rapid.IntRange(1, r.Count).Draw(t, "n")
		next, wait := b.Take(r, now, n)
		if wait == 0 {
			return
		}
		if wait < time.Second || wait%time.Second != 0 || wait > r.Window+r.Window/60+time.Second {
			t.Fatalf("wait %s with a window of %s", wait, r.Window)
		}
		if _, again := next.Take(r, now.Add(wait), n); again != 0 {
			t.Fatalf("told to wait %s, then %s more", wait, again)
		}
		if _, early := next.Take(r, now.Add(wait-time.Second), n); early == 0 && wait > time.Second {
			t.Fatalf("told to wait %s, a second less was enough", wait)
		}
	})
}

// TestTimeOnlyEverOpens: of one budget, later never has less left, whether the
// budget is ahead of the clock or behind it.
func TestTimeOnlyEverOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rates.Draw(t, "rate")
		b, now := budgets(t, r)
		now = now.Add(-2 * r.Window)
		left := b.Left(r, now)
		for range 30 {
			now = now.Add(step(t, r))
			if next := b.Left(r, now); next < left {
				t.Fatalf("%d left, then %d", left, next)
			} else {
				left = next
			}
		}
		if end := b.ExpireAt(r); b.Left(r, end.Add(time.Hour*1e5)) != r.Count {
			t.Fatal("never opens again")
		}
	})
}

// TestStorageChangesNothing: a budget that was saved and loaded answers alike.
func TestStorageChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rates.Draw(t, "rate")
		b, now := budgets(t, r)
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var loaded limit.Budget
		if err := json.Unmarshal(text, &loaded); err != nil {
			t.Fatal(err)
		}
		wantNext, wantWait := b.Take(r, now, 1)
		next, wait := loaded.Take(r, now, 1)
		if wait != wantWait || !reflect.DeepEqual(next, wantNext) {
			t.Fatalf("%v after %s became %v after %s", wantNext, wantWait, next, wait)
		}
	})
}

// TestWhatIsGivenBack: taken and given back is as if nothing had been, however
// late; and nobody gains by giving back what was not spent.
func TestWhatIsGivenBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rates.Draw(t, "rate")
		b, now := budgets(t, r)
		taken, wait := b.Take(r, now, 1)
		later := now.Add(step(t, r))
		if wait == 0 {
			if got, want := taken.Give(r, now, 1).Left(r, later), b.Left(r, later); got != want {
				t.Fatalf("%d left after giving back, %d before", got, want)
			}
		}
		n := rapid.IntRange(-2, 1000).Draw(t, "n")
		before := b.Left(r, later)
		given := b.Give(r, now, n)
		if left := given.Left(r, later); left < before || left > r.Count || left > before+max(n, 0) {
			t.Fatalf("%d left of %d after giving %d back to %d", left, r.Count, n, before)
		}
		if again := given.Give(r, now.Add(2*r.Window+time.Hour), n); again.Left(r, later) != given.Left(r, later) {
			t.Fatal("something was given back that was never spent")
		}
	})
}

// FuzzBudget reads whatever a damaged row may hold: no panic, no room above
// the count, no wait that ends never.
func FuzzBudget(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"s":[{"t":1785585610000,"n":3}]}`, `{"s":[{"t":9223372036854775807,"n":9223372036854775807},{"t":-9223372036854775808,"n":1}]}`,
		`{"s":[{"t":1785585610000,"n":-5}]}`, `{"s":[{"t":1785585610000,"n":-5},{"t":1785585610000,"n":5},{"t":1785585600000,"n":5}]}`, `{"s":null}`,
		`{"s":[{"t":9223372036854775807,"n":9223372036854775807},{"t":9223372036854775806,"n":9223372036854775807}]}`,
	} {
		f.Add(seed, int64(5), int64(10*time.Minute), 1)
	}
	f.Add(`{"s":[{"t":1785585610000,"n":3}]}`, int64(math.MinInt64), int64(math.MaxInt64), math.MaxInt)
	f.Fuzz(func(t *testing.T, text string, count, window int64, n int) {
		var b limit.Budget
		if json.Unmarshal([]byte(text), &b) != nil {
			return
		}
		r := limit.Rate{Count: int(count), Window: time.Duration(window)}
		left := b.Left(r, noon)
		if left < 0 || !r.IsOff() && left > max(r.Count, 0) {
			t.Fatalf("%d left of %+v", left, r)
		}
		b.ExpireAt(r)
		next, wait := b.Take(r, noon, n)
		if wait == 0 {
			if !r.IsOff() && n > left {
				t.Fatalf("took %d of %d", n, left)
			}
			return
		}
		if wait < time.Second || n <= left {
			t.Fatalf("wait %s for %d of %d", wait, n, left)
		}
		if r.Window > 365*24*time.Hour || n > r.Count {
			return
		}
		if wait > r.Window+r.Window/60+time.Second {
			t.Fatalf("wait %s with a window of %s", wait, r.Window)
		}
		if _, again := next.Take(r, noon.Add(wait), n); again != 0 {
			t.Fatalf("told to wait %s, then %s more", wait, again)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package limit

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// slotsPerWindow is how finely spending is remembered. More slots give budgets
// back sooner and cost more storage; 60 gives a budget of ten minutes back
// within ten seconds of the exact moment, in under two kilobytes.
const slotsPerWindow = 60

// Slot counts the events of one sixtieth of a window.
type Slot struct {
	// At is the end of the slot in Unix milliseconds: every event in it
	// happened earlier. Being a moment and not an index, it keeps its meaning
	// when the operator changes the window.
	At int64 `json:"t"`
	// N is the number of events.
	N int `json:"n"`
}

// Budget is what was spent of one rate under one key. The zero value is nothing
// spent. It marshals to JSON and stays small: a slot for each sixtieth of the
// window in which something happened. Values are never changed in place.
//
// An event counts until its whole slot has left the window. So there are never
// more than Count events in any Window, and an event counts for at most one
// sixtieth of the window longer than it has to.
//
// A slot ahead of the clock was spent before now all the same, by a clock that
// has since been set back or by a node whose clock is ahead. It counts as spent
// now: setting the clock back frees nothing, and nothing stays closed for
// longer than the window and one slot, whatever the clock said before.
type Budget struct {
	Slots []Slot `json:"s,omitempty"`
}

// Take spends n events at now if the rate has room for all of them, and then
// returns zero to wait. Otherwise it returns how long to wait until they fit,
// in whole seconds rounded up and at least one; that is the whole window when n
// exceeds the count, which never fits. To take nothing always succeeds.
//
// Save the Budget that is returned in both cases. After a refusal it is b
// unchanged, unless b was spent by a clock ahead of now: then the slots are
// moved to now, which is what lets them leave the window in time.
func (b Budget) Take(r Rate, now time.Time, n int) (next Budget, retryAfter time.Duration) {
	if r.IsOff() || n <= 0 {
		return b, 0
	}
	slots, moved := b.live(r, now)
	if wait := blocked(slots, r, now, n); wait > 0 {
		if moved {
			return Budget{Slots: slots}, wait
		}
		return b, wait
	}
	return Budget{Slots: add(slots, slotEnd(r, now), n)}, 0
}

// Give takes back n of the events that were spent at a moment, which turned out
// not to count. It never takes back more than was spent in the slot of that
// moment: one that has left the window, or was moved by a clock that was set
// back, stays as it is. Nobody gains room by it that was not spent.
func (b Budget) Give(r Rate, spentAt time.Time, n int) Budget {
	if r.IsOff() || n <= 0 {
		return b
	}
	end := slotEnd(r, spentAt)
	slots := slices.Clone(b.Slots)
	for i, s := range slots {
		if s.At == end {
			back := min(n, max(s.N, 0))
			slots[i].N, n = s.N-back, n-back
		}
	}
	return Budget{Slots: slices.DeleteFunc(slots, func(s Slot) bool { return s.N <= 0 })}
}

// Left returns how many events the rate still has room for at now, at least
// zero; without a limit that is [math.MaxInt].
func (b Budget) Left(r Rate, now time.Time) int {
	if r.IsOff() {
		return math.MaxInt
	}
	left := max(r.Count, 0)
	slots, _ := b.live(r, now)
	for _, s := range slots {
		left -= min(left, s.N)
	}
	return left
}

// ExpireAt returns the moment from which the budget means nothing, so that its
// row may be deleted. It is the zero time when nothing is spent or nothing is
// limited.
func (b Budget) ExpireAt(r Rate) time.Time {
	if r.IsOff() || len(b.Slots) == 0 {
		return time.Time{}
	}
	last := slices.MaxFunc(b.Slots, func(x, y Slot) int { return cmp.Compare(x.At, y.At) })
	return last.leaves(r)
}

// leaves returns the moment from which the slot counts no more.
func (s Slot) leaves(r Rate) time.Time { return time.UnixMilli(s.At).Add(r.Window) }

// slotEnd returns the end of the slot that now is in.
func slotEnd(r Rate, now time.Time) int64 {
	length := max(r.Window.Milliseconds()/slotsPerWindow, 1)
	ms := now.UnixMilli()
	return ms - (ms%length+length)%length + length
}

// live returns the slots that count at now, oldest first, at most one for each
// moment and none later than the slot of now, and whether any was moved there.
// It shares nothing with b.
func (b Budget) live(r Rate, now time.Time) (slots []Slot, moved bool) {
	end := slotEnd(r, now)
	slots = make([]Slot, 0, len(b.Slots)+1)
	for _, s := range b.Slots {
		if s.At > end {
			s.At, moved = end, true
		}
		if s.N > 0 && s.leaves(r).After(now) {
			slots = append(slots, s)
		}
	}
	slices.SortStableFunc(slots, func(x, y Slot) int { return cmp.Compare(x.At, y.At) })
	return merge(slots), moved
}

// merge joins neighbours of one moment, in place.
func merge(slots []Slot) []Slot {
	kept := slots[:0]
	for _, s := range slots {
		if last := len(kept) - 1; last >= 0 && kept[last].At == s.At {
			kept[last].N = sum(kept[last].N, s.N)
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

// add counts n in the slot that ends at end, the last one.
func add(slots []Slot, end int64, n int) []Slot {
	return merge(append(slots, Slot{At: end, N: n}))
}

// sum adds two counts and stays at the largest when there is no larger.
func sum(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

// blocked returns how long until n events fit beside the slots: the time until
// the youngest slot has left that cannot stay.
func blocked(slots []Slot, r Rate, now time.Time, n int) time.Duration {
	if n > r.Count {
		return wholeSeconds(r.Window)
	}
	room := r.Count - n
	for _, s := range slices.Backward(slots) {
		if s.N > room {
			return wholeSeconds(s.leaves(r).Sub(now))
		}
		room -= s.N
	}
	return 0
}

// wholeSeconds rounds up, to one second at least.
func wholeSeconds(d time.Duration) time.Duration {
	whole := d.Truncate(time.Second)
	if whole < d {
		whole += time.Second
	}
	return max(whole, time.Second)
}

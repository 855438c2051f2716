// SPDX-License-Identifier: Apache-2.0

package limit_test

import (
	"math"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/limit"
	"pgregory.net/rapid"
)

func TestStreakOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		streak limit.Streak
		after  time.Duration
		want   bool
	}{
		{"no failure", limit.Streak{}, 0, true},
		{"one below the ceiling", limit.Streak{N: 99, At: noon}, 0, true},
		{"at the ceiling", limit.Streak{N: 100, At: noon}, 0, false},
		{"above the ceiling", limit.Streak{N: 101, At: noon}, 0, false},
		{"a day later", limit.Streak{N: 100, At: noon}, 24 * time.Hour, false},
		{"just before 30 days", limit.Streak{N: 100, At: noon}, limit.StreakLife - 1, false},
		{"after 30 days", limit.Streak{N: 100, At: noon}, limit.StreakLife, true},
		{"clock set back", limit.Streak{N: 100, At: noon}, -time.Hour, false},
		{"clock set back by a year", limit.Streak{N: 100, At: noon}, -365 * 24 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.streak.Open(100, noon.Add(c.after)); got != c.want {
				t.Errorf("open: %t, want %t", got, c.want)
			}
		})
	}
}

func TestStreakFail(t *testing.T) {
	for _, c := range []struct {
		name   string
		streak limit.Streak
		after  time.Duration
		want   int
	}{
		{"the first", limit.Streak{}, 0, 1},
		{"the next", limit.Streak{N: 1, At: noon}, time.Minute, 2},
		{"the last to be counted", limit.Streak{N: 99, At: noon}, limit.StreakLife - 1, 100},
		{"a new streak after 30 days", limit.Streak{N: 99, At: noon}, limit.StreakLife, 1},
		{"clock set back", limit.Streak{N: 5, At: noon}, -time.Hour, 6},
		{"there is no number after the largest", limit.Streak{N: math.MaxInt, At: noon}, 0, math.MaxInt},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := noon.Add(c.after)
			got := c.streak.Fail(now)
			if want := (limit.Streak{N: c.want, At: now}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if !got.ExpireAt().Equal(now.Add(limit.StreakLife)) {
				t.Errorf("expires at %s", got.ExpireAt())
			}
		})
	}
}

// TestNoMoreThanTheCeilingInAStreaksLife: whoever guesses whenever the streak
// is open gets no more guesses than the ceiling between two pauses of 30 days.
func TestNoMoreThanTheCeilingInAStreaksLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ceiling := rapid.IntRange(1, 10).Draw(t, "ceiling")
		now, last, judged := noon, noon, 0
		var s limit.Streak
		for range rapid.IntRange(1, 60).Draw(t, "guesses") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(limit.StreakLife)).Draw(t, "pause")))
			if now.Sub(last) >= limit.StreakLife {
				judged = 0
			}
			if !s.Open(ceiling, now) {
				continue
			}
			s, last = s.Fail(now), now
			if judged++; judged > ceiling {
				t.Fatalf("%d judged, the ceiling is %d", judged, ceiling)
			}
		}
	})
}

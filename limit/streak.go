// SPDX-License-Identifier: Apache-2.0

package limit

import (
	"math"
	"time"
)

// StreakLife is how long a streak of failures is remembered after the last.
const StreakLife = 30 * 24 * time.Hour

// Streak counts the wrong codes of an account in a row. The zero value is none.
// A success ends it: the caller deletes the row. Neither a new code nor a new
// attempt does (NIST SP 800-63B-4 section 3.1.3.2).
//
// NIST SP 800-63B-4 section 3.2.2 allows at most 100 failures in a row. After
// that it leaves the owner to recover the account by other means, which a site
// without an operator at hand does not have; and a stranger could close an
// account for good by guessing. So a streak ends by itself as well, StreakLife
// after its last failure. While it is closed nothing is judged and nothing
// counted, so the wait cannot be prolonged. Whoever guesses on gets 100 guesses
// in 30 days: with codes of six digits one chance in ten thousand.
//
// A clock that was ahead at the last failure prolongs the wait by as much, and
// setting the clock back frees nothing.
type Streak struct {
	// N is the number of failures.
	N int `json:"n"`
	// At is the time of the last.
	At time.Time `json:"at"`
}

// Fail returns the streak with one more failure, or a new one of a single
// failure when the old one has ended by itself.
func (s Streak) Fail(now time.Time) Streak {
	if s.over(now) {
		return Streak{N: 1, At: now}
	}
	return Streak{N: min(s.N, math.MaxInt-1) + 1, At: now}
}

// Open reports whether another code may be judged: there were fewer than maximum
// failures, or the last is StreakLife ago.
func (s Streak) Open(maximum int, now time.Time) bool {
	return s.N < maximum || s.over(now)
}

// ExpireAt returns the moment from which the streak means nothing, so that its
// row may be deleted.
func (s Streak) ExpireAt() time.Time { return s.At.Add(StreakLife) }

func (s Streak) over(now time.Time) bool { return !now.Before(s.ExpireAt()) }

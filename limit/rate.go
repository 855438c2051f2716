// SPDX-License-Identifier: Apache-2.0

package limit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The bounds of what [ParseRate] reads.
const (
	maxCount  = 1_000_000
	maxWindow = 365 * day
	day       = 24 * time.Hour
)

// off is the word for no limit.
const off = "off"

// Rate is at most Count events in any Window. A Rate whose Window is not
// positive, such as the zero value, limits nothing; one whose Count is not
// positive lets nothing through.
type Rate struct {
	Count  int
	Window time.Duration
}

// IsOff reports whether the rate limits nothing.
func (r Rate) IsOff() bool { return r.Window <= 0 }

// Times returns the rate with n times the count, which stays at the largest when
// there is no larger. A rate that is off stays off.
func (r Rate) Times(n int) Rate {
	if n > 1 && r.Count > math.MaxInt/n {
		r.Count = math.MaxInt
		return r
	}
	r.Count *= n
	return r
}

// ParseRate reads "10/h", "5/10m", "20/d", "3/30s" or "off": a count from 1 to
// 1000000, and a window of whole seconds, minutes, hours or days from 1s to
// 365d. The number of units may be left out when it is 1. "off" is the zero
// Rate. There are no signs, spaces or leading zeros.
func ParseRate(s string) (Rate, error) {
	if s == off {
		return Rate{}, nil
	}
	count, window, ok := strings.Cut(s, "/")
	if !ok {
		return Rate{}, badRate(s)
	}
	n, ok := parseNumber(count)
	if !ok || n > maxCount {
		return Rate{}, badRate(s)
	}
	w, ok := parseWindow(window)
	if !ok {
		return Rate{}, badRate(s)
	}
	return Rate{Count: n, Window: w}, nil
}

func badRate(s string) error {
	const most = 40
	if len(s) > most {
		s = s[:most] + "..."
	}
	return fmt.Errorf("rate %q is not of the form 10/h, 5/10m, 20/d, 3/30s or off "+
		"(a count from 1 to %d, a window from 1s to 365d)", s, maxCount)
}

// parseNumber reads a decimal number from 1 up.
func parseNumber(s string) (int, bool) {
	if s == "" || s[0] == '0' || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func parseWindow(s string) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	unit, ok := unitOf(s[len(s)-1])
	if !ok {
		return 0, false
	}
	n := 1
	if s = s[:len(s)-1]; s != "" {
		if n, ok = parseNumber(s); !ok {
			return 0, false
		}
	}
	if time.Duration(n) > maxWindow/unit {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

func unitOf(letter byte) (time.Duration, bool) {
	for _, u := range units() {
		if u.letter == letter {
			return u.length, true
		}
	}
	return 0, false
}

type unit struct {
	letter byte
	length time.Duration
}

// units returns the units of windows, longest first.
func units() [4]unit {
	return [...]unit{{'d', day}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second}}
}

// String returns the rate as [ParseRate] reads it, in the longest unit that
// divides the window. A rate that ParseRate cannot have made is printed with
// its window as a [time.Duration].
func (r Rate) String() string {
	if r.IsOff() {
		return off
	}
	count := strconv.Itoa(r.Count) + "/"
	for _, u := range units() {
		switch n := r.Window / u.length; {
		case r.Window%u.length != 0:
		case n == 1:
			return count + string(u.letter)
		default:
			return count + strconv.FormatInt(int64(n), 10) + string(u.letter)
		}
	}
	return count + r.Window.String()
}

// MarshalText implements [encoding.TextMarshaler].
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] with [ParseRate].
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

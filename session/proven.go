// SPDX-License-Identifier: Apache-2.0

package session

import (
	"math"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Proven is what the holder of a session has shown, and when.
type Proven struct {
	First    gatelatch.Strategy
	FirstAt  time.Time
	Second   gatelatch.Strategy
	SecondAt time.Time // zero when there was no second factor
}

// LastAt returns when a factor was proven last.
func (p Proven) LastAt() time.Time {
	if p.SecondAt.After(p.FirstAt) {
		return p.SecondAt
	}
	return p.FirstAt
}

// Ages returns how many whole minutes ago the first and the second factor were
// proven; -1 for one that was not.
func (p Proven) Ages(now time.Time) [2]int64 {
	return [2]int64{age(p.FirstAt, now), age(p.SecondAt, now)}
}

func age(at, now time.Time) int64 {
	if at.IsZero() {
		return -1
	}
	return max(int64(now.Sub(at)/time.Minute), 0)
}

// methods are the words of RFC 8176 for each strategy. A link in a mail is what a
// code is, a secret sent there and used once; so is a ticket.
var methods = map[gatelatch.Strategy][]string{
	gatelatch.PasswordStrategy: {"pwd"},
	gatelatch.EmailCode:        {"otp"},
	gatelatch.EmailLink:        {"otp"},
	gatelatch.ResetByEmail:     {"otp"},
	gatelatch.PhoneCode:        {"otp", "sms"},
	gatelatch.ResetByPhone:     {"otp", "sms"},
	gatelatch.TOTPCode:         {"otp"},
	gatelatch.BackupCode:       {"otp"},
	gatelatch.PasskeyStrategy:  {"pop", "user"},
	gatelatch.Ticket:           {"otp"},
}

// Methods returns how the holder was recognised, in the words of RFC 8176: "pwd"
// for a password; "otp" for a code from a message, an app or a list, with "sms"
// when it was texted; "pop" and "user" for a passkey; and "mfa" once a second
// factor was proven. Each stands once; the list is never nil.
func (p Proven) Methods() []string {
	words := slices.Clone(methods[p.First])
	if !p.SecondAt.IsZero() {
		words = append(append(words, methods[p.Second]...), "mfa")
	}
	slices.Sort(words)
	if words = slices.Compact(words); words == nil {
		words = []string{}
	}
	return words
}

// Proven returns what the holder has shown, to the second and rounded down, as of
// when the session was read from the store; [Manager.Refresh] has it read again.
func (l *Live) Proven() Proven { return l.proven.told() }

// strategies are numbered, so that a cached session keeps a byte of each. The
// first stands for none, and for what is not known.
var strategies = [...]gatelatch.Strategy{
	"", gatelatch.EmailCode, gatelatch.PhoneCode, gatelatch.EmailLink, gatelatch.PasswordStrategy, gatelatch.TOTPCode,
	gatelatch.BackupCode, gatelatch.PasskeyStrategy, gatelatch.ResetByEmail, gatelatch.ResetByPhone, gatelatch.Ticket,
}

// proven is Proven in 12 bytes.
type proven struct {
	firstAt, secondAt seconds
	first, second     uint8
}

// provenOf reads a session. One that was made before the factors were noted has
// proven its first when it was made.
func provenOf(s gatelatch.Session) proven {
	first := s.FirstAt
	if first.IsZero() {
		first = s.CreatedAt
	}
	return proven{secondsOf(first), secondsOf(s.SecondAt), number(s.Strategy), number(s.Second)}
}

func (p proven) told() Proven {
	return Proven{
		First: strategies[p.first], FirstAt: p.firstAt.time(), Second: strategies[p.second], SecondAt: p.secondAt.time(),
	}
}

// seconds is a time since 1970 that lasts until 2106; zero is no time.
type seconds uint32

func secondsOf(t time.Time) seconds {
	return seconds(min(max(t.Unix(), 0), math.MaxUint32)) //nolint:gosec // bounded
}

func (s seconds) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

func number(s gatelatch.Strategy) uint8 {
	return uint8(max(slices.Index(strategies[:], s), 0)) //nolint:gosec // there are few
}

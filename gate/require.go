// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"time"

	"github.com/gatelatch/gatelatch/session"
)

// Requirement is what a path asks of a live session beyond being live. The zero
// value asks for nothing.
type Requirement struct {
	// Fresh is how long ago the holder may have been recognised last; zero for no
	// limit. The limit is exclusive, and judged to the second.
	Fresh time.Duration
	// SecondFactor asks for a second factor, which has to be as fresh as Fresh says.
	SecondFactor bool
}

// IsZero reports whether the requirement asks for nothing.
func (r Requirement) IsZero() bool { return r == Requirement{} }

// And returns what meets both requirements.
func (r Requirement) And(other Requirement) Requirement {
	r.SecondFactor = r.SecondFactor || other.SecondFactor
	if r.Fresh <= 0 || other.Fresh > 0 && other.Fresh < r.Fresh {
		r.Fresh = other.Fresh
	}
	return r
}

// Missing says what a session has to show before it meets a requirement.
type Missing string

// What may be missing. The empty value is nothing.
const (
	// MissingFresh is a factor proven again: any of those that began the session.
	MissingFresh Missing = "fresh"
	// MissingSecondFactor is a second factor, proven for the first time or again.
	MissingSecondFactor Missing = "second_factor"
)

// Met returns what a session lacks at now, or nothing. How fresh it is goes by
// the factor that was proven last, the first or the second; where a second
// factor is asked for, by that one.
func (r Requirement) Met(p session.Proven, now time.Time) Missing {
	switch {
	case r.SecondFactor && (p.SecondAt.IsZero() || !r.fresh(p.SecondAt, now)):
		return MissingSecondFactor
	case !r.fresh(p.LastAt(), now):
		return MissingFresh
	}
	return ""
}

func (r Requirement) fresh(at, now time.Time) bool {
	return r.Fresh <= 0 || now.Before(at.Add(r.Fresh))
}

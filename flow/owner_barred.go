// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
)

// MarkVerified writes down that an address which an operator has given to a user
// was proven by the user, now.
type MarkVerified struct {
	UserID string
	To     gatelatch.Identifier
}

func (MarkVerified) effect() {}

// barred says why a user gets no session whatever was proven; nil when nothing
// stands in the way. It is said only to whoever has proven a step.
func (o Owner) barred() *gatelatch.Refusal {
	switch {
	case o.Banned:
		return refusal(gatelatch.CodeBanned, "", "This account is blocked. Ask whoever runs this site.")
	case o.Locked:
		return refusal(gatelatch.CodeUserLocked, "", "This account is locked. Try again later, or ask whoever runs this site.")
	}
	return nil
}

// stopped takes back what a right code of a barred user has opened, but not the
// guess.
func (o Owner) stopped(v Verification, r *gatelatch.Refusal) (Verification, *gatelatch.Refusal) {
	no := o.barred()
	if r != nil || no == nil {
		return v, r
	}
	v.Status, v.VerifiedAt = Unverified, time.Time{}
	return v, no
}

// confirms is what a proven challenge tells of an address that was never proven.
func (o Owner) confirms(v Verification) []Effect {
	if !sends(v.Strategy) || !slices.Contains(o.Unproven, v.To) {
		return nil
	}
	return []Effect{MarkVerified{UserID: o.ID, To: v.To}}
}

// confirmed is confirms for the second challenge, where a message has answered it.
func (s SignIn) confirmed(in Attempt) []Effect {
	if !sends(in.Strategy) || s.Second == nil {
		return nil
	}
	return in.Owner.confirms(*s.Second)
}

// after puts effects before those of a step that was accepted.
func (s Step[S]) after(first []Effect) Step[S] {
	if s.Refusal == nil && len(first) > 0 {
		s.Effects = slices.Concat(first, s.Effects)
	}
	return s
}

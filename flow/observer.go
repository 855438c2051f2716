// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"errors"

	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/password"
)

// inputView is looking at an attempt, which changes nothing.
const inputView InputKind = "view"

// Event is one operation, told in words that hold no code, no token and no
// full address.
type Event struct {
	// Flow is "sign_in" or "sign_up"; Input is what was asked.
	Flow  string
	Input InputKind
	// Outcome is the status reached, the code of a refusal, or "error".
	Outcome   string
	AttemptID string
	// To is the masked address.
	To string
	// UserID and SessionID are set when the operation issued a session.
	UserID, SessionID string
	// New reports that the operation made the user.
	New bool
	Err error
}

// Observer hears of every operation after it is committed, or has failed. It
// must not block and must be safe for concurrent use.
type Observer interface{ Observe(e Event) }

func (s *Service) observe(what InputKind, out Outcome, err error) {
	if s.Observer == nil || errors.Is(err, password.ErrBusy) {
		return // no failure: whoever asks is told to come back
	}
	e := Event{Flow: string(PurposeSignIn), Input: what, Err: err}
	switch {
	case out.SignIn != nil:
		e.AttemptID, e.Outcome, e.To = out.SignIn.ID, string(out.SignIn.Status), identifier.Mask(out.SignIn.Identifier)
	case out.SignUp != nil:
		e.Flow, e.AttemptID, e.Outcome = string(PurposeSignUp), out.SignUp.ID, string(out.SignUp.Status)
		e.To = out.SignUp.masked()
	}
	e.judge(out)
	s.Observer.Observe(e)
}

func (s *Service) tellObserver(e Event) {
	if s.Observer != nil {
		s.Observer.Observe(e)
	}
}

func (e *Event) judge(out Outcome) {
	switch {
	case e.Err != nil:
		e.Outcome = "error"
	case out.Refusal != nil:
		e.Outcome = string(out.Refusal.Code)
	case out.Issued != nil:
		e.UserID, e.SessionID = out.Issued.Session.UserID, out.Issued.Session.ID
		e.New = out.SignUp != nil
	}
}

func (s SignUp) masked() string {
	switch {
	case s.Email != nil:
		return identifier.Mask(s.Email.To)
	case s.Phone != nil:
		return identifier.Mask(s.Phone.To)
	}
	return ""
}

// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// AttemptChange is what programs change of a sign-up; nil leaves it, and an empty
// external id takes it away.
type AttemptChange struct {
	ExternalID   *string
	CustomAction *bool
}

// Attempt is a sign-up as programs of the operator get to see it.
type Attempt struct {
	ID string
	// Status is Clerk's word: missing_requirements, complete or abandoned, which is also
	// what ends on the waitlist.
	Status                                  string
	Required, Optional, Missing, Unverified []string
	// Email and Phone are the addresses given; nil when none was.
	Email, Phone        *AttemptProof
	FirstName, LastName string
	HasPassword         bool
	UnsafeMetadata      json.RawMessage
	ExternalID          string
	CustomAction        bool
	// UserID and SessionID are what it has led to.
	UserID, SessionID     string
	AbandonAt, AcceptedAt time.Time
}

// AttemptProof is an address, how it is proven, and what is to be done next:
// needs_prepare, needs_attempt, or nothing.
type AttemptProof struct {
	Address, Next string
	Strategy      gatelatch.Strategy
}

func (s *Service) viewAttempt(su flow.SignUp) Attempt {
	p := s.Flow.Policy
	a := Attempt{
		ID: su.ID, Status: string(su.Status), Required: p.RequiredFields(), Optional: p.OptionalFields(), Missing: []string{}, Unverified: []string{},
		FirstName: su.FirstName, LastName: su.LastName, HasPassword: su.HadPassword || len(su.Password) > 0,
		UnsafeMetadata: su.UnsafeMetadata, ExternalID: su.ExternalID, CustomAction: su.CustomAction,
		AbandonAt: su.AbandonAt, AcceptedAt: su.TermsAt,
	}
	switch su.Status {
	case flow.SignUpComplete:
		a.UserID, a.SessionID = su.UserID, su.SessionID
	case flow.MissingRequirements:
		a.Missing, a.Unverified = su.MissingFields(p), su.UnverifiedFields()
	case flow.SignUpWaiting, flow.SignUpTransferred:
		a.Status = string(flow.SignUpTransferred) // programs know no other end
	}
	if su.Email != nil {
		a.Email = &AttemptProof{su.Email.Display, s.nextOf(su.EmailProof), gatelatch.EmailCode}
	}
	if su.Phone != nil {
		a.Phone = &AttemptProof{su.Phone.To.Value, s.nextOf(su.PhoneProof), gatelatch.PhoneCode}
	}
	return a
}

func (s *Service) nextOf(v *flow.Verification) string {
	if v == nil {
		return "needs_prepare"
	}
	switch v.StatusAt(s.now()) {
	case flow.Unverified:
		return "needs_attempt"
	case flow.Expired:
		return "needs_prepare"
	default:
		return ""
	}
}

// Attempt returns a sign-up, of whatever browser. One that was abandoned is none: its
// row goes at the next sweep.
func (s *Service) Attempt(ctx context.Context, id string) (Attempt, *gatelatch.Refusal, error) {
	var su *flow.SignUp
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		su, err = s.attempt(ctx, tx, id)
		return err
	})
	if err != nil {
		return Attempt{}, nil, err
	}
	if su == nil {
		return Attempt{}, refuseNoAttempt(), nil
	}
	return s.viewAttempt(*su), nil, nil
}

func refuseNoAttempt() *gatelatch.Refusal {
	return refuse(gatelatch.CodeNotFound, "", "There is no sign-up with that id.")
}

// attempt returns a sign-up, locked where the transaction may write; nil for none.
func (s *Service) attempt(ctx context.Context, tx flow.Tx, id string) (*flow.SignUp, error) {
	su, err := found(tx.SignUp(ctx, id))
	if err != nil {
		return nil, fmt.Errorf("finding a sign-up: %w", err)
	}
	if su != nil && !s.now().Before(su.AbandonAt) {
		return nil, nil
	}
	return su, nil
}

// ChangeAttempt changes a sign-up under way. When that is over the user is to be
// changed instead.
func (s *Service) ChangeAttempt(ctx context.Context, id string, c AttemptChange) (Attempt, *gatelatch.Refusal, error) {
	var changed Attempt
	no, err := s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		su, err := s.attempt(ctx, w.Tx(), id)
		switch {
		case err != nil || su == nil:
			return refuseNoAttempt(), err
		case su.Status != flow.MissingRequirements:
			return refuse(gatelatch.CodeStateInvalid, "", "The sign-up is over. Change the user instead."), nil
		}
		if no, err := setAttempt(ctx, w.Tx(), su, c); no != nil || err != nil {
			return no, err
		}
		if err := w.Tx().PutSignUp(ctx, *su); err != nil {
			return nil, fmt.Errorf("saving a sign-up: %w", err)
		}
		changed = s.viewAttempt(*su)
		return nil, nil
	})
	return changed, no, err
}

func setAttempt(ctx context.Context, tx flow.Tx, su *flow.SignUp, c AttemptChange) (*gatelatch.Refusal, error) {
	if c.CustomAction != nil {
		su.CustomAction = *c.CustomAction
	}
	if c.ExternalID == nil {
		return nil, nil
	}
	su.ExternalID = *c.ExternalID
	return freeExternalID(ctx, tx, gatelatch.User{ExternalID: su.ExternalID})
}

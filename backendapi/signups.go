// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"encoding/json"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

func signUpRoutes() []Route {
	return []Route{
		route("GET", "/sign_ups/{id}", "A sign-up under way, or just over", func(c *call, _ Nothing) (SignUpAttempt, *gatelatch.Refusal, error) {
			a, no, err := c.Admin.Attempt(c.ctx(), c.id())
			return attemptOf(a), no, err
		}),
		route("PATCH", "/sign_ups/{id}", "Give the user to be an external id, or say that something of your own is done",
			func(c *call, in changedSignUp) (SignUpAttempt, *gatelatch.Refusal, error) {
				a, no, err := c.Admin.ChangeAttempt(c.ctx(), c.id(), admin.AttemptChange{
					ExternalID: in.ExternalID.pointer(), CustomAction: in.CustomAction.pointer(),
				})
				return attemptOf(a), no, err
			}),
	}
}

// changedSignUp is the body of PATCH /sign_ups/{id}.
type changedSignUp struct {
	ExternalID   Maybe[string] `json:"external_id"`
	CustomAction Maybe[bool]   `json:"custom_action"`
}

// SignUpAttempt is an attempt to become a user.
type SignUpAttempt struct {
	Object           string              `json:"object"` // "sign_up_attempt"
	ID               string              `json:"id"`
	Status           string              `json:"status"` // missing_requirements, complete or abandoned
	RequiredFields   []string            `json:"required_fields"`
	OptionalFields   []string            `json:"optional_fields"`
	MissingFields    []string            `json:"missing_fields"`
	UnverifiedFields []string            `json:"unverified_fields"`
	Verifications    SignUpVerifications `json:"verifications"`
	EmailAddress     *string             `json:"email_address"`
	PhoneNumber      *string             `json:"phone_number"`
	PasswordEnabled  bool                `json:"password_enabled"`
	FirstName        *string             `json:"first_name"`
	LastName         *string             `json:"last_name"`
	UnsafeMetadata   json.RawMessage     `json:"unsafe_metadata"`
	PublicMetadata   json.RawMessage     `json:"public_metadata"`
	CustomAction     bool                `json:"custom_action"`
	ExternalID       *string             `json:"external_id"`
	CreatedSessionID *string             `json:"created_session_id"`
	CreatedUserID    *string             `json:"created_user_id"`
	AbandonAt        wire.Millis         `json:"abandon_at"`
	LegalAcceptedAt  *wire.Millis        `json:"legal_accepted_at"`

	// The fields below are always null: there are no such things here.
	Username        *string       `json:"username"`
	Web3Wallet      *string       `json:"web3_wallet"`
	ExternalAccount *wire.Nothing `json:"external_account"`
}

// SignUpVerifications say what is to be done next for each address; null for one that
// was not given.
type SignUpVerifications struct {
	EmailAddress    *SignUpVerification `json:"email_address"`
	PhoneNumber     *SignUpVerification `json:"phone_number"`
	Web3Wallet      *SignUpVerification `json:"web3_wallet"`
	ExternalAccount *wire.Nothing       `json:"external_account"`
}

// SignUpVerification is how an address is proven, and what is to be done next.
type SignUpVerification struct {
	NextAction          string               `json:"next_action"` // needs_prepare, needs_attempt, or empty
	SupportedStrategies []gatelatch.Strategy `json:"supported_strategies"`
}

func attemptOf(a admin.Attempt) SignUpAttempt {
	v := SignUpAttempt{
		Object: "sign_up_attempt", ID: a.ID, Status: a.Status,
		RequiredFields: a.Required, OptionalFields: a.Optional, MissingFields: a.Missing, UnverifiedFields: a.Unverified,
		PasswordEnabled: a.HasPassword, FirstName: wire.Text(a.FirstName), LastName: wire.Text(a.LastName),
		UnsafeMetadata: wire.Object(a.UnsafeMetadata), PublicMetadata: wire.Object(nil),
		CustomAction: a.CustomAction, ExternalID: wire.Text(a.ExternalID),
		CreatedSessionID: wire.Text(a.SessionID), CreatedUserID: wire.Text(a.UserID),
		AbandonAt: wire.At(a.AbandonAt), LegalAcceptedAt: wire.Maybe(a.AcceptedAt),
	}
	v.EmailAddress, v.Verifications.EmailAddress = proofOf(a.Email)
	v.PhoneNumber, v.Verifications.PhoneNumber = proofOf(a.Phone)
	return v
}

func proofOf(p *admin.AttemptProof) (*string, *SignUpVerification) {
	if p == nil {
		return nil, nil
	}
	return wire.Text(p.Address), &SignUpVerification{NextAction: p.Next, SupportedStrategies: []gatelatch.Strategy{p.Strategy}}
}

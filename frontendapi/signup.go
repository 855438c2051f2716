// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"encoding/json"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/wire"
)

// SignUp is an attempt to become a user.
type SignUp struct {
	Object           string              `json:"object"` // "sign_up"
	ID               string              `json:"id"`
	Status           flow.SignUpStatus   `json:"status"` // missing_requirements, complete or abandoned
	RequiredFields   []string            `json:"required_fields"`
	OptionalFields   []string            `json:"optional_fields"`
	MissingFields    []string            `json:"missing_fields"`
	UnverifiedFields []string            `json:"unverified_fields"`
	Verifications    SignUpVerifications `json:"verifications"`
	EmailAddress     *string             `json:"email_address"`
	PhoneNumber      *string             `json:"phone_number"`
	FirstName        *string             `json:"first_name"`
	LastName         *string             `json:"last_name"`
	HasPassword      bool                `json:"has_password"`
	UnsafeMetadata   json.RawMessage     `json:"unsafe_metadata"`
	CreatedSessionID *string             `json:"created_session_id"`
	CreatedUserID    *string             `json:"created_user_id"`
	AbandonAt        wire.Millis         `json:"abandon_at"`
	LegalAcceptedAt  *wire.Millis        `json:"legal_accepted_at"`
	Locale           *string             `json:"locale"`

	// The fields below are always null: there are no such things here.
	Username                *string       `json:"username"`
	Web3Wallet              *string       `json:"web3_wallet"`
	ExternalAccount         *wire.Nothing `json:"external_account"`
	ExternalAccountStrategy *string       `json:"external_account_strategy"`
	ProtectCheck            *wire.Nothing `json:"protect_check"`
}

// SignUpVerifications are the proofs of what was given; null for what was not.
type SignUpVerifications struct {
	EmailAddress    *wire.Verification `json:"email_address"`
	PhoneNumber     *wire.Verification `json:"phone_number"`
	Web3Wallet      *wire.Verification `json:"web3_wallet"`
	ExternalAccount *wire.Verification `json:"external_account"`
}

func (c *call) signUpOf(su flow.SignUp) *SignUp {
	p := c.Flow.Policy
	s := &SignUp{
		Object: "sign_up", ID: su.ID, Status: signUpStatus(su.Status),
		RequiredFields: p.RequiredFields(), OptionalFields: p.OptionalFields(), MissingFields: []string{}, UnverifiedFields: []string{},
		FirstName: wire.Text(su.FirstName), LastName: wire.Text(su.LastName), HasPassword: su.HadPassword || len(su.Password) > 0,
		UnsafeMetadata: wire.Object(su.UnsafeMetadata), AbandonAt: wire.At(su.AbandonAt),
		LegalAcceptedAt: wire.Maybe(su.TermsAt), Locale: wire.Text(su.Locale),
	}
	c.signUpAddresses(s, su)
	if su.Status == flow.SignUpComplete {
		s.CreatedSessionID, s.CreatedUserID = wire.Text(su.SessionID), wire.Text(su.UserID)
	}
	if su.Status == flow.MissingRequirements {
		s.MissingFields, s.UnverifiedFields = su.MissingFields(p), su.UnverifiedFields()
	}
	return s
}

func signUpStatus(s flow.SignUpStatus) flow.SignUpStatus {
	if s == flow.SignUpWaiting {
		return flow.SignUpTransferred // programs know no other end
	}
	return s
}

func (c *call) signUpAddresses(s *SignUp, su flow.SignUp) {
	if su.Email != nil {
		s.EmailAddress = wire.Text(su.Email.Display)
		s.Verifications.EmailAddress = c.proofOf(su, su.EmailProof, gatelatch.EmailCode)
	}
	if su.Phone != nil {
		s.PhoneNumber = wire.Text(su.Phone.To.Value)
		s.Verifications.PhoneNumber = c.proofOf(su, su.PhoneProof, gatelatch.PhoneCode)
	}
}

// proofOf is the proof of an address of a sign-up. Before a code was sent it has
// neither status nor strategy.
func (c *call) proofOf(su flow.SignUp, v *flow.Verification, by gatelatch.Strategy) *wire.Verification {
	w, next := &wire.Verification{Object: "verification"}, "needs_prepare"
	if v != nil {
		w = c.verificationOf(*v, su.ClientID)
		next = nextAction(v.StatusAt(c.now))
	}
	w.NextAction, w.SupportedStrategies = &next, []gatelatch.Strategy{by}
	return w
}

func nextAction(s flow.VerificationStatus) string {
	switch s {
	case flow.Unverified:
		return "needs_attempt"
	case flow.Expired:
		return "needs_prepare"
	default:
		return ""
	}
}

// signedUpAs is a sign-up whose address turned out to have a user, once that user
// was signed in: it has led to a session like any other.
func (c *call) signedUpAs(su flow.SignUp, si flow.SignIn) *SignUp {
	s := c.signUpOf(su)
	s.MissingFields, s.UnverifiedFields = []string{}, []string{}
	if si.Status != flow.SignInComplete {
		s.Status = flow.MissingRequirements // until the second step of that sign-in is taken
		return s
	}
	s.Status = flow.SignUpComplete
	s.CreatedSessionID, s.CreatedUserID = wire.Text(si.SessionID), wire.Text(si.UserID)
	return s
}

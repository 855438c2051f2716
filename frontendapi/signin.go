// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/wire"
)

// SignIn is an attempt to sign in.
type SignIn struct {
	Object               string                     `json:"object"` // "sign_in"
	ID                   string                     `json:"id"`
	Status               flow.SignInStatus          `json:"status"`
	Identifier           *string                    `json:"identifier"`
	SupportedIdentifiers []gatelatch.IdentifierKind `json:"supported_identifiers"`
	// The factors are the ways to take the two steps; the second ones are null until
	// the first step was taken.
	SupportedFirstFactors    []Factor           `json:"supported_first_factors"`
	SupportedSecondFactors   []Factor           `json:"supported_second_factors"`
	FirstFactorVerification  *wire.Verification `json:"first_factor_verification"`
	SecondFactorVerification *wire.Verification `json:"second_factor_verification"`
	CreatedSessionID         *string            `json:"created_session_id"`
	UserData                 UserData           `json:"user_data"`
	ClientTrustState         *flow.TrustState   `json:"client_trust_state"`
	AbandonAt                wire.Millis        `json:"abandon_at"`
	Locale                   *string            `json:"locale"`
	ProtectCheck             *wire.Nothing      `json:"protect_check"`
}

// UserData would tell who is about to sign in. It tells nobody anything: an address
// alone must not bring a name up.
type UserData struct {
	FirstName *string `json:"first_name"`
	LastName  *string `json:"last_name"`
	ImageURL  string  `json:"image_url"`
	HasImage  bool    `json:"has_image"`
}

// Factor is one way to take a step.
type Factor struct {
	Strategy       gatelatch.Strategy `json:"strategy"`
	SafeIdentifier string             `json:"safe_identifier,omitempty"`
	EmailAddressID string             `json:"email_address_id,omitempty"`
	PhoneNumberID  string             `json:"phone_number_id,omitempty"`
	Primary        bool               `json:"primary,omitempty"`
	Default        bool               `json:"default,omitempty"`
}

func (c *call) signInOf(si flow.SignIn) *SignIn {
	s := &SignIn{
		Object: "sign_in", ID: si.ID, Status: c.signInStatus(si.Status), Identifier: wire.Text(si.Identifier.Value),
		SupportedIdentifiers: c.identifiers(), UserData: UserData{ImageURL: c.imageURL()},
		SupportedFirstFactors: firstFactors(si.Factors),
		AbandonAt:             wire.At(si.AbandonAt), CreatedSessionID: created(si),
	}
	s.FirstFactorVerification = c.firstOf(si)
	if si.SecondFactors != nil || si.Second != nil || si.SecondBy != "" {
		s.SupportedSecondFactors = secondFactors(si.SecondFactors)
		s.SecondFactorVerification = c.secondOf(si)
	}
	if si.Trust != "" {
		s.ClientTrustState = &si.Trust
	}
	return s
}

// signInStatus tells older programs of a new device as of a second step: they know
// no other word.
func (c *call) signInStatus(s flow.SignInStatus) flow.SignInStatus {
	if s == flow.NeedsClientTrust && c.query.Get("__clerk_api_version") < clientTrustVersion {
		return flow.NeedsSecondFactor
	}
	return s
}

// clientTrustVersion is the version of Clerk's API that has needs_client_trust.
// Versions are dates.
const clientTrustVersion = "2026-05-12"

func (c *call) identifiers() []gatelatch.IdentifierKind {
	kinds := []gatelatch.IdentifierKind{}
	if c.Site.Email {
		kinds = append(kinds, gatelatch.EmailAddress)
	}
	if c.Site.Phone {
		kinds = append(kinds, gatelatch.PhoneNumber)
	}
	return kinds
}

func created(si flow.SignIn) *string {
	if si.Status != flow.SignInComplete {
		return nil
	}
	return wire.Text(si.SessionID)
}

// firstFactors name the address as it was typed. It stands in full where a code is
// sent, by which programs find that way first; it is masked elsewhere.
func firstFactors(ways []flow.Factor) []Factor {
	list := []Factor{}
	for _, w := range ways {
		f := factorOf(w)
		if w.Strategy == gatelatch.EmailCode || w.Strategy == gatelatch.PhoneCode {
			f.SafeIdentifier = w.To.Value
		}
		list = append(list, f)
	}
	return list
}

func secondFactors(ways []flow.Factor) []Factor {
	list := []Factor{}
	texts := 0
	for _, w := range ways {
		f := factorOf(w)
		if w.Strategy == gatelatch.PhoneCode {
			f.Default = texts == 0 // the flow has put it first
			texts++
		}
		list = append(list, f)
	}
	return list
}

func factorOf(w flow.Factor) Factor {
	f := Factor{Strategy: w.Strategy}
	switch w.To.Kind {
	case gatelatch.EmailAddress:
		f.EmailAddressID, f.SafeIdentifier, f.Primary = w.AddressID, identifier.Mask(w.To), true
	case gatelatch.PhoneNumber:
		f.PhoneNumberID, f.SafeIdentifier, f.Primary, f.Default = w.AddressID, identifier.Mask(w.To), true, true
	}
	return f
}

// firstOf is the challenge of the first step; null before there is one, since
// programs take anything else to mean that a code is under way.
func (c *call) firstOf(si flow.SignIn) *wire.Verification {
	if si.First == nil || si.FirstBy != "" && si.FirstBy != si.First.Strategy {
		return provenBy(si.FirstBy)
	}
	return c.verificationOf(*si.First, si.ClientID)
}

func (c *call) secondOf(si flow.SignIn) *wire.Verification {
	if si.Second == nil || si.SecondBy != "" && si.SecondBy != si.Second.Strategy {
		return provenBy(si.SecondBy)
	}
	return c.verificationOf(*si.Second, si.ClientID)
}

func provenBy(st gatelatch.Strategy) *wire.Verification {
	if st == "" {
		return nil
	}
	return wire.Verified(st)
}

func (c *call) verificationOf(v flow.Verification, clientID string) *wire.Verification {
	st, attempts := v.Strategy, v.Attempts
	w := &wire.Verification{
		Object: "verification", Status: wire.Text(string(v.StatusAt(c.now))), Strategy: &st, Attempts: &attempts, ExpireAt: wire.Maybe(v.ExpireAt),
	}
	if v.To.Kind == gatelatch.PhoneNumber {
		w.Channel = wire.Text("sms")
	}
	if v.Proven() {
		w.VerifiedAtClient = &clientID
	}
	return w
}

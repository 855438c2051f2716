// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"time"

	"github.com/gatelatch/gatelatch"
)

// User is a user as its owner and operators see it.
type User struct {
	Object    string  `json:"object"` // "user"
	ID        string  `json:"id"`
	Username  *string `json:"username"` // always null: there are none here
	FirstName *string `json:"first_name"`
	LastName  *string `json:"last_name"`
	Locale    *string `json:"locale"`
	ImageURL  string  `json:"image_url"`
	HasImage  bool    `json:"has_image"`
	// ProfileImageID is empty: nobody has a picture of their own here.
	ProfileImageID string  `json:"profile_image_id"`
	ExternalID     *string `json:"external_id"`

	PrimaryEmailAddressID *string        `json:"primary_email_address_id"`
	PrimaryPhoneNumberID  *string        `json:"primary_phone_number_id"`
	PrimaryWeb3WalletID   *string        `json:"primary_web3_wallet_id"`
	EmailAddresses        []EmailAddress `json:"email_addresses"`
	PhoneNumbers          []PhoneNumber  `json:"phone_numbers"`
	Passkeys              []Passkey      `json:"passkeys"`

	// The lists below are always empty: Clerk's programs read them.
	Web3Wallets             []Nothing `json:"web3_wallets"`
	ExternalAccounts        []Nothing `json:"external_accounts"`
	EnterpriseAccounts      []Nothing `json:"enterprise_accounts"`
	SAMLAccounts            []Nothing `json:"saml_accounts"`
	OrganizationMemberships []Nothing `json:"organization_memberships"`

	PasswordEnabled   bool `json:"password_enabled"`
	TOTPEnabled       bool `json:"totp_enabled"`
	BackupCodeEnabled bool `json:"backup_code_enabled"`
	TwoFactorEnabled  bool `json:"two_factor_enabled"`
	Banned            bool `json:"banned"`
	Locked            bool `json:"locked"`
	// LockoutExpiresInSeconds is null when the user is not locked.
	LockoutExpiresInSeconds *int64 `json:"lockout_expires_in_seconds"`
	// VerificationAttemptsRemaining is null: what is left of a budget would help
	// whoever guesses.
	VerificationAttemptsRemaining *int64 `json:"verification_attempts_remaining"`

	DeleteSelfEnabled         bool    `json:"delete_self_enabled"`
	CreateOrganizationEnabled bool    `json:"create_organization_enabled"`
	CreateOrganizationsLimit  *int64  `json:"create_organizations_limit"`
	MFAEnabledAt              *Millis `json:"mfa_enabled_at"`
	MFADisabledAt             *Millis `json:"mfa_disabled_at"`
	PasswordLastUpdatedAt     *Millis `json:"password_last_updated_at"`
	LegalAcceptedAt           *Millis `json:"legal_accepted_at"`
	LastSignInAt              *Millis `json:"last_sign_in_at"`
	LastActiveAt              *Millis `json:"last_active_at"`
	CreatedAt                 Millis  `json:"created_at"`
	UpdatedAt                 Millis  `json:"updated_at"`

	PublicMetadata json.RawMessage `json:"public_metadata"`
	UnsafeMetadata json.RawMessage `json:"unsafe_metadata"`
	// PrivateMetadata goes out by the Backend API alone.
	PrivateMetadata json.RawMessage `json:"private_metadata,omitempty"`
}

// Nothing is an element of a list that is always empty.
type Nothing struct{}

// UserView is what a [User] is made of.
type UserView struct {
	User gatelatch.User
	// Credentials tell of passkeys and of the password's age; a zero value tells
	// nothing.
	Credentials gatelatch.Credentials
	// ImageURL is the address of the picture that everybody has; empty for none.
	ImageURL string
	// DeleteSelf says that the site lets users delete their account.
	DeleteSelf bool
	Now        time.Time
}

// NewUser returns a user for the Frontend API: without private metadata.
func NewUser(v UserView) User {
	u := v.User
	w := User{
		Object: "user", ID: u.ID, FirstName: Text(u.FirstName), LastName: Text(u.LastName), Locale: Text(u.Locale),
		ExternalID: Text(u.ExternalID), ImageURL: v.ImageURL,
		EmailAddresses: []EmailAddress{}, PhoneNumbers: []PhoneNumber{}, Passkeys: []Passkey{},
		Web3Wallets: []Nothing{}, ExternalAccounts: []Nothing{}, EnterpriseAccounts: []Nothing{}, SAMLAccounts: []Nothing{},
		OrganizationMemberships: []Nothing{},
		PasswordEnabled:         u.Factors.Password, TOTPEnabled: u.Factors.TOTP, BackupCodeEnabled: u.Factors.BackupCodes,
		TwoFactorEnabled: u.TwoStep(), Banned: u.Banned, DeleteSelfEnabled: v.DeleteSelf && !u.KeepsAccount,
		LegalAcceptedAt: Maybe(u.TermsAcceptedAt), LastSignInAt: Maybe(u.LastSignInAt), LastActiveAt: Maybe(u.LastActiveAt),
		CreatedAt: At(u.CreatedAt), UpdatedAt: At(u.UpdatedAt),
		PublicMetadata: Object(u.Metadata.Public), UnsafeMetadata: Object(u.Metadata.Unsafe),
	}
	w.lock(u, v.Now)
	w.addresses(u)
	w.credentials(v.Credentials)
	return w
}

func (w *User) lock(u gatelatch.User, now time.Time) {
	if !u.LockedAt(now) {
		return
	}
	left := int64((u.LockedUntil.Sub(now) + time.Second - 1) / time.Second)
	w.Locked, w.LockoutExpiresInSeconds = true, &left
}

func (w *User) addresses(u gatelatch.User) {
	second := u.SecondNumbers()
	for _, a := range u.Addresses {
		switch a.Kind {
		case gatelatch.EmailAddress:
			w.EmailAddresses = append(w.EmailAddresses, NewEmailAddress(a))
			if a.Primary {
				w.PrimaryEmailAddressID = &a.ID
			}
		case gatelatch.PhoneNumber:
			n := NewPhoneNumber(a)
			n.DefaultSecondFactor = len(second) > 0 && second[0].ID == a.ID
			w.PhoneNumbers = append(w.PhoneNumbers, n)
			if a.Primary {
				w.PrimaryPhoneNumberID = &a.ID
			}
		}
	}
}

func (w *User) credentials(c gatelatch.Credentials) {
	if c.Password != nil {
		w.PasswordLastUpdatedAt = Maybe(c.Password.SetAt)
	}
	if c.TOTP != nil {
		w.MFAEnabledAt = Maybe(c.TOTP.ConfirmedAt)
	}
	for _, p := range c.Passkeys {
		w.Passkeys = append(w.Passkeys, NewPasskey(p))
	}
}

// NewOperatorUser returns a user for the Backend API.
func NewOperatorUser(v UserView) User {
	w := NewUser(v)
	w.PrivateMetadata = Object(v.User.Metadata.Private)
	return w
}

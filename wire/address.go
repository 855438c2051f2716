// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/gatelatch/gatelatch"

// Verification is where the proof of something stands. Before a code was sent
// Status and Strategy are null: Clerk's components take anything else to mean that
// one is under way, and send none.
type Verification struct {
	Object   string              `json:"object,omitempty"`
	Status   *string             `json:"status"` // unverified, verified, failed, expired, transferable
	Strategy *gatelatch.Strategy `json:"strategy"`
	Attempts *int                `json:"attempts"`
	ExpireAt *Millis             `json:"expire_at"`
	// VerifiedAtClient is the client that a link was opened on, or null.
	VerifiedAtClient *string `json:"verified_at_client"`
	Channel          *string `json:"channel,omitempty"`
	// Nonce is what a passkey has to sign: the options of navigator.credentials, as
	// JSON text.
	Nonce   *string `json:"nonce,omitempty"`
	Message *string `json:"message,omitempty"`
	// ExternalVerificationRedirectURL is always null: there are no providers.
	ExternalVerificationRedirectURL *string `json:"external_verification_redirect_url,omitempty"`
	Error                           *Error  `json:"error"`
	// NextAction and SupportedStrategies stand in sign-ups alone.
	NextAction          *string              `json:"next_action,omitempty"` // needs_prepare, needs_attempt, or empty
	SupportedStrategies []gatelatch.Strategy `json:"supported_strategies,omitempty"`
}

// EmailAddress is an e-mail address of a user.
type EmailAddress struct {
	ID                   string        `json:"id"`
	Object               string        `json:"object"` // "email_address"
	EmailAddress         string        `json:"email_address"`
	Reserved             bool          `json:"reserved"`
	Verification         *Verification `json:"verification"`
	LinkedTo             []Nothing     `json:"linked_to"`
	MatchesSSOConnection bool          `json:"matches_sso_connection"`
	CreatedAt            *Millis       `json:"created_at"`
	UpdatedAt            *Millis       `json:"updated_at"`
}

// PhoneNumber is a phone number of a user.
type PhoneNumber struct {
	ID                      string `json:"id"`
	Object                  string `json:"object"` // "phone_number"
	PhoneNumber             string `json:"phone_number"`
	Reserved                bool   `json:"reserved"`
	ReservedForSecondFactor bool   `json:"reserved_for_second_factor"`
	// DefaultSecondFactor is the one number that the second step begins with.
	DefaultSecondFactor bool          `json:"default_second_factor"`
	Verification        *Verification `json:"verification"`
	LinkedTo            []Nothing     `json:"linked_to"`
	// BackupCodes are told once, to whoever has just reserved the first number.
	BackupCodes []string `json:"backup_codes"`
	CreatedAt   *Millis  `json:"created_at"`
	UpdatedAt   *Millis  `json:"updated_at"`
}

// NewEmailAddress returns an address of a user.
func NewEmailAddress(a gatelatch.Address) EmailAddress {
	return EmailAddress{
		ID: a.ID, Object: "email_address", EmailAddress: a.Display, Reserved: a.VerifiedAt.IsZero(), Verification: held(a),
		LinkedTo: []Nothing{}, CreatedAt: Maybe(a.VerifiedAt), UpdatedAt: Maybe(a.VerifiedAt),
	}
}

// NewPhoneNumber returns a number of a user, in E.164.
func NewPhoneNumber(a gatelatch.Address) PhoneNumber {
	return PhoneNumber{
		ID: a.ID, Object: "phone_number", PhoneNumber: a.Value, Reserved: a.VerifiedAt.IsZero(),
		ReservedForSecondFactor: a.SecondFactor, DefaultSecondFactor: a.SecondFactor && a.DefaultSecond, Verification: held(a),
		LinkedTo: []Nothing{}, CreatedAt: Maybe(a.VerifiedAt), UpdatedAt: Maybe(a.VerifiedAt),
	}
}

// held is the verification of an address that somebody has: proven, or, when an
// operator gave it unproven, null.
func held(a gatelatch.Address) *Verification {
	if a.VerifiedAt.IsZero() {
		return nil
	}
	return Verified(gatelatch.CodeStrategy(a.Kind))
}

// Verified returns a verification that is over and was right.
func Verified(st gatelatch.Strategy) *Verification {
	return &Verification{Object: "verification", Status: Text("verified"), Strategy: &st}
}

// Passkey is a passkey of a user.
type Passkey struct {
	ID           string        `json:"id"`
	Object       string        `json:"object"` // "passkey"
	Name         *string       `json:"name"`
	Verification *Verification `json:"verification"`
	LastUsedAt   *Millis       `json:"last_used_at"`
	CreatedAt    Millis        `json:"created_at"`
	UpdatedAt    Millis        `json:"updated_at"`
}

// NewPasskey returns a passkey that was registered.
func NewPasskey(p gatelatch.Passkey) Passkey {
	return Passkey{
		ID: p.ID, Object: "passkey", Name: Text(p.Name), Verification: Verified(gatelatch.PasskeyStrategy),
		LastUsedAt: Maybe(p.LastUsedAt), CreatedAt: At(p.CreatedAt), UpdatedAt: At(p.CreatedAt),
	}
}

// Deleted says that something is gone.
type Deleted struct {
	Object  string `json:"object"`
	ID      string `json:"id"`
	Slug    string `json:"slug,omitempty"`
	Deleted bool   `json:"deleted"`
}

// Count is a number alone.
type Count struct {
	Object     string `json:"object"` // "total_count"
	TotalCount int    `json:"total_count"`
}

// Token is a signed token.
type Token struct {
	Object string `json:"object"` // "token"
	JWT    string `json:"jwt"`
}

// Activity is where a session was begun.
type Activity struct {
	ID             string  `json:"id"`
	Object         string  `json:"object"` // "session_activity"
	DeviceType     *string `json:"device_type"`
	IsMobile       bool    `json:"is_mobile"`
	BrowserName    *string `json:"browser_name"`
	BrowserVersion *string `json:"browser_version"`
	IPAddress      *string `json:"ip_address"`
	City           *string `json:"city"`
	Country        *string `json:"country"`
}

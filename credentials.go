// SPDX-License-Identifier: Apache-2.0

package gatelatch

import "time"

// Credentials are what a user is recognised by, beside addresses. A store keeps
// them as one document under the user's id, and reads them locked: what may be
// used once is used once.
type Credentials struct {
	UserID      string       `json:"-"`
	Password    *Password    `json:"password,omitempty"`
	TOTP        *TOTP        `json:"totp,omitempty"`
	BackupCodes []BackupHash `json:"backup_codes,omitempty"`
	Passkeys    []Passkey    `json:"passkeys,omitempty"`
}

// Password is a user's password: its hash as a PHC string (or one of the forms
// that package password reads), sealed for the purpose "password <user id>".
type Password struct {
	Hash  Sealed    `json:"hash"`
	SetAt time.Time `json:"set_at"`
}

// TOTP is an authenticator app (RFC 6238). Until ConfirmedAt is set nobody has
// shown a code of it, and it counts for nothing.
type TOTP struct {
	ID string `json:"id"`
	// Secret is the shared secret, sealed for the purpose "totp <user id>".
	Secret      Sealed    `json:"secret"`
	CreatedAt   time.Time `json:"created_at"`
	ConfirmedAt time.Time `json:"confirmed_at"`
	// LastStep is the last time step whose code was used: neither it nor one
	// before it is taken again.
	LastStep int64 `json:"last_step"`
}

// BackupHash is one backup code: a keyed hash of it, and when it was used.
type BackupHash struct {
	Hash   []byte    `json:"hash"`
	UsedAt time.Time `json:"used_at"`
}

// Passkey is a WebAuthn credential.
type Passkey struct {
	ID           string    `json:"id"` // "psk_...", ours
	CredentialID []byte    `json:"credential_id"`
	PublicKey    []byte    `json:"public_key"` // COSE
	SignCount    uint32    `json:"sign_count"`
	Transports   []string  `json:"transports,omitempty"`
	AAGUID       []byte    `json:"aaguid,omitempty"`
	Flags        uint8     `json:"flags"`
	Name         string    `json:"name"`
	CreatedAt    time.Time `json:"created_at"`
	LastUsedAt   time.Time `json:"last_used_at"`
}

// Factors tells what the credentials hold; write it to the user with them.
func (c Credentials) Factors() Factors {
	return Factors{
		Password: c.Password != nil,
		TOTP:     c.TOTP != nil && !c.TOTP.ConfirmedAt.IsZero(),
		// Spent codes count: their owner once set a second step up.
		BackupCodes: len(c.BackupCodes) > 0,
		Passkey:     len(c.Passkeys) > 0,
	}
}

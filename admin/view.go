// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/device"
)

// UserView is what operators see of a user: everything but secrets.
type UserView struct {
	ID              string        `json:"id"`
	FirstName       string        `json:"first_name,omitempty"`
	LastName        string        `json:"last_name,omitempty"`
	Addresses       []AddressView `json:"addresses"`
	CreatedAt       time.Time     `json:"created_at"`
	UpdatedAt       time.Time     `json:"updated_at"`
	LastSignInAt    time.Time     `json:"last_sign_in_at,omitzero"`
	Banned          bool          `json:"banned"`
	LockedUntil     time.Time     `json:"locked_until,omitzero"`
	PasswordReset   bool          `json:"password_reset"`
	Password        bool          `json:"password"`
	TOTP            bool          `json:"totp"`
	BackupCodes     bool          `json:"backup_codes"`
	Passkey         bool          `json:"passkey"`
	TwoStep         bool          `json:"two_step"`
	TermsVersion    string        `json:"terms_version,omitempty"`
	TermsAcceptedAt time.Time     `json:"terms_accepted_at,omitzero"`
	ExternalID      string        `json:"external_id,omitempty"`
}

// AddressView is one address of a user.
type AddressView struct {
	ID           string                   `json:"id"`
	Kind         gatelatch.IdentifierKind `json:"kind"`
	Address      string                   `json:"address"`
	VerifiedAt   time.Time                `json:"verified_at,omitzero"`
	Primary      bool                     `json:"primary"`
	SecondFactor bool                     `json:"second_factor"`
}

func viewUser(u gatelatch.User) UserView {
	v := UserView{
		ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
		LastSignInAt: u.LastSignInAt, Banned: u.Banned, LockedUntil: u.LockedUntil, PasswordReset: u.PasswordReset,
		Password: u.Factors.Password, TOTP: u.Factors.TOTP, BackupCodes: u.Factors.BackupCodes, Passkey: u.Factors.Passkey,
		TwoStep: u.TwoStep(), TermsVersion: u.TermsVersion, TermsAcceptedAt: u.TermsAcceptedAt,
		ExternalID: u.ExternalID,
		Addresses:  make([]AddressView, 0, len(u.Addresses)),
	}
	for _, a := range u.Addresses {
		v.Addresses = append(v.Addresses, AddressView{a.ID, a.Kind, a.Display, a.VerifiedAt, a.Primary, a.SecondFactor})
	}
	return v
}

// SessionView is what operators see of a session.
type SessionView struct {
	ID           string                  `json:"id"`
	UserID       string                  `json:"user_id"`
	ClientID     string                  `json:"client_id"`
	Status       gatelatch.SessionStatus `json:"status"`
	Strategy     gatelatch.Strategy      `json:"strategy"`
	Second       gatelatch.Strategy      `json:"second_strategy,omitempty"`
	Device       string                  `json:"device"`
	IP           string                  `json:"ip,omitempty"`
	CreatedAt    time.Time               `json:"created_at"`
	LastActiveAt time.Time               `json:"last_active_at"`
	ExpireAt     time.Time               `json:"expire_at"`
}

func viewSession(s gatelatch.Session) SessionView {
	return SessionView{
		ID: s.ID, UserID: s.UserID, ClientID: s.ClientID, Status: s.Status, Strategy: s.Strategy, Second: s.Second,
		Device: device.Name(s.UserAgent), IP: s.IP, CreatedAt: s.CreatedAt, LastActiveAt: s.LastActiveAt, ExpireAt: s.ExpireAt,
	}
}

// InvitationView is what operators see of an invitation.
type InvitationView struct {
	ID        string    `json:"id"`
	Address   string    `json:"address"`
	Status    string    `json:"status"` // pending, accepted, revoked or expired
	CreatedAt time.Time `json:"created_at"`
	ExpireAt  time.Time `json:"expire_at"`
}

func viewInvitation(i gatelatch.Invitation, now time.Time) InvitationView {
	v := InvitationView{ID: i.ID, Address: i.Display, CreatedAt: i.CreatedAt, ExpireAt: i.ExpireAt, Status: "expired"}
	switch {
	case !i.AcceptedAt.IsZero():
		v.Status = "accepted"
	case !i.RevokedAt.IsZero():
		v.Status = "revoked"
	case i.LiveAt(now):
		v.Status = "pending"
	}
	return v
}

// WaitlistView is what operators see of an entry of the waitlist.
type WaitlistView struct {
	ID         string    `json:"id"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	RejectedAt time.Time `json:"rejected_at,omitzero"`
}

func viewWaiting(e gatelatch.WaitlistEntry) WaitlistView {
	return WaitlistView{e.ID, e.Display, e.CreatedAt, e.ApprovedAt, e.RejectedAt}
}

// Restriction is one line of a list. Those of the configuration have no id and
// go by a change of the configuration alone.
type Restriction struct {
	ID        string                    `json:"id,omitempty"`
	List      gatelatch.RestrictionList `json:"list"`
	Pattern   string                    `json:"pattern"`
	Source    string                    `json:"source"` // config or command
	CreatedAt time.Time                 `json:"created_at,omitzero"`
	// InvitationID names the invitation that was sent as the line was added; or empty.
	InvitationID string `json:"-"`
}

// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/device"
	"github.com/gatelatch/gatelatch/secondfactor"
)

// Exported is what Export writes: all that is stored about a user, without
// secrets, but for sessions that are over, what is under way, and the private
// metadata, which operators keep to themselves. Times are RFC 3339 in UTC; what never was is left out.
type Exported struct {
	ID              string            `json:"id"`
	ExternalID      string            `json:"external_id,omitempty"`
	FirstName       string            `json:"first_name,omitempty"`
	LastName        string            `json:"last_name,omitempty"`
	Locale          string            `json:"locale,omitempty"`
	CreatedAt       time.Time         `json:"created_at"`
	UpdatedAt       time.Time         `json:"updated_at"`
	LastSignInAt    time.Time         `json:"last_sign_in_at,omitzero"`
	LastActiveAt    time.Time         `json:"last_active_at,omitzero"`
	TermsVersion    string            `json:"terms_version,omitempty"`
	TermsAcceptedAt time.Time         `json:"terms_accepted_at,omitzero"`
	Addresses       []ExportedAddress `json:"addresses"`
	PasswordSetAt   time.Time         `json:"password_set_at,omitzero"`
	AuthenticatorAt time.Time         `json:"authenticator_app_added_at,omitzero"`
	BackupCodesLeft int               `json:"backup_codes_left"`
	Passkeys        []ExportedPasskey `json:"passkeys"`
	Sessions        []ExportedSession `json:"sessions"`
	Devices         []ExportedDevice  `json:"trusted_devices"`
	PublicMetadata  json.RawMessage   `json:"public_metadata,omitempty"`
	UnsafeMetadata  json.RawMessage   `json:"unsafe_metadata,omitempty"`
	ExportedAt      time.Time         `json:"exported_at"`
}

// ExportedAddress is one address of an exported user.
type ExportedAddress struct {
	Kind         gatelatch.IdentifierKind `json:"kind"`
	Address      string                   `json:"address"`
	VerifiedAt   time.Time                `json:"verified_at"`
	Primary      bool                     `json:"primary"`
	SecondFactor bool                     `json:"second_factor"`
}

// ExportedPasskey is one passkey of an exported user.
type ExportedPasskey struct {
	Name       string    `json:"name"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
}

// ExportedSession is one session of an exported user.
type ExportedSession struct {
	ID             string                  `json:"id"`
	Status         gatelatch.SessionStatus `json:"status"`
	FirstFactor    gatelatch.Strategy      `json:"first_factor,omitempty"`
	SecondFactor   gatelatch.Strategy      `json:"second_factor,omitempty"`
	Device         string                  `json:"device"`
	UserAgent      string                  `json:"user_agent,omitempty"`
	NetworkAddress string                  `json:"network_address,omitempty"`
	CreatedAt      time.Time               `json:"created_at"`
	LastActiveAt   time.Time               `json:"last_active_at"`
	ExpireAt       time.Time               `json:"expire_at"`
}

// ExportedDevice is one trusted device of an exported user.
type ExportedDevice struct {
	Device         string    `json:"device"`
	UserAgent      string    `json:"user_agent,omitempty"`
	NetworkAddress string    `json:"network_address,omitempty"`
	TrustedAt      time.Time `json:"trusted_at"`
	LastUsedAt     time.Time `json:"last_used_at"`
}

// Export returns all that is stored about the user as JSON, without secrets.
func (s *Service) Export(ctx context.Context, a Actor) ([]byte, *gatelatch.Refusal, error) {
	var text []byte
	r, err := s.act(ctx, a, "export", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		e, err := act.export(ctx)
		if err != nil {
			return nil, err
		}
		if text, err = json.MarshalIndent(e, "", "  "); err != nil {
			return nil, fmt.Errorf("writing the export: %w", err)
		}
		return nil, nil
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	return text, nil, nil
}

func (a *acting) export(ctx context.Context) (Exported, error) {
	u := a.user
	e := Exported{
		ID: u.ID, ExternalID: u.ExternalID, FirstName: u.FirstName, LastName: u.LastName, Locale: u.Locale, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
		LastSignInAt: u.LastSignInAt, TermsVersion: u.TermsVersion, TermsAcceptedAt: u.TermsAcceptedAt,
		Addresses: []ExportedAddress{}, Passkeys: []ExportedPasskey{}, Sessions: []ExportedSession{}, Devices: []ExportedDevice{},
		LastActiveAt: u.LastActiveAt, PublicMetadata: u.Metadata.Public, UnsafeMetadata: u.Metadata.Unsafe, ExportedAt: a.Now(),
	}
	for _, held := range u.Addresses {
		e.Addresses = append(e.Addresses, ExportedAddress{held.Kind, held.Display, held.VerifiedAt, held.Primary, held.SecondFactor})
	}
	if err := a.exportCredentials(ctx, &e); err != nil {
		return e, err
	}
	return e, a.exportSessions(ctx, &e)
}

func (a *acting) exportCredentials(ctx context.Context, e *Exported) error {
	c, err := a.credentials(ctx)
	if err != nil {
		return err
	}
	if c.Password != nil {
		e.PasswordSetAt = c.Password.SetAt
	}
	if c.TOTP != nil {
		e.AuthenticatorAt = c.TOTP.ConfirmedAt
	}
	e.BackupCodesLeft = secondfactor.UnusedBackup(c.BackupCodes)
	for _, k := range c.Passkeys {
		e.Passkeys = append(e.Passkeys, ExportedPasskey{k.Name, k.CreatedAt, k.LastUsedAt})
	}
	return nil
}

func (a *acting) exportSessions(ctx context.Context, e *Exported) error {
	sessions, err := a.Tx().Sessions(ctx, a.user.ID, a.Now(), maxListed)
	if err != nil {
		return fmt.Errorf("finding the sessions: %w", err)
	}
	for _, s := range sessions {
		e.Sessions = append(e.Sessions, ExportedSession{
			s.ID, s.Status, s.Strategy, s.Second, device.Name(s.UserAgent), s.UserAgent, s.IP, s.CreatedAt, s.LastActiveAt, s.ExpireAt,
		})
	}
	trusts, err := a.Tx().ClientTrusts(ctx, a.user.ID)
	if err != nil {
		return fmt.Errorf("finding the devices: %w", err)
	}
	for _, t := range trusts {
		e.Devices = append(e.Devices, ExportedDevice{device.Name(t.UserAgent), t.UserAgent, t.IP, t.TrustedAt, t.LastUsedAt})
	}
	return nil
}

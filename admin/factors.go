// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/base32"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/secondfactor"
)

const (
	paramTOTP   = "totp_secret"
	paramBackup = "backup_codes"
)

const (
	// An authenticator's secret is 128 to 512 bits (RFC 4226 4 asks for 128).
	minTOTPSecret = 16
	maxTOTPSecret = 64
	// maxBackup bounds how many backup codes a program may give.
	maxBackup = 50
)

// setSecond sets an authenticator app and backup codes, as far as they are given.
func (s *Service) setSecond(_ context.Context, h *held, p Profile) (*gatelatch.Refusal, error) {
	if p.TOTPSecret != nil {
		app, no := s.readTOTP(h.User, *p.TOTPSecret)
		if no != nil {
			return no, nil
		}
		h.Credentials.TOTP, h.recognised = app, true
	}
	if p.BackupCodes != nil {
		codes, no := s.readBackup(h.User.ID, *p.BackupCodes)
		if no != nil {
			return no, nil
		}
		h.Credentials.BackupCodes, h.recognised = codes, true
	}
	return nil, nil
}

// readTOTP reads the secret of an authenticator app; an empty one is no app.
func (s *Service) readTOTP(u gatelatch.User, typed gatelatch.Secret) (*gatelatch.TOTP, *gatelatch.Refusal) {
	if typed == "" {
		return nil, nil
	}
	text := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(typed.Reveal()))
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(secret) < minTOTPSecret || len(secret) > maxTOTPSecret {
		return nil, refuse(gatelatch.CodeFormat, paramTOTP, "The authenticator's secret is not 16 to 64 bytes in base32.")
	}
	now := s.now()
	return &gatelatch.TOTP{
		ID: gatelatch.NewID(gatelatch.PrefixTOTP, now), Secret: s.Flow.Keys.Encrypt.Seal("totp "+u.ID, secret),
		CreatedAt: now, ConfirmedAt: now,
	}, nil
}

// readBackup reads backup codes that were made elsewhere.
func (s *Service) readBackup(userID string, typed []gatelatch.Secret) ([]gatelatch.BackupHash, *gatelatch.Refusal) {
	if len(typed) > maxBackup {
		return nil, refuse(gatelatch.CodeTooLong, paramBackup, "A user has at most %d backup codes.", maxBackup)
	}
	var kept []gatelatch.BackupHash
	for _, t := range typed {
		code, no := secondfactor.ReadBackup(t.Reveal())
		if no != nil {
			return nil, refuse(gatelatch.CodeFormat, paramBackup, "%s", no.Message)
		}
		kept = append(kept, secondfactor.KeepBackupCode(s.Flow.Keys.Factor, userID, code))
	}
	return kept, nil
}

// VerifySecond says whether a code is of the user's authenticator app or a backup
// code, and spends it, see [flow.Service.CheckSecond].
func (s *Service) VerifySecond(ctx context.Context, userID, typed string) (gatelatch.Strategy, *gatelatch.Refusal, error) {
	return s.Flow.CheckSecond(ctx, userID, typed)
}

// ResetMFA takes away what asks the user for a second step at every sign-in: the
// authenticator app, the backup codes, and that numbers are kept for it. Passkeys
// stay. It is for whoever has lost all of that: make sure who asks.
func (s *Service) ResetMFA(ctx context.Context, who string) (*UserView, *gatelatch.Refusal, error) {
	return s.onUser(ctx, who, func(ctx context.Context, tx flow.Tx, u *gatelatch.User) (after, error) {
		c, err := tx.Credentials(ctx, u.ID)
		if err != nil {
			return after{}, err
		}
		c.TOTP, c.BackupCodes = nil, nil
		u.Factors, u.Addresses = c.Factors(), slices.Clone(u.Addresses)
		for i := range u.Addresses {
			u.Addresses[i].SecondFactor, u.Addresses[i].DefaultSecond = false, false
		}
		choosePrimary(u, gatelatch.PhoneNumber)
		return after{save: true}, tx.PutCredentials(ctx, c)
	})
}

// RemoveTOTP takes the authenticator app away. Without another second factor the
// backup codes go too.
func (s *Service) RemoveTOTP(ctx context.Context, userID string) (*gatelatch.Refusal, error) {
	return s.change(ctx, userID, func(_ context.Context, h *held) (*gatelatch.Refusal, error) {
		h.Credentials.TOTP, h.recognised = nil, true
		return nil, nil
	})
}

// RemoveBackupCodes takes the backup codes away.
func (s *Service) RemoveBackupCodes(ctx context.Context, userID string) (*gatelatch.Refusal, error) {
	return s.change(ctx, userID, func(_ context.Context, h *held) (*gatelatch.Refusal, error) {
		h.Credentials.BackupCodes, h.recognised = nil, true
		return nil, nil
	})
}

// RemovePasskey takes a passkey away. Without another second factor the backup
// codes go too.
func (s *Service) RemovePasskey(ctx context.Context, userID, passkeyID string) (*gatelatch.Refusal, error) {
	return s.change(ctx, userID, func(_ context.Context, h *held) (*gatelatch.Refusal, error) {
		keys := h.Credentials.Passkeys
		i := slices.IndexFunc(keys, func(k gatelatch.Passkey) bool { return k.ID == passkeyID })
		if i < 0 {
			return refuse(gatelatch.CodeNotFound, "", "The user has no passkey with that id."), nil
		}
		h.Credentials.Passkeys, h.recognised = slices.Delete(slices.Clone(keys), i, i+1), true
		return nil, nil
	})
}

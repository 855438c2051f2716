// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/base32"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// People is one page of an export.
type People struct {
	People []Person `json:"people"`
	Next   string   `json:"next,omitempty"`
}

// Export tells users in the form that [Service.Import] reads, the oldest first.
// Password hashes and authenticators' secrets are told only with secrets set:
// whoever has them can try passwords and make codes. Passkeys and backup codes
// are bound to this installation and stay here.
func (s *Service) Export(ctx context.Context, secrets bool, p Page) (People, error) {
	p = p.bounded()
	rows, err := s.userRows(ctx, UserQuery{Page: p})
	if err != nil {
		return People{}, err
	}
	people := views(rows, personOf)
	if secrets {
		if err := s.revealAll(ctx, people); err != nil {
			return People{}, err
		}
	}
	return People{people, next(rows, p, func(u gatelatch.User) string { return u.ID })}, nil
}

func personOf(u gatelatch.User) Person {
	p := Person{
		ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, CreatedAt: u.CreatedAt, LastSignInAt: u.LastSignInAt,
		Banned: u.Banned, PasswordReset: u.PasswordReset, TermsVersion: u.TermsVersion, TermsAcceptedAt: u.TermsAcceptedAt,
		ExternalID: u.ExternalID, Locale: u.Locale, LockedUntil: u.LockedUntil, KeepsAccount: u.KeepsAccount,
		PublicMetadata: u.Metadata.Public, PrivateMetadata: u.Metadata.Private, UnsafeMetadata: u.Metadata.Unsafe,
	}
	for _, a := range u.Addresses {
		to := &p.EmailAddresses
		switch {
		case a.SecondFactor:
			to = &p.SecondFactorPhoneNumbers
		case a.VerifiedAt.IsZero() && a.Kind == gatelatch.PhoneNumber:
			to = &p.UnverifiedPhoneNumbers
		case a.VerifiedAt.IsZero():
			to = &p.UnverifiedEmailAddresses
		case a.Kind == gatelatch.PhoneNumber:
			to = &p.PhoneNumbers
		}
		if a.Primary {
			*to = append(list{a.Display}, *to...)
			continue
		}
		*to = append(*to, a.Display)
	}
	return p
}

func (s *Service) revealAll(ctx context.Context, people []Person) error {
	return s.inTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		for i := range people {
			c, err := tx.Credentials(ctx, people[i].ID)
			if err == nil {
				err = s.reveal(&people[i], c)
			}
			if err != nil {
				return fmt.Errorf("what user %s is recognised by: %w", people[i].ID, err)
			}
		}
		return nil
	})
}

func (s *Service) reveal(p *Person, c gatelatch.Credentials) error {
	if c.Password != nil {
		hash, err := s.Flow.Keys.Encrypt.Open("password "+p.ID, c.Password.Hash)
		if err != nil {
			return fmt.Errorf("opening the password hash: %w", err)
		}
		p.PasswordHash = plain(hash)
	}
	if c.Factors().TOTP {
		secret, err := s.Flow.Keys.Encrypt.Open("totp "+p.ID, c.TOTP.Secret)
		if err != nil {
			return fmt.Errorf("opening the authenticator's secret: %w", err)
		}
		p.TOTPSecret = plain(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret))
	}
	return nil
}

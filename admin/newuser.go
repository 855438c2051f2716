// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/metadata"
)

// NewUser is a user that a program makes. No message is sent and nobody is signed
// in.
type NewUser struct {
	Addresses                               []NewAddress
	FirstName, LastName, Locale, ExternalID string
	// Password is nil for none; NoPassword says that none is meant where the site
	// asks for one of everybody.
	Password        *NewPassword
	NoPassword      bool
	TOTPSecret      gatelatch.Secret
	BackupCodes     []gatelatch.Secret
	Bags            Bags
	CreatedAt       time.Time // now when zero
	LegalAcceptedAt time.Time // zero when the terms were not accepted
	Banned, Locked  bool
}

// Make makes a user. Addresses that are not verified are held for it all the same.
func (s *Service) Make(ctx context.Context, n NewUser) (*Account, *gatelatch.Refusal, error) {
	a, no := s.draft(n)
	if no != nil {
		return nil, no, nil
	}
	if n.Password != nil {
		sealed, no, err := s.sealPassword(ctx, a.User, *n.Password)
		if no != nil || err != nil {
			return nil, no, err
		}
		a.Credentials.Password = &gatelatch.Password{Hash: sealed, SetAt: a.User.UpdatedAt}
	}
	a.User.Factors = a.Credentials.Factors()
	no, err := s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		return s.store(ctx, w.Tx(), *a)
	})
	if errors.Is(err, gatelatch.ErrConflict) {
		no, err = refuse(gatelatch.CodeExists, "", "Somebody has that address, or that external id, already."), nil
	}
	if no != nil || err != nil {
		return nil, no, err
	}
	return a, nil, nil
}

func (s *Service) store(ctx context.Context, tx flow.Tx, a Account) (*gatelatch.Refusal, error) {
	if no, err := freeExternalID(ctx, tx, a.User); no != nil || err != nil {
		return no, err
	}
	for _, to := range a.User.Addresses {
		if no, err := freeAddress(ctx, tx, to.Identifier); no != nil || err != nil {
			return no, err
		}
	}
	if err := tx.CreateUser(ctx, a.User); err != nil {
		return nil, fmt.Errorf("creating the user: %w", err)
	}
	c := a.Credentials
	if c.Password == nil && c.TOTP == nil && len(c.BackupCodes) == 0 {
		return nil, nil
	}
	if err := tx.PutCredentials(ctx, c); err != nil {
		return nil, fmt.Errorf("storing what the user is recognised by: %w", err)
	}
	return nil, nil
}

// draft judges all that needs no store and no hash.
func (s *Service) draft(n NewUser) (*Account, *gatelatch.Refusal) {
	now := s.now()
	u := gatelatch.User{
		ID: gatelatch.NewID(gatelatch.PrefixUser, now), FirstName: n.FirstName, LastName: n.LastName, Locale: n.Locale,
		ExternalID: n.ExternalID, CreatedAt: orNow(n.CreatedAt, now), UpdatedAt: now, Banned: n.Banned,
	}
	if n.Locked {
		u.LockedUntil = now.Add(LockLifetime)
	}
	s.acceptTerms(&u, n.LegalAcceptedAt, now)
	a := &Account{User: u, Credentials: gatelatch.Credentials{UserID: u.ID}}
	for _, check := range []func(*Account, NewUser) *gatelatch.Refusal{
		s.needs, checkNames, s.draftAddresses, draftBags, s.draftSecond,
	} {
		if no := check(a, n); no != nil {
			return nil, no
		}
	}
	return a, nil
}

// needs says what is missing.
func (s *Service) needs(_ *Account, n NewUser) *gatelatch.Refusal {
	switch {
	case len(n.Addresses) == 0:
		return refuse(gatelatch.CodeNoData, paramEmail, "A user needs an e-mail address or a phone number to sign in with.")
	case s.passwordNeeded() && n.Password == nil && !n.NoPassword:
		return refuse(gatelatch.CodeMissing, paramPassword, "This site asks for a password of everybody.")
	}
	return nil
}

func checkNames(a *Account, _ NewUser) *gatelatch.Refusal {
	if no := checkName("first_name", a.User.FirstName); no != nil {
		return no
	}
	if no := checkName("last_name", a.User.LastName); no != nil {
		return no
	}
	return checkLocale(a.User.Locale)
}

func (s *Service) draftAddresses(a *Account, n NewUser) *gatelatch.Refusal {
	for _, one := range n.Addresses {
		to, no := s.parseAs(one.Kind, one.Typed)
		if no != nil {
			return no
		}
		if _, twice := a.User.Address(to.Identifier); twice {
			return refuse(gatelatch.CodeExists, string(one.Kind), "The same address is there twice.")
		}
		if no := a.add(to, one, a.User.UpdatedAt); no != nil {
			return no
		}
	}
	return nil
}

func draftBags(a *Account, n NewUser) *gatelatch.Refusal {
	no, err := n.Bags.into(&a.User.Metadata, func(_, given json.RawMessage) (json.RawMessage, error) { return metadata.Read(given) })
	if err != nil {
		return refuse(gatelatch.CodeMetadata, "", "The metadata cannot be read.")
	}
	return no
}

func (s *Service) draftSecond(a *Account, n NewUser) (no *gatelatch.Refusal) {
	if a.Credentials.TOTP, no = s.readTOTP(a.User, n.TOTPSecret); no != nil {
		return no
	}
	a.Credentials.BackupCodes, no = s.readBackup(a.User.ID, n.BackupCodes)
	return no
}

// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// LockLifetime is how long an operator's lock holds unless it is taken off.
const LockLifetime = time.Hour

// maxExternalID bounds an operator's own name of a user, in bytes.
const maxExternalID = 255

// The wire names of fields, for refusals.
const (
	paramExternalID = "external_id"
	paramLocale     = "locale"
	paramEmail      = string(gatelatch.EmailAddress)
	paramPhone      = string(gatelatch.PhoneNumber)
)

// Profile is what programs change of a user. A nil pointer leaves things as they
// are, and a pointer to an empty value clears them.
type Profile struct {
	FirstName, LastName, Locale, ExternalID *string
	// PrimaryEmailID and PrimaryPhoneID name addresses of the user that are proven.
	// NotifyPrimary tells the user of another primary e-mail address.
	PrimaryEmailID, PrimaryPhoneID *string
	NotifyPrimary                  bool
	// Password replaces the password; SignOut ends all sessions with it.
	Password *NewPassword
	SignOut  bool
	// TOTPSecret is base32, and BackupCodes replace all there are.
	TOTPSecret  *gatelatch.Secret
	BackupCodes *[]gatelatch.Secret
	// Bags replaces each bag that is given.
	Bags           Bags
	Banned, Locked *bool
	// KeepsAccount keeps the user from deleting the account.
	KeepsAccount    *bool
	LegalAcceptedAt *time.Time
	CreatedAt       *time.Time
}

// Update changes a user.
func (s *Service) Update(ctx context.Context, userID string, p Profile) (*gatelatch.Refusal, error) {
	sealed, no, err := s.newPassword(ctx, userID, p.Password)
	if no != nil || err != nil {
		return no, err
	}
	return s.change(ctx, userID, func(ctx context.Context, h *held) (*gatelatch.Refusal, error) {
		before, _ := h.User.Primary(gatelatch.EmailAddress)
		for _, step := range []func(context.Context, *held, Profile) (*gatelatch.Refusal, error){
			setNames, setExternalID, setPrimaries, s.setBags, s.setSecond,
		} {
			if no, err := step(ctx, h, p); no != nil || err != nil {
				return no, err
			}
		}
		s.setStanding(h, p)
		if p.NotifyPrimary {
			if err := h.tellPrimary(ctx, before); err != nil {
				return nil, err
			}
		}
		return nil, settle(ctx, h, p, sealed)
	})
}

// settle does what writes rows of its own, after all that may refuse.
func settle(ctx context.Context, h *held, p Profile, sealed gatelatch.Sealed) error {
	if len(sealed) > 0 {
		h.Credentials.Password = &gatelatch.Password{Hash: sealed, SetAt: h.Now()}
		h.User.PasswordReset, h.recognised = false, true
		if err := h.Tx().DeleteClientTrusts(ctx, h.User.ID, ""); err != nil {
			return fmt.Errorf("forgetting the trusted browsers: %w", err)
		}
	}
	if p.Banned != nil && *p.Banned || p.SignOut && len(sealed) > 0 {
		return h.signOut(ctx)
	}
	return nil
}

func setNames(_ context.Context, h *held, p Profile) (*gatelatch.Refusal, error) {
	for _, f := range []struct {
		param string
		given *string
		to    *string
	}{{"first_name", p.FirstName, &h.User.FirstName}, {"last_name", p.LastName, &h.User.LastName}} {
		if f.given == nil {
			continue
		}
		*f.to = strings.TrimSpace(*f.given)
		if no := checkName(f.param, *f.to); no != nil {
			return no, nil
		}
	}
	if p.Locale != nil {
		h.User.Locale = *p.Locale
	}
	return checkLocale(h.User.Locale), nil
}

func checkName(param, name string) *gatelatch.Refusal {
	if utf8.RuneCountInString(name) > maxName || !oneLine(name) {
		return refuse(gatelatch.CodeFormat, param, "A name is one line of at most %d characters.", maxName)
	}
	return nil
}

func oneLine(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
}

var locale = regexp.MustCompile(`^([A-Za-z]{2,8}([-_][0-9A-Za-z]{1,8}){0,4})?$`)

func checkLocale(text string) *gatelatch.Refusal {
	if !locale.MatchString(text) {
		return refuse(gatelatch.CodeFormat, paramLocale, "A locale is a language tag such as en-US.")
	}
	return nil
}

// setExternalID names the user, unless somebody else has that name.
func setExternalID(ctx context.Context, h *held, p Profile) (*gatelatch.Refusal, error) {
	if p.ExternalID == nil || *p.ExternalID == h.User.ExternalID {
		return nil, nil
	}
	h.User.ExternalID = *p.ExternalID
	return freeExternalID(ctx, h.Tx(), h.User)
}

func freeExternalID(ctx context.Context, tx flow.Tx, u gatelatch.User) (*gatelatch.Refusal, error) {
	switch {
	case u.ExternalID == "":
		return nil, nil
	case len(u.ExternalID) > maxExternalID || !oneLine(u.ExternalID):
		return refuse(gatelatch.CodeFormat, paramExternalID, "An external id is one line of at most %d bytes.", maxExternalID), nil
	}
	other, err := found(tx.UserByExternalID(ctx, u.ExternalID))
	if err != nil {
		return nil, fmt.Errorf("looking for the external id: %w", err)
	}
	if other != nil && other.ID != u.ID {
		return refuse(gatelatch.CodeExists, paramExternalID, "There is a user with that external id already."), nil
	}
	return nil, nil
}

func setPrimaries(_ context.Context, h *held, p Profile) (*gatelatch.Refusal, error) {
	for _, f := range []struct {
		param string
		kind  gatelatch.IdentifierKind
		id    *string
	}{
		{"primary_email_address_id", gatelatch.EmailAddress, p.PrimaryEmailID},
		{"primary_phone_number_id", gatelatch.PhoneNumber, p.PrimaryPhoneID},
	} {
		if f.id == nil {
			continue
		}
		if no := makePrimary(&h.User, f.kind, *f.id, f.param); no != nil {
			return no, nil
		}
	}
	return nil, nil
}

// tellPrimary tells the user of another primary e-mail address.
func (h *held) tellPrimary(ctx context.Context, before gatelatch.Address) error {
	now, ok := h.User.Primary(gatelatch.EmailAddress)
	if !ok || now.ID == before.ID {
		return nil
	}
	err := h.Notify(ctx, flow.Notice{
		Purpose: delivery.NoticePrimaryChanged, What: identifier.Mask(now.Identifier), To: flow.Recipients(h.User),
	})
	if err != nil {
		return fmt.Errorf("telling the user: %w", err)
	}
	return nil
}

// setStanding sets what needs no check.
func (s *Service) setStanding(h *held, p Profile) {
	if p.Banned != nil {
		h.User.Banned = *p.Banned
	}
	if p.Locked != nil {
		h.User.LockedUntil = time.Time{}
		if *p.Locked {
			h.User.LockedUntil = h.Now().Add(LockLifetime)
		}
	}
	if p.KeepsAccount != nil {
		h.User.KeepsAccount = *p.KeepsAccount
	}
	if p.CreatedAt != nil {
		h.User.CreatedAt = orNow(*p.CreatedAt, h.User.CreatedAt)
	}
	if p.LegalAcceptedAt != nil {
		s.acceptTerms(&h.User, *p.LegalAcceptedAt, h.Now())
	}
}

// acceptTerms notes that the user has accepted the terms in force; the zero time
// takes that back.
func (s *Service) acceptTerms(u *gatelatch.User, at, now time.Time) {
	u.TermsVersion, u.TermsAcceptedAt = "", time.Time{}
	if !at.IsZero() {
		u.TermsVersion, u.TermsAcceptedAt = s.Flow.Policy.Terms.Version, orNow(at, now)
	}
}

// makePrimary makes an address the primary one of its kind.
func makePrimary(u *gatelatch.User, kind gatelatch.IdentifierKind, addressID, param string) *gatelatch.Refusal {
	chosen, ok := u.ByID(addressID)
	switch {
	case !ok || chosen.Kind != kind:
		return refuse(gatelatch.CodeNotFound, param, "The user has no address with that id.")
	case chosen.VerifiedAt.IsZero():
		return refuse(gatelatch.CodeValue, param, "An address that nobody has proven cannot be the primary one.")
	case chosen.SecondFactor:
		return refuse(gatelatch.CodeValue, param, "A number that is kept for the second step cannot be the primary one.")
	}
	u.Addresses = slices.Clone(u.Addresses)
	for i, a := range u.Addresses {
		if a.Kind == kind {
			u.Addresses[i].Primary = a.ID == addressID
		}
	}
	return nil
}

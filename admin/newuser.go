// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/metadata"
)

const (
	// maxName bounds a first or a last name, in code points, and a version of terms, in
	// bytes; maxAddresses how many addresses of a kind a user may bring.
	maxName      = 100
	maxAddresses = 20
)

var userID = regexp.MustCompile(`^user_[0-9A-Za-z]{8,48}$`)

// NewUser is a user that an operator makes, or a program of one. No message is sent
// and nobody is signed in.
type NewUser struct {
	// ID keeps the name that apps know the user by, "user_" and 8 to 48 letters or
	// digits; a new one when empty.
	ID                                      string
	Addresses                               []NewAddress
	FirstName, LastName, Locale, ExternalID string
	// Password is nil for none; NoPassword says that none is meant where the site
	// asks for one of everybody. PasswordReset has the user set a new one before
	// anything else.
	Password                  *NewPassword
	NoPassword, PasswordReset bool
	TOTPSecret                gatelatch.Secret
	BackupCodes               []gatelatch.Secret
	Bags                      Bags
	CreatedAt                 time.Time // now when zero
	LastSignInAt              time.Time
	// LegalAcceptedAt is zero when the terms were not accepted, and TermsVersion which
	// they were; those in force when empty.
	LegalAcceptedAt time.Time
	TermsVersion    string
	// Locked is a lock for [LockLifetime], LockedUntil one for another time.
	Banned, Locked bool
	LockedUntil    time.Time
	// KeepsAccount keeps the user from deleting the account.
	KeepsAccount bool
	// line says that a command or a line of an import tells of the user, and is to hear
	// what is wrong in its own words.
	line bool
}

// Make makes a user. Addresses that are not verified are held for it all the same, and
// none of them is left on the waitlist, or with an invitation that is good.
func (s *Service) Make(ctx context.Context, n NewUser) (*UserRecord, *gatelatch.Refusal, error) {
	d, no, err := s.draft(ctx, n)
	if no != nil || err != nil {
		return nil, no, err
	}
	err = s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		no, err = s.store(ctx, tx, d)
		return err
	})
	if errors.Is(err, gatelatch.ErrConflict) {
		no, err = refuseTaken(n.line), nil // somebody was quicker
	}
	if no != nil || err != nil {
		return nil, no, err
	}
	return &d.UserRecord, nil, nil
}

// Create makes a user whose addresses the operator vouches for.
func (s *Service) Create(ctx context.Context, p Person) (*UserView, *gatelatch.Refusal, error) {
	a, no, err := s.Make(ctx, p.newUser())
	if no != nil || err != nil {
		return nil, no, err
	}
	view := viewUser(a.User)
	return &view, nil, nil
}

// draft is a user who is good to be made, as far as can be told without the store.
type draft struct {
	UserRecord
	named bool // the id was given, and may be taken
}

// store makes the user, unless a name or an address is taken.
func (s *Service) store(ctx context.Context, tx flow.Tx, d draft) (*gatelatch.Refusal, error) {
	if d.named {
		if u, err := found(tx.User(ctx, d.User.ID)); err != nil || u != nil {
			return refuse(gatelatch.CodeDuplicate, paramID, "There is a user with that id already."), err
		}
	}
	if no, err := freeExternalID(ctx, tx, d.User); no != nil || err != nil {
		return no, err
	}
	for _, to := range d.User.Addresses {
		if no, err := freeAddress(ctx, tx, to.Identifier); no != nil || err != nil {
			return no, err
		}
	}
	if err := tx.CreateUser(ctx, d.User); err != nil {
		return nil, fmt.Errorf("creating the user: %w", err)
	}
	for _, held := range d.User.Addresses {
		if err := s.letIn(ctx, tx, held.Identifier); err != nil {
			return nil, err
		}
	}
	c := d.Credentials
	if c.Password == nil && c.TOTP == nil && len(c.BackupCodes) == 0 {
		return nil, nil
	}
	if err := tx.PutCredentials(ctx, c); err != nil {
		return nil, fmt.Errorf("storing what the user is recognised by: %w", err)
	}
	return nil, nil
}

// draft judges all that needs no store, and hashes a password that came in the
// clear. password.ErrBusy says that too many are being hashed.
func (s *Service) draft(ctx context.Context, n NewUser) (draft, *gatelatch.Refusal, error) {
	d := draft{UserRecord: UserRecord{User: s.draftUser(n)}, named: n.ID != ""}
	d.Credentials.UserID = d.User.ID
	for _, check := range []func(*UserRecord, NewUser) *gatelatch.Refusal{
		checkNames, s.draftAddresses, s.needs, s.draftTerms, draftBags, s.draftSecond,
	} {
		if no := check(&d.UserRecord, n); no != nil {
			return d, no, nil
		}
	}
	if n.Password != nil {
		sealed, no, err := s.sealPassword(ctx, d.User, *n.Password)
		if no != nil || err != nil {
			return d, no, err
		}
		d.Credentials.Password = &gatelatch.Password{Hash: sealed, SetAt: d.User.UpdatedAt}
	}
	d.User.Factors = d.Credentials.Factors()
	return d, nil, nil
}

// draftUser takes over what needs no check, or is checked later.
func (s *Service) draftUser(n NewUser) gatelatch.User {
	now := s.now()
	u := gatelatch.User{
		ID: n.ID, FirstName: n.FirstName, LastName: n.LastName, Locale: n.Locale, ExternalID: n.ExternalID,
		CreatedAt: orNow(n.CreatedAt, now), UpdatedAt: now, LastSignInAt: stored(n.LastSignInAt),
		Banned: n.Banned, LockedUntil: stored(n.LockedUntil), PasswordReset: n.PasswordReset, KeepsAccount: n.KeepsAccount,
	}
	if n.ID == "" {
		u.ID = gatelatch.NewID(gatelatch.PrefixUser, now)
	}
	if n.Locked {
		u.LockedUntil = now.Add(LockLifetime)
	}
	return u
}

// stored is a time as stores keep it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func orNow(t, now time.Time) time.Time {
	if t.IsZero() || t.After(now) {
		return now
	}
	return stored(t)
}

func checkNames(a *UserRecord, _ NewUser) *gatelatch.Refusal {
	if !userID.MatchString(a.User.ID) {
		return refuse(gatelatch.CodeFormat, paramID, "An id is user_ and 8 to 48 letters or digits.")
	}
	if no := checkName("first_name", a.User.FirstName); no != nil {
		return no
	}
	if no := checkName("last_name", a.User.LastName); no != nil {
		return no
	}
	return checkLocale(a.User.Locale)
}

func (s *Service) draftAddresses(a *UserRecord, n NewUser) *gatelatch.Refusal {
	for _, one := range n.Addresses {
		to, no := s.readAddress(one, n.line)
		if no != nil {
			return no
		}
		if _, twice := a.User.Address(to.Identifier); twice {
			return refuseTwice(to.Identifier, n.line)
		}
		if no := a.add(to, one, a.User.UpdatedAt); no != nil {
			return no
		}
	}
	if flow.Beginnings(a.User) == 0 {
		return refuseNoAddresses(n.line)
	}
	return nil
}

// needs says what the site asks for beyond that.
func (s *Service) needs(_ *UserRecord, n NewUser) *gatelatch.Refusal {
	switch {
	case n.PasswordReset && s.passwordsOff():
		return s.refusePasswords()
	case s.passwordNeeded() && n.Password == nil && !n.NoPassword:
		return refuse(gatelatch.CodeMissing, paramPassword, "This site asks for a password of everybody.")
	}
	return nil
}

func (s *Service) draftTerms(a *UserRecord, n NewUser) *gatelatch.Refusal {
	if len(n.TermsVersion) > maxName {
		return refuse(gatelatch.CodeTooLong, "terms_version", "A version of terms has at most %d bytes.", maxName)
	}
	s.acceptTerms(&a.User, n.LegalAcceptedAt, a.User.UpdatedAt)
	if n.TermsVersion != "" {
		a.User.TermsVersion, a.User.TermsAcceptedAt = n.TermsVersion, orNow(n.LegalAcceptedAt, a.User.UpdatedAt)
	}
	return nil
}

func draftBags(a *UserRecord, n NewUser) *gatelatch.Refusal {
	no, err := n.Bags.into(&a.User.Metadata, func(_, given json.RawMessage) (json.RawMessage, error) { return metadata.Read(given) })
	if err != nil {
		return refuse(gatelatch.CodeMetadata, "", "The metadata cannot be read.")
	}
	return no
}

func (s *Service) draftSecond(a *UserRecord, n NewUser) (no *gatelatch.Refusal) {
	if a.Credentials.TOTP, no = s.readTOTP(a.User, n.TOTPSecret); no != nil {
		return no
	}
	a.Credentials.BackupCodes, no = s.readBackup(a.User.ID, n.BackupCodes)
	return no
}

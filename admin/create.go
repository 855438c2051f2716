// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/metadata"
	"github.com/gatelatch/gatelatch/password"
)

const (
	// maxName bounds a first or a last name, in code points, and maxAddresses how
	// many addresses of a kind a user may bring.
	maxName      = 100
	maxAddresses = 20
	// An authenticator's secret is 128 to 512 bits (RFC 4226 4 asks for 128).
	minTOTPSecret = 16
	maxTOTPSecret = 64
)

var userID = regexp.MustCompile(`^user_[0-9A-Za-z]{8,48}$`)

// newUser is a user who is good to be made, as far as the line alone tells.
type newUser struct {
	user        gatelatch.User
	credentials gatelatch.Credentials
}

func (n newUser) hasCredentials() bool {
	return n.credentials.Password != nil || n.credentials.TOTP != nil
}

// Create makes a user whose addresses the operator vouches for.
func (s *Service) Create(ctx context.Context, p Person) (*User, *gatelatch.Refusal, error) {
	made, no := s.prepare(p)
	if no != nil {
		return nil, no, nil
	}
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		no, err = s.make(ctx, tx, made)
		return err
	})
	if errors.Is(err, gatelatch.ErrConflict) {
		no, err = refuseTaken(), nil // somebody was quicker
	}
	if no != nil || err != nil {
		return nil, no, err
	}
	view := viewUser(made.user)
	return &view, nil, nil
}

func refuseTaken() *gatelatch.Refusal {
	return refuse(gatelatch.CodeDuplicate, "", "Somebody has that address, or that id, already.")
}

// make stores a new user, unless the id or an address is taken.
func (s *Service) make(ctx context.Context, tx flow.Tx, n newUser) (*gatelatch.Refusal, error) {
	if u, err := found(tx.User(ctx, n.user.ID)); err != nil || u != nil {
		return refuse(gatelatch.CodeDuplicate, paramID, "There is a user with that id already."), err
	}
	if no, err := freeExternalID(ctx, tx, n.user); no != nil || err != nil {
		return no, err
	}
	for _, a := range n.user.Addresses {
		u, err := found(tx.UserByIdentifier(ctx, a.Identifier))
		if err != nil {
			return nil, fmt.Errorf("finding the user: %w", err)
		}
		if u != nil {
			return refuse(gatelatch.CodeDuplicate, string(a.Kind), "Somebody has %s already.", identifier.Mask(a.Identifier)), nil
		}
	}
	if err := tx.CreateUser(ctx, n.user); err != nil {
		return nil, fmt.Errorf("creating the user: %w", err)
	}
	if !n.hasCredentials() {
		return nil, nil
	}
	if err := tx.PutCredentials(ctx, n.credentials); err != nil {
		return nil, fmt.Errorf("storing what the user is recognised by: %w", err)
	}
	return nil, nil
}

// prepare judges all of a line that needs no store.
func (s *Service) prepare(p Person) (newUser, *gatelatch.Refusal) {
	now := s.now()
	n := newUser{user: gatelatch.User{
		ID: p.ID, FirstName: strings.TrimSpace(p.FirstName), LastName: strings.TrimSpace(p.LastName),
		CreatedAt: orNow(p.CreatedAt, now), UpdatedAt: now, LastSignInAt: p.LastSignInAt.UTC().Truncate(time.Microsecond),
		Banned: p.Banned, PasswordReset: p.PasswordReset, ExternalID: p.ExternalID, Locale: p.Locale,
		LockedUntil: p.LockedUntil.UTC().Truncate(time.Microsecond), KeepsAccount: p.KeepsAccount,
	}}
	if n.user.ID == "" {
		n.user.ID = gatelatch.NewID(gatelatch.PrefixUser, now)
	}
	for _, check := range []func(Person, *newUser) *gatelatch.Refusal{
		s.takeNames, s.takeAddresses, s.takeTerms, s.takePassword, s.takeTOTP, takeBags,
	} {
		if no := check(p, &n); no != nil {
			return n, no
		}
	}
	n.credentials.UserID, n.user.Factors = n.user.ID, n.credentials.Factors()
	return n, nil
}

func orNow(t, now time.Time) time.Time {
	if t.IsZero() || t.After(now) {
		return now
	}
	return t.UTC().Truncate(time.Microsecond)
}

func (s *Service) takeNames(_ Person, n *newUser) *gatelatch.Refusal {
	if !userID.MatchString(n.user.ID) {
		return refuse(gatelatch.CodeFormat, paramID, "An id is user_ and 8 to 48 letters or digits.")
	}
	for param, name := range map[string]string{"first_name": n.user.FirstName, "last_name": n.user.LastName} {
		if no := checkName(param, name); no != nil {
			return no
		}
	}
	return checkLocale(n.user.Locale)
}

func takeBags(p Person, n *newUser) *gatelatch.Refusal {
	given := Bags{Public: p.PublicMetadata, Private: p.PrivateMetadata, Unsafe: p.UnsafeMetadata}
	no, err := given.into(&n.user.Metadata, func(_, bag json.RawMessage) (json.RawMessage, error) { return metadata.Read(bag) })
	if err != nil {
		return refuse(gatelatch.CodeMetadata, "", "The metadata cannot be read.")
	}
	return no
}

func (s *Service) takeAddresses(p Person, n *newUser) *gatelatch.Refusal {
	for _, group := range []struct {
		typed          list
		kind           gatelatch.IdentifierKind
		second, proven bool
	}{
		{p.EmailAddresses, gatelatch.EmailAddress, false, true},
		{p.PhoneNumbers, gatelatch.PhoneNumber, false, true},
		{p.SecondFactorPhoneNumbers, gatelatch.PhoneNumber, true, true},
		{p.UnverifiedEmailAddresses, gatelatch.EmailAddress, false, false},
		{p.UnverifiedPhoneNumbers, gatelatch.PhoneNumber, false, false},
	} {
		if len(group.typed) > maxAddresses {
			return refuse(gatelatch.CodeTooLong, string(group.kind), "A user has at most %d addresses of a kind.", maxAddresses)
		}
		for i, typed := range group.typed {
			made := gatelatch.Address{SecondFactor: group.second, Primary: i == 0 && !group.second && group.proven}
			if group.proven {
				made.VerifiedAt = n.user.CreatedAt
			}
			if no := s.takeAddress(n, typed, group.kind, made); no != nil {
				return no
			}
		}
	}
	if flow.Beginnings(n.user) == 0 {
		return refuse(gatelatch.CodeMissing, "email_addresses", "There is no e-mail address and no phone number to sign in with.")
	}
	return nil
}

// takeAddress adds an address, of which made tells all but who it is.
func (s *Service) takeAddress(n *newUser, typed string, kind gatelatch.IdentifierKind, made gatelatch.Address) *gatelatch.Refusal {
	parsed, no := s.parse(typed)
	if no != nil {
		return no
	}
	if parsed.Kind != kind {
		return refuse(gatelatch.CodeFormat, string(kind), "What stands for an %s is none.", strings.ReplaceAll(string(kind), "_", " "))
	}
	if _, twice := n.user.Address(parsed.Identifier); twice {
		return refuse(gatelatch.CodeDuplicate, string(kind), "The address %s is there twice.", identifier.Mask(parsed.Identifier))
	}
	made.ID, made.Identifier, made.Display = gatelatch.NewID(gatelatch.PrefixAddress, n.user.UpdatedAt), parsed.Identifier, parsed.Display
	n.user.Addresses = append(n.user.Addresses, made)
	return nil
}

func (s *Service) takeTerms(p Person, n *newUser) *gatelatch.Refusal {
	if len(p.TermsVersion) > maxName {
		return refuse(gatelatch.CodeTooLong, "terms_version", "A version of terms has at most %d bytes.", maxName)
	}
	if p.TermsVersion != "" {
		n.user.TermsVersion, n.user.TermsAcceptedAt = p.TermsVersion, orNow(p.TermsAcceptedAt, n.user.UpdatedAt)
	}
	return nil
}

func (s *Service) takePassword(p Person, n *newUser) *gatelatch.Refusal {
	if p.PasswordReset && s.passwordsOff() {
		return s.refusePasswords()
	}
	if p.PasswordHash == "" {
		return nil
	}
	hash := p.PasswordHash.secret().Reveal()
	if err := password.Readable(hash); err != nil {
		return refuse(gatelatch.CodeFormat, "password_hash", "The password hash cannot be taken over: %s.", strings.TrimSuffix(err.Error(), "."))
	}
	sealed := s.Flow.Keys.Encrypt.Seal("password "+n.user.ID, []byte(hash))
	n.credentials.Password = &gatelatch.Password{Hash: sealed, SetAt: n.user.UpdatedAt}
	return nil
}

func (s *Service) takeTOTP(p Person, n *newUser) (no *gatelatch.Refusal) {
	n.credentials.TOTP, no = s.readTOTP(n.user, p.TOTPSecret.secret())
	return no
}

// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
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
		Banned: p.Banned, PasswordReset: p.PasswordReset,
	}}
	if n.user.ID == "" {
		n.user.ID = gatelatch.NewID(gatelatch.PrefixUser, now)
	}
	for _, check := range []func(Person, *newUser) *gatelatch.Refusal{
		s.takeNames, s.takeAddresses, s.takeTerms, s.takePassword, s.takeTOTP,
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
		if utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) {
			return refuse(gatelatch.CodeFormat, param, "A name is one line of at most %d characters.", maxName)
		}
	}
	return nil
}

func (s *Service) takeAddresses(p Person, n *newUser) *gatelatch.Refusal {
	for _, group := range []struct {
		typed  list
		kind   gatelatch.IdentifierKind
		second bool
	}{
		{p.EmailAddresses, gatelatch.EmailAddress, false},
		{p.PhoneNumbers, gatelatch.PhoneNumber, false},
		{p.SecondFactorPhoneNumbers, gatelatch.PhoneNumber, true},
	} {
		if len(group.typed) > maxAddresses {
			return refuse(gatelatch.CodeTooLong, string(group.kind), "A user has at most %d addresses of a kind.", maxAddresses)
		}
		for i, typed := range group.typed {
			if no := s.takeAddress(n, typed, group.kind, group.second, i == 0 && !group.second); no != nil {
				return no
			}
		}
	}
	if len(p.EmailAddresses)+len(p.PhoneNumbers) == 0 {
		return refuse(gatelatch.CodeMissing, "email_addresses", "There is no e-mail address and no phone number to sign in with.")
	}
	return nil
}

func (s *Service) takeAddress(n *newUser, typed string, kind gatelatch.IdentifierKind, second, primary bool) *gatelatch.Refusal {
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
	n.user.Addresses = append(n.user.Addresses, gatelatch.Address{
		ID: gatelatch.NewID(gatelatch.PrefixAddress, n.user.UpdatedAt), Identifier: parsed.Identifier, Display: parsed.Display,
		VerifiedAt: n.user.CreatedAt, Primary: primary, SecondFactor: second,
	})
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

func (s *Service) takeTOTP(p Person, n *newUser) *gatelatch.Refusal {
	if p.TOTPSecret == "" {
		return nil
	}
	text := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(p.TOTPSecret.secret().Reveal()))
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(secret) < minTOTPSecret || len(secret) > maxTOTPSecret {
		return refuse(gatelatch.CodeFormat, "totp_secret", "The authenticator's secret is not 16 to 64 bytes in base32.")
	}
	n.credentials.TOTP = &gatelatch.TOTP{
		ID:        gatelatch.NewID(gatelatch.PrefixTOTP, n.user.UpdatedAt),
		Secret:    s.Flow.Keys.Encrypt.Seal("totp "+n.user.ID, secret),
		CreatedAt: n.user.UpdatedAt, ConfirmedAt: n.user.UpdatedAt,
	}
	return nil
}

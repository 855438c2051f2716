// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

var errNoHasher = errors.New("passwords are on, but nothing hashes them")

// takesPassword reports whether a password was given that is to be taken. An
// empty one is none.
func (s *Service) takesPassword(p SignUpParams) bool {
	return s.Policy.Password != Off && p.Password != nil && p.Password.Reveal() != ""
}

// readPasswordOf is readPassword for a sign-up that exists. One that is over, or
// not the caller's, costs no hash.
func (s *Service) readPasswordOf(ctx context.Context, who Caller, id string, plain gatelatch.Secret, in *Details) (Outcome, error) {
	out, err := s.SignUp(ctx, who, id)
	if err != nil || out.Refusal != nil || out.SignUp.Status != MissingRequirements {
		return Outcome{Refusal: out.Refusal}, err
	}
	return s.readPassword(ctx, who, id, plain, in, out.SignUp)
}

// readPassword judges and hashes a password outside any transaction, and seals
// the hash for the attempt. It is paid for first, like the start of an attempt: a
// hash costs more than anything else here. Whoever finds the queue full has paid
// nothing.
func (s *Service) readPassword(ctx context.Context, who Caller, id string, plain gatelatch.Secret, in *Details, su *SignUp) (Outcome, error) {
	if s.Hasher == nil {
		return Outcome{}, errNoHasher
	}
	leave, err := s.Hasher.Enter()
	if err != nil {
		return Outcome{}, fmt.Errorf("taking a password: %w", err)
	}
	defer leave()
	r, err := s.payForHash(ctx, who)
	if err == nil && r == nil {
		r = s.PasswordRules.Judge(ctx, plain, FieldPassword, about(*in, su)...)
	}
	if r != nil || err != nil {
		return Outcome{SignUp: su, Refusal: r}, err
	}
	hash, err := s.Hasher.Hash(ctx, plain)
	if err != nil {
		return Outcome{}, fmt.Errorf("hashing a password: %w", err)
	}
	in.Password = s.Keys.Encrypt.Seal(sealedPassword(id), []byte(hash))
	return Outcome{}, nil
}

func (s *Service) payForHash(ctx context.Context, who Caller) (*gatelatch.Refusal, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancel()
	out, err := s.once(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		r, err := o.countStart(ctx)
		return Outcome{Refusal: r}, err
	})
	return out.Refusal, err
}

// sealedPassword is the purpose for which the hash of an attempt, or of a user,
// is sealed.
func sealedPassword(id string) string { return "password " + id }

// about returns what a password must not be made of.
func about(in Details, su *SignUp) []string {
	if su == nil {
		su = &SignUp{}
	}
	var words []string
	for _, f := range []*Factor{in.Email, in.Phone, su.Email, su.Phone} {
		if f != nil {
			words = append(words, f.Display)
		}
	}
	for _, name := range []*string{in.FirstName, in.LastName, &su.FirstName, &su.LastName} {
		if name != nil && *name != "" {
			words = append(words, *name)
		}
	}
	return words
}

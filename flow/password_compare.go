// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"bytes"
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// storedPassword finds what to compare with. Nobody's is looked for as well:
// the answer takes as much work.
func (o *operation) storedPassword(ctx context.Context, c *comparison, u *gatelatch.User, si SignIn) error {
	creds, err := o.tx.Credentials(ctx, userID(u))
	if err != nil {
		return fmt.Errorf("reading the credentials: %w", err)
	}
	if u == nil || creds.Password == nil || si.Decoy || reserved(*u, si.Identifier) {
		return nil
	}
	c.userID, c.sealed = u.ID, creds.Password.Hash
	return nil
}

// verify compares, outside any transaction. A right password whose hash is out of
// date is hashed anew.
func (s *Service) verify(ctx context.Context, c comparison, plain gatelatch.Secret) (right bool, renewed string, err error) {
	if s.Hasher == nil {
		return false, "", errNoHasher
	}
	stored, err := s.openPassword(c)
	if err != nil {
		return false, "", err
	}
	verdict, err := s.Hasher.Verify(ctx, stored, plain)
	if err != nil {
		return false, "", fmt.Errorf("comparing a password: %w", err)
	}
	if !verdict.Match || !verdict.Outdated {
		return verdict.Match, "", nil
	}
	renewed, err = s.Hasher.Hash(ctx, plain)
	if err != nil {
		return false, "", fmt.Errorf("hashing a password anew: %w", err)
	}
	return true, renewed, nil
}

func (s *Service) openPassword(c comparison) (string, error) {
	if len(c.sealed) == 0 {
		return "", nil
	}
	stored, err := s.Keys.Encrypt.Open(sealedPassword(c.userID), c.sealed)
	if err != nil {
		return "", fmt.Errorf("opening a password's hash: %w", err)
	}
	return string(stored), nil
}

// believePassword takes a right password, if it is still the user's. When it may
// be, by another hash, it returns that one and changes nothing.
func (o *operation) believePassword(ctx context.Context, c comparison, renewed string) (Outcome, gatelatch.Sealed, error) {
	si, err := o.signIn(ctx, c.attempt.ID)
	if err != nil || si == nil {
		return Outcome{Refusal: refuseAbandoned()}, nil, err
	}
	u, err := o.holder(ctx, *si)
	if err != nil {
		return Outcome{}, nil, err
	}
	still, moved, err := o.stillPassword(ctx, c, u, renewed)
	if err != nil || len(moved) > 0 {
		return Outcome{}, moved, err
	}
	out, err := o.takePassword(ctx, c, *si, u, still)
	return out, nil, err
}

func (o *operation) takePassword(ctx context.Context, c comparison, si SignIn, u *gatelatch.User, still bool) (Outcome, error) {
	if si.repeatsPassword(o.env.Now) && still {
		return o.repeatRight(ctx, c, si)
	}
	owner, err := o.owner(ctx, u, si.ClientID, si.Identifier)
	if err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignIn(si, JudgeGuess{Correct: still, Owner: owner}, o.env)
	if step.Refusal != nil {
		return o.repeatPassword(si, step.Refusal), nil
	}
	if err := o.giveBack(ctx, c.charges); err != nil {
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, step)
}

func (o *operation) repeatRight(ctx context.Context, c comparison, si SignIn) (Outcome, error) {
	if err := o.giveBack(ctx, c.charges); err != nil {
		return Outcome{}, err
	}
	return o.repeatSignIn(ctx, si, doubleClick)
}

// stillPassword reports whether the hash that was compared is still the user's,
// and puts the renewed one in its place. One that has moved is returned, to be
// compared with in turn.
func (o *operation) stillPassword(ctx context.Context, c comparison, u *gatelatch.User, renewed string) (still bool, moved gatelatch.Sealed, err error) {
	if u == nil || u.ID != c.userID {
		return false, nil, nil
	}
	creds, err := o.tx.Credentials(ctx, u.ID)
	if err != nil {
		return false, nil, fmt.Errorf("reading the credentials: %w", err)
	}
	switch {
	case creds.Password == nil:
		return false, nil, nil
	case !bytes.Equal(creds.Password.Hash, c.sealed):
		if c.final {
			return false, nil, nil
		}
		return false, creds.Password.Hash, nil
	case renewed == "":
		return true, nil, nil
	}
	kept := *creds.Password
	kept.Hash = o.Keys.Encrypt.Seal(sealedPassword(u.ID), []byte(renewed))
	creds.Password = &kept
	if err := o.tx.PutCredentials(ctx, creds); err != nil {
		return false, nil, fmt.Errorf("keeping a password hashed anew: %w", err)
	}
	return true, nil, nil
}

// giveBack returns what a right password was charged, and ends the row of
// failures.
func (o *operation) giveBack(ctx context.Context, g guess) error {
	for _, b := range g.budgets {
		if b.rate.IsOff() {
			continue
		}
		now := budget{key: b.key, rate: b.rate}
		if err := o.counter(ctx, b.key, &now.Budget); err != nil {
			return err
		}
		now.Budget = now.Give(b.rate, b.at, 1)
		if err := o.putAll(ctx, []budget{now}); err != nil {
			return err
		}
	}
	return o.endStreaks(ctx, g)
}

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/secondfactor"
)

// CheckPassword says whether a password is a user's, for programs of the
// operator: nil when it is, else why not. The guess is counted before it is
// looked at, in the rows of everybody who is not on a browser of the user, so an
// app that asks for passwords in our place opens no second door for guesses. A
// right one ends the row, as it does at the gate. password.ErrBusy says that too
// many are being hashed, and then nothing was counted.
func (s *Service) CheckPassword(ctx context.Context, userID string, plain gatelatch.Secret) (*gatelatch.Refusal, error) {
	if r := readPassword(plain); r != nil {
		return r, nil
	}
	if s.Hasher == nil {
		return refusal(gatelatch.CodeNotOffered, FieldPassword, "Passwords are off on this site."), nil
	}
	leave, err := s.enterForGuess(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx = context.WithoutCancel(ctx)
	c, r, err := s.countCheck(ctx, userID)
	if err != nil || r != nil {
		return r, err
	}
	stored, err := s.openPassword(c)
	if err != nil {
		return nil, err
	}
	verdict, err := s.Hasher.Verify(ctx, stored, plain)
	if err != nil {
		return nil, fmt.Errorf("comparing a password: %w", err)
	}
	if !verdict.Match {
		return refusal(gatelatch.CodePasswordWrong, FieldPassword, "The password is incorrect."), nil
	}
	return nil, s.endCheck(ctx, c.charges)
}

// countCheck counts a guess, and finds what to compare with. Who has no password
// is told so at once and at no cost: the operator may know.
func (s *Service) countCheck(ctx context.Context, userID string) (comparison, *gatelatch.Refusal, error) {
	var c comparison
	var refused *gatelatch.Refusal
	_, err := s.timed(ctx, Caller{}, func(ctx context.Context, o *operation) (Outcome, error) {
		c, refused = comparison{}, nil
		u, err := o.userByID(ctx, userID)
		if err != nil || u == nil {
			refused = refuseNoUser()
			return Outcome{}, err
		}
		creds, err := o.tx.Credentials(ctx, userID)
		if err != nil {
			return Outcome{}, fmt.Errorf("reading the credentials: %w", err)
		}
		if creds.Password == nil {
			refused = refusal(gatelatch.CodeNoPassword, FieldPassword, "The user has no password.")
			return Outcome{}, nil
		}
		account := o.hidden(userID)
		c.userID, c.sealed = userID, creds.Password.Hash
		c.charges, err = o.openGuess(ctx, guessing{
			budget: "passwords " + account, streak: "password failures " + account, userID: userID, closed: refuseClosedToPasswords,
		})
		if err != nil || c.charges.refusal != nil {
			refused = c.charges.refusal
			return Outcome{}, err
		}
		return Outcome{}, o.settleGuess(ctx, c.charges, false)
	})
	return c, refused, err
}

// endCheck gives back what a right password was charged.
func (s *Service) endCheck(ctx context.Context, g guess) error {
	_, err := s.timed(ctx, Caller{}, func(ctx context.Context, o *operation) (Outcome, error) {
		return Outcome{}, o.giveBack(ctx, g)
	})
	return err
}

// CheckSecond says whether a code is one of a user's authenticator app or one of
// the backup codes, and which, for programs of the operator. A right one is
// spent, a wrong one counted as at the second step of a sign-in.
func (s *Service) CheckSecond(ctx context.Context, userID, typed string) (gatelatch.Strategy, *gatelatch.Refusal, error) {
	var st gatelatch.Strategy
	var refused *gatelatch.Refusal
	ctx, cancel := detach(ctx)
	defer cancel()
	_, err := s.transact(ctx, Caller{}, func(ctx context.Context, o *operation) (out Outcome, err error) {
		st, refused = "", nil
		u, err := o.userByID(ctx, userID)
		if err != nil || u == nil {
			refused = refuseNoUser()
			return Outcome{}, err
		}
		st, refused, err = o.checkSecond(ctx, *u, typed)
		return Outcome{}, err
	})
	return st, refused, err
}

func (o *operation) checkSecond(ctx context.Context, u gatelatch.User, typed string) (gatelatch.Strategy, *gatelatch.Refusal, error) {
	st, code := readEither(typed)
	creds, err := o.tx.Credentials(ctx, u.ID)
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("reading the credentials: %w", err)
	case !creds.Factors().TOTP && !creds.Factors().BackupCodes:
		return "", refusal(gatelatch.CodeStateInvalid, "", "The user has no authenticator app and no backup codes."), nil
	case st == "":
		return "", refuseSecondCode(), nil
	}
	account := o.hidden(u.ID)
	g, err := o.openGuess(ctx, guessing{
		budget: "guesses " + account, streak: "second failures " + account, userID: u.ID, closed: refuseClosedToCodes,
	})
	if err != nil || g.refusal != nil {
		return "", g.refusal, err
	}
	right, err := o.spendSecond(SignIn{}, st, code, &creds)
	if err != nil {
		return "", nil, err
	}
	if err := o.settleGuess(ctx, g, right); err != nil {
		return "", nil, err
	}
	if !right {
		return "", refuseSecondCode(), nil
	}
	if err := o.tx.PutCredentials(ctx, creds); err != nil {
		return "", nil, fmt.Errorf("spending a factor: %w", err)
	}
	return st, nil, nil
}

// readEither tells an app's code, which is digits, from a backup code; what is
// neither has no strategy.
func readEither(typed string) (gatelatch.Strategy, gatelatch.Secret) {
	if code, r := secondfactor.ReadTOTP(typed); r == nil {
		return gatelatch.TOTPCode, code
	}
	if code, r := secondfactor.ReadBackup(typed); r == nil {
		return gatelatch.BackupCode, code
	}
	return "", ""
}

func refuseSecondCode() *gatelatch.Refusal {
	return refusal(gatelatch.CodeTOTPWrong, "code", "The code is incorrect.")
}

func refuseNoUser() *gatelatch.Refusal {
	return refusal(gatelatch.CodeNotFound, "", "There is no user with that id.")
}

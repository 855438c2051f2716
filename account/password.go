// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

var errNoHasher = errors.New("passwords are on, but nothing hashes them")

// newPassword is what asks to set one: a young authentication, in the place of
// the old password.
var newPassword = ask{fresh: true, does: gatelatch.TaskResetPassword}

// PasswordChange is a new password, and what goes with it.
type PasswordChange struct {
	New gatelatch.Secret
	// Current is the password so far. Where it is given it is judged like one at a
	// sign-in, and a right one makes the session as young as that would.
	Current gatelatch.Secret
	// KeepOthers leaves the user's other sessions alone. It is not followed where an
	// operator has asked for the new password: the old one may be known to somebody.
	KeepOthers bool
}

// SetPassword sets or replaces the password, and ends the user's other sessions
// and trusts. The password is judged and hashed between two transactions, and
// both look the session up. password.ErrBusy says that too many are being hashed.
func (s *Service) SetPassword(ctx context.Context, a Actor, plain gatelatch.Secret) (*gatelatch.Refusal, error) {
	return s.ChangePassword(ctx, a, PasswordChange{New: plain})
}

// ChangePassword is [Service.SetPassword] with all that can be said beside it. The
// trust of other devices ends in any case.
func (s *Service) ChangePassword(ctx context.Context, a Actor, p PasswordChange) (*gatelatch.Refusal, error) {
	if s.Flow.Policy.Password == flow.Off {
		return refuse(gatelatch.CodeForbidden, "", "Passwords are not used here."), nil
	}
	if r, err := s.proveCurrent(ctx, a, p.Current); r != nil || err != nil {
		return r, err
	}
	if s.Flow.Hasher == nil {
		return nil, errNoHasher
	}
	leave, err := s.Flow.Hasher.Enter()
	if err != nil {
		return nil, fmt.Errorf("taking a password: %w", err)
	}
	defer leave()
	sealed, r, err := s.hash(ctx, a, p.New)
	if r != nil || err != nil {
		return r, err
	}
	return s.act(ctx, a, "set_password", newPassword, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		if act.user.ID != sealed.userID {
			return refuseSignedOut(), nil
		}
		return nil, act.setPassword(ctx, sealed.hash, p.KeepOthers && !act.user.PasswordReset)
	})
}

// proveCurrent has the session prove its user's password, where one is given and
// there is one: with the budgets, and the consequences, of asking for it in any
// other place.
func (s *Service) proveCurrent(ctx context.Context, a Actor, current gatelatch.Secret) (*gatelatch.Refusal, error) {
	if current == "" || !s.Flow.Policy.TakesPasswords() {
		return nil, nil
	}
	self, err := s.Self(ctx, a)
	if err != nil || self == nil {
		return refuseSignedOut(), err
	}
	if self.Credentials.Password == nil {
		return nil, nil
	}
	out, err := s.Flow.AskAgain(ctx, a.Caller, a.SessionID, flow.LevelFirst, "")
	if err != nil || out.Refusal != nil {
		return out.Refusal, err
	}
	out, err = s.Flow.AttemptPassword(ctx, a.Caller, out.SignIn.ID, current)
	if err != nil || out.Refusal == nil {
		return nil, err
	}
	r := *out.Refusal
	if r.Param == flow.FieldPassword {
		r.Param = FieldCurrentPassword
	}
	return &r, nil
}

// FieldCurrentPassword is the wire name of the password so far.
const FieldCurrentPassword = "current_password"

// sealedFor is a hash that only one user can have.
type sealedFor struct {
	userID string
	hash   gatelatch.Sealed
}

// hash asks whether the session may set a password, has that paid for, and then
// judges and hashes it.
func (s *Service) hash(ctx context.Context, a Actor, plain gatelatch.Secret) (sealedFor, *gatelatch.Refusal, error) {
	var u gatelatch.User
	r, err := s.act(ctx, a, looks, newPassword, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		u = act.user
		return act.ChargeHash(ctx)
	})
	if err == nil && r == nil {
		r = s.Flow.PasswordRules.Judge(ctx, plain, flow.FieldPassword, wordsOf(u)...)
	}
	if r != nil || err != nil {
		return sealedFor{}, r, err
	}
	hash, err := s.Flow.Hasher.Hash(ctx, plain)
	if err != nil {
		return sealedFor{}, nil, fmt.Errorf("hashing a password: %w", err)
	}
	return sealedFor{u.ID, s.Flow.Keys.Encrypt.Seal("password "+u.ID, []byte(hash))}, nil, nil
}

// wordsOf returns what a password must not be made of.
func wordsOf(u gatelatch.User) []string {
	var words []string
	for _, name := range []string{u.FirstName, u.LastName} {
		if name != "" {
			words = append(words, name)
		}
	}
	for _, a := range u.Addresses {
		words = append(words, a.Display)
	}
	return words
}

func (a *acting) setPassword(ctx context.Context, hash gatelatch.Sealed, keepOthers bool) error {
	c, err := a.credentials(ctx)
	if err != nil {
		return err
	}
	c.Password = &gatelatch.Password{Hash: hash, SetAt: a.Now()}
	u := a.user
	u.PasswordReset = false
	if err := a.keep(ctx, c, u); err != nil {
		return err
	}
	if err := a.endElsewhere(ctx, keepOthers); err != nil {
		return err
	}
	return a.notify(ctx, delivery.NoticePasswordChanged, "")
}

// endElsewhere leaves the user nothing but this session on this client, or, when
// the other sessions are kept, no other client that is trusted.
func (a *acting) endElsewhere(ctx context.Context, keepSessions bool) error {
	if !keepSessions {
		if err := a.EndSessions(ctx, a.user.ID, a.session.ID, gatelatch.SessionRevoked); err != nil {
			return err
		}
	}
	if err := a.Tx().DeleteClientTrusts(ctx, a.user.ID, a.session.ClientID); err != nil {
		return fmt.Errorf("forgetting the other devices: %w", err)
	}
	return nil
}

// RemovePasswordWith is [Service.RemovePassword] with the password so far, which
// does what it does in [PasswordChange]; it may be empty.
func (s *Service) RemovePasswordWith(ctx context.Context, a Actor, current gatelatch.Secret) (*gatelatch.Refusal, error) {
	if r, err := s.proveCurrent(ctx, a, current); r != nil || err != nil {
		return r, err
	}
	return s.RemovePassword(ctx, a)
}

// RemovePassword removes the password, where it is optional. The user signs in
// with codes from then on.
func (s *Service) RemovePassword(ctx context.Context, a Actor) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "remove_password", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		if act.Policy().Password == flow.Required {
			return refuse(gatelatch.CodeForbidden, "", "A password is required here. You can replace it."), nil
		}
		c, err := act.credentials(ctx)
		if err != nil || c.Password == nil {
			return nil, err
		}
		c.Password = nil
		if err := act.keep(ctx, c, act.user); err != nil {
			return nil, err
		}
		return nil, act.notify(ctx, delivery.NoticePasswordRemoved, "")
	})
}

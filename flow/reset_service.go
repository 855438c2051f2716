// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// ResetPassword gives the new password of a sign-in that needs one. It becomes
// the user's when the sign-in is complete, which may take a second step. It ends
// the trust of all other clients, and with endOthers all other sessions.
// password.ErrBusy says that too many are being hashed.
func (s *Service) ResetPassword(ctx context.Context, who Caller, id string, plain gatelatch.Secret, endOthers bool) (Outcome, error) {
	if out, err := s.SignIn(ctx, who, id); err != nil || out.Refusal != nil {
		return s.turnedAway(InputReset, out, err)
	}
	leave, err := s.enter()
	if err != nil {
		return Outcome{}, err
	}
	defer leave()
	ctx, cancel := detach(ctx)
	defer cancel()
	out, err := s.resetPassword(ctx, who, id, plain, endOthers)
	s.observe(InputReset, out, err)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", InputReset, err)
	}
	return out, nil
}

func (s *Service) resetPassword(ctx context.Context, who Caller, id string, plain gatelatch.Secret, endOthers bool) (Outcome, error) {
	var u *gatelatch.User
	out, err := s.transact(ctx, who, func(ctx context.Context, o *operation) (out Outcome, err error) {
		out, u, err = o.beforeReset(ctx, id)
		return out, err
	})
	if err != nil || u == nil {
		return out, err
	}
	if r := s.PasswordRules.Judge(ctx, plain, FieldPassword, s.aboutUser(*u)...); r != nil {
		return Outcome{SignIn: out.SignIn, Refusal: r}, nil
	}
	if s.Hasher == nil {
		return Outcome{}, errNoHasher
	}
	hash, err := s.Hasher.Hash(ctx, plain)
	if err != nil {
		return Outcome{}, fmt.Errorf("hashing a password: %w", err)
	}
	in := SetPassword{Hash: s.Keys.Encrypt.Seal(sealedPassword(id), []byte(hash)), EndOthers: endOthers}
	return s.transact(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		return o.setPassword(ctx, id, in)
	})
}

// beforeReset finds whose password it is; nil when the attempt needs none. It is
// paid for like the start of an attempt: to judge and hash a password costs more.
func (o *operation) beforeReset(ctx context.Context, id string) (Outcome, *gatelatch.User, error) {
	si, err := o.signIn(ctx, id)
	if err != nil || si == nil {
		return Outcome{Refusal: refuseAbandoned()}, nil, err
	}
	if si.Status != NeedsNewPassword {
		out, err := o.repeatReset(ctx, *si)
		return out, nil, err
	}
	u, err := o.stillTheirs(ctx, *si)
	if err != nil || u == nil || si.over(o.env.Now) {
		return Outcome{Refusal: refuseAbandoned()}, nil, err
	}
	if r, err := o.countStart(ctx); r != nil || err != nil {
		return Outcome{SignIn: si, Refusal: r}, nil, err
	}
	return Outcome{SignIn: si}, u, nil
}

// repeatReset answers a request that came twice: the attempt has gone on.
func (o *operation) repeatReset(ctx context.Context, si SignIn) (Outcome, error) {
	switch {
	case !resets(si.FirstBy):
		return o.pastFirst(si)
	case si.Status != SignInComplete:
		return Outcome{SignIn: &si}, nil
	case si.SecondBy == "":
		return o.repeatSignIn(ctx, si, doubleClick)
	}
	return o.pastFirst(si)
}

func (o *operation) setPassword(ctx context.Context, id string, in SetPassword) (Outcome, error) {
	si, err := o.signIn(ctx, id)
	if err != nil || si == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	if si.Status != NeedsNewPassword {
		return o.repeatReset(ctx, *si)
	}
	u, err := o.stillTheirs(ctx, *si)
	if err != nil || u == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	if in.Owner, err = o.owner(ctx, u, si.ClientID, si.Identifier); err != nil {
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, AdvanceSignIn(*si, in, o.env))
}

// aboutUser returns what a password must not be made of.
func (s *Service) aboutUser(u gatelatch.User) []string {
	words := []string{s.Site}
	for _, a := range u.Addresses {
		words = append(words, a.Display)
	}
	for _, name := range []string{u.FirstName, u.LastName} {
		if name != "" {
			words = append(words, name)
		}
	}
	return words
}

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"cmp"
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// PrepareSecondFactor sends the code, or the link, of the second step. addressID
// picks one of several addresses of a strategy; empty means the first. An empty
// strategy means the one under way, or else the first that sends something.
func (s *Service) PrepareSecondFactor(ctx context.Context, who Caller, id string, st gatelatch.Strategy, addressID string) (Outcome, error) {
	return s.run(ctx, InputPrepare, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, u, out, err := o.secondOf(ctx, id)
		if si == nil || err != nil {
			return out, err
		}
		in := Prepare{Strategy: cmp.Or(st, si.usual()), AddressID: addressID}
		if addressID == "" && si.Second != nil && in.Strategy == si.Second.Strategy {
			in.AddressID = si.Second.AddressID // the one under way, of several
		}
		return o.prepareSignIn(ctx, *si, in, u)
	})
}

// AttemptSecondFactor judges what was typed at the second step: a code that was
// sent, an app's code, or a backup code. An empty strategy means the one
// prepared, or else the first.
func (s *Service) AttemptSecondFactor(ctx context.Context, who Caller, id string, st gatelatch.Strategy, typed string) (Outcome, error) {
	return s.run(ctx, InputAttempt, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, u, out, err := o.secondOf(ctx, id)
		if err != nil {
			return Outcome{}, err
		}
		if si == nil {
			return o.repeatSecond(ctx, out, st, typed)
		}
		st = cmp.Or(st, si.usualSecond())
		code, malformed := o.readSecond(st, typed)
		if malformed != nil {
			return Outcome{SignIn: si, Refusal: malformed}, nil
		}
		return o.attemptSecond(ctx, *si, *u, st, func(c *gatelatch.Credentials) (bool, error) {
			return o.spendSecond(*si, st, code, c)
		})
	})
}

// usualSecond is how the second step is taken when nobody says.
func (s SignIn) usualSecond() gatelatch.Strategy {
	if s.Second != nil {
		return s.Second.Strategy
	}
	if len(s.SecondFactors) > 0 {
		return s.SecondFactors[0].Strategy
	}
	return ""
}

// secondOf loads an attempt that waits for its second step, and its user. When
// there is nothing to do, the attempt is nil and the outcome says why.
func (o *operation) secondOf(ctx context.Context, id string) (*SignIn, *gatelatch.User, Outcome, error) {
	si, err := o.signIn(ctx, id)
	if err != nil || si == nil {
		return nil, nil, Outcome{Refusal: refuseAbandoned()}, err
	}
	if si.Status != NeedsSecondFactor && si.Status != NeedsClientTrust {
		out, err := o.pastFirst(*si)
		return nil, nil, out, err
	}
	u, err := o.stillTheirs(ctx, *si)
	if err != nil || u == nil {
		return nil, nil, Outcome{Refusal: refuseAbandoned()}, err
	}
	return si, u, Outcome{}, nil
}

// stillTheirs returns the user of an attempt that has taken its first step; nil
// when what was proven then holds no more: the user is gone, the address is
// somebody else's, or there is a new password.
func (o *operation) stillTheirs(ctx context.Context, si SignIn) (*gatelatch.User, error) {
	u, err := o.userByID(ctx, si.UserID)
	if err != nil || u == nil {
		return nil, err
	}
	if si.First.Proven() {
		if a, ok := u.Address(si.First.To); !ok || a.SecondFactor {
			return nil, nil
		}
	}
	given := si.FirstBy == gatelatch.PasswordStrategy
	if !given && !resets(si.FirstBy) {
		return u, nil
	}
	creds, err := o.tx.Credentials(ctx, u.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the credentials: %w", err)
	}
	if p := creds.Password; p == nil && given || p != nil && p.SetAt.After(si.FirstAt) {
		return nil, nil
	}
	return u, nil
}

// attemptSecond judges the second step. spend looks at what was given, and marks
// in the credentials what may be used once.
func (o *operation) attemptSecond(ctx context.Context, si SignIn, u gatelatch.User, st gatelatch.Strategy, spend func(*gatelatch.Credentials) (bool, error)) (Outcome, error) {
	g, err := o.openSecond(ctx, si, u, st)
	if err != nil || g.refusal != nil {
		return Outcome{SignIn: &si, Refusal: g.refusal}, err
	}
	owner, err := o.owner(ctx, &u, si.ClientID, si.Identifier)
	if err != nil {
		return Outcome{}, err
	}
	creds, err := o.tx.Credentials(ctx, u.ID)
	if err != nil {
		return Outcome{}, fmt.Errorf("reading the credentials: %w", err)
	}
	right, err := spend(&creds)
	if err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignIn(si, Attempt{Strategy: st, Correct: right, Owner: owner}, o.env)
	if step.Refusal == nil && !sends(st) {
		if err := o.tx.PutCredentials(ctx, creds); err != nil {
			return Outcome{}, fmt.Errorf("spending a factor: %w", err)
		}
	}
	if judged(si, step.Next) {
		if err := o.settleGuess(ctx, g, step.Refusal == nil); err != nil {
			return Outcome{}, err
		}
	}
	return o.saveSignIn(ctx, step)
}

// judged reports whether a guess was looked at.
func judged(before, after SignIn) bool {
	return after.Tries != before.Tries || after.SecondTries != before.SecondTries ||
		before.Second != nil && (after.Second == nil || after.Second.Attempts != before.Second.Attempts)
}

// openSecond finds whether a guess is left. A code to an address draws on what
// all codes to it do; anything else on a budget of the account. The row of
// failures at the second step is one of its own, since the first step ends the
// other: whoever has the password could guess on for ever.
func (o *operation) openSecond(ctx context.Context, si SignIn, u gatelatch.User, st gatelatch.Strategy) (guess, error) {
	account := o.hidden(u.ID)
	n := guessing{
		budget: "guesses " + account, streak: "second failures " + account,
		clientID: si.ClientID, userID: u.ID, closed: refuseClosedToCodes,
	}
	if sends(st) && si.Second != nil {
		n.budget = "guesses " + o.hidden(string(si.Second.To.Kind)+" "+si.Second.To.Value)
	}
	return o.openGuess(ctx, n)
}

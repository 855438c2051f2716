// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
)

// maxPassword bounds what is hashed, in bytes: no password is longer that the
// rules ever let through.
const maxPassword = 4096

// AttemptPassword judges a password. A right one completes the sign-in, or leads
// to the second step: needs_second_factor, or needs_client_trust on a new
// device. password.ErrBusy says that too many are being hashed, or that it was not
// this one's turn in time, and then nothing was counted.
//
// The guess is counted in one transaction, looked at outside any, and believed
// in another: a thousand at once are judged as five, and no transaction waits for
// a hash. It is counted when it is next to be looked at, and then it is, however
// long a machine takes that has too much to do.
func (s *Service) AttemptPassword(ctx context.Context, who Caller, id string, plain gatelatch.Secret) (Outcome, error) {
	if r := readPassword(plain); r != nil {
		return s.refuseOn(ctx, who, id, r)
	}
	if out, ok, err := s.mayGuess(ctx, who, id); err != nil || !ok {
		return s.turnedAway(InputPassword, out, err)
	}
	leave, err := s.enterForGuess(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer leave()
	return s.attemptPassword(ctx, who, id, plain)
}

// mayGuess looks whether a guess would be counted, before a place to hash is
// taken for it: an attempt that there is not, or that takes no password, keeps
// nobody waiting. It is found out once more when the guess is counted.
func (s *Service) mayGuess(ctx context.Context, who Caller, id string) (Outcome, bool, error) {
	ok := false
	out, err := s.view(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		guessed, out, err := o.guessed(ctx, id)
		ok = guessed != nil
		return out, err
	})
	return out, ok, err
}

// turnedAway tells of an operation that was over before it began. A failure to
// look was told of by view.
func (s *Service) turnedAway(what InputKind, out Outcome, err error) (Outcome, error) {
	if err == nil {
		s.observe(what, out, nil)
	}
	return out, err
}

// createWithPassword begins a sign-in and tries a password. The turn to hash is
// waited for first: who gets none leaves no attempt behind.
func (s *Service) createWithPassword(ctx context.Context, who Caller, f Factor, p SignInParams) (Outcome, error) {
	r := readPassword(p.Password)
	leave, err := func() {}, error(nil)
	if r == nil {
		leave, err = s.enterForGuess(ctx)
	}
	if err != nil {
		return Outcome{}, err
	}
	defer leave()
	p.Prepare = false
	out, err := s.createSignIn(ctx, who, f, p)
	if r != nil && out.Refusal == nil {
		out.Refusal = r
	}
	if err != nil || out.Refusal != nil {
		return out, err
	}
	return s.attemptPassword(ctx, who, out.SignIn.ID, p.Password)
}

// readPassword refuses what is no guess.
func readPassword(plain gatelatch.Secret) *gatelatch.Refusal {
	switch {
	case plain == "":
		return refusal(gatelatch.CodeMissing, FieldPassword, "Enter your password.")
	case len(plain) > maxPassword:
		return refusal(gatelatch.CodePasswordLong, FieldPassword, "That is too long for a password.")
	}
	return nil
}

// enter takes a place among those who hash.
func (s *Service) enter() (leave func(), err error) {
	if s.Hasher == nil {
		return func() {}, nil // nothing asks for a password then, see hash
	}
	leave, err = s.Hasher.Enter()
	if err != nil {
		return nil, fmt.Errorf("taking a password: %w", err)
	}
	return leave, nil
}

// enterForGuess is enter for a guess, and waits until it is next: one that is
// counted first must be looked at after.
func (s *Service) enterForGuess(ctx context.Context) (leave func(), err error) {
	leavePlace, err := s.enter()
	if err != nil || s.Hasher == nil {
		return leavePlace, err
	}
	ctx, cancel := detach(ctx)
	defer cancel()
	leaveTurn, err := s.Hasher.Turn(ctx)
	if err != nil {
		leavePlace()
		return nil, fmt.Errorf("waiting to take a password: %w", err)
	}
	return func() { leaveTurn(); leavePlace() }, nil
}

// refuseOn refuses what was typed, and shows the attempt as it stands.
func (s *Service) refuseOn(ctx context.Context, who Caller, id string, r *gatelatch.Refusal) (Outcome, error) {
	out, err := s.SignIn(ctx, who, id)
	if err == nil && out.Refusal == nil {
		out.Refusal = r
	}
	return out, err
}

// comparison is a guess that was counted and is now to be looked at.
type comparison struct {
	attempt SignIn
	userID  string
	sealed  gatelatch.Sealed // of the stored hash; empty matches nothing
	charges guess
	env     Env
	// repeated says that the attempt is complete: the request may have come twice.
	repeated bool
	// final says that the guess is compared for the second time: the stored hash
	// was another one meanwhile, since a parallel request has hashed the same
	// password anew, or since there is a new one.
	final bool
}

func (s *Service) attemptPassword(ctx context.Context, who Caller, id string, plain gatelatch.Secret) (Outcome, error) {
	// The transactions have a limit each; between them the core comes for certain.
	ctx = context.WithoutCancel(ctx)
	out, err := s.comparePassword(ctx, who, id, plain)
	s.observe(InputPassword, out, err)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", InputPassword, err)
	}
	return out, nil
}

func (s *Service) comparePassword(ctx context.Context, who Caller, id string, plain gatelatch.Secret) (Outcome, error) {
	var c *comparison
	out, err := s.timed(ctx, who, func(ctx context.Context, o *operation) (out Outcome, err error) {
		out, c, err = o.countPassword(ctx, id)
		return out, err
	})
	if err != nil || c == nil {
		return out, err
	}
	out, moved, err := s.judgePassword(ctx, who, *c, plain)
	if err != nil || len(moved) == 0 {
		return out, err
	}
	c.sealed, c.final = moved, true
	out, _, err = s.judgePassword(ctx, who, *c, plain)
	return out, err
}

// judgePassword compares a guess, and believes a right one. When there is another
// hash by now it returns that, and has changed nothing.
func (s *Service) judgePassword(ctx context.Context, who Caller, c comparison, plain gatelatch.Secret) (Outcome, gatelatch.Sealed, error) {
	right, renewed, err := s.verify(ctx, c, plain)
	switch {
	case err != nil:
		return Outcome{}, nil, err
	case right:
		var moved gatelatch.Sealed
		out, err := s.timed(ctx, who, func(ctx context.Context, o *operation) (out Outcome, err error) {
			out, moved, err = o.believePassword(ctx, c, renewed)
			return out, err
		})
		return out, moved, err
	case c.repeated:
		return Outcome{SignIn: &c.attempt, Refusal: refuseAlreadyVerified()}, nil, nil
	}
	step := AdvanceSignIn(c.attempt, JudgeGuess{Owner: Owner{ID: c.attempt.UserID}}, c.env)
	return Outcome{SignIn: &c.attempt, Refusal: step.Refusal}, nil, nil
}

// countPassword counts a guess: in the attempt, in the hour, and in a row. It
// returns what to compare, or nil when there is nothing to.
func (o *operation) countPassword(ctx context.Context, id string) (Outcome, *comparison, error) {
	g, out, err := o.guessed(ctx, id)
	if err != nil || g == nil {
		return out, nil, err
	}
	si, step, c := &g.before, g.step, &comparison{env: o.env, repeated: g.repeated}
	u, err := o.holder(ctx, *si)
	if err != nil {
		return Outcome{}, nil, err
	}
	if c.charges, err = o.chargePassword(ctx, *si, u); err != nil || c.charges.refusal != nil {
		return Outcome{SignIn: si, Refusal: c.charges.refusal}, nil, err
	}
	if err := o.storedPassword(ctx, c, u, *si); err != nil {
		return Outcome{}, nil, err
	}
	out, err = o.saveSignIn(ctx, step)
	c.attempt = step.Next
	return out, c, err
}

// counted is an attempt with one more guess.
type counted struct {
	before   SignIn
	step     Step[SignIn]
	repeated bool
}

// guessed loads an attempt and counts a guess, without saving it. When no guess
// may be looked at it is nil, and the outcome says why.
func (o *operation) guessed(ctx context.Context, id string) (*counted, Outcome, error) {
	si, err := o.signIn(ctx, id)
	if err != nil || si == nil {
		return nil, Outcome{Refusal: refuseAbandoned()}, err
	}
	g := &counted{before: *si, step: Step[SignIn]{Next: *si}, repeated: si.repeatsPassword(o.env.Now)}
	if !g.repeated {
		g.step = AdvanceSignIn(*si, CountGuess{}, o.env)
	}
	if g.step.Refusal != nil {
		return nil, o.repeatPassword(*si, g.step.Refusal), nil
	}
	return g, Outcome{}, nil
}

// repeatsPassword reports whether a guess at a complete attempt may be the
// request that completed it, come twice. It is counted like any other.
func (s SignIn) repeatsPassword(now time.Time) bool {
	return s.Status == SignInComplete && s.FirstBy == gatelatch.PasswordStrategy && s.SecondBy == "" &&
		now.Before(s.FirstAt.Add(doubleClick))
}

// repeatPassword shows an attempt that has just taken this step, as anybody who
// may see it can. It says nothing about the password.
func (o *operation) repeatPassword(si SignIn, r *gatelatch.Refusal) Outcome {
	taken := si.FirstBy == gatelatch.PasswordStrategy && o.env.Now.Before(si.FirstAt.Add(doubleClick))
	if taken && si.Status != SignInComplete {
		r = nil
	}
	return Outcome{SignIn: &si, Refusal: r}
}

// chargePassword pays for a guess before it is looked at. It draws on other rows
// than codes do: whoever has spent the one can still use the other.
func (o *operation) chargePassword(ctx context.Context, si SignIn, u *gatelatch.User) (guess, error) {
	person := o.hidden(string(si.Identifier.Kind) + " " + si.Identifier.Value)
	account := person
	if u != nil {
		account = o.hidden(u.ID)
	}
	g, err := o.openGuess(ctx, guessing{
		budget: "passwords " + person, streak: "password failures " + account,
		clientID: si.ClientID, userID: userID(u), closed: refuseClosedToPasswords,
	})
	if err != nil || g.refusal != nil {
		return g, err
	}
	return g, o.settleGuess(ctx, g, false)
}

func refuseClosedToPasswords() *gatelatch.Refusal {
	return refusal(gatelatch.CodeTooManyRequests, FieldPassword,
		"Too many wrong passwords were entered for this account. Use another way to sign in.")
}

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"github.com/gatelatch/gatelatch"
)

// identify offers the same ways to everybody: what an account really has shows
// only to whoever has proven a step.
func (s SignIn) identify(in Identify, env Env) Step[SignIn] {
	s.Identifier = in.Factor.To
	s.Status = NeedsFirstFactor
	switch {
	case in.User == nil:
		s.Decoy = env.Admit == Refused
	case reserved(*in.User, in.Factor.To):
		s.Decoy = true
	default:
		s.UserID = in.User.ID
		in.Factor = known(in.Factor, *in.User)
	}
	s.Factors = offered(in.Factor, env.Policy)
	return Step[SignIn]{Next: s}
}

// known binds a factor to the stored address: mail goes there, never to the
// form that was typed. The wire name stays as made: the stored one would come
// again in the next attempt and tell who exists.
func known(f Factor, u gatelatch.User) Factor {
	if a, ok := u.Address(f.To); ok {
		f.Display = a.Display
	}
	return f
}

// offered are the ways to take the first step with an address, the usual one
// first.
func offered(f Factor, p Policy) []Factor {
	by := func(st gatelatch.Strategy) Factor { return Factor{st, f.AddressID, f.To, f.Display} }
	var ways []Factor
	if p.TakesPasswords() {
		ways = append(ways, Factor{Strategy: gatelatch.PasswordStrategy})
	}
	ways = append(ways, f)
	if f.To.Kind == gatelatch.EmailAddress {
		ways = append(ways, by(gatelatch.EmailLink))
	}
	if p.TakesPasswords() {
		ways = append(ways, by(resetStrategy(f.To.Kind)))
	}
	return ways
}

func resetStrategy(kind gatelatch.IdentifierKind) gatelatch.Strategy {
	if kind == gatelatch.PhoneNumber {
		return gatelatch.ResetByPhone
	}
	return gatelatch.ResetByEmail
}

// resets reports whether a strategy proves an address in order to set a new
// password.
func resets(st gatelatch.Strategy) bool {
	return st == gatelatch.ResetByEmail || st == gatelatch.ResetByPhone
}

// sends reports whether a strategy proves an address by a message to it.
func sends(st gatelatch.Strategy) bool {
	return st == gatelatch.EmailCode || st == gatelatch.PhoneCode || st == gatelatch.EmailLink || resets(st)
}

// step returns the ways to take the step that is next, and its challenge.
func (s *SignIn) step() ([]Factor, **Verification) {
	if s.Status == NeedsFirstFactor {
		return s.Factors, &s.First
	}
	return s.SecondFactors, &s.Second
}

func (s SignIn) prepare(in Prepare, env Env) Step[SignIn] {
	ways, challenge := s.step()
	f, ok := factorOf(ways, in.Strategy, in.AddressID)
	if !ok || !sends(f.Strategy) {
		return Step[SignIn]{Next: s, Refusal: refuseStrategy()}
	}
	if !s.reaches(f, in.Owner) {
		return Step[SignIn]{Next: s, Refusal: refuseAbandoned()}
	}
	v, r := prepare(*challenge, f, env)
	if r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	*challenge = &v
	if s.Decoy {
		return Step[SignIn]{Next: s}
	}
	return Step[SignIn]{Next: s, Effects: []Effect{SendCode{v}}}
}

func (s SignIn) attempt(in Attempt, env Env) Step[SignIn] {
	if s.Status != NeedsFirstFactor {
		return s.attemptSecond(in, env)
	}
	if s.Again != nil && in.Owner.ID != s.UserID {
		return Step[SignIn]{Next: s, Refusal: refuseAbandoned()}
	}
	if in.Strategy == gatelatch.PasskeyStrategy {
		return s.attemptPasskey(in, env)
	}
	if r := judgeable(s.First, env); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	if in.Strategy != s.First.Strategy {
		return Step[SignIn]{Next: s, Refusal: refuseStrategy()}
	}
	v, r := judge(*s.First, in.Correct && !s.Decoy && !in.Owner.Reserved, env)
	v, r = in.Owner.stopped(v, r)
	s.First = &v
	if r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	return s.firstProven(v, in.Owner, env).after(in.Owner.confirms(v))
}

// firstProven goes on from an address that was proven: to an account for
// whoever has none, to a new password, or to what comes second.
func (s SignIn) firstProven(v Verification, o Owner, env Env) Step[SignIn] {
	if !o.Exists() {
		v.Status = Transferable
		s.First = &v
		return Step[SignIn]{Next: s}
	}
	s.FirstBy, s.FirstAt = v.Strategy, env.Now
	if resets(v.Strategy) {
		s.Status, s.UserID = NeedsNewPassword, o.ID
		return Step[SignIn]{Next: s}
	}
	return s.settle(o, env)
}

// attemptPasskey takes the first step with a passkey, where the attempt knows
// its user: a session that is asked once more.
func (s SignIn) attemptPasskey(in Attempt, env Env) Step[SignIn] {
	if _, ok := factorOf(s.Factors, in.Strategy, ""); !ok || !in.Owner.Exists() {
		return Step[SignIn]{Next: s, Refusal: refuseStrategy()}
	}
	if r := s.judgeTry(in, env); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	s.FirstBy, s.FirstAt, s.SecondBy = in.Strategy, env.Now, in.Strategy
	return s.settle(in.Owner, env)
}

func (s SignIn) adopt(in Adopt, env Env) Step[SignIn] {
	if !in.Proven.Proven() || !in.Owner.Exists() || in.Owner.Reserved {
		return Step[SignIn]{Next: s, Refusal: refuseState()}
	}
	if r := in.Owner.barred(); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	in.Proven.Status = Verified
	s.Identifier, s.Factors, s.First = in.Proven.To, []Factor{in.Proven.Factor}, &in.Proven
	s.FirstBy, s.FirstAt = in.Proven.Strategy, in.Proven.VerifiedAt
	return s.settle(in.Owner, env).after(in.Owner.confirms(in.Proven))
}

// showPasskey is a sign-in in one step: a passkey that has verified its user is
// something one has and something one knows or is.
func (s SignIn) showPasskey(in ShowPasskey, env Env) Step[SignIn] {
	if !in.Owner.Exists() {
		return Step[SignIn]{Next: s, Refusal: refuseState()}
	}
	if r := in.Owner.barred(); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	f := Factor{Strategy: gatelatch.PasskeyStrategy}
	s.Identifier, s.Factors = in.Identifier, []Factor{f}
	s.FirstBy, s.FirstAt, s.SecondBy = f.Strategy, env.Now, f.Strategy
	return s.settle(in.Owner, env)
}

// askOnce begins to ask the holder of a session. Where the second step is asked
// for and there is none, nothing begins.
func (s SignIn) askOnce(in AskOnce) Step[SignIn] {
	barred := in.Owner.barred()
	switch {
	case !in.Owner.Exists() || in.Again.SessionID == "":
		return Step[SignIn]{Next: s, Refusal: refuseState()}
	case barred != nil:
		return Step[SignIn]{Next: s, Refusal: barred}
	case in.Again.Level != LevelFirst && len(in.Owner.Second) == 0:
		return Step[SignIn]{Next: s, Refusal: refuseNoSecond()}
	}
	s.Again, s.UserID, s.Identifier = &in.Again, in.Owner.ID, in.Identifier
	if in.Again.Level == LevelSecond {
		return s.second(in.Owner)
	}
	s.Status, s.Factors = NeedsFirstFactor, in.Factors
	return Step[SignIn]{Next: s}
}

// factorOf finds a way by its strategy, and by its address where one is named.
func factorOf(factors []Factor, st gatelatch.Strategy, addressID string) (Factor, bool) {
	for _, f := range factors {
		if f.Strategy == st && (addressID == "" || f.AddressID == addressID) {
			return f, true
		}
	}
	return Factor{}, false
}

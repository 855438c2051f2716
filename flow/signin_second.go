// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
)

// settle goes on after the first step: to a second one, to the question whose
// device this is, or to the end.
func (s SignIn) settle(o Owner, env Env) Step[SignIn] {
	s.UserID = o.ID
	switch {
	case s.wantsSecond(o, env.Policy):
		return s.second(o)
	case s.Again == nil && s.FirstBy == gatelatch.PasswordStrategy && env.Policy.ClientTrust > 0:
		if !o.Trusted {
			s.Status, s.Trust, s.SecondFactors = NeedsClientTrust, TrustNew, o.Trust
			return Step[SignIn]{Next: s}
		}
		s.Trust = TrustKnown
	}
	return s.complete(o, env)
}

// wantsSecond reports whether a second step is still to be taken. What somebody
// has set up for their protection is asked for whatever the policy says. A
// passkey that has taken the first step has taken both.
func (s SignIn) wantsSecond(o Owner, p Policy) bool {
	switch {
	case s.FirstBy == gatelatch.PasskeyStrategy:
		return false
	case s.Again != nil:
		return s.Again.Level != LevelFirst
	}
	return o.TwoStep || p.SecondFactor == Required && len(o.Second) > 0
}

func (s SignIn) second(o Owner) Step[SignIn] {
	s.Status, s.SecondFactors, s.Second, s.SecondBy = NeedsSecondFactor, o.Second, nil, ""
	return Step[SignIn]{Next: s}
}

func (s SignIn) attemptSecond(in Attempt, env Env) Step[SignIn] {
	if !in.Owner.Exists() || in.Owner.ID != s.UserID {
		return Step[SignIn]{Next: s, Refusal: refuseAbandoned()}
	}
	f, ok := factorOf(s.SecondFactors, in.Strategy, "")
	if !ok {
		return Step[SignIn]{Next: s, Refusal: refuseStrategy()}
	}
	if sends(f.Strategy) && s.Second != nil && s.Second.Strategy == f.Strategy {
		f = s.Second.Factor
	}
	if !s.current(f, in.Owner) {
		return Step[SignIn]{Next: s, Refusal: refuseAbandoned()}
	}
	if r := s.judgeSecond(in, env); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	s.SecondBy = in.Strategy
	return s.secondProven(in, env).after(s.confirmed(in))
}

// secondProven goes on from the second proof.
func (s SignIn) secondProven(in Attempt, env Env) Step[SignIn] {
	// A second step that was set up since the password was given is taken too.
	if s.Status == NeedsClientTrust && s.wantsSecond(in.Owner, env.Policy) {
		s.Trust = TrustKnown
		return s.second(in.Owner)
	}
	return s.complete(in.Owner, env)
}

// reaches reports whether a message may go where it was offered to go. Where the
// attempt knows its user, the address must still be theirs.
func (s SignIn) reaches(f Factor, o Owner) bool {
	switch {
	case s.Status != NeedsFirstFactor:
		return o.ID == s.UserID && s.current(f, o)
	case s.Again != nil:
		return o.ID == s.UserID && !o.Reserved
	}
	return true
}

// current reports whether a way to take the second step is still the user's:
// what an attempt has offered may have been taken off the account meanwhile.
func (s SignIn) current(f Factor, o Owner) bool {
	ways := o.Second
	if s.Status == NeedsClientTrust {
		ways = o.Trust
	}
	return slices.ContainsFunc(ways, func(w Factor) bool { return w.Strategy == f.Strategy && w.To == f.To })
}

func (s *SignIn) judgeSecond(in Attempt, env Env) *gatelatch.Refusal {
	if !sends(in.Strategy) {
		return s.judgeTry(in, env)
	}
	if r := judgeable(s.Second, env); r != nil {
		return r
	}
	if in.Strategy != s.Second.Strategy {
		return refuseStrategy()
	}
	v, r := judge(*s.Second, in.Correct, env)
	v, r = in.Owner.stopped(v, r)
	s.Second = &v
	return r
}

// judgeTry counts a guess that no challenge counts, and then looks at it.
func (s *SignIn) judgeTry(in Attempt, env Env) *gatelatch.Refusal {
	most := env.Policy.Code.Attempts
	if s.SecondTries >= most {
		return refuseFailed()
	}
	s.SecondTries++
	switch {
	case in.Correct:
		return in.Owner.barred()
	case s.SecondTries >= most:
		return refuseFailed()
	case in.Strategy == gatelatch.PasskeyStrategy:
		return refusePasskey()
	}
	return refuseIncorrect(most - s.SecondTries)
}

// complete is the one way to a session: it is reached with a first step that was
// proven by or for owner, and with the second where one is needed.
func (s SignIn) complete(o Owner, env Env) Step[SignIn] {
	if s.Again != nil {
		return s.again()
	}
	second := s.SecondBy
	if s.Trust == TrustNew {
		second = "" // it proves the device, and is no second step
	}
	issue := IssueSession{
		SessionID: env.Fresh.SessionID, UserID: o.ID, Strategy: provenBy(s.FirstBy), FirstAt: s.FirstAt,
		Second: second, Bare: s.bare(),
	}
	effects := append(s.reset(o), issue)
	if !o.Trusted {
		effects = append(effects, Notify{Purpose: delivery.NoticeNewDevice, UserID: o.ID, About: arrivalOf(issue.SessionID, o.ID, s.ClientID)})
	}
	s.Status, s.UserID, s.SessionID, s.NewPassword = SignInComplete, o.ID, issue.SessionID, nil
	return Step[SignIn]{Next: s, Effects: effects}
}

// reset is what a new password brings with it.
func (s SignIn) reset(o Owner) []Effect {
	if len(s.NewPassword) == 0 {
		return nil
	}
	return []Effect{
		ReplacePassword{UserID: o.ID, Hash: s.NewPassword, EndOthers: s.EndOthers},
		Notify{Purpose: delivery.NoticePasswordChanged, UserID: o.ID, About: s.ID, All: true},
	}
}

// again ends a question to the holder of a session: the session remembers what
// was proven, and when.
func (s SignIn) again() Step[SignIn] {
	proven := MarkProven{
		SessionID: s.Again.SessionID, UserID: s.UserID,
		First: provenBy(s.FirstBy), FirstAt: s.FirstAt, Second: s.SecondBy,
	}
	s.Status, s.SessionID = SignInComplete, s.Again.SessionID
	return Step[SignIn]{Next: s, Effects: []Effect{proven}}
}

// provenBy is the strategy that a session remembers.
func provenBy(st gatelatch.Strategy) gatelatch.Strategy {
	if st == gatelatch.ResetByEmail {
		return gatelatch.EmailCode
	}
	if st == gatelatch.ResetByPhone {
		return gatelatch.PhoneCode
	}
	return st
}

func refusePasskey() *gatelatch.Refusal {
	return refusal(gatelatch.CodePasskeyInvalid, "", "That passkey was not accepted. Try again, or choose another way.")
}

func refuseNoSecond() *gatelatch.Refusal {
	return refusal(gatelatch.CodeStrategyInvalid, "", "A second step has to be set up on the account page first.")
}

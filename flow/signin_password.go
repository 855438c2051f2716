// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// TakesPasswords reports whether sign-ups and sign-ins take a password.
func (p Policy) TakesPasswords() bool { return p.Password == Optional || p.Password == Required }

// countGuess counts a guess at the password. The guess is hashed outside any
// transaction, and a thousand at once must not all be looked at.
func (s SignIn) countGuess(env Env) Step[SignIn] {
	if _, ok := factorOf(s.Factors, gatelatch.PasswordStrategy, ""); !ok {
		return Step[SignIn]{Next: s, Refusal: refuseStrategy()}
	}
	switch {
	case s.First.Proven():
		return Step[SignIn]{Next: s, Refusal: refuseAlreadyVerified()}
	case s.Tries >= env.Policy.Code.Attempts:
		return Step[SignIn]{Next: s, Refusal: refusePasswordFailed()}
	}
	s.Tries++
	return Step[SignIn]{Next: s}
}

// judgeGuess believes a password that was compared. A right one is given its
// count back.
func (s SignIn) judgeGuess(in JudgeGuess, env Env) Step[SignIn] {
	barred := in.Owner.barred()
	switch {
	case s.Tries == 0:
		return Step[SignIn]{Next: s, Refusal: refuseState()}
	case s.Again != nil && in.Owner.ID != s.UserID:
		return Step[SignIn]{Next: s, Refusal: refuseAbandoned()}
	case s.First.Proven():
		return Step[SignIn]{Next: s, Refusal: refuseAlreadyVerified()}
	case in.Correct && barred != nil:
		return Step[SignIn]{Next: s, Refusal: barred}
	case in.Correct && in.Owner.Exists() && !in.Owner.Reserved && !s.Decoy:
		s.Tries--
		s.FirstBy, s.FirstAt = gatelatch.PasswordStrategy, env.Now
		return s.settle(in.Owner, env)
	case s.Tries >= env.Policy.Code.Attempts:
		return Step[SignIn]{Next: s, Refusal: refusePasswordFailed()}
	}
	return Step[SignIn]{Next: s, Refusal: refusePassword(env.Policy.Code.Attempts - s.Tries)}
}

// setPassword keeps the new password until the sign-in is complete: "forgot
// password" does not go around the second step.
func (s SignIn) setPassword(in SetPassword, env Env) Step[SignIn] {
	if len(in.Hash) == 0 || in.Owner.ID != s.UserID || !in.Owner.Exists() {
		return Step[SignIn]{Next: s, Refusal: refuseState()}
	}
	if r := in.Owner.barred(); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	s.NewPassword, s.EndOthers = in.Hash, in.EndOthers
	return s.settle(in.Owner, env)
}

// refusePassword keeps the words "is incorrect", as codes do.
func refusePassword(left int) *gatelatch.Refusal {
	tries := fmt.Sprintf("You have %d more tries.", left)
	if left == 1 {
		tries = "You have one more try."
	}
	return refusal(gatelatch.CodePasswordIncorrect, FieldPassword, "That password is incorrect. "+tries)
}

func refusePasswordFailed() *gatelatch.Refusal {
	return refusal(gatelatch.CodeFailed, FieldPassword, "Too many wrong passwords. Use another way to sign in, or start over.")
}

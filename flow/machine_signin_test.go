// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// The vocabulary of the tests of the sign-in machine, beyond codes.

const number2 = "+12015550124"

func withPasswords() flow.Policy {
	p := flow.DefaultPolicy()
	p.Password = flow.Optional
	return p
}

// keeper is a user who keeps a number for the second step.
func keeper() *gatelatch.User {
	u := holder()
	u.Addresses = append(u.Addresses, gatelatch.Address{ID: "idn_phone", Identifier: phoneFactor(number).To, Display: number, SecondFactor: true})
	return u
}

// stranger is a user on a client that is new to them.
func stranger() flow.Owner {
	return flow.Owner{ID: "user_1", Trust: []flow.Factor{stored(gatelatch.EmailCode), stored(gatelatch.EmailLink)}}
}

func stored(st gatelatch.Strategy) flow.Factor {
	return flow.Factor{Strategy: st, AddressID: "idn_stored", To: emailFactor(ada).To, Display: "Ada@example.com"}
}

// twoStep is a user with every kind of second factor but a passkey, and two
// numbers.
func twoStep() flow.Owner {
	second := phoneFactor(number2)
	second.AddressID = "idn_phone2"
	return flow.Owner{ID: "user_1", Trusted: true, TwoStep: true, Second: []flow.Factor{
		{Strategy: gatelatch.TOTPCode}, phoneFactor(number), second, {Strategy: gatelatch.BackupCode},
	}}
}

func trusted(o flow.Owner) flow.Owner {
	o.Trusted = true
	return o
}

// without is a user whose addresses and numbers are others by now.
func without(o flow.Owner) flow.Owner {
	o.Second, o.Trust = []flow.Factor{{Strategy: gatelatch.TOTPCode}, phoneFactor("+12015550199")}, []flow.Factor{emailFactor("b@example.com")}
	return o
}

func banned(o flow.Owner) flow.Owner {
	o.Banned = true
	return o
}

func locked(o flow.Owner) flow.Owner {
	o.Locked = true
	return o
}

// unproven is a user whose addresses an operator has given, and nobody proven.
func unproven(o flow.Owner) flow.Owner {
	o.Unproven = []gatelatch.Identifier{emailFactor(ada).To, phoneFactor(number).To}
	return o
}

// passwordSignIn has named an address where passwords are taken.
func passwordSignIn() flow.SignIn {
	return flow.AdvanceSignIn(freshSignIn(), flow.Identify{Factor: emailFactor(ada), User: holder()}, under(withPasswords(), 0)).Next
}

// tried has counted n guesses at the password.
func tried(s flow.SignIn, n int) flow.SignIn {
	for range n {
		s = flow.AdvanceSignIn(s, flow.CountGuess{}, under(withPasswords(), 0)).Next
	}
	return s
}

// provenElsewhere has proven the address by a code, and nobody holds it.
func provenElsewhere(s flow.SignIn) flow.SignIn {
	v := provenEmail()
	s.First = &v
	return s
}

// resetting has asked for a code to set a new password.
func resetting() flow.SignIn {
	return flow.AdvanceSignIn(passwordSignIn(), flow.Prepare{Strategy: gatelatch.ResetByEmail}, under(withPasswords(), 0)).Next
}

func owesPassword() flow.SignIn {
	return flow.AdvanceSignIn(resetting(), flow.Attempt{Strategy: gatelatch.ResetByEmail, Correct: true, Owner: user1}, at(0)).Next
}

func needsSecond() flow.SignIn {
	return flow.AdvanceSignIn(tried(passwordSignIn(), 1), flow.JudgeGuess{Correct: true, Owner: twoStep()}, under(withPasswords(), 0)).Next
}

func needsTrust() flow.SignIn {
	return flow.AdvanceSignIn(tried(passwordSignIn(), 1), flow.JudgeGuess{Correct: true, Owner: stranger()}, under(withPasswords(), 0)).Next
}

// asks puts a question to the holder of a session once more.
func asks(l flow.Level) flow.SignIn {
	return flow.AdvanceSignIn(freshSignIn(), flow.AskOnce{
		Again: flow.Again{SessionID: "sess_1", Level: l}, Owner: twoStep(), Identifier: emailFactor(ada).To,
		Factors: []flow.Factor{{Strategy: gatelatch.PasswordStrategy}, {Strategy: gatelatch.PasskeyStrategy}, stored(gatelatch.EmailCode)},
	}, at(0)).Next
}

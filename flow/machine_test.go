// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// The vocabulary of the tests of the pure machines.

func emailFactor(address string) flow.Factor {
	return flow.Factor{
		Strategy: gatelatch.EmailCode, AddressID: "idn_made", Display: address,
		To: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: address},
	}
}

func phoneFactor(number string) flow.Factor {
	return flow.Factor{
		Strategy: gatelatch.PhoneCode, AddressID: "idn_phone", Display: number,
		To: gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: number},
	}
}

// user1 is a known user in a browser of theirs.
var user1 = flow.Owner{ID: "user_1", Trusted: true}

const number = "+12015550123"

// at is an environment with the default policy, some time after noon.
func at(after time.Duration) flow.Env { return under(flow.DefaultPolicy(), after) }

func under(p flow.Policy, after time.Duration) flow.Env {
	return flow.Env{Now: flowtest.Noon().Add(after), Policy: p, Admit: admits(p.SignUp), Fresh: flow.Fresh{
		Nonce:  []byte(after.String() + " nonce"),
		UserID: "user_new", SessionID: "sess_new", EmailID: "idn_email", PhoneID: "idn_phone",
	}}
}

// admits is what a mode says about an address without any list or invitation.
func admits(m flow.SignUpMode) flow.Admission {
	switch m {
	case flow.SignUpOpen:
		return flow.Admitted
	case flow.SignUpWaitlist:
		return flow.Waits
	}
	return flow.Refused
}

// unlisted is an environment in which the rules refuse the address.
func unlisted(after time.Duration) flow.Env {
	env := at(after)
	env.Admit = flow.Refused
	return env
}

// waiting is one in which an address has to wait.
func waiting(p flow.Policy, after time.Duration) flow.Env {
	env := under(p, after)
	env.Admit = flow.Waits
	return env
}

func closedPolicy() flow.Policy {
	p := flow.DefaultPolicy()
	p.SignUp = flow.SignUpClosed
	return p
}

func bothPolicy() flow.Policy {
	p := flow.DefaultPolicy()
	p.Fields.Phone = flow.Required
	return p
}

func namedPolicy() flow.Policy {
	p := flow.DefaultPolicy()
	p.Fields.FirstName = flow.Required
	return p
}

// holder is a user who wrote the address in capitals.
func holder() *gatelatch.User {
	return &gatelatch.User{ID: "user_1", Addresses: []gatelatch.Address{
		{ID: "idn_stored", Identifier: emailFactor(ada).To, Display: "Ada@Example.com", VerifiedAt: flowtest.Noon(), Primary: true},
	}}
}

func freshSignIn() flow.SignIn { return flow.NewSignIn("sia_1", "client_1", flowtest.Noon()) }

// knownSignIn has named an address that user_1 holds.
func knownSignIn() flow.SignIn {
	return flow.AdvanceSignIn(freshSignIn(), flow.Identify{Factor: emailFactor(ada), User: holder()}, at(0)).Next
}

func unknownSignIn() flow.SignIn {
	return flow.AdvanceSignIn(freshSignIn(), flow.Identify{Factor: emailFactor(ada)}, at(0)).Next
}

func decoySignIn() flow.SignIn {
	return flow.AdvanceSignIn(freshSignIn(), flow.Identify{Factor: emailFactor(ada)}, under(closedPolicy(), 0)).Next
}

// sent asks for the code at noon.
func sent(s flow.SignIn) flow.SignIn {
	return flow.AdvanceSignIn(s, flow.Prepare{Strategy: gatelatch.EmailCode, Owner: user1}, at(0)).Next
}

// guessed gives n wrong codes at noon.
func guessed(s flow.SignIn, n int) flow.SignIn {
	for range n {
		s = flow.AdvanceSignIn(s, flow.Attempt{Strategy: gatelatch.EmailCode, Owner: flow.Owner{ID: s.UserID}}, at(0)).Next
	}
	return s
}

// transferableSignIn has proven an address that nobody holds.
func transferableSignIn() flow.SignIn {
	return flow.AdvanceSignIn(sent(unknownSignIn()), flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true}, at(0)).Next
}

// judgedSignIn has a challenge with a wrong guess, so that there is something
// to change.
func judgedSignIn() flow.SignIn { return guessed(sent(knownSignIn()), 1) }

func provenEmail() flow.Verification {
	return flow.Verification{
		Factor: emailFactor(ada), Status: flow.Transferable, Nonce: []byte("n"),
		SentAt: flowtest.Noon(), ExpireAt: flowtest.Noon().Add(10 * time.Minute), VerifiedAt: flowtest.Noon(), Attempts: 1, Sends: 1,
	}
}

func freshSignUp() flow.SignUp { return flow.NewSignUp("sua_1", "client_1", flowtest.Noon()) }

func details() flow.Details { return flow.Details{Email: ptr(emailFactor(ada))} }

// given has an e-mail address, and nothing is proven.
func given(p flow.Policy) flow.SignUp {
	return flow.AdvanceSignUp(freshSignUp(), details(), under(p, 0)).Next
}

// sentUp asks for the e-mail code at noon.
func sentUp(s flow.SignUp, p flow.Policy) flow.SignUp {
	return flow.AdvanceSignUp(s, flow.Prepare{Strategy: gatelatch.EmailCode}, under(p, 0)).Next
}

func guessedUp(s flow.SignUp, n int) flow.SignUp {
	for range n {
		s = flow.AdvanceSignUp(s, flow.Attempt{Strategy: gatelatch.EmailCode}, at(0)).Next
	}
	return s
}

// verifiedUp has proven the e-mail address and still owes something.
func verifiedUp(p flow.Policy) flow.SignUp {
	return flow.AdvanceSignUp(sentUp(given(p), p), flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true}, under(p, 0)).Next
}

// transferableUp has proven an address that user_1 holds.
func transferableUp() flow.SignUp {
	return flow.AdvanceSignUp(sentUp(given(flow.DefaultPolicy()), flow.DefaultPolicy()),
		flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true, Owner: user1}, at(0)).Next
}

func judgedSignUp() flow.SignUp {
	return guessedUp(sentUp(given(flow.DefaultPolicy()), flow.DefaultPolicy()), 1)
}

func allSignInInputs() []flow.SignInInput {
	return []flow.SignInInput{
		flow.Identify{Factor: emailFactor(ada), User: holder()},
		flow.Identify{Factor: emailFactor("b@example.com")},
		flow.Prepare{Strategy: gatelatch.EmailCode},
		flow.Prepare{Strategy: gatelatch.PhoneCode},
		flow.Prepare{},
		flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true, Owner: user1},
		flow.Attempt{Strategy: gatelatch.EmailCode},
		flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true},
		flow.Attempt{},
		flow.Adopt{Proven: provenEmail(), Owner: user1},
		flow.Adopt{},
		flow.CountGuess{},
		flow.JudgeGuess{Correct: true, Owner: user1},
		flow.JudgeGuess{},
		flow.SetPassword{Hash: gatelatch.Sealed("sealed"), Owner: user1},
		flow.ShowPasskey{Owner: user1},
		flow.ShowTicket{Owner: user1},
		flow.AskOnce{Again: flow.Again{SessionID: "sess_1", Level: flow.LevelFirst}, Owner: user1},
	}
}

func allSignUpInputs() []flow.SignUpInput {
	return []flow.SignUpInput{
		details(),
		flow.Details{},
		flow.Details{Password: gatelatch.Sealed("sealed")},
		flow.Details{UnsafeMetadata: []byte(`{"plan":"b"}`), Locale: "en-GB", AcceptTerms: true},
		flow.Details{Invited: &flow.Invited{InvitationID: "inv_1", Factor: emailFactor(ada)}},
		flow.Details{Phone: ptr(phoneFactor(number)), FirstName: ptr("Ada"), LastName: ptr("L")},
		flow.Prepare{Strategy: gatelatch.EmailCode},
		flow.Prepare{Strategy: gatelatch.PhoneCode},
		flow.Prepare{},
		flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true},
		flow.Attempt{Strategy: gatelatch.EmailCode},
		flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true, Owner: user1},
		flow.Attempt{},
		flow.AdoptProof{Proven: provenEmail()},
		flow.AdoptProof{},
		flow.Yield{SignInID: "sia_2"},
		flow.Yield{},
	}
}

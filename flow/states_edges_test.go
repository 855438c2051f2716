// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func boundToStored(t *testing.T, _, after flow.SignIn) {
	if f := after.Factors[0]; f.Display != "Ada@Example.com" || f.AddressID != "idn_made" || after.UserID != "user_1" || after.Decoy {
		t.Errorf("not bound to the stored form, or named by the stored id: %+v", after)
	}
}

func decoy(want bool) func(*testing.T, flow.SignIn, flow.SignIn) {
	return func(t *testing.T, _, after flow.SignIn) {
		if after.Decoy != want || after.UserID != "" || after.Factors[0].Display != after.Identifier.Value {
			t.Errorf("decoy %t, factors %v", after.Decoy, after.Factors)
		}
	}
}

func sendsOne(want int) func(*testing.T, flow.SignIn, flow.SignIn) {
	return func(t *testing.T, _, after flow.SignIn) {
		if after.First.Sends != want || after.First.ExpireAt.IsZero() {
			t.Errorf("the challenge does not look like any other: %+v", after.First)
		}
	}
}

func attempts(want int, status flow.VerificationStatus) func(*testing.T, flow.SignIn, flow.SignIn) {
	return func(t *testing.T, before, after flow.SignIn) {
		if after.First.Attempts != want || after.First.Status != status {
			t.Errorf("%d guesses and %s, want %d and %s", after.First.Attempts, after.First.Status, want, status)
		}
		if before.First.Attempts != want-1 || before.First.Status != flow.Unverified {
			t.Errorf("the state before was changed in place: %+v", before.First)
		}
	}
}

func renewed(t *testing.T, before, after flow.SignIn) {
	b, a := before.First, after.First
	if bytes.Equal(a.Nonce, b.Nonce) || !a.ExpireAt.Equal(a.SentAt.Add(10*time.Minute)) || a.Attempts != b.Attempts || a.Sends != b.Sends+1 {
		t.Errorf("before %+v, after %+v", b, a)
	}
}

func sameCode(t *testing.T, before, after flow.SignIn) {
	b, a := before.First, after.First
	if !bytes.Equal(a.Nonce, b.Nonce) || !a.ExpireAt.Equal(b.ExpireAt) || a.Attempts != b.Attempts || a.Sends != b.Sends+1 || a.SentAt.Equal(b.SentAt) {
		t.Errorf("before %+v, after %+v", b, a)
	}
}

type signUpEdge = edge[flow.SignUp, flow.SignUpInput]

// signUpEdges runs every row of the sign-up table, by its input and guard.
func signUpEdges() map[string]signUpEdge {
	const m, s = time.Minute, time.Second
	email, open, named := gatelatch.EmailCode, flow.DefaultPolicy(), namedPolicy()
	again, wrong, right := flow.Prepare{Strategy: email}, flow.Attempt{Strategy: email}, flow.Attempt{Strategy: email, Correct: true}
	const taken = "a proven address has a user (transferable)"
	edges := map[string]signUpEdge{
		"details: something is still missing or unproven":      {verifiedUp(named), flow.Details{Email: ptr(emailFactor("b@example.com"))}, under(named, m), proofDropped},
		"details: nothing is missing, every address is proven": {verifiedUp(named), flow.Details{FirstName: ptr("Ada")}, under(named, m), nil},
		"details: a ticket proves its address, and the rules refuse it": {
			freshSignUp(), flow.Details{Invited: &flow.Invited{InvitationID: "inv_1", Factor: emailFactor(ada)}}, refusing(named, m), nil,
		},
		"details: a ticket proves its address, and nothing else is missing": {
			freshSignUp(), flow.Details{Invited: &flow.Invited{InvitationID: "inv_1", Factor: emailFactor(ada)}}, under(open, m), byTicket,
		},
		"prepare: the strategy proves no address that was given": {given(open), flow.Prepare{Strategy: gatelatch.PhoneCode}, at(0), nil},
		"prepare: this address is proven already":                {verifiedUp(named), again, under(named, m), nil},
		"prepare: all guesses at this address are spent":         {guessedUp(sentUp(given(open), open), 5), again, at(m), nil},
		"prepare: the last message is younger than resend_after": {sentUp(given(open), open), again, at(30*s - 1), nil},
		"prepare: no code yet, or the last one has expired":      {guessedUp(sentUp(given(open), open), 2), again, at(10 * m), renewedUp},
		"prepare: the code still lives":                          {guessedUp(sentUp(given(open), open), 2), again, at(30 * s), sameCodeUp},
		"prepare: the rules refuse the addresses":                {given(open), again, unlisted(0), sentNothing},
		"details: nothing is missing, but the rules refuse":      {verifiedUp(named), flow.Details{FirstName: ptr("Ada")}, refusing(named, m), nil},
		"details: nothing is missing, but the address waits":     {withPassword(verifiedUp(named)), flow.Details{FirstName: ptr("Ada")}, waiting(named, m), forgotten},
		"attempt: right, the address waits":                      {withPassword(sentUp(given(named), named)), right, waiting(named, m), forgotten},
		"adopt: the rules refuse the address":                    {freshSignUp(), flow.AdoptProof{Proven: provenEmail()}, unlisted(0), nil},
		"adopt: proven, the address waits":                       {freshSignUp(), flow.AdoptProof{Proven: provenEmail()}, waiting(open, 0), nil},
		"attempt: the strategy proves no address that was given": {sentUp(given(open), open), flow.Attempt{Strategy: gatelatch.PhoneCode, Correct: true}, at(0), nil},
		"attempt: no code was asked for":                         {given(open), right, at(0), nil},
		"attempt: this address is proven already":                {verifiedUp(named), right, under(named, 0), nil},
		"attempt: all guesses at this address are spent":         {guessedUp(sentUp(given(open), open), 5), right, at(0), nil},
		"attempt: the code has expired":                          {sentUp(given(open), open), right, at(10 * m), nil},
		"attempt: wrong, or the rules refuse, the last guess":    {guessedUp(sentUp(given(open), open), 4), wrong, at(0), attemptsUp(5, flow.Failed)},
		"attempt: wrong, or the rules refuse":                    {sentUp(given(open), open), right, unlisted(0), attemptsUp(1, flow.Unverified)},
		"attempt: right, somebody holds the address":             {sentUp(given(open), open), flow.Attempt{Strategy: email, Correct: true, Owner: user1}, at(0), attemptsUp(1, flow.Transferable)},
		"attempt: right, something is still missing or unproven": {sentUp(given(named), named), right, under(named, 0), attemptsUp(1, flow.Verified)},
		"attempt: right, nothing else is missing or unproven":    {sentUp(given(open), open), right, at(10*m - 1), attemptsUp(1, flow.Verified)},
		"adopt: the address is not proven":                       {freshSignUp(), flow.AdoptProof{Proven: flow.Verification{Factor: emailFactor(ada), Status: flow.Failed}}, at(0), nil},
		"adopt: proven, something is still missing or unproven":  {freshSignUp(), flow.AdoptProof{Proven: provenEmail()}, under(named, 0), nil},
		"adopt: proven, nothing else is missing or unproven":     {freshSignUp(), flow.AdoptProof{Proven: provenEmail()}, at(0), nil},
		"yield: no proven address has a user":                    {verifiedUp(named), flow.Yield{SignInID: "sia_2"}, under(named, 0), nil},
		"yield: " + taken:                                        {transferableUp(), flow.Yield{SignInID: "sia_2"}, at(0), handedOver},
	}
	for _, in := range []flow.SignUpInput{details(), again, right, flow.AdoptProof{Proven: provenEmail()}} {
		edges[string(kindOf(in))+": sign-up is closed"] = signUpEdge{sentUp(given(open), open), in, under(closedPolicy(), 0), nil}
		edges[string(kindOf(in))+": "+taken] = signUpEdge{transferableUp(), in, at(0), nil}
	}
	return edges
}

func byTicket(t *testing.T, _, after flow.SignUp) {
	v := after.EmailProof
	if v.Strategy != gatelatch.Ticket || !v.Proven() || v.ExpireAt.After(v.VerifiedAt) || after.Email.Strategy != gatelatch.EmailCode || after.InvitationID != "inv_1" {
		t.Errorf("proven by a ticket as %+v", v)
	}
}

func proofDropped(t *testing.T, before, after flow.SignUp) {
	if after.EmailProof != nil || after.Email.To.Value != "b@example.com" || !before.EmailProof.Proven() {
		t.Errorf("the proof of another address was kept: %+v", after.EmailProof)
	}
}

func renewedUp(t *testing.T, before, after flow.SignUp) {
	renewed(t, flow.SignIn{First: before.EmailProof}, flow.SignIn{First: after.EmailProof})
}

func sameCodeUp(t *testing.T, before, after flow.SignUp) {
	sameCode(t, flow.SignIn{First: before.EmailProof}, flow.SignIn{First: after.EmailProof})
}

func attemptsUp(want int, status flow.VerificationStatus) func(*testing.T, flow.SignUp, flow.SignUp) {
	return func(t *testing.T, before, after flow.SignUp) {
		attempts(want, status)(t, flow.SignIn{First: before.EmailProof}, flow.SignIn{First: after.EmailProof})
	}
}

func refusing(p flow.Policy, after time.Duration) flow.Env {
	env := under(p, after)
	env.Admit = flow.Refused
	return env
}

func withPassword(s flow.SignUp) flow.SignUp {
	s.Password = gatelatch.Sealed("sealed")
	return s
}

func forgotten(t *testing.T, before, after flow.SignUp) {
	if len(before.Password) == 0 || len(after.Password) > 0 || after.UserID != "" {
		t.Errorf("who waits has a password, or is a user: %+v", after)
	}
}

func sentNothing(t *testing.T, before, after flow.SignUp) {
	if before.EmailProof != nil || after.EmailProof == nil || after.EmailProof.Sends != 1 || after.EmailProof.ExpireAt.IsZero() {
		t.Errorf("the challenge does not look like any other: %+v", after.EmailProof)
	}
}

func handedOver(t *testing.T, _, after flow.SignUp) {
	if after.TransferTo != "sia_2" || after.SessionID != "" || after.UserID != "" {
		t.Errorf("handed over as %+v", after)
	}
}

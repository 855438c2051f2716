// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"pgregory.net/rapid"
)

const (
	testMail   = "ada+clerk_test@example.com"
	testNumber = "+12015550123"
	fixedCode  = "424242"
)

func testMode(s *flow.Service) {
	s.Policy.TestMode = true
	s.Policy.Fields.Phone = flow.Optional
	s.Policy.Fields.Email = flow.Optional
}

func TestTheFixedCode(t *testing.T) {
	for length, want := range map[int]string{6: "424242", 7: "4242424", 8: "42424242", 9: "424242424", 10: "4242424242"} {
		if got := flow.TestCode(length).Reveal(); got != want {
			t.Errorf("%d digits: %s", length, got)
		}
	}
}

func TestATestAddressSignsUpAndInWithTheFixedCode(t *testing.T) {
	for _, address := range []string{testMail, testNumber} {
		g := newGate(t, testMode)
		who := g.Browser()
		p := flow.SignUpParams{Email: &address, Prepare: true}
		if address == testNumber {
			p = flow.SignUpParams{Phone: &address, Prepare: true}
		}
		id := check(t)(g.CreateSignUp(ctx(), who, p)).SignUp.ID
		wantCode(t, check(t)(g.AttemptVerification(ctx(), who, id, "", "424241")), gatelatch.CodeIncorrect)
		if out := check(t)(g.AttemptVerification(ctx(), who, id, "", fixedCode)); out.Issued == nil {
			t.Fatalf("signing up: %+v", out.Refusal)
		}
		other := g.Browser()
		in := startSignIn(t, g, other, address)
		if out := check(t)(g.AttemptFirstFactor(ctx(), other, in, "", fixedCode)); out.Issued == nil {
			t.Fatalf("signing in: %+v", out.Refusal)
		}
		if n := len(g.Fetch()); n != 0 {
			t.Errorf("%d messages to %s", n, address)
		}
	}
}

// Everything else is as always: pauses, ends, guesses and budgets.
func TestATestAddressIsCountedAsAlways(t *testing.T) {
	g := newGate(t, testMode)
	g.AddUser(testMail)
	who := g.Browser()
	id := startSignIn(t, g, who, testMail)
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, "", "")), gatelatch.CodeResendTooSoon)
	for i := range 5 {
		want := gatelatch.CodeIncorrect
		if i == 4 {
			want = gatelatch.CodeFailed
		}
		wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, id, "", "111111")), want)
	}
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, id, "", fixedCode)), gatelatch.CodeFailed)
	late := startSignIn(t, g, who, testMail)
	g.Clock.Advance(10 * time.Minute)
	wantCode(t, check(t)(g.AttemptFirstFactor(ctx(), who, late, "", fixedCode)), gatelatch.CodeExpired)
	g.Clock.Advance(time.Hour)
	for i := range 6 {
		want := gatelatch.Code("")
		if i == 5 {
			want = gatelatch.CodeTooManyRequests
		}
		wantCode(t, check(t)(g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: testMail, Prepare: true})), want)
	}
}

// TestTheFixedCodeIsForTestAddressesAlone, and for nobody where the mode is off.
// The code that an ordinary address was sent is the only one that is right there,
// and the one that a test address would have been sent is worth nothing.
func TestTheFixedCodeIsForTestAddressesAlone(t *testing.T) { rapid.Check(t, fixedCodeProperty) }

func fixedCodeProperty(t *rapid.T) {
	on := rapid.Bool().Draw(t, "test mode")
	address := rapid.SampledFrom([]string{
		ada, testMail, "clerk_test@example.com", "ada+clerk_tests@example.com", "ada+x@clerk-test.example.com", "a+CLERK_TEST@example.com",
		testNumber, "+1 201 555 0100", "+12015550099", "+12015550200", "+442079460018",
	}).Draw(t, "address")
	g := newGate(t, testMode, func(s *flow.Service) { s.Policy.TestMode, s.Identifiers.Countries = on, []string{"US", "GB"} })
	parsed, r := g.Identifiers.Parse(address)
	if r != nil {
		t.Fatalf("%s", r.Message)
	}
	who := g.Browser()
	id := startSignIn(t, g, who, address)
	si := check(t)(g.SignIn(ctx(), who, id)).SignIn
	derived := g.Codes.Code(id, si.FirstPurpose(), *si.First).Reveal()
	fixed := on && identifier.Test(parsed.Identifier)
	typed := rapid.SampledFrom([]string{fixedCode, derived}).Draw(t, "typed")
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", typed))
	if right := typed == derived; fixed {
		if (typed == fixedCode) != (out.Refusal == nil) || len(g.Fetch()) != 0 {
			t.Fatalf("a test address took %t: %+v", typed == fixedCode, out.Refusal)
		}
	} else if right != (out.Refusal == nil) || len(g.Fetch()) != 1 {
		t.Fatalf("%s took a code that it was not sent, or none at all: %+v", address, out.Refusal)
	}
}

// Nothing at all is sent there, notices included.
func TestATestAddressIsSentNoNotice(t *testing.T) {
	g := newGate(t, testMode)
	u := g.AddUser(testMail)
	g.AddAddress(u.ID, "real@example.com", false)
	g.Trust(g.Browser(), u.ID)
	wantStatus(t, showTicket(t, g, g.Browser(), g.SignInToken(tokenFor(g, u.ID).ID)), flow.SignInComplete)
	if told := g.Fetch(); len(told) != 0 {
		t.Errorf("%d messages", len(told))
	}
}

func TestATestAddressOnANewDevice(t *testing.T) {
	g := newGate(t, testMode, takesPasswords)
	g.AddPassword(g.AddUser(testMail).ID, secretWords)
	who := g.Browser()
	p := person{Gate: g}
	id := begin(t, g, who, testMail)
	wantStatus(t, p.give(t, who, id, secretWords), flow.NeedsClientTrust)
	wantCode(t, check(t)(g.PrepareSecondFactor(ctx(), who, id, "", "")), "")
	wantStatus(t, check(t)(g.AttemptSecondFactor(ctx(), who, id, "", fixedCode)), flow.SignInComplete)
}

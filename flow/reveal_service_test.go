// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// reveals answers at once whether an address has a user.
func reveals(s *flow.Service) {
	s.Policy.Reveal = true
	s.Policy.Fields = flow.Fields{Email: flow.Optional, Phone: flow.Optional, FirstName: flow.Off, LastName: flow.Off}
}

// revealed fails unless an address was refused by name, and nothing was made.
func revealed(t *testing.T, g *flowtest.Gate, mark int, out flow.Outcome, want gatelatch.Code, param string) {
	t.Helper()
	wantCode(t, out, want)
	if out.Refusal.Param != param || out.Refusal.Status() != 422 {
		t.Errorf("about %q with %d", out.Refusal.Param, out.Refusal.Status())
	}
	for _, w := range g.Store.Since(mark) {
		if w.What != "PutCounter" {
			t.Errorf("wrote %s", w.What)
		}
	}
}

func TestRevealAtSignIn(t *testing.T) {
	for name, p := range map[string]flow.SignInParams{
		"an address": {Identifier: ada}, "with its code": {Identifier: ada, Prepare: true},
		"with a password": {Identifier: ada, Password: secretWords}, "a number": {Identifier: number},
		"a number kept for the second step": {Identifier: reservedNumber},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, takesPasswords, reveals)
			g.AddAddress(g.AddUser("bob@example.com").ID, reservedNumber, true)
			mark := g.Store.Mark()
			out := check(t)(g.CreateSignIn(ctx(), g.Browser(), p))
			revealed(t, g, mark, out, gatelatch.CodeIdentifierUnknown, "identifier")
			if out.SignIn != nil {
				t.Error("an attempt was begun")
			}
		})
	}
}

func TestRevealLetsUsersIn(t *testing.T) {
	g := newGate(t, takesPasswords, reveals)
	u := g.AddUser(ada)
	g.AddPassword(u.ID, secretWords)
	if out := signIn(t, g, g.Browser(), ada); out.Issued.Session.UserID != u.ID {
		t.Error("somebody else is signed in")
	}
	wantStatus(t, check(t)(g.CreateSignIn(ctx(), g.Browser(), flow.SignInParams{Identifier: ada, Password: secretWords})), flow.NeedsClientTrust)
	wantCode(t, check(t)(g.CreateSignIn(ctx(), g.Browser(), flow.SignInParams{Identifier: ada, Password: "wrong words"})), gatelatch.CodePasswordIncorrect)
	signUp(t, g, g.Browser(), "new@example.com")
}

func TestRevealAtSignUp(t *testing.T) {
	for name, c := range map[string]struct {
		p     flow.SignUpParams
		param string
	}{
		"an address":       {flow.SignUpParams{Email: ptr("ADA@example.com")}, flow.FieldEmail},
		"with its code":    {flow.SignUpParams{Email: ptr(ada), Prepare: true}, flow.FieldEmail},
		"with a password":  {flow.SignUpParams{Email: ptr(ada), Password: ptr(gatelatch.Secret(otherWords))}, flow.FieldEmail},
		"a number":         {flow.SignUpParams{Phone: ptr(number)}, flow.FieldPhone},
		"a reserved one":   {flow.SignUpParams{Phone: ptr(reservedNumber)}, flow.FieldPhone},
		"beside a new one": {flow.SignUpParams{Email: ptr("new@example.com"), Phone: ptr(number)}, flow.FieldPhone},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, takesPasswords, reveals)
			u := g.AddUser(ada)
			g.AddAddress(u.ID, number, false)
			g.AddAddress(u.ID, reservedNumber, true)
			mark := g.Store.Mark()
			revealed(t, g, mark, check(t)(g.CreateSignUp(ctx(), g.Browser(), c.p)), gatelatch.CodeExists, c.param)
			who := g.Browser()
			id := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr("other@example.com")})).SignUp.ID
			mark = g.Store.Mark()
			out := check(t)(g.UpdateSignUp(ctx(), who, id, c.p))
			revealed(t, g, mark, out, gatelatch.CodeExists, c.param)
			if kept := check(t)(g.SignUp(ctx(), who, id)).SignUp; kept.Email.To.Value != "other@example.com" {
				t.Error("a refused address was taken")
			}
		})
	}
}

// An address that somebody took while the sign-up stood is told of before a code
// goes out.
func TestRevealBeforeACode(t *testing.T) {
	g := newGate(t, reveals)
	who := g.Browser()
	id := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada)})).SignUp.ID
	g.AddUser(ada)
	mark := g.Store.Mark()
	revealed(t, g, mark, check(t)(g.PrepareVerification(ctx(), who, id, "")), gatelatch.CodeExists, flow.FieldEmail)
	if n := len(g.Fetch()); n != 0 {
		t.Errorf("%d messages", n)
	}
}

// Asking who exists draws on the budget of the network, like any other start.
func TestRevealIsLimited(t *testing.T) {
	g := newGate(t, reveals)
	last := gatelatch.Code("")
	for range 31 {
		last = code(check(t)(g.CreateSignIn(ctx(), g.BrowserAt("192.0.2.1"), flow.SignInParams{Identifier: ada})).Refusal)
	}
	if last != gatelatch.CodeTooManyRequests {
		t.Errorf("the 31st question in a minute is answered with %q", last)
	}
	g.Clock.Advance(2 * time.Minute)
	wantCode(t, check(t)(g.CreateSignIn(ctx(), g.BrowserAt("192.0.2.1"), flow.SignInParams{Identifier: ada})), gatelatch.CodeIdentifierUnknown)
}

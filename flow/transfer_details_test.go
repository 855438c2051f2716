// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func withTerms(s *flow.Service) {
	s.Policy.Terms = flow.Terms{URL: "https://example.com/terms", Version: "2"}
	s.Policy.Fields.FirstName, s.Policy.Fields.LastName = flow.Optional, flow.Optional
}

// everything is what a program may give along with a transfer.
func everything() flow.SignUpParams {
	return flow.SignUpParams{
		FirstName: ptr("Ada"), LastName: ptr("King"), Password: ptr(gatelatch.Secret(secretWords)), Locale: ptr("en-GB"),
		UnsafeMetadata: []byte(`{"plan":"free"}`), AcceptTerms: true,
	}
}

func TestATransferTakesTheDetailsAlong(t *testing.T) {
	g := newGate(t, wantsPasswords, withTerms)
	who := g.Browser()
	out := check(t)(g.TransferToSignUp(ctx(), who, proven(t, g, who, ada), everything()))
	if out.Issued == nil {
		t.Fatalf("no account: %+v", out.Refusal)
	}
	in(t, g, func(tx flow.Tx) error {
		u, err := tx.User(ctx(), out.SignUp.UserID)
		if u.FirstName != "Ada" || u.LastName != "King" || u.Locale != "en-GB" || u.TermsVersion != "2" || string(u.Metadata.Unsafe) != `{"plan":"free"}` {
			t.Errorf("the user is %+v", u)
		}
		return err
	})
	if !knows(t, g, out.SignUp.UserID, secretWords) {
		t.Error("the password is lost")
	}
}

// The address that was proven is the one of the account, whatever is said beside it.
func TestATransferKeepsItsAddress(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	out := check(t)(g.TransferToSignUp(ctx(), who, proven(t, g, who, ada), flow.SignUpParams{Email: ptr("eve@example.com")}))
	if out.Issued == nil || out.SignUp.Email.To.Value != ada || out.SignUp.EmailProof.To.Value != ada {
		t.Fatalf("ends as %+v", out.SignUp)
	}
	in(t, g, func(tx flow.Tx) error {
		_, err := tx.UserByIdentifier(ctx(), gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "eve@example.com"})
		if !errors.Is(err, gatelatch.ErrNotFound) {
			t.Error("an address that nobody has proven has a user")
		}
		return nil
	})
}

// An address that goes nowhere is not looked at either: neither lists nor whoever
// holds it are in the way, and nothing is told of it.
func TestATransferDoesNotLookAtAnotherAddressOfItsKind(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := proven(t, g, who, ada)
	g.Policy.Reveal = true
	g.AddUser("eve@example.com")
	if out := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{Email: ptr("eve@example.com")})); out.Issued == nil {
		t.Errorf("%+v", out.Refusal)
	}
}

// An address of the other kind is still to be proven.
func TestATransferWithANumberAsksForItsCode(t *testing.T) {
	g := newGate(t, both)
	who := g.Browser()
	out := check(t)(g.TransferToSignUp(ctx(), who, proven(t, g, who, ada), flow.SignUpParams{Phone: ptr("+12025550188")}))
	wantCode(t, out, "")
	if out.Issued != nil || len(out.SignUp.MissingFields(g.Policy)) > 0 || out.SignUp.NextStrategy() != gatelatch.PhoneCode {
		t.Fatalf("ends as %+v", out.SignUp)
	}
}

// A fault in the details spends neither the proof nor anything else.
func TestATransferWithFaultsCanBeRepeated(t *testing.T) {
	for name, p := range map[string]struct {
		give flow.SignUpParams
		want gatelatch.Code
	}{
		"a name":     {flow.SignUpParams{FirstName: ptr("\u202e")}, gatelatch.CodeFormat},
		"metadata":   {flow.SignUpParams{UnsafeMetadata: []byte(`[1]`)}, gatelatch.CodeMetadata},
		"a password": {flow.SignUpParams{Password: ptr(gatelatch.Secret("short"))}, gatelatch.CodePasswordShort},
		"the address as password": {
			flow.SignUpParams{Password: ptr(gatelatch.Secret(strings.ToUpper(ada)))}, gatelatch.CodePasswordWeak,
		},
	} {
		g := newGate(t, wantsPasswords, withTerms)
		who := g.Browser()
		id := proven(t, g, who, ada)
		out := check(t)(g.TransferToSignUp(ctx(), who, id, p.give))
		wantCode(t, out, p.want)
		if out.SignIn == nil || out.SignIn.ID != id || out.SignUp != nil {
			t.Errorf("%s: the page has lost the attempt", name)
		}
		if out := check(t)(g.TransferToSignUp(ctx(), who, id, everything())); out.Issued == nil {
			t.Errorf("%s: %+v", name, out.Refusal)
		}
	}
}

// A sign-in that leads to no account costs no hash, and says nothing of a password.
func TestAPasswordForNoTransferIsNotLookedAt(t *testing.T) {
	g := newGate(t, wantsPasswords)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	weak := flow.SignUpParams{Password: ptr(gatelatch.Secret("short"))}
	wantCode(t, check(t)(g.TransferToSignUp(ctx(), who, id, weak)), gatelatch.CodeStateInvalid)
	wantCode(t, check(t)(g.TransferToSignUp(ctx(), g.Browser(), id, weak)), gatelatch.CodeNotFound)
}

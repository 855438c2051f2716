// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/password"
)

const upWords = "another good long sentence"

func wantsPasswords(s *flow.Service) { s.Policy.Password = flow.Required }

// startWithPassword begins a sign-up with a password and its code on the way.
func startWithPassword(t fatal, g *flowtest.Gate, who flow.Caller, address, plain string) flow.SignUp {
	t.Helper()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: &address, Password: ptr(gatelatch.Secret(plain)), Prepare: true}))
	wantCode(t, out, "")
	return *out.SignUp
}

// knows reports whether a password is the user's.
func knows(t fatal, g *flowtest.Gate, userID, plain string) bool {
	t.Helper()
	var c gatelatch.Credentials
	in(t, g, func(tx flow.Tx) (err error) { c, err = tx.Credentials(ctx(), userID); return err })
	if c.Password == nil {
		return false
	}
	hash, err := g.Keys.Encrypt.Open("password "+userID, c.Password.Hash)
	if err != nil {
		t.Fatalf("sealed for somebody else: %v", err)
	}
	v, err := g.Hasher.Verify(ctx(), string(hash), gatelatch.Secret(plain))
	if err != nil {
		t.Fatalf("comparing: %v", err)
	}
	return v.Match
}

func TestASignUpWithAPassword(t *testing.T) {
	g := newGate(t, wantsPasswords)
	who := g.Browser()
	who.UserAgent = "Mozilla/5.0 (a browser)"
	su := startWithPassword(t, g, who, ada, secretWords)
	if bytes.Contains(su.Password, []byte("argon2")) || g.Store.Count("CreateUser") > 0 {
		t.Error("the hash can be read, or there is a user before the proof")
	}
	out := check(t)(g.AttemptVerification(ctx(), who, su.ID, "", g.Code(su.ID)))
	wantCode(t, out, "")
	s := out.Issued.Session
	if !knows(t, g, s.UserID, secretWords) || knows(t, g, s.UserID, upWords) || len(out.SignUp.Password) > 0 {
		t.Error("the password is not the user's, or is still in the attempt")
	}
	if s.Strategy != gatelatch.EmailCode || !s.FirstAt.Equal(g.Clock.Now()) || s.UserAgent == "" || s.IP != who.IP.String() {
		t.Errorf("the session does not know how it began: %+v", s)
	}
	in(t, g, func(tx flow.Tx) error {
		trust, err := tx.ClientTrust(ctx(), s.UserID, s.ClientID)
		if err == nil && !trust.LiveAt(g.Clock.Now(), g.Policy.ClientTrust) {
			t.Error("the browser of the sign-up is not trusted")
		}
		u, err2 := tx.User(ctx(), s.UserID)
		if !u.Factors.Password {
			t.Error("the user does not know of the password")
		}
		return errors.Join(err, err2)
	})
}

func TestARequiredPasswordIsAskedForByName(t *testing.T) {
	g := newGate(t, wantsPasswords)
	who := g.Browser()
	for _, given := range []*gatelatch.Secret{nil, ptr(gatelatch.Secret(""))} {
		out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada), Password: given, Prepare: true}))
		if wantCode(t, out, gatelatch.CodeMissing); out.Refusal.Param != flow.FieldPassword || len(g.Fetch()) > 0 {
			t.Errorf("asked for %q", out.Refusal.Param)
		}
	}
	id := proven(t, g, who, ada) // a sign-in that leads to an account
	out := check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
	if wantCode(t, out, ""); out.Issued != nil {
		t.Fatal("an account without a password")
	}
	out = check(t)(g.UpdateSignUp(ctx(), who, out.SignUp.ID, flow.SignUpParams{Password: ptr(gatelatch.Secret(secretWords))}))
	if out.Issued == nil || !knows(t, g, out.SignUp.UserID, secretWords) {
		t.Errorf("no account: %+v", out.Refusal)
	}
}

func TestPasswordsThatASignUpRefuses(t *testing.T) {
	for plain, want := range map[string]gatelatch.Code{
		"short": gatelatch.CodePasswordShort, "password1": gatelatch.CodePasswordWeak, "ada@example": gatelatch.CodePasswordWeak,
	} {
		g := newGate(t, wantsPasswords)
		who := g.Browser()
		out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada), Password: ptr(gatelatch.Secret(plain)), Prepare: true}))
		if wantCode(t, out, want); out.Refusal.Param != flow.FieldPassword || len(g.Fetch()) > 0 {
			t.Errorf("about %q", out.Refusal.Param)
		}
		su := startWithPassword(t, g, who, ada, secretWords)
		out = check(t)(g.UpdateSignUp(ctx(), who, su.ID, flow.SignUpParams{Password: ptr(gatelatch.Secret(plain))}))
		if wantCode(t, out, want); out.SignUp == nil || out.SignUp.ID != su.ID {
			t.Error("the page has lost the attempt")
		}
	}
}

func TestAPasswordThatIsOffIsNotTaken(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	su := startWithPassword(t, g, who, ada, "short")
	out := check(t)(g.AttemptVerification(ctx(), who, su.ID, "", g.Code(su.ID)))
	if out.Issued == nil || len(su.Password) > 0 || knows(t, g, out.SignUp.UserID, "short") {
		t.Error("taken all the same")
	}
}

// TestAPasswordBeforeTheProofIsWorthNothing: who begins a sign-up with somebody
// else's address has no password of the account that its owner makes, or has.
func TestAPasswordBeforeTheProofIsWorthNothing(t *testing.T) {
	g := newGate(t, takesPasswords)
	thief, owner := g.Browser(), g.Browser()
	planted := startWithPassword(t, g, thief, ada, secretWords)
	mine := startWithPassword(t, g, owner, ada, upWords)
	out := check(t)(g.AttemptVerification(ctx(), owner, mine.ID, "", g.Code(mine.ID)))
	userID := out.Issued.Session.UserID
	if knows(t, g, userID, secretWords) || !knows(t, g, userID, upWords) {
		t.Fatal("the password is the thief's")
	}
	// The thief has got hold of the code as well: it is now a sign-in.
	out = check(t)(g.AttemptVerification(ctx(), thief, planted.ID, "", g.Code(planted.ID)))
	if !out.SignUp.Transferable() || len(out.SignUp.Password) > 0 {
		t.Error("the password waits in the attempt")
	}
	out = check(t)(g.TransferToSignIn(ctx(), thief, planted.ID))
	if wantCode(t, out, ""); knows(t, g, userID, secretWords) || !knows(t, g, userID, upWords) {
		t.Error("the sign-up of a known address has replaced a password")
	}
}

func TestABusyHasherCostsASignUpNothing(t *testing.T) {
	g := newGate(t, wantsPasswords, func(s *flow.Service) {
		s.Hasher = password.NewHasher(password.Params{Memory: 64, Iterations: 1, Parallelism: 1}, 1, 1)
	})
	for {
		if _, err := g.Hasher.Enter(); err != nil {
			break
		}
	}
	mark := g.Store.Mark()
	_, err := g.CreateSignUp(ctx(), g.Browser(), flow.SignUpParams{Email: ptr(ada), Password: ptr(gatelatch.Secret(secretWords)), Prepare: true})
	if !errors.Is(err, password.ErrBusy) || len(g.Store.Since(mark)) > 0 {
		t.Errorf("%v, after %d writes", err, len(g.Store.Since(mark)))
	}
}

// TestPasswordsOfSignUpsAreChargedFor: a network cannot have hashes made without
// end, neither by new attempts nor by one.
func TestPasswordsOfSignUpsAreChargedFor(t *testing.T) {
	g := newGate(t, takesPasswords)
	who := g.Browser()
	su := startWithPassword(t, g, who, ada, secretWords)
	var out flow.Outcome
	for range 30 {
		out = check(t)(g.UpdateSignUp(ctx(), who, su.ID, flow.SignUpParams{Password: ptr(gatelatch.Secret("short"))}))
	}
	wantCode(t, out, gatelatch.CodeTooManyRequests)
	out = check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada), Password: ptr(gatelatch.Secret(secretWords))}))
	wantCode(t, out, gatelatch.CodeTooManyRequests)
}

// TestAPasswordForAnotherAttemptIsRefusedUnhashed.
func TestAPasswordForAnotherAttemptIsRefusedUnhashed(t *testing.T) {
	g := newGate(t, takesPasswords)
	who, other := g.Browser(), g.Browser()
	su := startWithPassword(t, g, who, ada, secretWords)
	startSignUp(t, g, other, "bob@example.com")
	for {
		if _, err := g.Hasher.Enter(); err != nil {
			break // whoever needs a hash now fails
		}
	}
	out := check(t)(g.UpdateSignUp(ctx(), other, su.ID, flow.SignUpParams{Password: ptr(gatelatch.Secret(upWords))}))
	wantCode(t, out, gatelatch.CodeNotFound)
}

// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"pgregory.net/rapid"
)

// TestSignUpProperties checks invariants 1, 2 and 4 to 8 of the sign-up machine.
func TestSignUpProperties(t *testing.T) { rapid.Check(t, signUpProperties) }

func FuzzSignUpProperties(f *testing.F) { f.Fuzz(rapid.MakeFuzz(signUpProperties)) }

func signUpProperties(t *rapid.T) {
	c := newCourse(t)
	s := freshSignUp()
	for range rapid.IntRange(1, 30).Draw(t, "steps") {
		in, env := drawSignUpInput(t), c.env(t)
		before := clone(t, s)
		step := flow.AdvanceSignUp(s, in, env)
		if !reflect.DeepEqual(before, s) {
			t.Fatalf("the step changed its own input from %+v to %+v", before, s)
		}
		if again := flow.AdvanceSignUp(clone(t, s), in, env); !reflect.DeepEqual(again, step) {
			t.Fatalf("the same input gave %+v, then %+v", step, again)
		}
		next := step.Next
		c.effects(t, step.Effects, next.Status == flow.SignUpComplete)
		for _, pair := range [][2]*flow.Verification{{before.EmailProof, next.EmailProof}, {before.PhoneProof, next.PhoneProof}} {
			c.judge(t, pair[0], pair[1])
			c.proved(t, pair[0], pair[1], in)
		}
		checkSignUpStep(t, before, in, step, env)
		s = next
	}
}

func checkSignUpStep(t *rapid.T, before flow.SignUp, in flow.SignUpInput, step flow.Step[flow.SignUp], env flow.Env) {
	next := step.Next
	if !slices.Contains(flow.SignUpStatuses(), next.Status) {
		t.Fatalf("unknown status %q", next.Status)
	}
	if before.Status != flow.MissingRequirements && (step.Refusal == nil || !reflect.DeepEqual(before, next)) {
		t.Fatalf("%s and yet moved by %T", before.Status, in)
	}
	if next.Status != flow.MissingRequirements && len(next.Password) > 0 {
		t.Fatalf("%s, and the password is still there", next.Status)
	}
	if next.Status == flow.SignUpWaiting && before.Status != flow.SignUpWaiting {
		checkWaiting(t, next, step.Effects, env)
	}
	if env.Admit == flow.Refused && before.EmailProof.Proven() != next.EmailProof.Proven() && next.EmailProof.Proven() {
		t.Fatalf("proven by somebody who may not sign up: %T", in)
	}
	if next.Status == flow.SignUpTransferred && (!next.Transferable() || next.SessionID != "") {
		t.Fatalf("handed over without a proof, or with a session: %+v", next)
	}
	if before.Status != flow.SignUpComplete && next.Status == flow.SignUpComplete {
		checkNewUser(t, next, step.Effects, env)
	}
	if step.Refusal != nil {
		if len(step.Effects) > 0 {
			t.Fatal("refused, and yet something was done")
		}
		if before.EmailProof != nil && next.EmailProof != nil {
			next.EmailProof = ptr(withoutCounters(*before.EmailProof, *next.EmailProof))
		}
		if before.PhoneProof != nil && next.PhoneProof != nil {
			next.PhoneProof = ptr(withoutCounters(*before.PhoneProof, *next.PhoneProof))
		}
		if !reflect.DeepEqual(before, next) {
			t.Fatalf("refused with %s, and yet changed from %+v to %+v", step.Refusal.Code, before, next)
		}
	}
	if next.EmailProof != nil && next.EmailProof.To != next.Email.To || next.PhoneProof != nil && next.PhoneProof.To != next.Phone.To {
		t.Fatalf("the proof of another address: %+v", next)
	}
	if before.ClientID != next.ClientID || before.ID != next.ID || !before.AbandonAt.Equal(next.AbandonAt) {
		t.Fatal("moved to another client, or its end was put off")
	}
}

// checkWaiting: only proven addresses wait, and nothing else was done.
func checkWaiting(t *rapid.T, s flow.SignUp, effects []flow.Effect, env flow.Env) {
	if env.Admit != flow.Waits || len(effects) == 0 || s.UserID != "" || s.SessionID != "" {
		t.Fatalf("waits as %+v with %v", s, effects)
	}
	for _, e := range effects {
		w, ok := e.(flow.Wait)
		if !ok || !s.Proof(gatelatch.CodeStrategy(w.To.Kind)).Proven() {
			t.Fatalf("an address waits that was not proven, or something else was done: %#v", e)
		}
	}
}

// checkNewUser: nothing is missing, and every address of the new user is one
// that was proven, and belonged to nobody, in this attempt.
func checkNewUser(t *rapid.T, s flow.SignUp, effects []flow.Effect, env flow.Env) {
	made := effects[0].(flow.CreateUser)
	u := made.User
	s.Password = made.Password // it has gone to the user
	if env.Admit != flow.Admitted || env.Policy.SignUp == flow.SignUpClosed || s.Transferable() {
		t.Fatalf("complete, though the rules refuse it: %+v", s)
	}
	if len(s.MissingFields(env.Policy)) > 0 || len(s.UnverifiedFields()) > 0 {
		t.Fatalf("complete too early: %+v", s)
	}
	if u.Factors.Password != (len(made.Password) > 0) || env.Policy.Password == flow.Required && !u.Factors.Password {
		t.Fatalf("the user is made with another password than was given: %+v", u.Factors)
	}
	for _, a := range u.Addresses {
		proof := s.Proof(gatelatch.CodeStrategy(a.Kind))
		if proof == nil || proof.Status != flow.Verified || proof.To != a.Identifier {
			t.Fatalf("an address that was not proven: %+v", a)
		}
	}
	if u.ID != s.UserID {
		t.Fatal("the session is somebody else's")
	}
	if made.InvitationID != s.InvitationID || u.Locale != s.Locale || u.TermsVersion != s.TermsVersion || !u.TermsAcceptedAt.Equal(s.TermsAt) {
		t.Fatalf("what came with the sign-up was lost: %+v", made)
	}
	if bag := string(u.Metadata.Unsafe); bag == "{}" || bag != "" && bag != string(s.UnsafeMetadata) || len(u.Metadata.Public) > 0 {
		t.Fatalf("the user is made with metadata that nobody gave: %+v", u.Metadata)
	}
	if (u.TermsVersion == "") != u.TermsAcceptedAt.IsZero() {
		t.Fatalf("accepted %q at %s", u.TermsVersion, u.TermsAcceptedAt)
	}
}

func drawSignUpInput(t *rapid.T) flow.SignUpInput {
	switch rapid.IntRange(0, 12).Draw(t, "input") {
	case 0:
		return nil
	case 1, 2:
		return drawDetails(t)
	case 3:
		return flow.AdoptProof{Proven: proofs.Draw(t, "adopted")}
	case 4:
		return flow.Yield{SignInID: "sia_2"}
	case 5, 6:
		return prepares(t)
	}
	return tries(t)
}

func drawDetails(t *rapid.T) flow.Details {
	var d flow.Details
	if rapid.Bool().Draw(t, "give email") {
		d.Email = ptr(rapid.SampledFrom([]flow.Factor{emailFactor(ada), emailFactor("bob@example.com")}).Draw(t, "email"))
	}
	if rapid.Bool().Draw(t, "give phone") {
		d.Phone = ptr(phoneFactor(number))
	}
	if rapid.Bool().Draw(t, "give password") {
		d.Password = gatelatch.Sealed("sealed for sua_1")
	}
	if rapid.IntRange(0, 4).Draw(t, "ticket") == 0 {
		d.Invited = &flow.Invited{InvitationID: "inv_1", Factor: addresses.Draw(t, "invited")}
	}
	if rapid.Bool().Draw(t, "give more") {
		d.UnsafeMetadata = rapid.SampledFrom([]json.RawMessage{nil, []byte(`{}`), []byte(`{"a":1}`)}).Draw(t, "metadata")
		d.Locale, d.AcceptTerms = rapid.SampledFrom([]string{"", "en", "de-AT"}).Draw(t, "locale"), rapid.Bool().Draw(t, "terms")
	}
	if rapid.Bool().Draw(t, "give names") {
		d.FirstName, d.LastName = ptr("Ada"), ptr(rapid.SampledFrom([]string{"", "L"}).Draw(t, "last"))
	}
	return d
}

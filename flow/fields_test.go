// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func TestWhatASignUpStillAsksFor(t *testing.T) {
	const off, optional, required = flow.Off, flow.Optional, flow.Required
	email, phone := ptr(emailFactor(ada)), ptr(phoneFactor(number))
	yes := &flow.Verification{Status: flow.Verified}
	for _, c := range []struct {
		name                string
		policy              flow.Fields
		given               flow.SignUp
		missing, unverified []string
	}{
		{
			"e-mail alone, nothing given",
			flow.Fields{Email: required, Phone: off, FirstName: off, LastName: off},
			flow.SignUp{},
			[]string{"email_address"},
			nil,
		},
		{
			"e-mail alone, given",
			flow.Fields{Email: required, Phone: off, FirstName: off, LastName: off},
			flow.SignUp{Email: email},
			nil,
			[]string{"email_address"},
		},
		{
			"e-mail alone, proven",
			flow.Fields{Email: required, Phone: off, FirstName: off, LastName: off},
			flow.SignUp{Email: email, EmailProof: yes},
			nil, nil,
		},
		{
			"phone alone, nothing given",
			flow.Fields{Email: off, Phone: required, FirstName: off, LastName: off},
			flow.SignUp{},
			[]string{"phone_number"},
			nil,
		},
		{
			"both required, e-mail proven",
			flow.Fields{Email: required, Phone: required, FirstName: off, LastName: off},
			flow.SignUp{Email: email, EmailProof: yes},
			[]string{"phone_number"},
			nil,
		},
		{
			"both required, both given",
			flow.Fields{Email: required, Phone: required, FirstName: off, LastName: off},
			flow.SignUp{Email: email, Phone: phone},
			nil,
			[]string{"email_address", "phone_number"},
		},
		{
			"either will do, nothing given: the first stands for both",
			flow.Fields{Email: optional, Phone: optional, FirstName: off, LastName: off},
			flow.SignUp{},
			[]string{"email_address"},
			nil,
		},
		{
			"either will do, phone given",
			flow.Fields{Email: optional, Phone: optional, FirstName: off, LastName: off},
			flow.SignUp{Phone: phone},
			nil,
			[]string{"phone_number"},
		},
		{
			"only an optional phone is offered",
			flow.Fields{Email: off, Phone: optional, FirstName: off, LastName: off},
			flow.SignUp{},
			[]string{"phone_number"},
			nil,
		},
		{
			"an optional phone that was given has to be proven",
			flow.Fields{Email: required, Phone: optional, FirstName: off, LastName: off},
			flow.SignUp{Email: email, EmailProof: yes, Phone: phone},
			nil,
			[]string{"phone_number"},
		},
		{
			"names required",
			flow.Fields{Email: required, Phone: off, FirstName: required, LastName: required},
			flow.SignUp{Email: email, EmailProof: yes},
			[]string{"first_name", "last_name"},
			nil,
		},
		{
			"names optional",
			flow.Fields{Email: required, Phone: off, FirstName: optional, LastName: optional},
			flow.SignUp{Email: email, EmailProof: yes},
			nil, nil,
		},
		{
			"a transferable address counts as proven",
			flow.Fields{Email: required, Phone: off, FirstName: off, LastName: off},
			flow.SignUp{Email: email, EmailProof: &flow.Verification{Status: flow.Transferable}},
			nil, nil,
		},
		{
			"a failed one does not",
			flow.Fields{Email: required, Phone: off, FirstName: off, LastName: off},
			flow.SignUp{Email: email, EmailProof: &flow.Verification{Status: flow.Failed}},
			nil,
			[]string{"email_address"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.given.MissingFields(flow.Policy{Fields: c.policy}); got == nil || !slices.Equal(got, c.missing) {
				t.Errorf("missing %v, want %v", got, c.missing)
			}
			if got := c.given.UnverifiedFields(); got == nil || !slices.Equal(got, c.unverified) {
				t.Errorf("unverified %v, want %v", got, c.unverified)
			}
		})
	}
}

func TestRequiredAndOptionalFieldsAreNamedOnTheWire(t *testing.T) {
	p := flow.Policy{
		Fields:   flow.Fields{Email: flow.Required, Phone: flow.Optional, FirstName: flow.Off, LastName: flow.Required},
		Password: flow.Required,
	}
	if got := p.RequiredFields(); !slices.Equal(got, []string{"email_address", "last_name", "password"}) {
		t.Errorf("required %v", got)
	}
	if got := p.OptionalFields(); !slices.Equal(got, []string{"phone_number"}) {
		t.Errorf("optional %v", got)
	}
	if got := (flow.Policy{}).RequiredFields(); got == nil || len(got) != 0 {
		t.Errorf("an empty list must not be nil: %v", got)
	}
}

func TestAPasswordIsMissingOnlyWhereItIsRequired(t *testing.T) {
	given := flow.SignUp{Email: ptr(emailFactor(ada))}
	for need, want := range map[flow.Need]int{flow.Off: 0, flow.Optional: 0, flow.Required: 1} {
		p := flow.DefaultPolicy()
		p.Password = need
		if got := given.MissingFields(p); len(got) != want {
			t.Errorf("%s: missing %v", need, got)
		}
		with := given
		with.Password = gatelatch.Sealed("sealed")
		if got := with.MissingFields(p); len(got) != 0 {
			t.Errorf("%s: missing %v, though a password was given", need, got)
		}
	}
}

func TestFieldsThatAreOffAreNotTaken(t *testing.T) {
	step := flow.AdvanceSignUp(freshSignUp(), flow.Details{
		Email: ptr(emailFactor(ada)), Phone: ptr(phoneFactor(number)), FirstName: ptr("Ada"), LastName: ptr("L"),
	}, at(0))
	if s := step.Next; s.Phone != nil || s.FirstName != "" || s.LastName != "" || s.Email == nil {
		t.Errorf("took %+v", s)
	}
}

func TestWhatANewUserConsistsOf(t *testing.T) {
	p := bothPolicy()
	p.Fields.FirstName = flow.Optional
	s := verifiedUp(p)
	s = flow.AdvanceSignUp(s, flow.Details{Phone: ptr(phoneFactor(number)), FirstName: ptr("Ada")}, under(p, 0)).Next
	s = flow.AdvanceSignUp(s, flow.Prepare{Strategy: gatelatch.PhoneCode}, under(p, 0)).Next
	step := flow.AdvanceSignUp(s, flow.Attempt{Strategy: gatelatch.PhoneCode, Correct: true}, under(p, 5))
	if step.Next.Status != flow.SignUpComplete || len(step.Effects) != 2 {
		t.Fatalf("not complete: %+v", step)
	}
	u := step.Effects[0].(flow.CreateUser).User
	if u.ID != "user_new" || u.FirstName != "Ada" || len(u.Addresses) != 2 || u.CreatedAt.IsZero() {
		t.Errorf("made %+v", u)
	}
	for _, a := range u.Addresses {
		if !a.Primary || a.VerifiedAt.IsZero() || a.Display == "" || a.ID == "" {
			t.Errorf("address %+v", a)
		}
	}
	issue := step.Effects[1].(flow.IssueSession)
	if issue.UserID != u.ID || issue.SessionID != "sess_new" || issue.Strategy != gatelatch.PhoneCode {
		t.Errorf("issued %+v", issue)
	}
}

func TestTheNextAddressToProve(t *testing.T) {
	email, phone, yes := ptr(emailFactor(ada)), ptr(phoneFactor(number)), &flow.Verification{Status: flow.Verified}
	for name, c := range map[string]struct {
		given flow.SignUp
		want  gatelatch.Strategy
	}{
		"nothing given":          {flow.SignUp{}, ""},
		"e-mail comes first":     {flow.SignUp{Email: email, Phone: phone}, gatelatch.EmailCode},
		"then the phone":         {flow.SignUp{Email: email, EmailProof: yes, Phone: phone}, gatelatch.PhoneCode},
		"everything proven":      {flow.SignUp{Email: email, EmailProof: yes}, ""},
		"a phone number, alone":  {flow.SignUp{Phone: phone}, gatelatch.PhoneCode},
		"a proven phone, e-mail": {flow.SignUp{Email: email, Phone: phone, PhoneProof: yes}, gatelatch.EmailCode},
	} {
		if got := c.given.NextStrategy(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

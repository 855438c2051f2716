// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// fields lists what the site asks for, with what was given, as far as wanted. A
// password is never shown again.
func (v *visit) fields(f form, wanted func(name string) bool) []Field {
	policy := v.Flow.Policy.Fields
	needs := map[string]flow.Need{
		flow.FieldEmail: policy.Email, flow.FieldPhone: policy.Phone,
		flow.FieldFirstName: policy.FirstName, flow.FieldLastName: policy.LastName, flow.FieldPassword: v.Flow.Policy.Password,
	}
	var list []Field
	for _, name := range []string{flow.FieldFirstName, flow.FieldLastName, flow.FieldEmail, flow.FieldPhone, flow.FieldPassword} {
		if need := needs[name]; need != flow.Off && need != "" && wanted(name) {
			list = append(list, Field{Name: name, Value: shownAgain(f, name), Required: need == flow.Required})
		}
	}
	return list
}

func shownAgain(f form, name string) string {
	if name == flow.FieldPassword {
		return ""
	}
	return f[name]
}

// attemptView is the page that an attempt of either kind has come to.
func (v *visit) attemptView(out flow.Outcome) View {
	if out.SignIn != nil {
		return v.signInView(*out.SignIn)
	}
	su := *out.SignUp
	view := View{
		Purpose: PurposeSignUp, Attempt: su.ID, Action: v.Site.Base + "/sign-up/" + su.ID, Return: su.ReturnTo, Auth: v.auth(),
	}
	switch {
	case su.Status == flow.SignUpWaiting:
		view.Page, view.To = PageWaiting, provenTo(su)
	case su.Transferable():
		view.Page, view.To = PageExisting, provenTo(su)
	case !v.complete(su):
		view.Page, view.To = PageDetails, provenTo(su)
		view.Fields = v.fields(fieldsOf(su), func(name string) bool { return v.stillAsked(su, name) })
	default:
		st := asked(su)
		view.To = identifier.Mask(addressOf(su, st))
		view = v.codeView(view, su.Proof(st), st)
		view.Strategy = "" // the first address that is not proven
		return view
	}
	return view
}

// stillAsked leaves proven addresses out of the page that asks for the rest.
func (v *visit) stillAsked(su flow.SignUp, name string) bool {
	switch name {
	case flow.FieldEmail:
		return !su.EmailProof.Proven() && v.Flow.Policy.Fields.Email == flow.Required
	case flow.FieldPhone:
		return !su.PhoneProof.Proven() && v.Flow.Policy.Fields.Phone == flow.Required
	case flow.FieldPassword:
		return len(su.Password) == 0
	}
	return true
}

func provenTo(su flow.SignUp) string {
	switch {
	case su.EmailProof.Proven():
		return identifier.Mask(su.EmailProof.To)
	case su.PhoneProof.Proven():
		return identifier.Mask(su.PhoneProof.To)
	}
	return ""
}

func addressOf(su flow.SignUp, st gatelatch.Strategy) gatelatch.Identifier {
	switch {
	case st == gatelatch.PhoneCode && su.Phone != nil:
		return su.Phone.To
	case su.Email != nil:
		return su.Email.To
	}
	return gatelatch.Identifier{}
}

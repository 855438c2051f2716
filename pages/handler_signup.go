// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// signUpPage asks for what a new account needs; who is in already goes on.
func (v *visit) signUpPage() {
	l, ok := v.live()
	if !ok {
		return
	}
	returnTo := v.safeReturn(v.r.URL.Query().Get(ParamReturnTo))
	held, ok := v.accounts()
	beside := len(held.Principals) > 0
	switch {
	case !ok:
	case l != nil && !beside:
		v.leave(returnTo)
	case v.doors().Mode == flow.SignUpClosed:
		v.show(http.StatusForbidden, View{Page: PageClosed, Return: returnTo})
	default:
		if !beside {
			v.clearDeadCookie()
		}
		v.showSignUp(returnTo)
	}
}

// showSignUp shows the fields: empty, as they were typed, or with the address of
// an invitation.
func (v *visit) showSignUp(returnTo string) {
	token := v.r.URL.Query().Get(ParamInvitation)
	if token == "" || len(token) > maxLinkToken {
		v.show(http.StatusOK, v.signUpView(v.typedFields(), returnTo))
		return
	}
	inv, r, err := v.Flow.Invited(v.r.Context(), token)
	switch {
	case err != nil:
		v.down(err)
	case r != nil:
		v.refuse(v.signUpView(form{}, returnTo), r)
	default:
		view := v.signUpView(invitedAs(inv), returnTo)
		view.Notice = NoticeInvited
		v.show(http.StatusOK, view)
	}
}

// invitedAs fills the address of an invitation in. It can be changed, and is
// proven by a code like any other.
func invitedAs(inv gatelatch.Invitation) form {
	if inv.Kind == gatelatch.PhoneNumber {
		return form{flow.FieldPhone: inv.Display}
	}
	return form{flow.FieldEmail: inv.Display}
}

// typedFields returns the fields of a sign-up that the visitor wants to
// correct.
func (v *visit) typedFields() form {
	client, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	id := attemptIn(v.r.URL.Query())
	if !ok || id == "" {
		return form{}
	}
	out, err := v.Flow.SignUp(v.r.Context(), v.caller(client), id)
	if err != nil || out.SignUp == nil {
		return form{}
	}
	return fieldsOf(*out.SignUp)
}

func fieldsOf(su flow.SignUp) form {
	f := form{flow.FieldFirstName: su.FirstName, flow.FieldLastName: su.LastName}
	if su.Email != nil {
		f[flow.FieldEmail] = su.Email.To.Value
	}
	if su.Phone != nil {
		f[flow.FieldPhone] = su.Phone.To.Value
	}
	return f
}

// signUpView is the first page of a sign-up, filled in as f was.
func (v *visit) signUpView(f form, returnTo string) View {
	if v.doors().Mode == flow.SignUpClosed {
		return View{Page: PageClosed, Return: returnTo}
	}
	return View{
		Page: PageSignUp, Purpose: PurposeSignUp, Action: v.Site.Base + "/sign-up", Return: returnTo,
		Fields: v.fields(f, func(string) bool { return true }), Auth: v.auth(),
	}
}

func params(f form) flow.SignUpParams {
	p := flow.SignUpParams{
		Email: f.given(flow.FieldEmail), Phone: f.given(flow.FieldPhone),
		FirstName: f.given(flow.FieldFirstName), LastName: f.given(flow.FieldLastName), Prepare: true,
	}
	if typed := gatelatch.Secret(f[flow.FieldPassword]); typed != "" {
		p.Password = &typed
	}
	return p
}

// signUpStart takes the fields and sends the first code.
func (v *visit) signUpStart() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	p := params(f)
	p.ReturnTo = v.safeReturn(f[ParamReturnTo])
	out, err := v.Flow.CreateSignUp(v.r.Context(), v.caller(client), p)
	switch {
	case err != nil:
		v.down(err)
	case out.Refusal != nil:
		v.refuse(v.firstPage(true, f), out.Refusal)
	default:
		v.proceed(out, NoticeNone)
	}
}

// signUpResume shows where a sign-up stands.
func (v *visit) signUpResume() {
	client, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	if !ok {
		v.over(true)
		return
	}
	out, err := v.Flow.SignUp(v.r.Context(), v.caller(client), v.id)
	switch {
	case err != nil:
		v.down(err)
	case out.SignUp == nil:
		v.over(true)
	case out.SignUp.Status != flow.MissingRequirements && out.SignUp.Status != flow.SignUpWaiting:
		v.afterwards(out.SignUp.ReturnTo)
	default:
		view := v.attemptView(out)
		view.Notice = noticeOf(v.r.URL.Query())
		v.show(http.StatusOK, view)
	}
}

// signUpStep takes one step of a sign-up, and those that follow of themselves:
// the code of the next address, or the sign-in of who has an account already.
func (v *visit) signUpStep() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	who := v.caller(client)
	out, err := v.stepSignUp(who, f)
	if err == nil && out.Refusal == nil && out.SignUp != nil {
		out, err = v.followUp(who, out)
	}
	switch {
	case err != nil:
		v.down(err)
	case out.Issued != nil:
		v.finish(out)
	case out.SignIn != nil && out.Refusal == nil:
		v.goOn(who, out, f)
	case gone(out):
		v.over(true)
	case out.Refusal != nil && out.SignUp != nil && out.SignUp.Status != flow.MissingRequirements:
		v.afterwards(out.SignUp.ReturnTo)
	case out.Refusal != nil:
		v.refuse(v.attemptView(out), out.Refusal)
	default:
		v.proceed(out, resent(f))
	}
}

func (v *visit) stepSignUp(who flow.Caller, f form) (flow.Outcome, error) {
	ctx := v.r.Context()
	switch f[ParamStep] {
	case StepDetails:
		return v.Flow.UpdateSignUp(ctx, who, v.id, params(f))
	case StepContinue:
		return v.Flow.TransferToSignIn(ctx, who, v.id)
	case StepResend:
		return v.Flow.PrepareVerification(ctx, who, v.id, "")
	case StepVerify, "":
		return v.Flow.AttemptVerification(ctx, who, v.id, "", f[ParamCode])
	}
	return v.unknownStep()
}

// asked returns which address the code page asks about: the first unproven one.
func asked(su flow.SignUp) gatelatch.Strategy {
	if st := su.NextStrategy(); st != "" {
		return st
	}
	if su.Phone != nil {
		return gatelatch.PhoneCode
	}
	return gatelatch.EmailCode
}

func (v *visit) followUp(who flow.Caller, out flow.Outcome) (flow.Outcome, error) {
	su := out.SignUp
	switch st := su.NextStrategy(); {
	case su.Transferable():
		return v.Flow.TransferToSignIn(v.r.Context(), who, su.ID)
	case su.Status == flow.MissingRequirements && st != "" && su.Proof(st) == nil && v.complete(*su):
		return v.Flow.PrepareVerification(v.r.Context(), who, su.ID, st)
	}
	return out, nil
}

func (v *visit) complete(su flow.SignUp) bool {
	return len(su.MissingFields(v.Flow.Policy)) == 0
}

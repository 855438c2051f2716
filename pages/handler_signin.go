// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/session"
)

// paramNotice says, after a redirect, what the step before has done.
const paramNotice = "notice"

// signInPage asks who wants in; who is in already goes on.
func (v *visit) signInPage() {
	q := v.r.URL.Query()
	l, ok := v.live()
	if !ok {
		return
	}
	returnTo := v.safeReturn(q.Get(ParamReturnTo))
	if l != nil {
		v.leave(returnTo)
		return
	}
	v.clearDeadCookie()
	v.show(http.StatusOK, View{Page: PageSignIn, Return: returnTo, Identifier: v.typed(q)})
}

// typed returns the address of an attempt that the visitor wants to correct.
func (v *visit) typed(q url.Values) string {
	client, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	if id := attemptIn(q); ok && id != "" {
		if out, err := v.Flow.SignIn(v.r.Context(), v.caller(client), id); err == nil && out.SignIn != nil {
			return out.SignIn.Identifier.Value
		}
	}
	return ""
}

// attemptIn returns the id of an attempt that a link names, or nothing: what
// cannot be an id does not reach the store.
func attemptIn(q url.Values) string {
	const longest = 64
	id := q.Get(ParamAttempt)
	if len(id) > longest || strings.ContainsFunc(id, func(c rune) bool {
		return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	}) {
		return ""
	}
	return id
}

// firstPage is the page that an attempt begins with, filled in as f was.
func (v *visit) firstPage(signUp bool, f form) View {
	returnTo := v.safeReturn(f[ParamReturnTo])
	if signUp {
		return v.signUpView(f, returnTo)
	}
	return View{Page: PageSignIn, Return: returnTo, Identifier: f[ParamIdentifier]}
}

// signInStart takes the address and sends the code.
func (v *visit) signInStart() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	out, err := v.Flow.CreateSignIn(v.r.Context(), v.caller(client), flow.SignInParams{
		Identifier: f[ParamIdentifier], Prepare: true, ReturnTo: v.safeReturn(f[ParamReturnTo]),
	})
	if err != nil {
		v.down(err)
		return
	}
	if out.Refusal != nil {
		v.refuse(v.firstPage(false, f), out.Refusal)
		return
	}
	v.proceed(out, NoticeNone)
}

// signInResume shows where a sign-in stands.
func (v *visit) signInResume() {
	client, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	if !ok {
		v.over(false)
		return
	}
	out, err := v.Flow.SignIn(v.r.Context(), v.caller(client), v.id)
	switch {
	case err != nil:
		v.down(err)
	case out.SignIn == nil:
		v.over(false)
	case out.SignIn.Status == flow.SignInComplete:
		v.afterwards(out.SignIn.ReturnTo)
	default:
		view := v.signInView(*out.SignIn)
		view.Notice = noticeOf(v.r.URL.Query())
		v.show(http.StatusOK, view)
	}
}

func noticeOf(q url.Values) Notice {
	if Notice(q.Get(paramNotice)) == NoticeResent {
		return NoticeResent
	}
	return NoticeNone
}

// afterwards is where somebody lands who comes back to a finished attempt.
func (v *visit) afterwards(returnTo string) {
	l, ok := v.live()
	switch {
	case !ok:
	case l != nil:
		v.leave(returnTo)
	default:
		v.over(false)
	}
}

// gone reports an attempt that is not there, or not any more: nothing on its
// page would work.
func gone(out flow.Outcome) bool {
	return out.SignIn == nil && out.SignUp == nil || out.Refusal != nil && out.Refusal.Code == gatelatch.CodeNotFound
}

// over says that an attempt is no more and offers to begin again.
func (v *visit) over(signUp bool) {
	view := v.firstPage(signUp, form{})
	view.Refusal = &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "That attempt is over. Start again."}
	v.show(http.StatusNotFound, view)
}

// signInStep takes one step of a sign-in: a code, another message, or the
// account that the visitor has agreed to.
func (v *visit) signInStep() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	out, err := v.stepSignIn(v.caller(client), f)
	switch {
	case err != nil:
		v.down(err)
	case out.Issued != nil:
		v.finish(out)
	case gone(out):
		v.over(false)
	case out.Refusal != nil && out.SignIn != nil && out.SignIn.Status == flow.SignInComplete:
		v.afterwards(out.SignIn.ReturnTo)
	case out.Refusal != nil:
		v.refuse(v.attemptView(out), out.Refusal)
	default:
		v.proceed(out, resent(f))
	}
}

func (v *visit) stepSignIn(who flow.Caller, f form) (flow.Outcome, error) {
	ctx := v.r.Context()
	switch f[ParamStep] {
	case StepResend:
		return v.Flow.PrepareFirstFactor(ctx, who, v.id, "")
	case StepVerify, "":
		return v.Flow.AttemptFirstFactor(ctx, who, v.id, "", f[ParamCode])
	case StepCreate:
		return v.Flow.TransferToSignUp(ctx, who, v.id)
	}
	return v.unknownStep()
}

func (v *visit) unknownStep() (flow.Outcome, error) {
	return flow.Outcome{Refusal: &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: ParamStep, Message: "That step is not known."}}, nil
}

func resent(f form) Notice {
	if f[ParamStep] == StepResend {
		return NoticeResent
	}
	return NoticeNone
}

// signInView is the page that a sign-in has come to.
func (v *visit) signInView(si flow.SignIn) View {
	view := View{
		Purpose: PurposeSignIn, Attempt: si.ID, Action: v.Site.Base + "/sign-in/" + si.ID,
		Return: si.ReturnTo, Identifier: si.Identifier.Value, To: identifier.Mask(si.Identifier),
	}
	if si.Transferable() {
		view.Page = PageCreate
		return view
	}
	return v.codeView(view, si.First, gatelatch.CodeStrategy(si.Identifier.Kind))
}

// codeView adds what the code page says of a challenge.
func (v *visit) codeView(view View, proof *flow.Verification, st gatelatch.Strategy) View {
	view.Page, view.Channel = PageCode, string(delivery.Email)
	if st == gatelatch.PhoneCode {
		view.Channel = string(delivery.SMS)
	}
	if proof == nil {
		return view
	}
	view.ExpireAt, view.ResendAt = proof.ExpireAt, proof.ResendAt(v.Flow.Policy.Code)
	if proof.Status == flow.Failed {
		view.Refusal = &gatelatch.Refusal{
			Code: gatelatch.CodeFailed, Param: ParamCode,
			Message: "Too many wrong codes. Start over to get a new one.",
		}
	}
	return view
}

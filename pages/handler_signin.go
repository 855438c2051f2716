// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
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
	held, ok := v.accounts()
	switch {
	case !ok:
		return
	case len(held.Principals) > 0 && !adds(q):
		v.leave(v.chooser(returnTo))
		return
	case len(held.Principals) > 0:
	case l != nil:
		v.leave(returnTo)
		return
	default:
		v.clearDeadCookie()
	}
	if q.Has(ParamTicket) {
		v.ticketPage(linkToken(q.Get(ParamTicket)), returnTo)
		return
	}
	view := v.signInFirst(returnTo, v.typed(q))
	view.Beside = len(held.Principals) > 0
	v.show(http.StatusOK, view)
}

// signInFirst is the first page of a sign-in. Where passkeys work it carries
// what a browser needs to offer them, which is stored nowhere.
func (v *visit) signInFirst(returnTo, identifier string) View {
	view := View{Page: PageSignIn, Return: returnTo, Identifier: identifier, Auth: v.auth()}
	options, err := v.Flow.PasskeyOptions(v.caller(v.client()))
	if err != nil && v.Report != nil {
		v.Report(v.r, err)
	}
	view.Passkey = string(options)
	return view
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
	return v.signInFirst(returnTo, f[ParamIdentifier])
}

// signInStart takes the address, or a passkey in its place. The code is sent at
// once where there is no password to ask for first.
func (v *visit) signInStart() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	out, err := v.startSignIn(v.caller(client), f)
	switch {
	case err != nil:
		v.down(err)
	case out.Refusal != nil && out.Issued == nil:
		v.refuse(v.refusedStart(f, out.Refusal), out.Refusal)
	default:
		v.goOn(v.caller(client), out, f)
	}
}

// refusedStart is the page that a sign-in which was refused begins again with.
func (v *visit) refusedStart(f form, r *gatelatch.Refusal) View {
	if f[ParamStep] == StepTicket && r.Code == gatelatch.CodeTooManyRequests { // the ticket may still be good
		return v.ticketView(linkToken(f[ParamToken]), v.safeReturn(f[ParamReturnTo]))
	}
	return v.firstPage(false, f)
}

func (v *visit) startSignIn(who flow.Caller, f form) (flow.Outcome, error) {
	returnTo := v.safeReturn(f[ParamReturnTo])
	switch f[ParamStep] {
	case StepPasskey:
		return v.Flow.SignInWithPasskey(v.r.Context(), who, f[ParamCredential], returnTo)
	case StepTicket:
		v.leaves = true
		return v.Flow.SignInWithTicket(v.r.Context(), who, linkToken(f[ParamToken]), returnTo)
	}
	return v.Flow.CreateSignIn(v.r.Context(), who, flow.SignInParams{
		Identifier: f[ParamIdentifier], Prepare: !v.takesPasswords(), ReturnTo: returnTo,
	})
}

// signInResume shows where a sign-in stands.
func (v *visit) signInResume() {
	client, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	if !ok {
		v.over(false)
		return
	}
	q := v.r.URL.Query()
	out, err := v.Flow.SignIn(v.r.Context(), v.caller(client), v.id)
	switch {
	case err != nil:
		v.down(err)
	case out.SignIn == nil:
		v.over(false)
	case out.SignIn.Status == flow.SignInComplete:
		v.afterwards(out.SignIn.ReturnTo)
	default:
		v.way, v.choose = gatelatch.Strategy(q.Get(paramWay)), q.Has(paramWays)
		view := v.signInView(*out.SignIn)
		view.Notice = noticeOf(q)
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

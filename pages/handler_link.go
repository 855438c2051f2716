// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// maxLinkToken bounds what is looked at of a link's token.
const maxLinkToken = 128

// linkToken reads the token of a link, from its address or from its form.
func linkToken(text string) gatelatch.Secret {
	if len(text) > maxLinkToken {
		return ""
	}
	return gatelatch.Secret(text)
}

// linkPage shows what a link in a mail leads to: a button in the browser that
// asked for it, the code to type anywhere else. It changes nothing, because
// scanners of mail open links.
func (v *visit) linkPage() {
	token := linkToken(v.r.URL.Query().Get(ParamToken))
	client, _ := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	link, r, err := v.Flow.ViewLink(v.r.Context(), v.caller(client), v.id, token)
	switch {
	case err != nil:
		v.down(err)
	case r != nil:
		v.linkOver(r)
	case link.Same:
		v.show(http.StatusOK, v.linkView(token))
	default:
		view := View{Page: PageLinkCode}
		view.LinkCode = link.Code
		v.render(http.StatusOK, view, pagePolicy)
	}
}

func (v *visit) linkView(token gatelatch.Secret) View {
	view := View{Page: PageLink, Action: v.Site.Base + "/link/" + v.id}
	view.LinkToken = token
	return view
}

// linkOver says that a link leads nowhere any more, whatever the reason.
func (v *visit) linkOver(r *gatelatch.Refusal) {
	v.render(r.Status(), View{Page: PageLinkOver}, pagePolicy)
}

// linkStep takes the step that a link stands for.
func (v *visit) linkStep() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	who := v.caller(client)
	out, err := v.Flow.AttemptLink(v.r.Context(), who, v.id, linkToken(f[ParamToken]))
	switch {
	case err != nil:
		v.down(err)
	case out.Issued == nil && linkSpent(out):
		v.linkOver(out.Refusal)
	default:
		v.goOn(who, out, f)
	}
}

// linkSpent reports a refusal after which the page of the attempt has nothing
// to say: it is another browser's, unknown, or over.
func linkSpent(out flow.Outcome) bool { return out.Refusal != nil && gone(out) }

// notMePage asks whoever says "this wasn't me" to press a button. Whether the
// link is good shows only then.
func (v *visit) notMePage() {
	v.show(http.StatusOK, v.notMeView(linkToken(v.r.URL.Query().Get(ParamToken))))
}

func (v *visit) notMeView(token gatelatch.Secret) View {
	view := View{Page: PageNotMe, Action: v.Site.Base + "/not-me/" + v.id}
	view.LinkToken = token
	return view
}

// disown ends the session that a notice was about, and leads on to a new
// password.
func (v *visit) disown() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	r, err := v.Flow.Disown(v.r.Context(), v.caller(client), v.id, linkToken(f[ParamToken]))
	switch {
	case err != nil:
		v.down(err)
	case r != nil:
		v.linkOver(r)
	default:
		v.render(http.StatusOK, View{Page: PageNotMeDone, Auth: v.auth(), ContinueURL: v.afterDisowning()}, pagePolicy)
	}
}

// afterDisowning is where a new password is set: on the account page for an
// owner who is signed in here; empty for the sign-in page, with its "Forgot your
// password?".
func (v *visit) afterDisowning() string {
	l, err := v.Sessions.Authenticate(v.r.Context(), v.Jar.Read(v.r.Header), v.Idle, v.now)
	if err != nil || l == nil || !v.takesPasswords() {
		return ""
	}
	return v.Site.Base + "/account/password"
}

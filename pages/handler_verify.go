// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"

	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

// actor is the session of a request as the account knows it.
func (v *visit) actor(l *session.Live) account.Actor {
	return account.Actor{Caller: v.caller(v.client()), SessionID: l.Value(session.SessionID)}
}

// reverify leads to the page that asks who is signed in once more, and from
// there to a path of this origin.
func (v *visit) reverify(returnTo string, l flow.Level) {
	v.leave(verifyPath(&v.Site, v.safeReturn(returnTo), l))
}

// readLevel reads what is to be proven once more. Anything unknown is the first
// factor, which everybody has.
func readLevel(text string) flow.Level {
	switch l := flow.Level(text); l {
	case flow.LevelSecond, flow.LevelMulti:
		return l
	default:
		return flow.LevelFirst
	}
}

// AskAgain answers a navigation of a session that has to prove more, or anew,
// before it gets what it asked for: the page that asks, at the very URL.
// returnTo is that URL's path and query.
func (h *Handler) AskAgain(w http.ResponseWriter, r *http.Request, returnTo string, l flow.Level) {
	v := h.visit(w, r)
	live, ok := v.live()
	switch {
	case !ok:
	case live == nil:
		h.Challenge(w, r, returnTo, posted(r))
	default:
		w.Header().Set("WWW-Authenticate", gate.Authenticate(h.Site.Base+"/verify"))
		v.showVerify(http.StatusUnauthorized, live, v.safeReturn(returnTo), readLevel(string(l)), posted(r))
	}
}

// posted reports a form whose content is not passed on.
func posted(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// verifyPage asks who is signed in once more.
func (v *visit) verifyPage() {
	q := v.r.URL.Query()
	l, ok := v.live()
	switch returnTo := v.safeReturn(q.Get(ParamReturnTo)); {
	case !ok:
	case l == nil:
		v.leave(entry(&v.Site, "/sign-in", returnTo))
	default:
		v.showVerify(http.StatusOK, l, returnTo, readLevel(q.Get(ParamLevel)), false)
	}
}

// showVerify shows the page, or the one that sets a second step up for somebody
// who has none to take.
func (v *visit) showVerify(status int, l *session.Live, returnTo string, level flow.Level, posted bool) {
	view := v.verifyView(returnTo, level)
	if level != flow.LevelFirst {
		o, err := v.Account.Overview(v.r.Context(), v.actor(l))
		if err != nil {
			v.down(err)
			return
		}
		if o != nil && !hasSecond(o, v.Flow.Passkeys != nil) {
			view.Page, view.SetUps = PageSetUp, v.setUps(returnTo)
		}
	}
	if posted {
		view.Posted, view.Notice = true, NoticePosted
	}
	v.show(status, view)
}

func (v *visit) verifyView(returnTo string, level flow.Level) View {
	view := View{Page: PageVerify, Action: v.Site.Base + "/verify", Return: returnTo}
	view.Level = level
	return view
}

// hasSecond reports whether somebody has a second step to take on this site,
// where passkeys may not work: that of an IP address.
func hasSecond(o *account.Overview, passkeys bool) bool {
	return o.User.TwoStep() || o.User.Factors.Passkey && passkeys
}

// askAgain begins the attempt that asks.
func (v *visit) askAgain() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	l, ok := v.live()
	returnTo, level := v.safeReturn(f[ParamReturnTo]), readLevel(f[ParamLevel])
	switch {
	case !ok:
		return
	case l == nil:
		v.leave(entry(&v.Site, "/sign-in", returnTo))
		return
	}
	who := v.caller(client)
	out, err := v.Flow.AskAgain(v.r.Context(), who, l.Value(session.SessionID), level, returnTo)
	switch {
	case err != nil:
		v.down(err)
	case out.SignIn == nil && out.Refusal != nil:
		v.refuse(v.verifyView(returnTo, level), out.Refusal)
	default:
		v.goOn(who, out, f)
	}
}

// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

const (
	choosePath = "/accounts"
	// paramAccount asks the first page of a sign-in for one more account, when it is
	// anotherAccount.
	paramAccount   = "account"
	anotherAccount = "another"
)

// several reports whether a browser may hold several sessions here.
func (v *visit) several() bool { return !v.Flow.Policy.OneSession }

// around returns what a client holds, and what of it this browser sees.
func (v *visit) around(client session.Token) (held, seen session.Held, err error) {
	if held, err = v.Sessions.OfClient(v.r.Context(), client, v.Idle, v.now); err != nil || len(held.Principals) == 0 {
		return held, session.Held{}, err
	}
	viewer := v.caller(client).Viewer()
	if t, ok := v.Tokens.Parse(session.SessionToken, v.Jar.Read(v.r.Header).Session); ok {
		viewer.Session = t.Hash()
	}
	if viewer, err = v.Sessions.Recall(v.r.Context(), held, viewer, v.Idle, v.now); err != nil {
		return held, session.Held{}, err
	}
	return held, held.SeenBy(viewer, v.now), nil
}

// accounts returns the sessions that this browser sees, none where it may hold only
// one. When it returns false the answer has been given.
func (v *visit) accounts() (session.Held, bool) {
	client, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	if !v.several() || !ok {
		return session.Held{}, true
	}
	_, seen, err := v.around(client)
	if err != nil {
		v.down(err)
		return session.Held{}, false
	}
	return seen, true
}

// current returns the session in use, nil when that is none of these.
func (v *visit) current(held session.Held) *session.Principal {
	t, ok := v.Tokens.Parse(session.SessionToken, v.Jar.Read(v.r.Header).Session)
	i := slices.IndexFunc(held.Principals, func(p session.Principal) bool { return ok && p.Session.TokenHash == t.Hash() })
	if i < 0 {
		return nil
	}
	return &held.Principals[i]
}

// chooser is the address of the page that lists the accounts.
func (v *visit) chooser(returnTo string) string { return entry(&v.Site, choosePath, returnTo) }

// adds reports a visit to the sign-in page by somebody who wants to sign in with
// one more account, or is about to.
func adds(q url.Values) bool {
	return q.Get(paramAccount) == anotherAccount || q.Has(ParamAttempt) || q.Has(ParamTicket)
}

func (v *visit) choiceView(held session.Held, returnTo string) View {
	current := v.current(held)
	add := entry(&v.Site, "/sign-in", returnTo)
	sep := "?"
	if strings.Contains(add, sep) {
		sep = "&"
	}
	c := &Choice{Add: add + sep + paramAccount + "=" + anotherAccount}
	for i := range held.Principals {
		p := &held.Principals[i]
		c.Items = append(c.Items, choiceItem(*p, current != nil && p.Session.ID == current.Session.ID))
	}
	view := View{Page: PageChoose, Action: v.Site.Base + choosePath, Return: returnTo, Choice: c}
	if current != nil {
		view.ContinueURL = v.Site.Base + "/account"
	}
	return view
}

// challengeChoice answers a navigation of a browser whose session is over, and that
// holds others: nobody goes on as somebody else without having said so. When it
// returns false there is nothing to choose.
func (v *visit) challengeChoice(returnTo string, posted bool) bool {
	held, ok := v.accounts()
	switch {
	case !ok:
		return true
	case len(held.Principals) == 0:
		return false
	}
	view := v.choiceView(held, v.safeReturn(returnTo))
	view.Posted, view.Notice = posted, NoticeAccountOver
	if posted {
		view.Notice = NoticePosted
	}
	v.w.Header().Set("WWW-Authenticate", gate.Authenticate(v.Site.Base+"/sign-in"))
	v.show(http.StatusUnauthorized, view)
	return true
}

// choosePage lists the accounts.
func (v *visit) choosePage() {
	returnTo := v.safeReturn(v.r.URL.Query().Get(ParamReturnTo))
	held, ok := v.accounts()
	switch {
	case !ok:
	case !v.several():
		v.fail(http.StatusNotFound)
	case len(held.Principals) == 0:
		v.leave(entry(&v.Site, "/sign-in", returnTo))
	default:
		view := v.choiceView(held, returnTo)
		if n := Notice(v.r.URL.Query().Get(paramNotice)); n == NoticeAccountLeft {
			view.Notice = n
		}
		v.show(http.StatusOK, view)
	}
}

// chooseStep switches to an account, or signs out of one.
func (v *visit) chooseStep() {
	if !v.several() {
		v.fail(http.StatusNotFound)
		return
	}
	f, client, ok := v.post()
	if !ok {
		return
	}
	held, ok := v.accounts()
	if !ok {
		return
	}
	returnTo := v.safeReturn(f[ParamReturnTo])
	i := slices.IndexFunc(held.Principals, func(p session.Principal) bool { return p.Session.ID == f[ParamID] })
	switch {
	case len(held.Principals) == 0:
		v.leave(entry(&v.Site, "/sign-in", returnTo))
	case i < 0:
		v.refuse(v.choiceView(held, returnTo), &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "That account is not signed in here any more."})
	case f[ParamStep] == StepSwitch:
		v.switchTo(held, held.Principals[i], returnTo)
	case f[ParamStep] == StepRemove:
		v.remove(v.caller(client), held, i, returnTo)
	default:
		v.refuse(v.choiceView(held, returnTo), unknown().refusal)
	}
}

// switchTo puts an account to use. What the browser keeps of the site was made for
// the one before.
func (v *visit) switchTo(held session.Held, p session.Principal, returnTo string) {
	if err := v.Sessions.Touch(v.r.Context(), p.Session.ID, v.now); err != nil {
		v.down(err)
		return
	}
	if c := v.current(held); c == nil || c.Session.ID != p.Session.ID {
		v.use(p)
		v.w.Header().Set("Clear-Site-Data", `"cache"`)
	}
	v.leave(returnTo)
}

// remove signs out of one account. When that was the one in use, the one that was
// used last takes its place.
func (v *visit) remove(who flow.Caller, held session.Held, i int, returnTo string) {
	gone, inUse := held.Principals[i], v.current(held)
	if err := v.endAll(who, []session.Principal{gone}, gatelatch.SessionRemoved); err != nil {
		v.down(err)
		return
	}
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	rest := slices.Delete(slices.Clone(held.Principals), i, i+1)
	if len(rest) == 0 {
		v.Jar.ClearSession(v.w.Header())
		v.leave(v.Site.Base + "/signed-out")
		return
	}
	if inUse == nil || inUse.Session.ID == gone.Session.ID {
		v.use(lastUsed(rest))
	}
	v.leave(withNotice(v.chooser(returnTo), NoticeAccountLeft))
}

// use makes a session that the browser holds the one in use.
func (v *visit) use(p session.Principal) {
	v.Jar.SetSession(v.w.Header(), v.Tokens.ForSession(p.Session.ID))
}

func lastUsed(some []session.Principal) session.Principal {
	return slices.MaxFunc(some, func(a, b session.Principal) int { return a.Session.LastActiveAt.Compare(b.Session.LastActiveAt) })
}

// endThis ends the session of the browser, and what else it holds.
func (v *visit) endThis(l *session.Live, held session.Held) error {
	switch {
	case len(held.Principals) > 0:
		return v.endAll(flow.Caller{}, held.Principals, gatelatch.SessionEnded)
	case l != nil:
		return v.Sessions.End(v.r.Context(), l, gatelatch.SessionEnded, v.now)
	}
	return nil
}

// endAll ends sessions of the browser, in the order of their ids: others may do the
// same now.
func (v *visit) endAll(who flow.Caller, all []session.Principal, status gatelatch.SessionStatus) error {
	ids := make([]string, 0, len(all))
	for _, p := range all {
		ids = append(ids, p.Session.ID)
	}
	slices.Sort(ids)
	return v.Flow.Work(v.r.Context(), who, func(ctx context.Context, w *flow.Work) error {
		for _, id := range ids {
			if err := w.EndSession(ctx, id, status); err != nil {
				return err
			}
		}
		return nil
	})
}

// addAccounts adds the way to the other accounts of the browser to the overview.
func (t *tenant) addAccounts(view *View) bool {
	held, ok := t.accounts()
	if !ok || !t.several() {
		return ok
	}
	row := t.row("account.accounts", choosePath, Words{Key: "account.accounts.count", Count: max(1, len(held.Principals))})
	for i := range view.Account.Groups {
		if g := &view.Account.Groups[i]; g.Title == "account.group.places" {
			g.Rows = append(g.Rows, row)
		}
	}
	view.OfAll = len(held.Principals) > 1
	return true
}

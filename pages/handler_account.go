// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
)

// place is one address of the account pages.
type place struct {
	// view makes the page. It returns false when it has given the answer itself.
	view func(*tenant) (View, bool)
	// act does what the page's form asks for; nil for a page without one.
	act func(*tenant) result
	// fresh asks for a young authentication before the page is shown, so that
	// nothing is typed in vain.
	fresh bool
	// task lets in a session that owes something else: the place helps with it.
	task bool
}

// tenant is a visit to the account by the one it belongs to.
type tenant struct {
	*visit
	account.Actor
	scene

	form form
	// back is where a visitor came from who was sent here, and goes afterwards.
	back string
}

// result is what a form has led to: one of its fields is set.
type result struct {
	err     error
	refusal *gatelatch.Refusal
	// to is the path below the base to go on to, and notice what is said there.
	to     string
	notice Notice
	// page is shown at once: it cannot be asked for again.
	page *View
	// done says that the answer has been given.
	done bool
}

// methods returns the actions of a place.
func (p place) methods() methods {
	m := methods{get: func(v *visit) { v.accountPage(p) }}
	if p.act != nil {
		m.post = func(v *visit) { v.accountStep(p) }
	}
	return m
}

// accountPage shows a place.
func (v *visit) accountPage(p place) {
	t, ok := v.enter(p, v.r.URL.Query().Get(ParamReturnTo))
	switch {
	case !ok:
	case p.fresh && !t.Fresh:
		t.reverify()
	default:
		if view, ok := p.view(t); ok {
			view.Notice = accountNotice(v.r.URL.Query())
			t.show(http.StatusOK, t.furnish(view))
		}
	}
}

// accountStep takes the form of a place.
func (v *visit) accountStep(p place) {
	f, _, ok := v.post()
	if !ok {
		return
	}
	t, ok := v.enter(p, f[ParamReturnTo])
	if !ok {
		return
	}
	t.form = f
	if p.fresh && !t.Fresh {
		t.reverify()
		return
	}
	t.settle(p, p.act(t))
}

// enter lets in the holder of a session. When there is none, or it owes
// something first, the answer has been given.
func (v *visit) enter(p place, back string) (*tenant, bool) {
	l, ok := v.live()
	if !ok {
		return nil, false
	}
	if l == nil {
		v.knock(back)
		return nil, false
	}
	actor := v.actor(l)
	o, err := v.Account.Overview(v.r.Context(), actor)
	switch {
	case err != nil:
		v.down(err)
		return nil, false
	case o == nil:
		v.knock(back)
		return nil, false
	case len(o.Tasks) > 0 && !p.task:
		v.Task(v.w, v.r, o.Tasks[0], v.r.URL.Path)
		return nil, false
	}
	t := &tenant{visit: v, Actor: actor, back: v.safeReturn(back)}
	t.scene = scene{Overview: o, site: v.Site, policy: v.Flow.Policy, passkeys: v.Flow.Passkeys != nil, href: t.path}
	return t, true
}

// knock has somebody without a session sign in, here.
func (v *visit) knock(back string) {
	here := entry(&v.Site, strings.TrimPrefix(v.r.URL.EscapedPath(), v.Site.Base), v.safeReturn(back))
	v.Challenge(v.w, v.r, here, v.r.Method == http.MethodPost)
}

// path is the address of a path below the base. It remembers where the visitor
// came from.
func (t *tenant) path(path string) string { return entry(&t.Site, path, t.back) }

// self is the address of this page.
func (t *tenant) self() string {
	return t.path(strings.TrimPrefix(t.r.URL.EscapedPath(), t.Site.Base))
}

// reverify asks who is there once more, and leads back here.
func (t *tenant) reverify() { t.leave(verifyPath(&t.Site, t.self(), t.Level)) }

// furnish adds what all account pages have.
func (t *tenant) furnish(view View) View {
	if view.Action == "" {
		view.Action = t.Site.Base + strings.TrimPrefix(t.r.URL.EscapedPath(), t.Site.Base)
	}
	view.Return = t.back
	return view
}

// settle answers a form.
func (t *tenant) settle(p place, r result) {
	switch {
	case r.done:
	case r.err != nil:
		t.down(r.err)
	case r.refusal != nil && r.refusal.Code == gatelatch.CodeReverify:
		t.reverify()
	case r.refusal != nil:
		if view, ok := p.view(t); ok {
			t.refuse(t.furnish(view), r.refusal)
		}
	case r.page != nil:
		t.show(http.StatusOK, t.furnish(*r.page))
	default:
		t.onward(r)
	}
}

// onward leads to what comes after a success. Who was sent here goes back there;
// but a step on the way comes first.
func (t *tenant) onward(r result) {
	switch {
	case r.notice == NoticeNone:
		t.leave(t.path(r.to))
	case t.back != "":
		t.leave(t.back)
	default:
		t.leave(withNotice(t.Site.Base+r.to, r.notice))
	}
}

func withNotice(href string, n Notice) string {
	sep := "?"
	if strings.Contains(href, sep) {
		sep = "&"
	}
	return href + sep + paramNotice + "=" + url.QueryEscape(string(n))
}

// plausible keeps what cannot be an id from the store.
func plausible(id string) bool {
	const longest = 64
	return id != "" && len(id) <= longest && !strings.ContainsFunc(id, func(c rune) bool {
		return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
}

// accountNotice is what an address asks to be said of the account.
func accountNotice(q url.Values) Notice {
	n := Notice(q.Get(paramNotice))
	if n == NoticeResent || slices.Contains(accountNotices, n) {
		return n
	}
	return NoticeNone
}

// page is a page about a.
func page(p Page, a *Account) View { return View{Page: p, Account: a} }

// nowhere answers for an address that leads to nothing of this account.
func (t *tenant) nowhere() (View, bool) {
	t.fail(http.StatusNotFound)
	return View{}, false
}

// unknown refuses a button that the page does not have.
func unknown() result {
	return result{refusal: &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: ParamStep, Message: "That step is not known."}}
}

// overviewPage has a row for each thing.
func overviewPage(t *tenant) (View, bool) {
	view := page(PageAccount, t.overview())
	view.Action, view.ContinueURL = t.Site.Base+"/sign-out", "/"
	return view, t.addAccounts(&view)
}

// confirm is a page with one button, about something that ends or is lost.
func (t *tenant) confirm(kind, subject, back string) View {
	a := &Account{Kind: kind, Subject: subject, Danger: true, Back: t.href(back), BackLabel: "way.cancel"}
	return page(PageAccountConfirm, a)
}

// after turns what an operation has said into the result of a form.
func after(r *gatelatch.Refusal, err error, to string, n Notice) result {
	return result{err: err, refusal: r, to: to, notice: n}
}

// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

// Task answers a navigation of a session that owes something first: the page of
// that task, at the very URL. returnTo is that URL's path and query.
func (h *Handler) Task(w http.ResponseWriter, r *http.Request, task gatelatch.Task, returnTo string) {
	v := h.visit(w, r)
	view, ok := v.taskView(task, v.safeReturn(returnTo))
	if !ok {
		v.fail(http.StatusForbidden)
		return
	}
	if posted(r) {
		view.Posted, view.Notice = true, NoticePosted
	}
	w.Header().Set("WWW-Authenticate", gate.Authenticate(view.Action))
	v.show(http.StatusUnauthorized, view)
}

// taskView is the page of a task; false when there is none of that name.
func (v *visit) taskView(task gatelatch.Task, returnTo string) (View, bool) {
	view := View{Action: v.Site.Base + "/tasks/" + string(task), Return: returnTo, Auth: v.auth()}
	view.Task = true
	switch task {
	case gatelatch.TaskResetPassword:
		view.Page = PageNewPassword
	case gatelatch.TaskSetupMFA:
		view.Page, view.SetUps = PageSetUp, v.setUps(returnTo)
	case gatelatch.TaskAcceptTerms:
		view.Page, view.Terms = PageTerms, v.Flow.Policy.Terms
		return view, view.Terms != flow.Terms{}
	default:
		return View{}, false
	}
	return view, true
}

// setUps are the second steps that this site offers, on pages of the account
// that lead back.
func (v *visit) setUps(returnTo string) []SetUp {
	list := []SetUp{{"totp", entry(&v.Site, "/account/totp", returnTo)}}
	if v.Site.Phone {
		list = append(list, SetUp{"phone", entry(&v.Site, "/account/second-number", returnTo)})
	}
	if v.Flow.Passkeys != nil {
		list = append(list, SetUp{"passkey", entry(&v.Site, "/account/passkeys", returnTo)})
	}
	return list
}

// owing returns the visitor's session and account when the task of the path is
// owed. Otherwise the answer has been given.
func (v *visit) owing(returnTo string) (*session.Live, *account.Overview, bool) {
	l, ok := v.live()
	switch {
	case !ok:
		return nil, nil, false
	case l == nil:
		v.Challenge(v.w, v.r, returnTo, false)
		return nil, nil, false
	}
	o, err := v.Account.Overview(v.r.Context(), v.actor(l))
	switch {
	case err != nil:
		v.down(err)
	case o == nil:
		v.Challenge(v.w, v.r, returnTo, false)
	case !slices.Contains(o.Tasks, gatelatch.Task(v.id)):
		v.leave(returnTo)
	default:
		return l, o, true
	}
	return nil, nil, false
}

// taskPage shows a task that is owed; who does not owe it goes on.
func (v *visit) taskPage() {
	returnTo := v.safeReturn(v.r.URL.Query().Get(ParamReturnTo))
	view, known := v.taskView(gatelatch.Task(v.id), returnTo)
	if !known {
		v.fail(http.StatusNotFound)
		return
	}
	if _, o, ok := v.owing(returnTo); ok {
		view.Identifier = nameOf(o.User)
		v.show(http.StatusOK, view)
	}
}

// nameOf is the address by which a password manager knows somebody.
func nameOf(u gatelatch.User) string {
	for _, kind := range []gatelatch.IdentifierKind{gatelatch.EmailAddress, gatelatch.PhoneNumber} {
		if a, ok := u.Primary(kind); ok {
			return a.Value
		}
	}
	return ""
}

// taskStep does what a session owes, and goes on. What else it owes shows at the
// path it goes to.
func (v *visit) taskStep() {
	f, _, ok := v.post()
	if !ok {
		return
	}
	returnTo := v.safeReturn(f[ParamReturnTo])
	view, known := v.taskView(gatelatch.Task(v.id), returnTo)
	if !known {
		v.fail(http.StatusNotFound)
		return
	}
	l, o, ok := v.owing(returnTo)
	if !ok {
		return
	}
	view.Identifier = nameOf(o.User)
	r, err := v.doTask(v.actor(l), f)
	switch {
	case err != nil:
		v.down(err)
	case r != nil && r.Code == gatelatch.CodeReverify:
		v.reverify(entry(&v.Site, "/tasks/"+v.id, returnTo), o.Level)
	case r != nil:
		v.refuse(view, r)
	default:
		v.leave(returnTo)
	}
}

func (v *visit) doTask(a account.Actor, f form) (*gatelatch.Refusal, error) {
	ctx := v.r.Context()
	switch gatelatch.Task(v.id) {
	case gatelatch.TaskResetPassword:
		return v.Account.SetPassword(ctx, a, gatelatch.Secret(f[ParamPassword]))
	case gatelatch.TaskAcceptTerms:
		return v.Account.AcceptTerms(ctx, a, f[ParamVersion])
	default:
		return &gatelatch.Refusal{Code: gatelatch.CodeValue, Message: "That is done on the pages of the account."}, nil
	}
}

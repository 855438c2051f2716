// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/session"
)

func (t *tenant) ctx() context.Context { return t.r.Context() }

// changePage asks for the code of a change. One that has been carried out leads
// on.
func changePage(t *tenant) (View, bool) {
	c, err := t.change()
	switch {
	case err != nil:
		t.down(err)
		return View{}, false
	case c == nil:
		return t.nowhere()
	case c.Status == flow.ChangeComplete:
		t.leave(t.path(changed(*c).to))
		return View{}, false
	}
	return t.changeView(*c), true
}

// change is the one that the address names. What a session owes comes first,
// unless the change is a way to pay.
func (t *tenant) change() (*flow.Change, error) {
	if !plausible(t.id) {
		return nil, nil
	}
	c, err := t.Account.Change(t.ctx(), t.Actor, t.id)
	if err != nil || c == nil || len(t.Tasks) > 0 && c.Kind != flow.AddSecondFactor {
		return nil, err
	}
	return c, nil
}

func (t *tenant) changeView(c flow.Change) View {
	view := page(PageAccountCode, t.accountOf(c))
	view.To, view.Channel = c.Factor.Display, ChannelEmail
	if c.Factor.Strategy == gatelatch.PhoneCode {
		view.Channel = ChannelSMS
	}
	if view.To == "" {
		view.To = identifier.Mask(c.Factor.To)
	}
	if c.Proof == nil {
		return view
	}
	view.ExpireAt, view.ResendAt = c.Proof.ExpireAt, c.Proof.ResendAt(t.policy.Code)
	if c.Proof.Status == flow.Failed {
		view.Refusal = &gatelatch.Refusal{
			Code: gatelatch.CodeFailed, Param: ParamCode, Message: "Too many wrong codes. Start over to get a new one.",
		}
	}
	return view
}

// accountOf is how a change is worded, and what leads back out of it.
func (t *tenant) accountOf(c flow.Change) *Account {
	phone := c.Factor.To.Kind == gatelatch.PhoneNumber
	a := &Account{Kind: formAddress, BackAsk: "way.change_email.ask", BackLabel: "way.change", Up: t.href("/account")}
	switch {
	case c.Kind == flow.DeleteAccount:
		return &Account{Kind: confirmDelete, Danger: true, Back: t.href("/account"), BackLabel: "way.cancel"}
	case c.Kind == flow.AddSecondFactor:
		return &Account{Kind: formSecond, Back: t.href("/account/second-number"), BackLabel: "way.cancel"}
	case phone:
		a.Kind, a.BackAsk, a.Back = formNumber, "way.change_phone.ask", t.href("/account/numbers/add")
	default:
		a.Back = t.href("/account/addresses/add")
	}
	return a
}

// changeStep takes a code, or sends it once more.
func changeStep(t *tenant) result {
	c, err := t.change()
	if err != nil || c == nil {
		return result{err: err, refusal: notYours()}
	}
	switch t.form[ParamStep] {
	case StepResend:
		return t.resend()
	case StepVerify, "":
		return t.confirmChange()
	}
	return unknown()
}

func (t *tenant) resend() result {
	c, r, err := t.Account.Resend(t.ctx(), t.Actor, t.id)
	if err != nil || r != nil || c == nil {
		return result{err: err, refusal: r}
	}
	view := t.changeView(*c)
	view.Notice = NoticeResent
	if t.scripted() {
		return result{page: &view}
	}
	t.leave(withNotice(t.self(), NoticeResent))
	return result{done: true}
}

func (t *tenant) confirmChange() result {
	held, ok := t.accounts() // a session that is deleted tells no more who sees the others
	if !ok {
		return result{done: true}
	}
	c, r, err := t.Account.Confirm(t.ctx(), t.Actor, t.id, t.form[ParamCode])
	if err != nil || r != nil {
		return result{err: err, refusal: r}
	}
	if c.Kind == flow.DeleteAccount {
		t.farewell(t.besides(held))
		return result{done: true}
	}
	if c.Kind == flow.AddSecondFactor && t.BackupCodes == 0 {
		return t.firstCodes()
	}
	return changed(*c)
}

// firstCodes shows the backup codes that come with the first number kept for the
// second step. Whoever loses the phone has nothing else.
func (t *tenant) firstCodes() result {
	codes, r, err := t.Account.NewBackupCodes(t.ctx(), t.Actor)
	if err != nil || r != nil {
		return after(r, err, "/account/second-number", NoticeSecondOn)
	}
	view := t.codesView(codes)
	view.Notice = NoticeSecondOn
	return result{page: &view}
}

// changed is where a change leads that has been carried out.
func changed(c flow.Change) result {
	switch {
	case c.Kind == flow.AddSecondFactor:
		return result{to: "/account/second-number", notice: NoticeSecondOn}
	case c.Kind == flow.DeleteAccount:
		return result{to: "/account"}
	case c.Factor.To.Kind == gatelatch.PhoneNumber:
		return result{to: "/account/numbers", notice: NoticeNumberAdded}
	}
	return result{to: "/account/addresses", notice: NoticeAddressAdded}
}

// besides returns the other sessions of the browser: those of the account that is gone
// are gone with it.
func (t *tenant) besides(held session.Held) []session.Principal {
	return slices.DeleteFunc(slices.Clone(held.Principals), func(p session.Principal) bool { return p.User.ID == t.User.ID })
}

// farewell is the last page of an account. The session is gone with it. Where the
// browser holds others, the one that was used last takes its place.
func (t *tenant) farewell(others []session.Principal) {
	t.w.Header().Set("Clear-Site-Data", `"cache"`) // so that Back shows nothing
	view := page(PageAccountDeleted, &Account{})
	if view.Beside = len(others) > 0; view.Beside {
		t.use(lastUsed(others))
		view.ContinueURL = t.chooser("")
	} else {
		t.Jar.ClearSession(t.w.Header())
	}
	t.render(http.StatusOK, view, pagePolicy) // without a form, so that the browser keeps its client
}

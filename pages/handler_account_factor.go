// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// totpPage leads through setting up an authenticator app: what it is, the code
// to scan, and, once it is set up, the way to remove it.
func totpPage(t *tenant) (View, bool) {
	switch {
	case !t.second():
		return t.nowhere()
	case t.User.Factors.TOTP:
		return page(PageAccountList, t.totpList()), true
	case !t.Fresh:
		t.reverify()
		return View{}, false
	}
	e, err := t.Account.TOTP(t.ctx(), t.Actor)
	if err != nil {
		t.down(err)
		return View{}, false
	}
	a := &Account{Kind: totpStart, Back: t.href("/account"), BackLabel: "way.account"}
	if e != nil {
		a.Kind, a.QR, a.URI, a.Secret, a.BackLabel = totpScan, e.QRCode, e.URI, e.Typed, "way.cancel"
	}
	t.backToTask(a)
	return page(PageAccountTOTP, a), true
}

// backToTask leads somebody who may not see the overview yet back to where the
// ways are listed.
func (t *tenant) backToTask(a *Account) {
	if len(t.Tasks) > 0 {
		a.Back, a.BackLabel, a.Up = t.taskPath(), "way.back", ""
	}
}

func (t *tenant) taskPath() string { return t.path("/tasks/" + string(t.Tasks[0])) }

func totpStep(t *tenant) result {
	switch {
	case !on(t.policy.SecondFactor):
		return result{refusal: notYours()}
	case t.form[ParamStep] == StepStart:
		_, r, err := t.Account.StartTOTP(t.ctx(), t.Actor)
		return after(r, err, "/account/totp", NoticeNone)
	case t.form[ParamStep] != StepVerify:
		return unknown()
	}
	codes, r, err := t.Account.ConfirmTOTP(t.ctx(), t.Actor, t.form[ParamCode])
	if err != nil || r != nil || len(codes) == 0 {
		return after(r, err, "/account", NoticeTOTPOn)
	}
	view := t.codesView(codes)
	view.Notice = NoticeTOTPOn
	return result{page: &view}
}

// codesView shows backup codes, which no other page can.
func (t *tenant) codesView(codes []gatelatch.Secret) View {
	view := page(PageAccountCodes, &Account{Codes: codes})
	view.ContinueURL = t.back
	if t.back == "" {
		view.ContinueURL = t.Site.Base + "/account"
	}
	return view
}

func removeTOTPPage(t *tenant) (View, bool) {
	if !t.User.Factors.TOTP {
		return t.nowhere()
	}
	return t.confirm(confirmTOTP, "", "/account/totp"), true
}

func removeTOTP(t *tenant) result {
	if !t.User.Factors.TOTP {
		return result{refusal: notYours()}
	}
	r, err := t.Account.RemoveTOTP(t.ctx(), t.Actor)
	return after(r, err, "/account", NoticeTOTPRemoved)
}

func secondPage(t *tenant) (View, bool) {
	if !t.secondNumber() {
		return t.nowhere()
	}
	a := t.secondList()
	t.backToTask(a)
	return page(PageAccountList, a), true
}

// useNumber takes a number that the user has.
func useNumber(t *tenant) result {
	if t.form[ParamStep] != StepUse {
		return unknown()
	}
	a, ok := t.User.ByID(t.form[ParamID])
	if !ok || a.Kind != gatelatch.PhoneNumber || !on(t.policy.SecondFactor) {
		return result{refusal: notYours()}
	}
	return t.begin(flow.AddSecondFactor, a.ID)
}

func addSecondPage(t *tenant) (View, bool) {
	if !on(t.policy.SecondFactor) || !t.Site.Phone {
		return t.nowhere()
	}
	view := t.formPage(formSecond, "/account/second-number", "way.back")
	view.Fields = []Field{{Name: flow.FieldPhone, Value: t.form[flow.FieldPhone], Required: true}}
	return view, true
}

func addSecond(t *tenant) result {
	if !on(t.policy.SecondFactor) || !t.Site.Phone {
		return result{refusal: notYours()}
	}
	return t.begin(flow.AddSecondFactor, t.form[flow.FieldPhone]).at(flow.FieldPhone)
}

func releasePage(t *tenant) (View, bool) {
	a, ok := t.User.ByID(t.id)
	if !ok || !a.SecondFactor {
		return t.nowhere()
	}
	return t.confirm(confirmSecond, a.Display, "/account/second-number"), true
}

func release(t *tenant) result {
	a, ok := t.User.ByID(t.id)
	if !ok || !a.SecondFactor {
		return result{refusal: notYours()}
	}
	r, err := t.Account.ReleaseSecondFactor(t.ctx(), t.Actor, a.ID)
	to := "/account/second-number"
	if !t.site.Phone && len(t.reserved()) == 1 {
		to = "/account" // the page of numbers goes with the last one
	}
	return after(r, err, to, NoticeSecondReleased)
}

// codesPage offers new backup codes. There are none without a second step.
func codesPage(t *tenant) (View, bool) {
	if !t.second() || !hasSecond(t.Overview, t.passkeys) {
		return t.nowhere()
	}
	view := t.confirm(confirmCodes, "", "/account")
	view.Account.Danger, view.Account.BackLabel = false, "way.account"
	if t.BackupCodes > 0 {
		view.Account.Facts = []Words{{Key: "account_confirm.new_codes.left", Count: t.BackupCodes}}
	}
	return view, true
}

func newCodes(t *tenant) result {
	codes, r, err := t.Account.NewBackupCodes(t.ctx(), t.Actor)
	if err != nil || r != nil {
		return result{err: err, refusal: r}
	}
	view := t.codesView(codes)
	return result{page: &view}
}

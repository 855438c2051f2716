// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// passwordPage asks for a new password. The old one is not asked for: who is
// there was proven a moment ago.
func passwordPage(t *tenant) (View, bool) {
	if !on(t.policy.Password) {
		return t.nowhere()
	}
	a := t.identity()
	a.Kind, a.Subject, a.Back, a.BackLabel = passwordSet, a.Email, t.href("/account"), "way.account"
	if a.Subject == "" {
		a.Subject = a.Phone
	}
	if t.User.Factors.Password {
		a.Kind = passwordChange
		if t.policy.Password == flow.Optional && len(t.Tasks) == 0 {
			a.Remove = t.href("/account/password/remove")
		}
	}
	t.backToTask(a)
	view := page(PageAccountPassword, a)
	view.MinLength = t.minPassword()
	return view, true
}

func setPassword(t *tenant) result {
	if !on(t.policy.Password) {
		return result{refusal: notYours()}
	}
	r, err := t.Account.SetPassword(t.ctx(), t.Actor, gatelatch.Secret(t.form[ParamPassword]))
	return after(r, err, "/account", NoticePasswordSet)
}

func removePasswordPage(t *tenant) (View, bool) {
	if t.policy.Password != flow.Optional || !t.User.Factors.Password {
		return t.nowhere()
	}
	return t.confirm(confirmPassword, "", "/account/password"), true
}

func removePassword(t *tenant) result {
	if t.policy.Password != flow.Optional {
		return result{refusal: notYours()}
	}
	r, err := t.Account.RemovePassword(t.ctx(), t.Actor)
	return after(r, err, "/account", NoticePasswordRemoved)
}

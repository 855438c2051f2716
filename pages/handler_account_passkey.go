// SPDX-License-Identifier: Apache-2.0

package pages

import "github.com/gatelatch/gatelatch"

func passkeysPage(t *tenant) (View, bool) {
	if !t.passkeys {
		return t.nowhere()
	}
	a := t.passkeyList()
	t.backToTask(a)
	return page(PageAccountList, a), true
}

// addPasskeyPage hands the browser what it needs to make a passkey.
func addPasskeyPage(t *tenant) (View, bool) {
	if !t.passkeys {
		return t.nowhere()
	}
	options, r, err := t.Account.PasskeyOptions(t.ctx(), t.Actor)
	switch {
	case err != nil:
		t.down(err)
		return View{}, false
	case r != nil && r.Code == gatelatch.CodeReverify:
		t.reverify()
		return View{}, false
	case r != nil:
		t.refuse(t.furnish(page(PageAccountList, t.passkeyList())), r)
		return View{}, false
	}
	a := &Account{Options: string(options), Back: t.href("/account/passkeys"), BackLabel: "way.back"}
	return page(PageAccountPasskey, a), true
}

func addPasskey(t *tenant) result {
	if !t.passkeys {
		return result{refusal: notYours()}
	}
	r, err := t.Account.AddPasskey(t.ctx(), t.Actor, t.form[ParamCredential], "")
	return after(r, err, "/account/passkeys", NoticePasskeyAdded)
}

func (t *tenant) passkey() (gatelatch.Passkey, bool) {
	for _, k := range t.Passkeys {
		if k.ID == t.id {
			return k, true
		}
	}
	return gatelatch.Passkey{}, false
}

func passkeyPage(t *tenant) (View, bool) {
	k, ok := t.passkey()
	if !ok {
		return t.nowhere()
	}
	view := t.formPage(formPasskey, "/account/passkeys", "way.back")
	view.Account.Remove = t.href("/account/passkeys/remove/" + k.ID)
	name := k.Name
	if typed := t.form.given(ParamName); typed != nil {
		name = *typed
	}
	view.Fields = []Field{{Name: ParamName, Value: name, Required: true}}
	return view, true
}

func renamePasskey(t *tenant) result {
	if _, ok := t.passkey(); !ok {
		return result{refusal: notYours()}
	}
	r, err := t.Account.RenamePasskey(t.ctx(), t.Actor, t.id, t.form[ParamName])
	return after(r, err, "/account/passkeys", NoticePasskeyRenamed)
}

func removePasskeyPage(t *tenant) (View, bool) {
	k, ok := t.passkey()
	if !ok {
		return t.nowhere()
	}
	return t.confirm(confirmPasskey, k.Name, "/account/passkeys/"+k.ID), true
}

func removePasskey(t *tenant) result {
	if _, ok := t.passkey(); !ok {
		return result{refusal: notYours()}
	}
	r, err := t.Account.RemovePasskey(t.ctx(), t.Actor, t.id)
	return after(r, err, "/account/passkeys", NoticePasskeyRemoved)
}

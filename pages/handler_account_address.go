// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func namePage(t *tenant) (View, bool) {
	first, last := t.User.FirstName, t.User.LastName
	if t.form != nil { // keep what was typed
		first, last = t.form[flow.FieldFirstName], t.form[flow.FieldLastName]
	}
	view := t.formPage(formName, "/account", "way.account")
	for _, f := range []struct {
		name, value string
		need        flow.Need
	}{
		{flow.FieldFirstName, first, t.policy.Fields.FirstName},
		{flow.FieldLastName, last, t.policy.Fields.LastName},
	} {
		view.Fields = append(view.Fields, Field{Name: f.name, Value: f.value, Required: f.need == flow.Required})
	}
	return view, true
}

// formPage is a page that asks for something.
func (t *tenant) formPage(kind, back, label string) View {
	return page(PageAccountForm, &Account{Kind: kind, Back: t.href(back), BackLabel: label})
}

// rename leaves alone what the page does not ask for.
func rename(t *tenant) result {
	first, last := t.User.FirstName, t.User.LastName
	if given := t.form.given(flow.FieldFirstName); given != nil {
		first = *given
	}
	if given := t.form.given(flow.FieldLastName); given != nil {
		last = *given
	}
	r, err := t.Account.Rename(t.ctx(), t.Actor, first, last)
	return after(r, err, "/account", NoticeNameSaved)
}

func addressesPage(t *tenant) (View, bool) { return t.addressesOf(gatelatch.EmailAddress) }
func numbersPage(t *tenant) (View, bool)   { return t.addressesOf(gatelatch.PhoneNumber) }

func (t *tenant) addressesOf(kind gatelatch.IdentifierKind) (View, bool) {
	if !t.has(kind) {
		return t.nowhere()
	}
	return page(PageAccountList, t.addressList(kind)), true
}

func makePrimary(t *tenant) result {
	a, ok := t.User.ByID(t.form[ParamID])
	switch {
	case t.form[ParamStep] != StepPrimary:
		return unknown()
	case !ok:
		return result{refusal: notYours()}
	}
	r, err := t.Account.MakePrimary(t.ctx(), t.Actor, a.ID)
	return after(r, err, pathOf(a.Kind), NoticePrimary)
}

func notYours() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "That is not in your account any more."}
}

func addAddressPage(t *tenant) (View, bool) {
	return t.addPage(gatelatch.EmailAddress, t.Site.Email)
}

func addNumberPage(t *tenant) (View, bool) { return t.addPage(gatelatch.PhoneNumber, t.Site.Phone) }

// addPage asks for a new address. What was typed stays there when it is refused.
func (t *tenant) addPage(kind gatelatch.IdentifierKind, offered bool) (View, bool) {
	if !offered {
		return t.nowhere()
	}
	name, word := flow.FieldEmail, formAddress
	if kind == gatelatch.PhoneNumber {
		name, word = flow.FieldPhone, formNumber
	}
	view := t.formPage(word, pathOf(kind), "way.back")
	view.Fields = []Field{{Name: name, Value: t.form[name], Required: true}}
	return view, true
}

// addAddress takes an e-mail address and nothing else: a number has a page of
// its own.
func addAddress(t *tenant) result {
	typed := t.form[flow.FieldEmail]
	if _, r := t.Flow.Identifiers.ParseEmail(typed); r != nil {
		return result{refusal: r}
	}
	return t.begin(flow.AddAddress, typed).at(flow.FieldEmail)
}

func addNumber(t *tenant) result {
	typed := t.form[flow.FieldPhone]
	if _, r := t.Flow.Identifiers.ParsePhone(typed); r != nil {
		return result{refusal: r}
	}
	return t.begin(flow.AddAddress, typed).at(flow.FieldPhone)
}

// at has a refusal of what was typed stand at the field of the page.
func (r result) at(field string) result {
	if r.refusal != nil && r.refusal.Param == ParamIdentifier {
		moved := *r.refusal
		moved.Param = field
		r.refusal = &moved
	}
	return r
}

// begin starts a change and leads to the page that asks for its code.
func (t *tenant) begin(k flow.ChangeKind, typed string) result {
	c, r, err := t.Account.Begin(t.ctx(), t.Actor, k, typed)
	if err != nil || r != nil {
		return result{err: err, refusal: r}
	}
	return result{to: "/account/change/" + c.ID}
}

func removeAddressPage(t *tenant) (View, bool) {
	return t.removePage(gatelatch.EmailAddress, confirmAddress)
}

func removeNumberPage(t *tenant) (View, bool) {
	return t.removePage(gatelatch.PhoneNumber, confirmNumber)
}

func (t *tenant) removePage(kind gatelatch.IdentifierKind, word string) (View, bool) {
	a, ok := t.User.ByID(t.id)
	if !ok || a.Kind != kind {
		return t.nowhere()
	}
	return t.confirm(word, a.Display, pathOf(kind)), true
}

func removeAddress(t *tenant) result {
	return t.removed(gatelatch.EmailAddress, NoticeAddressRemoved)
}

func removeNumber(t *tenant) result { return t.removed(gatelatch.PhoneNumber, NoticeNumberRemoved) }

func (t *tenant) removed(kind gatelatch.IdentifierKind, n Notice) result {
	a, ok := t.User.ByID(t.id)
	if !ok || a.Kind != kind {
		return result{refusal: notYours()}
	}
	r, err := t.Account.RemoveAddress(t.ctx(), t.Actor, a.ID)
	return after(r, err, pathOf(kind), n)
}

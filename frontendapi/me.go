// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"encoding/json"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/wire"
)

// acting returns the session that a call acts for. Without one the answer has been
// given.
func (c *call) acting() (account.Actor, bool) {
	p, ok := c.principal()
	return c.actor(p), ok
}

// went reports whether an operation on the account went well; if not, the answer
// has been given.
func (c *call) went(r *gatelatch.Refusal, err error) bool {
	c.changed()
	switch {
	case err != nil:
		c.fail(err)
	case r != nil:
		c.refuse(r)
	}
	return err == nil && r == nil
}

// self returns the user of a session as the store has it now. Without one the
// answer has been given.
func (c *call) self(a account.Actor) (*account.Self, bool) {
	self, err := c.Account.Self(c.r.Context(), a)
	if err != nil {
		c.fail(err)
		return nil, false
	}
	if self == nil {
		c.changed()
		c.refuse(signedOut())
	}
	return self, self != nil
}

// me is the user of a session as its holder sees it. Addresses that wait for their
// code stand behind the others.
func (h *Handler) me(self *account.Self) wire.User {
	u := wire.NewUser(wire.UserView{
		User: self.User, Credentials: self.Credentials, ImageURL: h.imageURL(), DeleteSelf: h.Flow.Policy.DeleteSelf,
		Now: h.Now(),
	})
	for _, pending := range self.Pending {
		h.addPending(&u, pending)
	}
	return u
}

// addPending shows where the proof of an address stands. One that an operator has
// given the user is there already.
func (h *Handler) addPending(u *wire.User, c flow.Change) {
	id := c.Factor.AddressID
	if c.Factor.To.Kind == gatelatch.PhoneNumber {
		one := pendingPhone(c, h.Now())
		i := slices.IndexFunc(u.PhoneNumbers, func(n wire.PhoneNumber) bool { return n.ID == id })
		if i >= 0 {
			u.PhoneNumbers[i].Verification = one.Verification
			return
		}
		u.PhoneNumbers = append(u.PhoneNumbers, one)
		return
	}
	one := pendingEmail(c, h.Now())
	i := slices.IndexFunc(u.EmailAddresses, func(a wire.EmailAddress) bool { return a.ID == id })
	if i >= 0 {
		u.EmailAddresses[i].Verification = one.Verification
		return
	}
	u.EmailAddresses = append(u.EmailAddresses, one)
}

// answerMe ends a call with the user, after a change.
func (c *call) answerMe(a account.Actor) {
	if self, ok := c.self(a); ok {
		c.answer(c.me(self))
	}
}

func (c *call) showMe() {
	a, ok := c.acting()
	if !ok {
		return
	}
	if self, ok := c.self(a); ok {
		c.answer(c.me(self)) // programs take the client along from this one read, too
	}
}

// updateMe changes all that was given, or nothing. The terms come before it: what
// a session owes stands in front of everything else.
func (c *call) updateMe() {
	a, ok := c.acting()
	if !ok {
		return
	}
	p, r := c.profile()
	if r != nil {
		c.refuse(r)
		return
	}
	if c.form.flag("legal_accepted") && !c.went(c.Account.AcceptTerms(c.r.Context(), a, c.Flow.Policy.Terms.Version)) {
		return
	}
	if p != nil && !c.went(c.Account.UpdateProfile(c.r.Context(), a, *p)) {
		return
	}
	c.answerMe(a)
}

// profile reads what is to be changed; nil when nothing.
func (c *call) profile() (*account.Profile, *gatelatch.Refusal) {
	for _, name := range []string{"username", "primary_web3_wallet_id"} {
		if c.form.text(name) != "" {
			return nil, &gatelatch.Refusal{Code: gatelatch.CodeUnknownParam, Param: name, Message: "This site does not use that."}
		}
	}
	p := account.Profile{FirstName: c.form.given("first_name"), LastName: c.form.given("last_name")}
	if bag := c.form.given(account.FieldUnsafeMetadata); bag != nil {
		p.Unsafe = json.RawMessage(*bag)
	}
	for _, name := range []string{"primary_email_address_id", "primary_phone_number_id"} {
		if id := c.form.text(name); id != "" {
			p.Primary = append(p.Primary, id)
		}
	}
	if p.FirstName == nil && p.LastName == nil && p.Unsafe == nil && p.Primary == nil {
		return nil, nil
	}
	return &p, nil
}

func (c *call) mergeMetadata() {
	a, ok := c.acting()
	if !ok {
		return
	}
	patch := c.form.given(account.FieldUnsafeMetadata)
	if patch == nil {
		c.refuse(missing(account.FieldUnsafeMetadata))
		return
	}
	if c.went(c.Account.UpdateProfile(c.r.Context(), a, account.Profile{Patch: json.RawMessage(*patch)})) {
		c.answerMe(a)
	}
}

func (c *call) acceptTerms() {
	a, ok := c.acting()
	if !ok {
		return
	}
	version := c.Flow.Policy.Terms.Version
	if shown := c.form.given("version"); shown != nil {
		version = *shown
	}
	if c.went(c.Account.AcceptTerms(c.r.Context(), a, version)) {
		c.answerMe(a)
	}
}

func (c *call) deleteMe() {
	p, ok := c.principal()
	if !ok {
		return
	}
	if c.went(c.Account.Delete(c.r.Context(), c.actor(p))) {
		c.answer(wire.Deleted{Object: "user", ID: p.User.ID, Deleted: true})
	}
}

// missing refuses a call that lacks a field.
func missing(param string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeMissing, Param: param, Message: "This field is missing."}
}

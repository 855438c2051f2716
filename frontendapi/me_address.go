// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/wire"
)

// pendingEmail is an e-mail address that waits for its code.
func pendingEmail(c flow.Change, now time.Time) wire.EmailAddress {
	return wire.EmailAddress{
		ID: c.Factor.AddressID, Object: "email_address", EmailAddress: c.Factor.Display, Verification: addressProof(c.Proof, now),
		LinkedTo: []wire.Nothing{}, CreatedAt: wire.Maybe(c.CreatedAt), UpdatedAt: wire.Maybe(c.CreatedAt),
	}
}

// pendingPhone is a number that waits for its code.
func pendingPhone(c flow.Change, now time.Time) wire.PhoneNumber {
	return wire.PhoneNumber{
		ID: c.Factor.AddressID, Object: "phone_number", PhoneNumber: c.Factor.To.Value, Verification: addressProof(c.Proof, now),
		LinkedTo: []wire.Nothing{}, CreatedAt: wire.Maybe(c.CreatedAt), UpdatedAt: wire.Maybe(c.CreatedAt),
	}
}

// addressProof is where the proof of an address stands; nil before its code was
// sent.
func addressProof(v *flow.Verification, now time.Time) *wire.Verification {
	if v == nil {
		return nil
	}
	return &wire.Verification{
		Object: "verification", Status: wire.Text(string(v.StatusAt(now))), Strategy: &v.Strategy,
		Attempts: &v.Attempts, ExpireAt: wire.Maybe(v.ExpireAt),
	}
}

// resources are the addresses of a kind, those of the user first.
func (k addressKind) resources(u wire.User) []any {
	all := []any{}
	if k.kind == gatelatch.EmailAddress {
		for _, a := range u.EmailAddresses {
			all = append(all, a)
		}
		return all
	}
	for _, a := range u.PhoneNumbers {
		all = append(all, a)
	}
	return all
}

// find returns the address of an id, nil when the user has none.
func (k addressKind) find(u wire.User, id string) any {
	i := slices.IndexFunc(k.resources(u), func(one any) bool { return idOf(one) == id && id != "" })
	if i < 0 {
		return nil
	}
	return k.resources(u)[i]
}

func idOf(address any) string {
	switch a := address.(type) {
	case wire.EmailAddress:
		return a.ID
	case wire.PhoneNumber:
		return a.ID
	}
	return ""
}

func (k addressKind) list(c *call) {
	a, ok := c.acting()
	if !ok {
		return
	}
	if self, ok := c.self(a); ok {
		c.read(k.resources(c.me(self)))
	}
}

func (k addressKind) show(c *call) {
	if _, one, ok := k.named(c); ok {
		c.read(one)
	}
}

// named returns who acts and the address that the path names. Without one the
// answer has been given.
func (k addressKind) named(c *call) (account.Actor, any, bool) {
	a, ok := c.acting()
	if !ok {
		return a, nil, false
	}
	self, ok := c.self(a)
	if !ok {
		return a, nil, false
	}
	one := k.find(c.me(self), c.value("id"))
	if one == nil {
		c.refuse(unknown())
	}
	return a, one, one != nil
}

// answer ends a call with the address as it stands now.
func (k addressKind) answer(c *call, a account.Actor, id string) {
	self, ok := c.self(a)
	if !ok {
		return
	}
	one := k.find(c.me(self), id)
	if one == nil {
		c.refuse(unknown())
		return
	}
	c.answer(one)
}

func (k addressKind) create(c *call) {
	a, ok := c.acting()
	if !ok {
		return
	}
	begun, r, err := c.Account.AddAddress(c.r.Context(), a, k.kind, c.form.text(k.param))
	if c.went(r, err) {
		k.answer(c, a, begun.Factor.AddressID)
	}
}

// prepare sends the code. Nothing else can prove an address that is to be added.
func (k addressKind) prepare(c *call) {
	a, _, ok := k.named(c)
	if !ok {
		return
	}
	if given := c.form.text("strategy"); given != "" && given != string(gatelatch.CodeStrategy(k.kind)) {
		c.refuse(&gatelatch.Refusal{Code: gatelatch.CodeStrategyInvalid, Param: "strategy", Message: "Addresses are confirmed with a code."})
		return
	}
	id := c.value("id")
	_, r, err := c.Account.PrepareAddress(c.r.Context(), a, id)
	if c.went(r, err) {
		k.answer(c, a, id)
	}
}

func (k addressKind) attempt(c *call) {
	a, _, ok := k.named(c)
	if !ok {
		return
	}
	id := c.value("id")
	_, r, err := c.Account.AttemptAddress(c.r.Context(), a, id, c.form.text("code"))
	if c.went(r, err) {
		k.answer(c, a, id)
	}
}

func (k addressKind) remove(c *call) {
	a, _, ok := k.named(c)
	if !ok {
		return
	}
	self, ok := c.self(a)
	if !ok {
		return
	}
	id, remove := c.value("id"), c.Account.RemoveAddress
	if _, held := self.User.ByID(id); !held {
		remove = c.Account.DropAddress
	}
	if c.went(remove(c.r.Context(), a, id)) {
		c.answer(wire.Deleted{Object: k.object, ID: id, Deleted: true})
	}
}

// reserveNumber keeps a number for the second step, or no longer. Backup codes that
// come with the first one are told this once.
func (c *call) reserveNumber() {
	a, _, ok := phoneRoutes.named(c)
	if !ok {
		return
	}
	id, reserve := c.value("id"), c.form.given("reserved_for_second_factor")
	var codes []gatelatch.Secret
	var r *gatelatch.Refusal
	var err error
	switch {
	case reserve != nil && c.form.flag("reserved_for_second_factor"):
		codes, r, err = c.Account.ReserveNumber(c.r.Context(), a, id)
	case reserve != nil:
		r, err = c.Account.ReleaseSecondFactor(c.r.Context(), a, id)
	}
	if !c.went(r, err) {
		return
	}
	if c.form.flag("default_second_factor") && !c.went(c.Account.DefaultNumber(c.r.Context(), a, id)) {
		return
	}
	c.answerNumber(a, id, codes)
}

func (c *call) answerNumber(a account.Actor, id string, codes []gatelatch.Secret) {
	self, ok := c.self(a)
	if !ok {
		return
	}
	n, ok := phoneRoutes.find(c.me(self), id).(wire.PhoneNumber)
	if !ok {
		c.refuse(unknown())
		return
	}
	n.BackupCodes = reveal(codes)
	c.answer(n)
}

// reveal is for the one answer that tells backup codes; nil, which is null, when
// there are none.
func reveal(codes []gatelatch.Secret) []string {
	var all []string
	for _, code := range codes {
		all = append(all, code.Reveal())
	}
	return all
}

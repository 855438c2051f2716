// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"cmp"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
)

// ChangeKind says what a change of an account does once its code is right.
type ChangeKind string

// The kinds.
const (
	// AddAddress adds the address that the code went to.
	AddAddress ChangeKind = "add_address"
	// AddSecondFactor adds a number, or takes one that the user has, and reserves
	// it for the second step.
	AddSecondFactor ChangeKind = "add_second_factor"
	// DeleteAccount deletes the user.
	DeleteAccount ChangeKind = "delete_account"
)

// ChangeStatus says where a change stands.
type ChangeStatus string

// The statuses.
const (
	ChangeOpen     ChangeStatus = "open"
	ChangeComplete ChangeStatus = "complete"
)

// ChangeLifetime is how long a change may stand unfinished.
const ChangeLifetime = time.Hour

// Change is one change of an account that a code has to confirm, bound to one
// session.
type Change struct {
	ID        string        `json:"id"`
	Kind      ChangeKind    `json:"kind"`
	UserID    string        `json:"user_id"`
	SessionID string        `json:"session_id"`
	ClientID  string        `json:"client_id"`
	Status    ChangeStatus  `json:"status"`
	Factor    Factor        `json:"factor"`
	Proof     *Verification `json:"proof,omitempty"`
	CreatedAt time.Time     `json:"created_at"`
	AbandonAt time.Time     `json:"abandon_at"`
}

// NewChange is a change before its first input. A factor names where the code
// goes.
func NewChange(id string, k ChangeKind, s gatelatch.Session, f Factor, now time.Time) Change {
	return Change{
		ID: id, Kind: k, UserID: s.UserID, SessionID: s.ID, ClientID: s.ClientID,
		Status: ChangeOpen, Factor: f, CreatedAt: now, AbandonAt: now.Add(ChangeLifetime),
	}
}

// Purpose says what the code of the change is for.
func (c Change) Purpose() Purpose {
	if c.Kind == DeleteAccount {
		return PurposeDelete
	}
	return PurposeAdd
}

// ChangeInput is what can be done to a change: [Prepare] and [Confirm].
type ChangeInput interface{ change() InputKind }

// Confirm gives the code of a change back. User is whose account it is, as it
// stands now, and Holder who holds the address now, or empty. Permitted says that
// no list refuses the address.
type Confirm struct {
	Correct   bool
	User      gatelatch.User
	Holder    string
	Permitted bool
}

// InputConfirm is the kind of [Confirm].
const InputConfirm InputKind = "confirm"

func (Prepare) change() InputKind { return InputPrepare }
func (Confirm) change() InputKind { return InputConfirm }

var changeTable = map[ChangeStatus][]InputKind{
	ChangeOpen:     {InputPrepare, InputConfirm},
	ChangeComplete: {},
}

// Allows returns the inputs that the change's status admits.
func (c Change) Allows() []InputKind { return changeTable[c.Status] }

// ChangeUser replaces a user.
type ChangeUser struct{ User gatelatch.User }

// RemoveUser deletes a user with everything that is theirs.
type RemoveUser struct{ User gatelatch.User }

func (ChangeUser) effect() {}
func (RemoveUser) effect() {}

// AdvanceChange is the machine of changes: pure, total, and refusing by default.
func AdvanceChange(c Change, in ChangeInput, env Env) Step[Change] {
	if r := refuseChange(c, in, env); r != nil {
		return Step[Change]{Next: c, Refusal: r}
	}
	switch in := in.(type) {
	case Prepare:
		return c.prepare(env)
	case Confirm:
		return c.confirm(in, env)
	}
	return Step[Change]{Next: c, Refusal: refuseState()}
}

func refuseChange(c Change, in ChangeInput, env Env) *gatelatch.Refusal {
	switch {
	case in == nil:
		return refuseState()
	case c.Status == ChangeComplete:
		return refuseAlreadyVerified()
	case !env.Now.Before(c.AbandonAt):
		return refuseAbandoned()
	case !allowed(c.Allows(), in.change()):
		return refuseState()
	case c.Kind == DeleteAccount && !env.Policy.DeleteSelf:
		return refuseDelete()
	}
	return nil
}

func (c Change) prepare(env Env) Step[Change] {
	v, r := prepare(c.Proof, c.Factor, env)
	c.Proof = &v
	if r != nil {
		return Step[Change]{Next: c, Refusal: r}
	}
	return Step[Change]{Next: c, Effects: []Effect{SendCode{v}}}
}

func (c Change) confirm(in Confirm, env Env) Step[Change] {
	if in.User.ID != c.UserID {
		return Step[Change]{Next: c, Refusal: refuseState()}
	}
	if r := judgeable(c.Proof, env); r != nil {
		return Step[Change]{Next: c, Refusal: r}
	}
	v, r := judge(*c.Proof, in.Correct, env)
	c.Proof = &v
	if r != nil {
		return Step[Change]{Next: c, Refusal: r}
	}
	if r := c.obstacle(in); r != nil {
		c.AbandonAt = env.Now // the code was right, and there is nothing more to try
		return Step[Change]{Next: c, Refusal: r}
	}
	c.Status = ChangeComplete
	return Step[Change]{Next: c, Effects: []Effect{c.carryOut(in.User, env)}}
}

// obstacle says what stands in the way, to somebody who has just proven to hold
// the address.
func (c Change) obstacle(in Confirm) *gatelatch.Refusal {
	held, own := in.User.Address(c.Factor.To)
	switch {
	case c.Kind == DeleteAccount && (!own || in.Holder != in.User.ID):
		return refuseState()
	case c.Kind == DeleteAccount:
		return nil
	case c.Kind == AddSecondFactor && c.Factor.To.Kind != gatelatch.PhoneNumber:
		return refuseState()
	case in.Holder != "" && in.Holder != in.User.ID:
		return RefuseTaken(c.Factor.To.Kind)
	case c.Kind == AddSecondFactor && own:
		return RefuseReserve(in.User, c.Factor.To)
	case own && held.VerifiedAt.IsZero(): // an operator has given it, and it is proven now
		return nil
	case own:
		return RefuseTaken(c.Factor.To.Kind)
	case !in.Permitted:
		return refuseAddress()
	}
	return refuseFull(in.User, c.Factor.To.Kind)
}

// MaxAddresses is how many addresses of each kind a user may have.
const MaxAddresses = 10

// refuseFull says that a user has no room for one more address, or nil.
func refuseFull(u gatelatch.User, kind gatelatch.IdentifierKind) *gatelatch.Refusal {
	n := 0
	for _, a := range u.Addresses {
		if a.Kind == kind {
			n++
		}
	}
	if n < MaxAddresses {
		return nil
	}
	return refusal(gatelatch.CodeForbidden, "", "There are too many addresses. Remove one first.")
}

func refuseAddress() *gatelatch.Refusal {
	return refusal(gatelatch.CodeNotAllowed, "", "This address cannot be used here.")
}

func (c Change) carryOut(u gatelatch.User, env Env) Effect {
	if c.Kind == DeleteAccount {
		return RemoveUser{u}
	}
	u.Addresses, u.UpdatedAt = slices.Clone(u.Addresses), env.Now
	for i, a := range u.Addresses {
		if a.Identifier != c.Factor.To {
			continue
		}
		u.Addresses[i].SecondFactor = a.SecondFactor || c.Kind == AddSecondFactor
		if a.VerifiedAt.IsZero() {
			u.Addresses[i].VerifiedAt = c.Proof.VerifiedAt
		}
		return ChangeUser{u}
	}
	added := c.Proof.address(env.Fresh)
	added.ID = cmp.Or(c.Factor.AddressID, added.ID) // the name it was told under before
	added.SecondFactor = c.Kind == AddSecondFactor
	_, has := u.Primary(added.Kind)
	added.Primary = !has && !added.SecondFactor
	u.Addresses = append(u.Addresses, added)
	return ChangeUser{u}
}

// RefuseReserve says why a number of a user cannot be reserved for the second
// step, or nil: something else must be left that begins a sign-in.
func RefuseReserve(u gatelatch.User, number gatelatch.Identifier) *gatelatch.Refusal {
	a, ok := u.Address(number)
	switch {
	case !ok || a.Kind != gatelatch.PhoneNumber:
		return refuseState()
	case a.SecondFactor:
		return RefuseTaken(number.Kind)
	case Beginnings(u) == 1:
		return RefuseLast()
	}
	return nil
}

// Beginnings counts the addresses of a user that begin a sign-in.
func Beginnings(u gatelatch.User) int {
	n := 0
	for _, a := range u.Addresses {
		if !a.SecondFactor {
			n++
		}
	}
	return n
}

// RefuseTaken says that an address has a user already.
func RefuseTaken(kind gatelatch.IdentifierKind) *gatelatch.Refusal {
	if kind == gatelatch.PhoneNumber {
		return refusal(gatelatch.CodeExists, FieldPhone, "This number is in use already. Use another one.")
	}
	return refusal(gatelatch.CodeExists, FieldEmail, "This address is in use already. Use another one.")
}

// RefuseLast says that an address has to stay.
func RefuseLast() *gatelatch.Refusal {
	return refusal(gatelatch.CodeLastIdentifier, "", "This is the only address you can sign in with. Add another one first.")
}

func refuseDelete() *gatelatch.Refusal {
	return refusal(gatelatch.CodeForbidden, "", "Accounts cannot be deleted here. Ask whoever runs this site.")
}

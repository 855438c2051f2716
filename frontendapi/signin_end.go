// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// ended answers with what a step of a sign-in has led to.
func (c *call) ended(out flow.Outcome, err error) {
	if err != nil {
		c.fail(err)
		return
	}
	c.took(out)
	switch {
	case out.Issued != nil && out.SignIn != nil: // a repeated request is answered like the first
		c.answer(c.signInOf(*out.SignIn))
	case out.Refusal != nil:
		c.refuse(atSignIn(*out.Refusal))
	case out.SignIn == nil:
		c.refuse(unknown())
	case out.SignIn.Transferable():
		c.refuse(&gatelatch.Refusal{Code: gatelatch.CodeTransferable, Message: "No account belongs to this address yet. Sign up to make one."})
	default:
		c.answer(c.signInOf(*out.SignIn))
	}
}

// took notes the session that a step has led to.
func (c *call) took(out flow.Outcome) {
	c.changed()
	if out.Issued != nil {
		c.chosen, c.renewed = out.Issued.Session.ID, true
	}
}

// atSignIn names the one field of addresses that programs know at sign-ins.
func atSignIn(r gatelatch.Refusal) *gatelatch.Refusal {
	if r.Param == flow.FieldEmail || r.Param == flow.FieldPhone {
		r.Param = paramIdentifier
	}
	return &r
}

// show answers with a sign-in as it stands. The client comes along: a page that
// waits for a link to be followed learns of the session by it.
func (c *call) show(out flow.Outcome, err error) {
	switch {
	case err != nil:
		c.fail(err)
	case out.Refusal != nil:
		c.refuse(out.Refusal)
	case out.SignIn == nil:
		c.refuse(unknown())
	default:
		c.answer(c.signInOf(*out.SignIn))
	}
}

// holder returns the session of whoever holds an address, as it was typed; nil
// when none of the client's users does.
func (c *call) holder(held *session.Held, typed string) *session.Principal {
	parsed, r := c.Flow.Identifiers.Parse(typed)
	if r != nil {
		return nil
	}
	for i := range held.Principals {
		if _, ok := held.Principals[i].User.Address(parsed.Identifier); ok {
			return &held.Principals[i]
		}
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"encoding/json"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// createSignUp begins a sign-up, or goes on with the address that a sign-in has
// proven.
func (c *call) createSignUp() {
	if c.taken() {
		return
	}
	p, r := c.signUpParams()
	switch {
	case r != nil:
		c.refuse(r)
	case c.form.flag("transfer"):
		c.transferToSignUp(p)
	case empty(p):
		c.refuse(c.nothingGiven())
	default:
		out, err := c.Flow.CreateSignUp(c.r.Context(), c.caller(), p)
		c.signedUp(out, err)
	}
}

// signUpParams are the fields of a sign-up. An empty one is none.
func (c *call) signUpParams() (flow.SignUpParams, *gatelatch.Refusal) {
	if !begins(gatelatch.Strategy(c.form.text("strategy"))) {
		return flow.SignUpParams{}, strategyNotOffered()
	}
	p := flow.SignUpParams{
		Email: c.form.given(flow.FieldEmail), Phone: c.form.given(flow.FieldPhone),
		FirstName: c.form.given(flow.FieldFirstName), LastName: c.form.given(flow.FieldLastName),
		Locale: c.form.given("locale"), AcceptTerms: c.form.flag("legal_accepted"), Ticket: c.form.secret("ticket"),
	}
	if typed := c.form.secret(flow.FieldPassword); typed != "" {
		p.Password = &typed
	}
	if text := c.form.text("unsafe_metadata"); text != "" {
		var bag map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &bag) != nil || len(text) > gatelatch.MaxMetadata {
			return p, &gatelatch.Refusal{Code: gatelatch.CodeMetadata, Param: "unsafe_metadata", Message: "Metadata is a JSON object of at most 8 KB."}
		}
		p.UnsafeMetadata = json.RawMessage(text)
	}
	return p, nil
}

// empty reports a sign-up with nothing in it. Programs send one when the step
// before has failed; no code must follow from that.
func empty(p flow.SignUpParams) bool {
	return p.Email == nil && p.Phone == nil && p.FirstName == nil && p.LastName == nil && p.Password == nil &&
		p.Ticket == "" && p.UnsafeMetadata == nil && !p.AcceptTerms
}

func (c *call) nothingGiven() *gatelatch.Refusal {
	r := &gatelatch.Refusal{Code: gatelatch.CodeMissing, Param: flow.FieldEmail, Message: "Enter your email address."}
	if !c.Site.Email || c.Flow.Policy.Fields.Email == flow.Off {
		r.Param, r.Message = flow.FieldPhone, "Enter your phone number."
	}
	return r
}

func (c *call) updateSignUp() {
	p, r := c.signUpParams()
	if r != nil {
		c.refuse(r)
		return
	}
	before, err := c.Flow.SignUp(c.r.Context(), c.known(), c.value("id"))
	switch {
	case err != nil:
		c.fail(err)
	case before.SignUp != nil && before.SignUp.Status == flow.SignUpComplete: // what was given now would be lost in silence
		c.refuse(&gatelatch.Refusal{Code: gatelatch.CodeSignUpOver, Message: "This sign-up is finished. Change the account instead."})
	default:
		c.signedUp(c.Flow.UpdateSignUp(c.r.Context(), c.known(), c.value("id"), p))
	}
}

func (c *call) prepareSignUp() {
	st := gatelatch.Strategy(c.form.text("strategy"))
	if c.needsStrategy(st) {
		c.signedUp(c.Flow.PrepareVerification(c.r.Context(), c.known(), c.value("id"), st))
	}
}

func (c *call) attemptSignUp() {
	st := gatelatch.Strategy(c.form.text("strategy"))
	if c.needsStrategy(st) {
		c.signedUp(c.Flow.AttemptVerification(c.r.Context(), c.known(), c.value("id"), st, c.form.text("code")))
	}
}

// transferToSignUp makes a sign-up of the sign-in under way, whose address was
// proven and has no user, with what else was given.
func (c *call) transferToSignUp(p flow.SignUpParams) {
	ctx, who := c.r.Context(), c.known()
	a, err := c.Flow.Pending(ctx, who)
	switch {
	case err != nil:
		c.fail(err)
		return
	case a.SignIn == nil || !a.SignIn.Transferable():
		c.refuse(nothingToTransfer())
		return
	}
	c.signedUp(c.Flow.TransferToSignUp(ctx, who, a.SignIn.ID, p))
}

// signedUp answers with what a step of a sign-up has led to.
func (c *call) signedUp(out flow.Outcome, err error) {
	if err != nil {
		c.fail(err)
		return
	}
	c.took(out)
	switch {
	case out.Issued != nil && out.SignUp != nil: // a repeated request is answered like the first
		c.answer(c.signUpOf(*out.SignUp))
	case out.SignIn != nil && out.SignUp == nil && out.Refusal == nil: // somebody has taken the address meanwhile
		c.answer(c.signedUpAs(flow.SignUp{ID: out.SignIn.ID, AbandonAt: out.SignIn.AbandonAt}, *out.SignIn))
	case out.Waiting:
		c.refuse(waiting())
	case out.Refusal != nil:
		c.refuse(out.Refusal)
	case out.SignUp == nil:
		c.refuse(unknown())
	case out.SignUp.Status == flow.MissingRequirements && out.SignUp.Transferable():
		c.signInInstead(*out.SignUp)
	default:
		c.answer(c.signUpOf(*out.SignUp))
	}
}

// waiting is said to whoever has proven an address that has to wait.
func waiting() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeWaitlisted, Message: "Your address is confirmed and on the waitlist. You will get a message when you are let in."}
}

// signInInstead signs in whoever has proven an address that has a user: that is
// told to nobody else, and asks them nothing more.
func (c *call) signInInstead(su flow.SignUp) {
	out, err := c.Flow.TransferToSignIn(c.r.Context(), c.known(), su.ID)
	switch {
	case err != nil:
		c.fail(err)
	case out.SignIn == nil || out.Refusal != nil && out.Issued == nil:
		c.refuse(out.Refusal)
	default:
		c.took(out)
		c.answer(c.signedUpAs(su, *out.SignIn))
	}
}

// getSignUp shows a sign-up as it stands, also one that a sign-in has taken over.
func (c *call) getSignUp() {
	out, err := c.Flow.SignUp(c.r.Context(), c.known(), c.value("id"))
	switch {
	case err != nil:
		c.fail(err)
	case out.SignUp == nil:
		c.refuse(unknown())
	case out.SignUp.TransferTo != "":
		c.showTransferred(*out.SignUp)
	default:
		c.answer(c.signUpOf(*out.SignUp))
	}
}

func (c *call) showTransferred(su flow.SignUp) {
	out, err := c.Flow.SignIn(c.r.Context(), c.known(), su.TransferTo)
	switch {
	case err != nil:
		c.fail(err)
	case out.SignIn == nil:
		c.answer(c.signUpOf(su))
	default:
		c.answer(c.signedUpAs(su, *out.SignIn))
	}
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"cmp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// paramIdentifier is the field that all refusals about an address name at
// sign-ins, whatever kind it is of.
const paramIdentifier = "identifier"

// createSignIn begins a sign-in, in one of its ways.
func (c *call) createSignIn() {
	if c.taken() {
		return
	}
	st := gatelatch.Strategy(c.form.text("strategy"))
	switch {
	case !begins(st):
		c.refuse(strategyNotOffered())
	case c.form.flag("transfer"):
		c.transferToSignIn()
	case st == gatelatch.Ticket || c.form.text("ticket") != "":
		c.ended(c.Flow.SignInWithTicket(c.r.Context(), c.caller(), c.form.secret("ticket"), ""))
	case st == gatelatch.PasskeyStrategy && c.form.text(paramIdentifier) == "":
		c.offerPasskey()
	case c.form.text(paramIdentifier) == "":
		c.refuse(&gatelatch.Refusal{Code: gatelatch.CodeMissing, Param: paramIdentifier, Message: "Enter your email address or phone number."})
	default:
		c.ended(c.beginSignIn(st))
	}
}

// beginSignIn begins with an address. A strategy that sends something sends it at
// once.
func (c *call) beginSignIn(st gatelatch.Strategy) (flow.Outcome, error) {
	ctx, who := c.r.Context(), c.caller()
	out, err := c.Flow.CreateSignIn(ctx, who, flow.SignInParams{Identifier: c.form.text(paramIdentifier), Password: c.form.secret("password")})
	if err != nil || out.Refusal != nil || out.SignIn == nil || !sends(st) || out.SignIn.Status != flow.NeedsFirstFactor {
		return out, err
	}
	return c.Flow.PrepareFirstFactor(ctx, who, out.SignIn.ID, st, "")
}

// sends reports the strategies that begin with a message.
func sends(st gatelatch.Strategy) bool {
	switch st {
	case gatelatch.EmailCode, gatelatch.PhoneCode, gatelatch.EmailLink, gatelatch.ResetByEmail, gatelatch.ResetByPhone:
		return true
	default:
		return false
	}
}

// begins reports the strategies by which an attempt may begin; without any it is
// said later. All others are refused before an address is looked at, so that the
// answer is the same for everybody.
func begins(st gatelatch.Strategy) bool {
	switch st {
	case "", gatelatch.PasswordStrategy, gatelatch.PasskeyStrategy, gatelatch.Ticket:
		return true
	default:
		return sends(st)
	}
}

func strategyNotOffered() *gatelatch.Refusal {
	r := notOffered()
	r.Param = "strategy"
	return r
}

// taken refuses a new attempt of a client on which somebody is signed in. Where a
// client holds several sessions, it refuses a second one of the same user. When it
// returns true the answer has been given.
func (c *call) taken() bool {
	held, err := c.sessions()
	if err != nil {
		c.fail(err)
		return true
	}
	p := c.selected(held)
	if p == nil {
		return false
	}
	r := &gatelatch.Refusal{Code: gatelatch.CodeSessionExists, Message: "You are already signed in."}
	if c.Site.MultiSession {
		typed := cmp.Or(c.form.text(paramIdentifier), c.form.text(flow.FieldEmail), c.form.text(flow.FieldPhone))
		if p = c.holder(held, typed); p == nil {
			return false
		}
		r = &gatelatch.Refusal{Code: gatelatch.CodeSignedInAlready, Message: "You are already signed in with that address."}
	}
	c.refuseFor(r, p.Session.ID)
	return true
}

func (c *call) getSignIn() { c.show(c.Flow.SignIn(c.r.Context(), c.known(), c.value("id"))) }

func (c *call) prepareFirst() {
	ctx, id, st := c.r.Context(), c.value("id"), gatelatch.Strategy(c.form.text("strategy"))
	if st == gatelatch.PasskeyStrategy {
		c.challengePasskey(id, false)
		return
	}
	if c.needsStrategy(st) {
		c.ended(c.Flow.PrepareFirstFactor(ctx, c.known(), id, st, c.addressID()))
	}
}

func (c *call) attemptFirst() {
	ctx, who, id, st := c.r.Context(), c.known(), c.value("id"), gatelatch.Strategy(c.form.text("strategy"))
	switch {
	case st == gatelatch.PasswordStrategy:
		c.ended(c.Flow.AttemptPassword(ctx, who, id, c.form.secret("password")))
	case st == gatelatch.PasskeyStrategy:
		c.ended(c.attemptPasskey(id))
	case !c.needsStrategy(st):
	case st == gatelatch.ResetByEmail || st == gatelatch.ResetByPhone:
		c.ended(c.attemptReset(id, st))
	default:
		c.ended(c.Flow.AttemptFirstFactor(ctx, who, id, st, c.form.text("code")))
	}
}

// attemptReset takes the code of a forgotten password, and the new password when
// it comes along.
func (c *call) attemptReset(id string, st gatelatch.Strategy) (flow.Outcome, error) {
	out, err := c.Flow.AttemptFirstFactor(c.r.Context(), c.known(), id, st, c.form.text("code"))
	if err != nil || out.Refusal != nil || c.form.text("password") == "" || out.SignIn == nil || out.SignIn.Status != flow.NeedsNewPassword {
		return out, err
	}
	return c.Flow.ResetPassword(c.r.Context(), c.known(), id, c.form.secret("password"), true)
}

func (c *call) resetPassword() {
	c.ended(c.Flow.ResetPassword(c.r.Context(), c.known(), c.value("id"), c.form.secret("password"), c.endsOthers()))
}

// endsOthers reports whether a new password ends the user's other sessions. It does
// unless the program says no: the old one may have been somebody else's, too.
func (c *call) endsOthers() bool {
	const field = "sign_out_of_other_sessions"
	return c.form.given(field) == nil || c.form.flag(field)
}

func (c *call) prepareSecond() {
	id, st := c.value("id"), gatelatch.Strategy(c.form.text("strategy"))
	switch {
	case st == gatelatch.PasskeyStrategy:
		c.challengePasskey(id, true)
	case c.needsStrategy(st):
		c.ended(c.Flow.PrepareSecondFactor(c.r.Context(), c.known(), id, st, c.addressID()))
	}
}

// addressID is the address that a message shall go to, as the factors name it.
func (c *call) addressID() string {
	return cmp.Or(c.form.text("phone_number_id"), c.form.text("email_address_id"))
}

func (c *call) attemptSecond() {
	ctx, id, st := c.r.Context(), c.value("id"), gatelatch.Strategy(c.form.text("strategy"))
	switch {
	case st == gatelatch.PasskeyStrategy:
		c.ended(c.Flow.AttemptPasskey(ctx, c.known(), id, c.form.text("public_key_credential")))
	case c.needsStrategy(st):
		c.ended(c.Flow.AttemptSecondFactor(ctx, c.known(), id, st, c.form.text("code")))
	}
}

// needsStrategy refuses a step that does not say how it is taken, or names a way
// that there is not. When it returns false the answer has been given.
func (c *call) needsStrategy(st gatelatch.Strategy) bool {
	switch {
	case st == "":
		c.refuse(&gatelatch.Refusal{Code: gatelatch.CodeMissing, Param: "strategy", Message: "Say by which strategy."})
		return false
	case !sends(st) && st != gatelatch.TOTPCode && st != gatelatch.BackupCode:
		c.refuse(noWay())
		return false
	}
	return true
}

// noWay refuses a strategy that cannot be taken here.
func noWay() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeStrategyInvalid, Param: "strategy", Message: "That way is not available here."}
}

// transferToSignIn goes on with the sign-in to which a sign-up has led, whose
// address has a user.
func (c *call) transferToSignIn() {
	a, err := c.Flow.Pending(c.r.Context(), c.known())
	switch {
	case err != nil:
		c.fail(err)
	case a.SignUp != nil && a.SignUp.Transferable():
		c.ended(c.Flow.TransferToSignIn(c.r.Context(), c.known(), a.SignUp.ID))
	case a.SignIn != nil:
		c.ended(flow.Outcome{SignIn: a.SignIn}, nil)
	default:
		c.refuse(nothingToTransfer())
	}
}

func nothingToTransfer() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeStateInvalid, Message: "There is nothing to go on with. Start over."}
}

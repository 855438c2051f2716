// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"cmp"

	"github.com/gatelatch/gatelatch"
)

// strategy is how a step is to be taken, as the program says.
func (c *call) strategy() gatelatch.Strategy { return gatelatch.Strategy(c.form.text("strategy")) }

func (c *call) prepareVerifyFirst() {
	v, ok := c.underVerify()
	switch st := c.strategy(); {
	case !ok:
	case st == gatelatch.PasskeyStrategy:
		c.challengeVerify(v, func(s *SessionVerification, options []byte) { s.FirstFactorVerification = challenge(options) })
	case c.needsStrategy(st):
		c.verified(v.p, nil)(c.Flow.PrepareFirstFactor(c.r.Context(), c.known(), v.si.ID, st, c.addressID()))
	}
}

func (c *call) attemptVerifyFirst() {
	v, ok := c.underVerify()
	ctx, id, then := c.r.Context(), v.si.ID, c.verified(v.p, nil)
	switch st := c.strategy(); {
	case !ok:
	case st == gatelatch.PasswordStrategy:
		then(c.Flow.AttemptPassword(ctx, c.known(), id, c.form.secret("password")))
	case st == gatelatch.PasskeyStrategy:
		then(c.Flow.AttemptPasskey(ctx, c.known(), id, c.form.text("public_key_credential")))
	case c.needsStrategy(st):
		then(c.Flow.AttemptFirstFactor(ctx, c.known(), id, st, c.form.text("code")))
	}
}

func (c *call) prepareVerifySecond() {
	v, ok := c.underVerify()
	switch st := c.strategy(); {
	case !ok:
	case st == gatelatch.PasskeyStrategy:
		c.challengeVerify(v, func(s *SessionVerification, options []byte) { s.SecondFactorVerification = challenge(options) })
	case c.needsStrategy(st):
		address := cmp.Or(c.form.text("phone_number_id"), c.form.text("email_address_id"))
		c.verified(v.p, nil)(c.Flow.PrepareSecondFactor(c.r.Context(), c.known(), v.si.ID, st, address))
	}
}

func (c *call) attemptVerifySecond() {
	v, ok := c.underVerify()
	ctx, id, then := c.r.Context(), v.si.ID, c.verified(v.p, nil)
	switch st := c.strategy(); {
	case !ok:
	case st == gatelatch.PasskeyStrategy:
		then(c.Flow.AttemptPasskey(ctx, c.known(), id, c.form.text("public_key_credential")))
	case c.needsStrategy(st):
		then(c.Flow.AttemptSecondFactor(ctx, c.known(), id, st, c.form.text("code")))
	}
}

// challengeVerify asks the browser for a passkey of the user.
func (c *call) challengeVerify(v verifying, put func(*SessionVerification, []byte)) {
	options, err := c.Flow.PasskeyOptionsFor(c.r.Context(), c.known(), v.si.ID)
	switch {
	case err != nil:
		c.fail(err)
	case options == nil:
		c.refuse(noPasskeys())
	default:
		c.verified(v.p, func(s *SessionVerification) { put(s, options) })(c.Flow.SignIn(c.r.Context(), c.known(), v.si.ID))
	}
}

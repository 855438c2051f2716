// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/wire"
)

// offerPasskey begins a sign-in with whatever passkey the browser has. The attempt
// is made when one is shown; until then its id stands for nothing that is stored.
func (c *call) offerPasskey() {
	options, err := c.Flow.PasskeyOptions(c.caller())
	switch {
	case err != nil:
		c.fail(err)
		return
	case options == nil:
		c.refuse(noPasskeys())
		return
	}
	si := flow.NewSignIn(gatelatch.NewID(gatelatch.PrefixSignIn, c.now), "", c.now)
	si.Status, si.Factors = flow.NeedsFirstFactor, []flow.Factor{{Strategy: gatelatch.PasskeyStrategy}}
	s := c.signInOf(si)
	s.FirstFactorVerification = challenge(options)
	c.offered = s
	client, err := c.clientNow()
	switch {
	case err != nil:
		c.fail(err)
		return
	case client == nil:
		client = c.stranger()
	}
	c.wrap(s, client)
}

func noPasskeys() *gatelatch.Refusal { return noWay() }

// challenge is a verification that a passkey answers. Programs read its nonce as
// the options of navigator.credentials.get.
func challenge(options []byte) *wire.Verification {
	st := gatelatch.PasskeyStrategy
	return &wire.Verification{
		Object: "verification", Status: wire.Text(string(flow.Unverified)), Strategy: &st, Nonce: wire.Text(string(options)),
	}
}

// challengePasskey asks for a passkey of the user of an attempt, or, where the
// attempt was only offered, for any.
func (c *call) challengePasskey(id string, second bool) {
	options, err := c.Flow.PasskeyOptionsFor(c.r.Context(), c.known(), id)
	if err != nil {
		c.fail(err)
		return
	}
	out, err := c.Flow.SignIn(c.r.Context(), c.known(), id)
	switch {
	case err != nil:
		c.fail(err)
	case out.SignIn == nil && !second:
		c.offerPasskey()
	case out.SignIn == nil:
		c.refuse(unknown())
	case options == nil:
		c.refuse(noPasskeys())
	default:
		s := c.signInOf(*out.SignIn)
		if second {
			s.SecondFactorVerification = challenge(options)
		} else {
			s.FirstFactorVerification = challenge(options)
		}
		c.answer(s)
	}
}

// attemptPasskey takes the first step with a passkey: of an attempt that has one
// among its ways, or of one that was only offered.
func (c *call) attemptPasskey(id string) (flow.Outcome, error) {
	ctx, credential := c.r.Context(), c.form.text("public_key_credential")
	out, err := c.Flow.SignIn(ctx, c.known(), id)
	if err != nil {
		return out, err
	}
	if out.SignIn == nil {
		return c.Flow.SignInWithPasskey(ctx, c.caller(), credential, "")
	}
	return c.Flow.AttemptPasskey(ctx, c.known(), id, credential)
}

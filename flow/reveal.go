// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"

	"github.com/gatelatch/gatelatch"
)

// The one place that says at once who has a user. It says so only where the
// operator has asked for it, see [Policy]: everywhere else the answer comes after
// the address was proven. What is asked is paid for like any other start.

// revealUnknown refuses an address that begins nobody's sign-in.
func (o *operation) revealUnknown(u *gatelatch.User, to gatelatch.Identifier) *gatelatch.Refusal {
	if !o.env.Policy.Reveal || u != nil && !reserved(*u, to) {
		return nil
	}
	if to.Kind == gatelatch.PhoneNumber {
		return refusal(gatelatch.CodeIdentifierUnknown, ParamIdentifier, "There is no account with this number.")
	}
	return refusal(gatelatch.CodeIdentifierUnknown, ParamIdentifier, "There is no account with this address.")
}

// ParamIdentifier is the wire name of what was typed to begin a sign-in.
const ParamIdentifier = "identifier"

// revealTaken refuses addresses of a sign-up that somebody holds. A proven one is
// left alone: its holder goes on by signing in.
func (o *operation) revealTaken(ctx context.Context, addresses ...*Factor) (*gatelatch.Refusal, error) {
	if !o.env.Policy.Reveal {
		return nil, nil
	}
	for _, f := range addresses {
		if f == nil {
			continue
		}
		u, err := o.user(ctx, f.To)
		if err != nil {
			return nil, err
		}
		if u != nil {
			return RefuseTaken(f.To.Kind), nil
		}
	}
	return nil, nil
}

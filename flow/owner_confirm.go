// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"
	"slices"
)

// markVerified writes down that a user has proven an address that an operator had
// given.
func (o *operation) markVerified(ctx context.Context, e MarkVerified, out *Outcome) error {
	u, err := o.tx.User(ctx, e.UserID)
	if err != nil {
		return fmt.Errorf("finding the user: %w", err)
	}
	u.Addresses, u.UpdatedAt = slices.Clone(u.Addresses), o.env.Now
	for i, a := range u.Addresses {
		if a.Identifier == e.To && a.VerifiedAt.IsZero() {
			_, has := u.Primary(a.Kind) // what nobody has proven is never the primary one, see package admin
			u.Addresses[i].VerifiedAt, u.Addresses[i].Primary = o.env.Now, a.Primary || !has && !a.SecondFactor
		}
	}
	if err := o.tx.PutUser(ctx, u); err != nil {
		return fmt.Errorf("marking an address as proven: %w", err)
	}
	out.changed = u.ID
	return nil
}

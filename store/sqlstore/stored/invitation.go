// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"time"

	"github.com/gatelatch/gatelatch"
)

// KeepInvitations is how long an invitation that is over can still be listed.
const KeepInvitations = 30 * 24 * time.Hour

// InvitationOver returns when an invitation is over: when it was accepted or
// taken back, and else when it expires.
func InvitationOver(i gatelatch.Invitation) time.Time {
	over := i.ExpireAt
	for _, at := range []time.Time{i.AcceptedAt, i.RevokedAt} {
		if !at.IsZero() && at.Before(over) {
			over = at
		}
	}
	return over
}

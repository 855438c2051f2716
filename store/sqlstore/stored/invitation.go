// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// How long an invitation and a sign-in token that are over can still be listed and
// looked at.
const (
	KeepInvitations  = 30 * 24 * time.Hour
	KeepSignInTokens = 30 * 24 * time.Hour
)

// InvitationOver returns when an invitation is over: when it was accepted or
// taken back, and else when it expires.
func InvitationOver(i gatelatch.Invitation) time.Time {
	return first(i.ExpireAt, i.AcceptedAt, i.RevokedAt)
}

// SignInTokenOver returns when a sign-in token is over: when it was used or
// taken back, and else when it expires.
func SignInTokenOver(t gatelatch.SignInToken) time.Time {
	return first(t.ExpireAt, t.AcceptedAt, t.RevokedAt)
}

// first returns the first of some moments; those that are zero have not come.
func first(over time.Time, others ...time.Time) time.Time {
	for _, at := range others {
		if !at.IsZero() && at.Before(over) {
			over = at
		}
	}
	return over
}

// AddressText is the text in which an invitation or an entry of the waitlist is
// searched: its address in both forms, in lower case, a line each.
func AddressText(id gatelatch.Identifier, display string) string {
	return strings.ToLower(id.Value + "\n" + display)
}

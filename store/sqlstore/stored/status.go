// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"time"

	"github.com/gatelatch/gatelatch"
)

// Statuses of sessions that nobody writes down.
const (
	SessionExpired   gatelatch.SessionStatus = "expired"
	SessionAbandoned gatelatch.SessionStatus = "abandoned"
)

// Statuses of invitations and of entries of the waitlist, in Clerk's words.
const (
	InvitationPending  = "pending"
	InvitationAccepted = "accepted"
	InvitationRevoked  = "revoked"
	InvitationExpired  = "expired"

	WaitingPending  = "pending"
	WaitingInvited  = "invited"
	WaitingRejected = "rejected"
)

// InvitationStatus returns where an invitation stands at now.
func InvitationStatus(i gatelatch.Invitation, now time.Time) string {
	switch {
	case !i.AcceptedAt.IsZero():
		return InvitationAccepted
	case !i.RevokedAt.IsZero():
		return InvitationRevoked
	case i.ExpireAt.After(Moment(now)):
		return InvitationPending
	}
	return InvitationExpired
}

// WaitingStatus returns where an entry of the waitlist stands.
func WaitingStatus(e gatelatch.WaitlistEntry) string {
	switch {
	case !e.RejectedAt.IsZero():
		return WaitingRejected
	case !e.ApprovedAt.IsZero():
		return WaitingInvited
	}
	return WaitingPending
}

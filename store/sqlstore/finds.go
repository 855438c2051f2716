// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// FindSessions implements [admin.Repo].
func (s *Store) FindSessions(ctx context.Context, q admin.SessionQuery) ([]gatelatch.Session, int, error) {
	var p picking
	p.equal("s.user_id", q.UserID)
	p.equal("s.client_id", q.ClientID)
	p.standing(q)
	rows, all, err := find(ctx, s, scanSession, p, `sessions s`, sessionColumns, ` ORDER BY s.id DESC`, q.Slice)
	return rows, all, step("listing sessions", err)
}

// standing picks sessions by status, the computed ones too.
func (p *picking) standing(q admin.SessionQuery) {
	switch q.Status {
	case "":
		return
	case gatelatch.SessionActive, stored.SessionExpired, stored.SessionAbandoned:
		p.and("s.status = 'active'")
	default:
		p.equal("s.status", string(q.Status))
		return
	}
	now := stored.Micros(q.Now)
	if q.Status == stored.SessionExpired {
		p.and("s.expire_at <= " + p.arg(now))
		return
	}
	p.and("s.expire_at > " + p.arg(now))
	p.used(q)
}

// used tells sessions that were used within the idle limit from others.
func (p *picking) used(q admin.SessionQuery) {
	switch {
	case q.Idle <= 0:
		p.nothing = p.nothing || q.Status == stored.SessionAbandoned
	case q.Status == stored.SessionAbandoned:
		p.and("s.last_active_at <= " + p.arg(stored.Micros(q.Now.Add(-q.Idle))))
	default:
		p.and("s.last_active_at > " + p.arg(stored.Micros(q.Now.Add(-q.Idle))))
	}
}

// FindClients implements [admin.Repo].
func (s *Store) FindClients(ctx context.Context, page admin.Slice) ([]gatelatch.Client, int, error) {
	rows, all, err := find(ctx, s, scanClient, picking{}, `clients`, clientColumns, ` ORDER BY id DESC`, page)
	return rows, all, step("listing clients", err)
}

// The columns by which invitations and the waitlist are sorted, by the name of the
// order; the moment of creation for any other.
var (
	invitationOrders = map[string]string{"expires_at": "expire_at", "email_address": "value"}
	waitlistOrders   = map[string]string{"invited_at": "approved_at", "email_address": "value"}
)

func columnOf(orders map[string]string, order string) string {
	if column, ok := orders[order]; ok {
		return column
	}
	return "created_at"
}

// FindInvitations implements [admin.Repo].
func (s *Store) FindInvitations(ctx context.Context, q admin.InvitationQuery) ([]gatelatch.Invitation, int, error) {
	var p picking
	p.containing("id", "search", q.Search)
	p.invited(q)
	order := ordered(columnOf(invitationOrders, q.Order), "id", q.Descending)
	rows, all, err := find(ctx, s, scanInvitation, p, `invitations`, invitationColumns, order, q.Slice)
	return rows, all, step("listing invitations", err)
}

// invited picks invitations by status, as [stored.InvitationStatus] tells it.
func (p *picking) invited(q admin.InvitationQuery) {
	const open = "accepted_at = 0 AND revoked_at = 0"
	switch q.Status {
	case "":
		p.and("(accepted_at <> 0 OR revoked_at = 0)")
	case stored.InvitationAccepted:
		p.and("accepted_at <> 0")
	case stored.InvitationRevoked:
		p.and("accepted_at = 0 AND revoked_at <> 0")
	case stored.InvitationPending:
		p.and(open + " AND expire_at > " + p.arg(stored.Micros(q.Now)))
	case stored.InvitationExpired:
		p.and(open + " AND expire_at <= " + p.arg(stored.Micros(q.Now)))
	default:
		p.nothing = true
	}
}

// FindWaiting implements [admin.Repo].
func (s *Store) FindWaiting(ctx context.Context, q admin.WaitlistQuery) ([]gatelatch.WaitlistEntry, int, error) {
	var p picking
	p.containing("id", "search", q.Search)
	p.waiting(q.Status)
	order := ordered(columnOf(waitlistOrders, q.Order), "id", q.Descending)
	rows, all, err := find(ctx, s, scanWaiting, p, `waitlist`, waitingColumns, order, q.Slice)
	return rows, all, step("listing the waitlist", err)
}

// waiting picks entries by status, as [stored.WaitingStatus] tells it.
func (p *picking) waiting(status string) {
	switch status {
	case "":
	case stored.WaitingPending:
		p.and("approved_at = 0 AND rejected_at = 0")
	case stored.WaitingInvited:
		p.and("approved_at <> 0 AND rejected_at = 0")
	case stored.WaitingRejected:
		p.and("rejected_at <> 0")
	default:
		p.nothing = true
	}
}

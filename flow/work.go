// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Work is one transaction of a package that changes accounts, with what the
// flows have at hand. It is for one goroutine and must not be kept.
type Work struct {
	o   *operation
	out Outcome
}

// Work runs fn in one transaction that outlives the connection, like the
// operations of the flows: a conflict with somebody who was quicker is tried
// once more, and whoever has to hear of ended sessions and new messages does
// after the commit. fn may run twice and must keep nothing of a run that failed.
// An error undoes everything; a refusal is the caller's own affair.
func (s *Service) Work(ctx context.Context, who Caller, fn func(ctx context.Context, w *Work) error) error {
	ctx, cancel := detach(ctx)
	defer cancel()
	_, err := s.transact(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		w := &Work{o: o}
		err := fn(ctx, w)
		return w.out, err
	})
	return err
}

// Look runs fn in a transaction that only reads, and waits for no writer.
func (s *Service) Look(ctx context.Context, who Caller, fn func(ctx context.Context, w *Work) error) error {
	_, err := s.in(ctx, s.Repo.InReadTx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		return Outcome{}, fn(ctx, &Work{o: o})
	})
	return err
}

// Tx is the transaction.
func (w *Work) Tx() Tx { return w.o.tx }

// Now is the time of the operation, in UTC and whole microseconds.
func (w *Work) Now() time.Time { return w.o.env.Now }

// Policy is the policy of the site.
func (w *Work) Policy() Policy { return w.o.env.Policy }

// Caller is who asks.
func (w *Work) Caller() Caller { return w.o.who }

// Notify queues a notice.
func (w *Work) Notify(ctx context.Context, n Notice) error {
	w.out.sent = w.out.sent || len(n.To) > 0
	return w.o.notify(ctx, n)
}

// Changed has the sessions of a user looked up again after the commit. One
// operation changes one user.
func (w *Work) Changed(userID string) { w.out.changed = userID }

// EndSession ends one session, which is forgotten after the commit.
func (w *Work) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus) error {
	if err := w.o.tx.EndSession(ctx, id, status, w.o.env.Now); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	w.out.ended = append(w.out.ended, id)
	return nil
}

// EndSessions ends all sessions of a user but one, which may be empty.
func (w *Work) EndSessions(ctx context.Context, userID, exceptID string, status gatelatch.SessionStatus) error {
	ids, err := w.o.tx.EndSessions(ctx, userID, exceptID, status, w.o.env.Now)
	if err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	w.out.ended = append(w.out.ended, ids...)
	return nil
}

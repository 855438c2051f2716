// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// Sessions is one page of a listing.
type Sessions struct {
	Sessions []Session `json:"sessions"`
	Next     string    `json:"next,omitempty"`
}

// Sessions lists live sessions, the newest first: of one user, by id or address,
// or of everybody when who is empty.
func (s *Service) Sessions(ctx context.Context, who string, p Page) (Sessions, *gatelatch.Refusal, error) {
	userID := ""
	if who != "" {
		u, no, err := s.User(ctx, who)
		if no != nil || err != nil {
			return Sessions{}, no, err
		}
		userID = u.ID
	}
	p = p.bounded()
	rows, err := s.Repo.LiveSessions(ctx, userID, p)
	if err != nil {
		return Sessions{}, nil, fmt.Errorf("listing sessions: %w", err)
	}
	list := Sessions{Sessions: make([]Session, 0, len(rows))}
	for _, row := range rows {
		if row.LiveAt(s.now(), s.Idle) {
			list.Sessions = append(list.Sessions, viewSession(row))
		}
	}
	list.Next = next(rows, p, func(row gatelatch.Session) string { return row.ID })
	return list, nil, nil
}

// Revoke ends one session at once.
func (s *Service) Revoke(ctx context.Context, id string) (*Session, *gatelatch.Refusal, error) {
	var row *gatelatch.Session
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		if row, err = found(tx.Session(ctx, id)); err != nil || row == nil {
			return err
		}
		return tx.EndSession(ctx, id, gatelatch.SessionRevoked, s.now())
	})
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("ending a session: %w", err)
	case row == nil:
		return nil, refuse(gatelatch.CodeNotFound, paramID, "There is no session with that id."), nil
	case row.Status == gatelatch.SessionActive:
		row.Status = gatelatch.SessionRevoked
	}
	s.forget("", []string{id})
	view := viewSession(*row)
	return &view, nil, nil
}

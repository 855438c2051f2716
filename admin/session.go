// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// Session is a session with whether it owes a task. The statuses "expired" and
// "abandoned" are told by [Service.StatusOf].
type Session struct {
	gatelatch.Session
	// Owes says that the user has a task to do before the session lets anybody in.
	Owes bool
}

// StatusOf returns where a session stands at now, in Clerk's words: the stored
// status, or expired, abandoned or pending for one that is active by its row.
func (s *Service) StatusOf(row Session) gatelatch.SessionStatus {
	now := s.now()
	switch {
	case row.Status != gatelatch.SessionActive:
		return row.Status
	case !now.Before(row.ExpireAt):
		return "expired"
	case !row.LiveAt(now, s.Idle):
		return "abandoned"
	case row.Owes:
		return "pending"
	}
	return gatelatch.SessionActive
}

// Sessions returns a page of sessions, the newest first, and how many there are.
func (s *Service) Sessions(ctx context.Context, q SessionQuery) ([]Session, int, error) {
	q.Now, q.Idle = s.now(), s.Idle
	rows, total, err := s.Repo.FindSessions(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("listing sessions: %w", err)
	}
	var list []Session
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		list, err = s.withStanding(ctx, tx, rows)
		return err
	})
	return list, total, err
}

// withStanding looks up what the users of sessions owe.
func (s *Service) withStanding(ctx context.Context, tx flow.Tx, rows []gatelatch.Session) ([]Session, error) {
	list, known := make([]Session, len(rows)), make(map[string]bool)
	for i, row := range rows {
		list[i].Session = row
		if row.Status != gatelatch.SessionActive {
			continue
		}
		owes, ok := known[row.UserID]
		if !ok {
			u, err := found(tx.User(ctx, row.UserID))
			if err != nil {
				return nil, fmt.Errorf("finding the user of a session: %w", err)
			}
			owes = u != nil && len(s.Flow.SessionRules().Tasks(*u)) > 0
			known[row.UserID] = owes
		}
		list[i].Owes = owes
	}
	return list, nil
}

// Session returns one session, whatever its status.
func (s *Service) Session(ctx context.Context, id string) (Session, *gatelatch.Refusal, error) {
	var list []Session
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		list = nil
		row, err := found(tx.Session(ctx, id))
		if err != nil || row == nil {
			return err
		}
		list, err = s.withStanding(ctx, tx, []gatelatch.Session{*row})
		return err
	})
	switch {
	case err != nil:
		return Session{}, nil, fmt.Errorf("finding a session: %w", err)
	case len(list) == 0:
		return Session{}, refuseNoSession(), nil
	}
	return list[0], nil, nil
}

func refuseNoSession() *gatelatch.Refusal {
	return refuse(gatelatch.CodeNotFound, "", "There is no session with that id.")
}

// Principal returns the user and the client of a session that lives, for a token;
// owes says that a task is still to be done.
func (s *Service) Principal(ctx context.Context, id string) (p session.Principal, owes bool, no *gatelatch.Refusal, err error) {
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		p, no = session.Principal{}, nil
		row, err := found(tx.Session(ctx, id))
		if err != nil || row == nil {
			no = refuseNoSession()
			return err
		}
		if p.Session = *row; !row.LiveAt(s.now(), s.Idle) {
			no = refuse(gatelatch.CodeStateInvalid, "", "The session is over.")
			return nil
		}
		if p.User, err = tx.User(ctx, row.UserID); err != nil {
			return fmt.Errorf("finding the user of a session: %w", err)
		}
		if p.User.Banned {
			no = refuse(gatelatch.CodeBanned, "", "The user is banned.")
			return nil
		}
		if p.Client, err = tx.Client(ctx, row.ClientID); err != nil {
			return fmt.Errorf("finding the client of a session: %w", err)
		}
		return nil
	})
	return p, len(s.Flow.SessionRules().Tasks(p.User)) > 0, no, err
}

// SignIn gives a user a session on a client of its own, without anything proven,
// for tests: it is refused unless the site is in test mode, since whoever can do
// this can be anybody.
func (s *Service) SignIn(ctx context.Context, userID string) (Session, *gatelatch.Refusal, error) {
	if !s.Flow.Policy.TestMode {
		return Session{}, refuse(gatelatch.CodeForbidden, "", "Sessions are made by signing in. Only a site in test mode makes them like this."), nil
	}
	var made Session
	no, err := s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		u, err := found(w.Tx().User(ctx, userID))
		switch {
		case err != nil || u == nil:
			return refuse(gatelatch.CodeNotFound, "user_id", "There is no user with that id."), err
		case u.Banned:
			return refuse(gatelatch.CodeBanned, "user_id", "The user is banned."), nil
		case u.LockedAt(w.Now()):
			return refuse(gatelatch.CodeUserLocked, "user_id", "The user is locked."), nil
		}
		made = Session{Session: s.newSession(u.ID, w.Now()), Owes: len(s.Flow.SessionRules().Tasks(*u)) > 0}
		return nil, s.begin(ctx, w, made.Session)
	})
	return made, no, err
}

func (s *Service) newSession(userID string, now time.Time) gatelatch.Session {
	id := gatelatch.NewID(gatelatch.PrefixSession, now)
	return gatelatch.Session{
		ID: id, UserID: userID, ClientID: gatelatch.NewID(gatelatch.PrefixClient, now), TokenHash: s.Flow.Tokens.ForSession(id).Hash(),
		Status: gatelatch.SessionActive, Strategy: gatelatch.Ticket, FirstAt: now, CreatedAt: now, LastActiveAt: now,
		ExpireAt: now.Add(s.Flow.Policy.SessionLifetime),
	}
}

func (s *Service) begin(ctx context.Context, w *flow.Work, row gatelatch.Session) error {
	err := w.Tx().CreateClient(ctx, gatelatch.Client{
		ID: row.ClientID, TokenHash: s.Flow.Tokens.New(session.ClientToken).Hash(),
		CreatedAt: row.CreatedAt, ExpireAt: row.CreatedAt.Add(session.ClientLifetime),
	})
	if err != nil {
		return fmt.Errorf("recording the client: %w", err)
	}
	if err := w.Tx().CreateSession(ctx, row); err != nil {
		return fmt.Errorf("beginning a session: %w", err)
	}
	if err := w.Tx().MarkSignIn(ctx, row.UserID, row.CreatedAt); err != nil {
		return fmt.Errorf("noting the sign-in: %w", err)
	}
	return nil
}

// SessionPage is one page of a listing.
type SessionPage struct {
	Sessions []SessionView `json:"sessions"`
	Next     string        `json:"next,omitempty"`
}

// ListSessions lists live sessions, the newest first: of one user, by id or address,
// or of everybody when who is empty.
func (s *Service) ListSessions(ctx context.Context, who string, p Page) (SessionPage, *gatelatch.Refusal, error) {
	userID := ""
	if who != "" {
		u, no, err := s.ShowUser(ctx, who)
		if no != nil || err != nil {
			return SessionPage{}, no, err
		}
		userID = u.ID
	}
	p = p.bounded()
	rows, err := s.Repo.LiveSessions(ctx, userID, p)
	if err != nil {
		return SessionPage{}, nil, fmt.Errorf("listing sessions: %w", err)
	}
	after := next(rows, p, func(row gatelatch.Session) string { return row.ID })
	rows = slices.DeleteFunc(rows, func(row gatelatch.Session) bool { return !row.LiveAt(s.now(), s.Idle) })
	return SessionPage{views(rows, viewSession), after}, nil, nil
}

// Revoke ends one session at once.
func (s *Service) Revoke(ctx context.Context, id string) (*SessionView, *gatelatch.Refusal, error) {
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

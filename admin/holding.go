// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// maxSessions bounds the sessions of one browser that are read at once.
const maxSessions = 100

// Holding is a session with whether it owes a task. The statuses "expired" and
// "abandoned" are told by [Service.StatusOf].
type Holding struct {
	gatelatch.Session
	// Owes says that the user has a task to do before the session lets anybody in.
	Owes bool
}

// StatusOf returns where a session stands at now, in Clerk's words: the stored
// status, or expired, abandoned or pending for one that is active by its row.
func (s *Service) StatusOf(h Holding) gatelatch.SessionStatus {
	now := s.now()
	switch {
	case h.Status != gatelatch.SessionActive:
		return h.Status
	case !now.Before(h.ExpireAt):
		return "expired"
	case !h.LiveAt(now, s.Idle):
		return "abandoned"
	case h.Owes:
		return "pending"
	}
	return gatelatch.SessionActive
}

// rules are what the site asks of a session.
func (s *Service) rules() session.Rules {
	p := s.Flow.Policy
	r := session.Rules{SecondFactor: p.SecondFactor == flow.Required, NoPasskeys: s.Flow.Passkeys == nil, Passwords: !s.passwordsOff()}
	r.Terms = p.Terms.Version
	return r
}

// Find returns a page of sessions, the newest first, and how many there are.
func (s *Service) Find(ctx context.Context, q SessionQuery) ([]Holding, int, error) {
	q.Now, q.Idle = s.now(), s.Idle
	rows, total, err := s.Repo.FindSessions(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("listing sessions: %w", err)
	}
	var list []Holding
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		list, err = s.holdings(ctx, tx, rows)
		return err
	})
	return list, total, err
}

// holdings looks up what the users of sessions owe.
func (s *Service) holdings(ctx context.Context, tx flow.Tx, rows []gatelatch.Session) ([]Holding, error) {
	list, known := make([]Holding, len(rows)), make(map[string]bool)
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
			owes = u != nil && len(s.rules().Tasks(*u)) > 0
			known[row.UserID] = owes
		}
		list[i].Owes = owes
	}
	return list, nil
}

// Session returns one session, whatever its status.
func (s *Service) Session(ctx context.Context, id string) (Holding, *gatelatch.Refusal, error) {
	var list []Holding
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		list = nil
		row, err := found(tx.Session(ctx, id))
		if err != nil || row == nil {
			return err
		}
		list, err = s.holdings(ctx, tx, []gatelatch.Session{*row})
		return err
	})
	switch {
	case err != nil:
		return Holding{}, nil, fmt.Errorf("finding a session: %w", err)
	case len(list) == 0:
		return Holding{}, refuseNoSession(), nil
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
	return p, len(s.rules().Tasks(p.User)) > 0, no, err
}

// SignIn gives a user a session on a client of its own, without anything proven,
// for tests: it is refused unless the site is in test mode, since whoever can do
// this can be anybody.
func (s *Service) SignIn(ctx context.Context, userID string) (Holding, *gatelatch.Refusal, error) {
	if !s.Flow.Policy.TestMode {
		return Holding{}, refuse(gatelatch.CodeForbidden, "", "Sessions are made by signing in. Only a site in test mode makes them like this."), nil
	}
	var made Holding
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
		made = Holding{Session: s.newSession(u.ID, w.Now()), Owes: len(s.rules().Tasks(*u)) > 0}
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

// Browser is a client with its active sessions, the newest first.
type Browser struct {
	gatelatch.Client
	Sessions []Holding
}

// Browsers returns a page of clients, the newest first, and how many there are.
func (s *Service) Browsers(ctx context.Context, page Slice) ([]Browser, int, error) {
	rows, total, err := s.Repo.FindClients(ctx, page)
	if err != nil {
		return nil, 0, fmt.Errorf("listing clients: %w", err)
	}
	list := make([]Browser, len(rows))
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		for i, row := range rows {
			if list[i], err = s.browser(ctx, tx, row); err != nil {
				return err
			}
		}
		return nil
	})
	return list, total, err
}

// Browser returns one client.
func (s *Service) Browser(ctx context.Context, id string) (b Browser, no *gatelatch.Refusal, err error) {
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		no = nil
		row, err := found(tx.Client(ctx, id))
		if err != nil || row == nil {
			no = refuse(gatelatch.CodeNotFound, "", "There is no client like that.")
			return err
		}
		b, err = s.browser(ctx, tx, *row)
		return err
	})
	if err != nil {
		return b, nil, fmt.Errorf("finding a client: %w", err)
	}
	return b, no, nil
}

func (s *Service) browser(ctx context.Context, tx flow.Tx, c gatelatch.Client) (Browser, error) {
	rows, err := tx.ClientSessions(ctx, c.ID, s.now(), maxSessions)
	if err != nil {
		return Browser{}, fmt.Errorf("finding the sessions of a client: %w", err)
	}
	list, err := s.holdings(ctx, tx, rows)
	return Browser{Client: c, Sessions: list}, err
}

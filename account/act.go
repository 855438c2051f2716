// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// ask is what an operation asks of the session that acts.
type ask struct {
	// fresh asks for an authentication younger than FreshFor.
	fresh bool
	// does is a task that the operation does; one that a session owes in front of
	// all others does not stand in the way of it.
	does gatelatch.Task
	// always says that no task stands in the way.
	always bool
}

// The usual ones.
var (
	plain     = ask{}
	sensitive = ask{fresh: true}
	anyTime   = ask{always: true}
	factors   = ask{fresh: true, does: gatelatch.TaskSetupMFA}
)

// acting is one operation of a session, inside one transaction. The user is
// locked, so the operations on one account run one after the other.
type acting struct {
	*flow.Work
	flow    *flow.Service
	session gatelatch.Session
	user    gatelatch.User
}

// act runs an operation in one transaction, after the session has been looked up
// again. fn may run twice and must set its results anew.
func (s *Service) act(ctx context.Context, a Actor, what flow.InputKind, asks ask, fn func(context.Context, *acting) (*gatelatch.Refusal, error)) (*gatelatch.Refusal, error) {
	var refused *gatelatch.Refusal
	var by gatelatch.Session
	within := s.Flow.Work
	if what == shows {
		within = s.Flow.Look
	}
	err := within(ctx, a.Caller, func(ctx context.Context, w *flow.Work) error {
		act, r, err := s.enter(ctx, w, a, asks)
		if act != nil {
			by = act.session
		}
		if err == nil && r == nil {
			r, err = fn(ctx, act)
		}
		refused = r
		return err
	})
	if err != nil {
		refused, err = nil, fmt.Errorf("%s: %w", what, err)
	}
	if what != looks && what != shows || err != nil {
		s.Flow.ObserveAccount(what, by, refused, err)
	}
	return refused, err
}

// looks is the name of operations that change nothing but budgets, and shows of
// those that only read. Nobody is told of either.
const (
	looks flow.InputKind = "look"
	shows flow.InputKind = "show"
)

// enter looks up who acts, and says whether they may.
func (s *Service) enter(ctx context.Context, w *flow.Work, a Actor, asks ask) (*acting, *gatelatch.Refusal, error) {
	act, err := s.find(ctx, w, a)
	if err != nil || act == nil {
		return nil, refuseSignedOut(), err
	}
	return act, s.may(act, asks), nil
}

// may says why the session may not do what asks for that much, or nil.
func (s *Service) may(act *acting, asks ask) *gatelatch.Refusal {
	owed := s.tasks(act.user)
	switch {
	case !asks.always && len(owed) > 0 && owed[0] != asks.does:
		return refuse(gatelatch.CodeForbidden, "", "Finish the step that this site asks of you first.")
	case asks.fresh && !s.fresh(act.session, act.user, act.Now()):
		return refuse(gatelatch.CodeReverify, "", "Confirm that it is you. Then you can change this.")
	}
	return nil
}

// find returns nil unless the session lives, is of the caller's client, and its
// user is not banned. The session says whom to lock, and is read once more under
// that lock: whoever had it before may have ended the session.
func (s *Service) find(ctx context.Context, w *flow.Work, a Actor) (*acting, error) {
	first, err := liveSession(ctx, w, a)
	if err != nil || first == nil {
		return nil, err
	}
	u, err := w.Tx().User(ctx, first.UserID)
	if missing(err) || err == nil && u.Banned {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the user: %w", err)
	}
	live, err := liveSession(ctx, w, a)
	if err != nil || live == nil {
		return nil, err
	}
	return &acting{Work: w, flow: s.Flow, session: *live, user: u}, nil
}

func liveSession(ctx context.Context, w *flow.Work, a Actor) (*gatelatch.Session, error) {
	live, err := w.Tx().Session(ctx, a.SessionID)
	if missing(err) || err == nil && !live.LiveAt(w.Now(), 0) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the session: %w", err)
	}
	client, err := w.Tx().ClientByTokenHash(ctx, a.Client.Hash())
	if missing(err) || err == nil && client.ID != live.ClientID {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the client: %w", err)
	}
	return &live, nil
}

func missing(err error) bool { return errors.Is(err, gatelatch.ErrNotFound) }

// save writes the user back, and has the user's sessions looked up again.
func (a *acting) save(ctx context.Context, u gatelatch.User) error {
	u.UpdatedAt = a.Now()
	if err := a.Tx().PutUser(ctx, u); err != nil {
		return fmt.Errorf("saving the user: %w", err)
	}
	a.user = u
	a.Changed(u.ID)
	return nil
}

// credentials reads and locks what the user is recognised by.
func (a *acting) credentials(ctx context.Context) (gatelatch.Credentials, error) {
	c, err := a.Tx().Credentials(ctx, a.user.ID)
	if err != nil {
		return c, fmt.Errorf("reading the credentials: %w", err)
	}
	return c, nil
}

// keep writes the credentials, and what the user's record tells of them. Backup
// codes go with the last factor that they stand in for.
func (a *acting) keep(ctx context.Context, c gatelatch.Credentials, u gatelatch.User) error {
	u.Factors = c.Factors()
	if !hasSecond(u) {
		c.BackupCodes = nil
		u.Factors = c.Factors()
	}
	if err := a.Tx().PutCredentials(ctx, c); err != nil {
		return fmt.Errorf("saving the credentials: %w", err)
	}
	return a.save(ctx, u)
}

// hasSecond reports whether the user has a second step to take on this site, where
// passkeys may not work: that of an IP address.
func (a *acting) hasSecond() bool {
	return a.user.TwoStep() || a.user.Factors.Passkey && a.flow.Passkeys != nil
}

// hasSecond reports whether the user has anything that can be a second step, here or
// on another site that shares its users.
func hasSecond(u gatelatch.User) bool { return u.TwoStep() || u.Factors.Passkey }

// markSecond notes that the session has just shown the user's first second
// factor, so that it is not asked for it at once. Nothing is gained by adding
// one more.
func (a *acting) markSecond(ctx context.Context, had bool, by gatelatch.Strategy) error {
	if had {
		return nil
	}
	a.session.Second, a.session.SecondAt = by, a.Now()
	if err := a.Tx().MarkProven(ctx, a.session); err != nil {
		return fmt.Errorf("noting the second factor: %w", err)
	}
	return nil
}

// notify tells the user of a change, see [flow.Recipients], and where the change is
// about an address that the user has no longer, there too.
func (a *acting) notify(ctx context.Context, purpose, what string, about ...gatelatch.Address) error {
	err := a.Notify(ctx, flow.Notice{Purpose: purpose, About: a.session.ID, What: what, To: flow.Recipients(a.user, about...)})
	if err != nil {
		return fmt.Errorf("telling the user: %w", err)
	}
	return nil
}

func refuse(code gatelatch.Code, param, message string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: code, Param: param, Message: message}
}

func refuseSignedOut() *gatelatch.Refusal {
	return refuse(gatelatch.CodeForbidden, "", "You are signed out. Sign in again.")
}

func refuseUnknown() *gatelatch.Refusal {
	return refuse(gatelatch.CodeNotFound, "", "This is no longer there.")
}

// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
)

// transact runs fn in a transaction and tells afterwards who has to hear of it.
// A conflict with somebody who was quicker is tried once more, and then sees
// what the other did.
func (s *Service) transact(ctx context.Context, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	out, err := s.once(ctx, who, fn)
	if errors.Is(err, gatelatch.ErrConflict) {
		out, err = s.once(ctx, who, fn)
	}
	if err != nil {
		return Outcome{}, err
	}
	s.afterwards(out)
	return out, nil
}

// afterwards tells what a committed operation has led to.
func (s *Service) afterwards(out Outcome) {
	if out.sent {
		s.Wake()
	}
	for _, e := range out.dropped {
		s.tellObserver(e)
	}
	if s.Sessions == nil {
		return
	}
	if len(out.ended) > 0 {
		s.Sessions.Forget(out.ended...)
	}
	if out.changed != "" {
		s.Sessions.Refresh(out.changed)
	}
}

// detach gives an operation a context that outlives the connection: a browser
// that gave up waiting finds its attempt finished.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
}

// timed is transact with a limit of time of its own, for operations that do
// something else beside it.
func (s *Service) timed(ctx context.Context, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	ctx, cancel := detach(ctx)
	defer cancel()
	return s.transact(ctx, who, fn)
}

// view executes fn in a transaction that only reads: showing where somebody
// stands waits for no writer. It is heard of only when it fails.
func (s *Service) view(ctx context.Context, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	out, err := s.in(ctx, s.Repo.InReadTx, who, fn)
	if err != nil {
		s.observe(inputView, Outcome{}, err)
		return Outcome{}, fmt.Errorf("%s: %w", inputView, err)
	}
	return out, nil
}

func (s *Service) once(ctx context.Context, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	return s.in(ctx, s.Repo.InTx, who, fn)
}

// transaction is one of the two kinds that a store offers.
type transaction func(context.Context, func(Tx) error) error

func (s *Service) in(ctx context.Context, within transaction, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	env := Env{Now: s.Now().UTC().Truncate(time.Microsecond), Policy: s.Policy}
	env.Fresh = fresh(env.Now)
	var out Outcome
	err := within(ctx, func(tx Tx) error {
		var err error
		o := &operation{Service: s, tx: tx, who: who, env: env, limits: s.Limits.WithDefaults()}
		out, err = fn(ctx, o)
		out.dropped = o.dropped
		return err
	})
	return out, err
}

// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// txTimeout bounds one operation. It runs on although whoever asked may have
// left, so it must end by itself.
const txTimeout = 15 * time.Second

// Service offers the operations. A refusal says what the operator asked for
// wrongly, in a sentence; an error is a machine failing. It is safe for
// concurrent use.
type Service struct {
	Repo Repo
	// Flow is the service of a site on the same store: its clock, keys, rules of
	// addresses and policy are used, and messages are sent in its name.
	Flow *flow.Service
	// Idle is the idle limit of that site's sessions; zero for none. Sessions past
	// it are not listed.
	Idle time.Duration
}

func (s *Service) now() time.Time { return s.Flow.Now().UTC().Truncate(time.Microsecond) }

func (s *Service) inTx(ctx context.Context, fn func(context.Context, flow.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancel()
	return s.Repo.InTx(ctx, func(tx flow.Tx) error { return fn(ctx, tx) })
}

// inReadTx runs fn in a transaction that waits for nobody.
func (s *Service) inReadTx(ctx context.Context, fn func(context.Context, flow.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	return s.Repo.InReadTx(ctx, func(tx flow.Tx) error { return fn(ctx, tx) })
}

// forget drops ended sessions of this process at once, and has what is left of
// the user's looked up again. Call it after the commit.
func (s *Service) forget(userID string, ended []string) {
	if s.Flow.Sessions == nil {
		return
	}
	s.Flow.Sessions.Forget(ended...)
	if userID != "" {
		s.Flow.Sessions.Refresh(userID)
	}
}

func (s *Service) wake() {
	if s.Flow.Wake != nil {
		s.Flow.Wake()
	}
}

func refuse(code gatelatch.Code, param, format string, args ...any) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: code, Param: param, Message: fmt.Sprintf(format, args...)}
}

// found turns "there is no such row" into no row.
func found[T any](row T, err error) (*T, error) {
	if errors.Is(err, gatelatch.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}

// The bounds of listings.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// bounded returns the page with its limit within bounds.
func (p Page) bounded() Page {
	if p.Limit <= 0 {
		p.Limit = defaultLimit
	}
	p.Limit = min(p.Limit, maxLimit)
	return p
}

// next returns the id after which a listing goes on, empty at its end.
func next[T any](rows []T, p Page, id func(T) string) string {
	if len(rows) < p.Limit {
		return ""
	}
	return id(rows[len(rows)-1])
}

// views returns what operators see of rows.
func views[Row, View any](rows []Row, view func(Row) View) []View {
	list := make([]View, len(rows))
	for i, row := range rows {
		list[i] = view(row)
	}
	return list
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"slices"
	"time"
)

// How often the work in the background is done.
const (
	flushEvery   = 10 * time.Second
	sweepEvery   = time.Minute
	refreshEvery = time.Hour
	// recheckEvery is how long a stream may outlive a session that another process
	// has ended. Requests that do not stay open are never that far behind.
	recheckEvery = 5 * time.Second
	// sweepBatch bounds what one sweep deletes of each kind, so that it holds the
	// database only for a moment.
	sweepBatch = 500
)

// keep does the housekeeping until ctx is done.
func (s *shared) keep(ctx context.Context) {
	flush, sweep, refresh := time.NewTicker(flushEvery), time.NewTicker(sweepEvery), time.NewTicker(refreshEvery)
	defer flush.Stop()
	defer sweep.Stop()
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-flush.C:
			s.flush(ctx, now)
		case <-sweep.C:
			s.sweep(ctx)
		case now := <-refresh.C:
			s.refresh(ctx, now)
		}
	}
}

// recheck cuts the streams of sessions that other processes have ended, until ctx
// is done. It has a loop of its own, since many streams are many small queries.
func (s *shared) recheck(ctx context.Context) {
	every := time.NewTicker(recheckEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-every.C:
			if err := s.sessions.Recheck(ctx, now); err != nil && ctx.Err() == nil {
				s.background("looking up the sessions of open streams", err)
			}
		}
	}
}

func (s *shared) flush(ctx context.Context, now time.Time) {
	s.sessions.Sweep(now)
	ctx, cancel := context.WithTimeout(ctx, flushEvery)
	defer cancel()
	if err := s.sessions.Flush(ctx); err != nil && ctx.Err() == nil {
		s.background("noting when sessions were used", err)
	}
}

func (s *shared) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sweepEvery/2)
	defer cancel()
	for {
		n, err := s.store.Sweep(ctx, time.Now(), sweepBatch)
		if err != nil && ctx.Err() == nil {
			s.background("sweeping the store", err)
		}
		if err != nil || n < sweepBatch {
			return
		}
	}
}

func (s *shared) refresh(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, sweepEvery)
	defer cancel()
	s.mu.Lock()
	algorithms := slices.Clone(s.algorithms)
	s.mu.Unlock()
	if err := s.keyring.Refresh(ctx, algorithms, now); err != nil && ctx.Err() == nil {
		s.background("refreshing the signing keys", err)
	}
}

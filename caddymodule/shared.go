// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

// pool holds what outlives a configuration, by database. Beside it, the package
// keeps hashers and metrics.
var pool = caddy.NewUsagePool()

// hashers hash passwords, by their costs: what bounds memory has to be one for
// the process.
var hashers sync.Map // of *password.Hasher by password.Params

const (
	// sharedCache is how long a session is answered for without asking a database
	// that other processes write to.
	sharedCache = time.Second
	// farewell bounds how long the last gate of a store waits for sends under way.
	// It is longer than the three seconds that a sender is granted then, so that
	// what became of the message can still be written down.
	farewell = 5 * time.Second
)

// shared is everything that belongs to one database: used by all sites that
// name it, kept over reloads, closed when the last gate lets go.
type shared struct {
	label string // for people
	store store.Store
	queue *delivery.Queue

	mu         sync.Mutex
	keys       *gatelatch.Keys // nil until opened
	sessions   *session.Manager
	keyring    *session.Keyring
	algorithms []string
	end        context.CancelFunc
	loops      sync.WaitGroup

	backends map[string]*backendapi.Limits // of the Backend API, by site

	board board
}

// acquire takes the shared parts of the gate's database from the pool. Nothing
// is opened yet.
func (g *Gate) acquire(caddy.Context) error {
	key := g.storeGuest.key()
	value, _, err := pool.LoadOrNew(key, func() (caddy.Destructor, error) { return newShared(g.storeGuest) })
	if err != nil {
		return err
	}
	s, ok := value.(*shared)
	if !ok {
		return fmt.Errorf("the pool holds a %T", value)
	}
	g.shared, g.poolKey = s, key
	return nil
}

func newShared(guest storeGuest) (*shared, error) {
	db, err := guest.open()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s := &shared{label: guest.label(), store: db}
	s.queue = delivery.NewQueue(delivery.QueueConfig{Repo: db, Now: time.Now, Observer: s.board.sent})
	s.board.queue = s.queue
	return s, nil
}

// open brings the database up to date, checks that it belongs to the secret,
// and starts the work in the background. Once open, it only sees to it that
// there are keys for the algorithms asked for.
func (s *shared) open(ctx context.Context, keys gatelatch.Keys, algorithms []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys != nil && subtle.ConstantTimeCompare([]byte(s.keys.Check), []byte(keys.Check)) != 1 {
		return store.ErrSecret
	}
	for _, a := range s.algorithms {
		if !slices.Contains(algorithms, a) {
			algorithms = append(algorithms, a)
		}
	}
	if s.keys != nil {
		s.algorithms = algorithms
		return s.keyring.Refresh(ctx, algorithms, time.Now())
	}
	if err := s.store.Migrate(ctx); err != nil {
		return err
	}
	if err := s.store.CheckSecret(ctx, keys.Check); err != nil {
		return err
	}
	keyring := &session.Keyring{Repo: s.store, Encrypt: keys.Encrypt}
	if err := keyring.Refresh(ctx, algorithms, time.Now()); err != nil {
		return err
	}
	c := session.Config{Repo: s.store, Tokens: session.Tokens{Key: keys.Token}}
	if s.store.Shared() {
		c.CacheFor = sharedCache
	}
	if !s.store.Shared() {
		if err := s.store.ReleaseMessages(ctx, time.Now()); err != nil {
			return err
		}
	}
	s.keys, s.keyring, s.algorithms, s.sessions = &keys, keyring, algorithms, session.NewManager(c)
	s.work()
	return nil
}

// work runs the loops until Destruct.
func (s *shared) work() {
	ctx, cancel := context.WithCancel(context.Background())
	s.end = cancel
	s.loops.Go(func() { s.queue.Run(ctx) })
	s.loops.Go(func() { s.keep(ctx) })
	if s.store.Shared() {
		s.loops.Go(func() { s.recheck(ctx) })
	}
}

// backendLimits returns what a site's Backend API has counted so far: a new
// configuration forgives nobody who tries keys.
func (s *shared) backendLimits(site string) *backendapi.Limits {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backends == nil {
		s.backends = make(map[string]*backendapi.Limits)
	}
	if s.backends[site] == nil {
		s.backends[site] = backendapi.NewLimits()
	}
	return s.backends[site]
}

// cached returns how many sessions are cached.
func (s *shared) cached() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions == nil {
		return 0
	}
	return s.sessions.CacheLen()
}

// Destruct ends the work and closes the database. Requests that still come in
// from an old configuration find it closed, which is a 503.
func (s *shared) Destruct() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		return s.store.Close()
	}
	s.end()
	done := make(chan struct{})
	go func() {
		s.loops.Wait()
		close(done)
	}()
	t := time.NewTimer(farewell)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	return errors.Join(s.sessions.Flush(ctx), s.store.Close())
}

// background tells of a failure of the work in the background.
func (s *shared) background(what string, err error) {
	s.board.log().Error(what, slog.Any("error", err))
}

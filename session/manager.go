// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Config is what a Manager needs. Zero durations and sizes take the defaults
// given beside them.
type Config struct {
	Repo   Repo
	Tokens Tokens
	// CacheFor is how long a session may be answered for without asking the
	// store: 5 minutes by default, since this process drops what it ends itself.
	// Where other processes end sessions too it bounds how long one survives.
	CacheFor time.Duration
	// CacheSize bounds the number of cached sessions; 65,536 by default.
	CacheSize int
	// TouchEvery is how exactly "last active" is known; a minute by default.
	TouchEvery time.Duration
}

// Manager authenticates requests. It is safe for concurrent use; a request of
// a session it knows takes no lock that all cores share, reads no store and
// makes no signature.
type Manager struct {
	Config
	Streams Streams

	cache *liveCache

	mu      sync.Mutex
	touches map[string]time.Time
}

// NewManager returns a Manager with an empty cache.
func NewManager(c Config) *Manager {
	if c.CacheFor <= 0 {
		c.CacheFor = 5 * time.Minute
	}
	if c.CacheSize <= 0 {
		c.CacheSize = 1 << 16
	}
	if c.TouchEvery <= 0 {
		c.TouchEvery = time.Minute
	}
	return &Manager{Config: c, cache: newLiveCache(c.CacheSize), touches: make(map[string]time.Time)}
}

// Authenticate returns the live session of a pair of cookies, or nil when
// they are none: absent, not ours, over, halves of different sessions, or of a
// user who is banned. An error means that the question could not be answered; the
// caller must not let the request pass. idle is the site's idle limit; zero means
// none.
func (m *Manager) Authenticate(ctx context.Context, c Cookies, idle time.Duration, now time.Time) (*Live, error) {
	if len(c.Session) != tokenLength || len(c.Client) != tokenLength {
		return nil, nil
	}
	key := pairKey(c)
	if l := m.cached(&key, idle, now); l != nil {
		return l, nil
	}
	return m.authenticateCold(ctx, c, key, idle, now)
}

// cached returns what is kept under a key, if it still speaks for the store, and
// notes the use.
func (m *Manager) cached(key *cacheKey, idle time.Duration, now time.Time) *Live {
	l := m.keptAt(key, idle, now)
	if l != nil {
		m.seen(l, idle, now)
	}
	return l
}

func (m *Manager) keptAt(key *cacheKey, idle time.Duration, now time.Time) *Live {
	l := m.cache.lookUp(key)
	if l == nil || !l.within(now.UnixNano(), idle) || !m.cache.board.unchanged(&l.marks) {
		return nil
	}
	return l
}

const (
	// tagLength is how many characters at the end of a token hold its tag.
	tagLength = (tagSize*8 + 5) / 6
	// oneBlock is as much as one block of SHA-256 takes in.
	oneBlock = 55
)

// pairKey is one hash over both cookies as they were sent, in one block: the
// tag of the client's token, and the end of the session's with its tag and 66
// more bits. The tags are MACs of the secrets, so another client or another
// session has another key. A text that is no token has a key like any other,
// under which nothing is ever kept.
func pairKey(c Cookies) cacheKey {
	var b [oneBlock]byte
	n := copy(b[:], c.Client[tokenLength-tagLength:])
	copy(b[n:], c.Session[tokenLength-(oneBlock-tagLength):])
	return sha256.Sum256(b[:])
}

func (m *Manager) authenticateCold(ctx context.Context, c Cookies, key cacheKey, idle time.Duration, now time.Time) (*Live, error) {
	session, ok := m.Tokens.Parse(SessionToken, c.Session)
	if !ok {
		return nil, nil
	}
	client, ok := m.Tokens.Parse(ClientToken, c.Client)
	if !ok {
		return nil, nil
	}
	of := client.Hash()
	l, err := m.find(ctx, session.Hash(), &of, key, idle, now)
	if l != nil {
		m.seen(l, idle, now)
	}
	return l, err
}

// find asks the store for a session, and keeps it under a key when it is live. of
// is the client that it must belong to; nil when that was shown in another way.
func (m *Manager) find(ctx context.Context, session gatelatch.TokenHash, of *gatelatch.TokenHash, key cacheKey, idle time.Duration, now time.Time) (*Live, error) {
	epoch := m.cache.epoch.Load()
	p, err := m.Repo.PrincipalByTokenHash(ctx, session)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking up a session: %w", err)
	}
	if p.User.Banned || of != nil && p.Client.TokenHash != *of {
		return nil, nil
	}
	p.Session.LastActiveAt = m.lastActive(p.Session)
	if !p.Session.LiveAt(now, idle) {
		return nil, nil
	}
	l := newLive(p, key, m.cache.board.read(p.User.ID, p.Session.ID), now.Add(m.CacheFor))
	m.cache.keep(l, epoch)
	return l, nil
}

// seen notes that a session was used at a moment, at most once every TouchEvery; more
// often where a short idle limit needs it, or a session in use would end. What was
// noted later stays.
func (m *Manager) seen(l *Live, idle time.Duration, now time.Time) {
	every := m.TouchEvery
	if idle > 0 {
		every = min(every, idle/4)
	}
	last := l.seen.Load()
	if now.UnixNano()-last < int64(every) || !l.seen.CompareAndSwap(last, now.UnixNano()) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if id := l.Value(SessionID); now.After(m.touches[id]) {
		m.touches[id] = now
	}
}

// lastActive adds what is not written yet to what the store says.
func (m *Manager) lastActive(s gatelatch.Session) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.touches[s.ID]; at.After(s.LastActiveAt) {
		return at
	}
	return s.LastActiveAt
}

// Flush writes the noted uses in one go. What could not be written is noted
// again.
func (m *Manager) Flush(ctx context.Context) error {
	batch := m.takeTouches()
	if len(batch) == 0 {
		return nil
	}
	if err := m.Repo.TouchSessions(ctx, batch); err != nil {
		m.putBack(batch)
		return fmt.Errorf("noting when sessions were used: %w", err)
	}
	return nil
}

func (m *Manager) takeTouches() []Touch {
	m.mu.Lock()
	defer m.mu.Unlock()
	batch := make([]Touch, 0, len(m.touches))
	for id, at := range m.touches {
		batch = append(batch, Touch{SessionID: id, At: at})
	}
	clear(m.touches)
	return batch
}

func (m *Manager) putBack(batch []Touch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range batch {
		if t.At.After(m.touches[t.SessionID]) {
			m.touches[t.SessionID] = t.At
		}
	}
}

// End ends a session for good, here at once: when End returns without an
// error, no request passes with it, and its long-lived requests are cut.
func (m *Manager) End(ctx context.Context, l *Live, status gatelatch.SessionStatus, now time.Time) error {
	if err := m.Repo.EndSession(ctx, l.Value(SessionID), status, now); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	m.cache.note(l.Value(SessionID)) // it may be kept under another key too
	m.cache.drop(l)
	m.Streams.End(l.Value(SessionID))
	return nil
}

// Forget hears of sessions that ended: when it returns, no request passes with
// them, and their long-lived requests are cut. Call it after the commit.
func (m *Manager) Forget(sessionIDs ...string) {
	m.cache.note(sessionIDs...)
	for _, id := range sessionIDs {
		m.Streams.End(id)
	}
}

// Refresh hears of a user who changed, or whose session was proven anew: when it
// returns, every request of the user is judged by what the store says now. What
// stays open stays open, until its session ends. Call it after the commit.
func (m *Manager) Refresh(userID string) { m.cache.note(userID) }

// Recheck asks the store about each session that holds a long-lived request open
// here, and cuts those of a session that another process has ended, or whose user
// is banned; the idle limit cuts none. It takes one small query for a session, one
// after the other. When the store cannot be asked, or ctx ends, what is left to
// ask stays open, and the error says so: the order is another each time.
func (m *Manager) Recheck(ctx context.Context, now time.Time) error {
	for _, id := range m.Streams.sessions() {
		p, err := m.Repo.PrincipalByTokenHash(ctx, m.Tokens.ForSession(id).Hash())
		if err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
			return fmt.Errorf("looking up the sessions of open streams: %w", err)
		}
		if err != nil || p.User.Banned || !p.Session.LiveAt(now, 0) {
			m.Forget(id)
		}
	}
	return nil
}

// Sweep forgets what is out of date: cached sessions and their streams.
func (m *Manager) Sweep(now time.Time) {
	m.cache.sweep(now)
	m.Streams.EndExpired(now)
}

// CacheLen returns how many sessions are cached.
func (m *Manager) CacheLen() int { return m.cache.size() }

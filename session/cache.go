// SPDX-License-Identifier: Apache-2.0

package session

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/patrickmn/go-cache"
)

// shardCount spreads the cache so that cores rarely meet at one lock. It is a
// power of two.
const shardCount = 64

// cacheKey is the hash of one pair of cookies.
type cacheKey [32]byte

// liveCache remembers sessions that let their holder in. Only verified
// entries go in, each can be made again from the store, and it never holds
// more than its ceiling. go-cache keeps its own clock, which is not used here:
// entries carry their own end.
type liveCache struct {
	shards [shardCount]shard
	board  *board
	// epoch grows with every change that the cache hears of. An entry read from
	// the store before a change must not be cached after it.
	epoch   atomic.Uint64
	ceiling int // per shard
}

type shard struct {
	mu    sync.Mutex // orders writers; readers do not take it
	items *cache.Cache
}

func newLiveCache(capacity int) *liveCache {
	c := &liveCache{board: newBoard(), ceiling: max(capacity/shardCount, 1)}
	for i := range c.shards {
		c.shards[i].items = cache.New(cache.NoExpiration, 0)
	}
	return c
}

func (c *liveCache) shard(k *cacheKey) *shard { return &c.shards[k[0]%shardCount] }

// text views the key as a string without copying. Keys never change.
func (k *cacheKey) text() string { return unsafe.String(&k[0], len(k)) }

func (c *liveCache) lookUp(k *cacheKey) *Live {
	v, ok := c.shard(k).items.Get(k.text())
	if !ok {
		return nil
	}
	l, _ := v.(*Live)
	return l
}

// keep stores an entry that was read while the epoch was still epoch. A full
// shard is emptied: its sessions are simply read again.
func (c *liveCache) keep(l *Live, epoch uint64) {
	s := c.shard(&l.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.epoch.Load() != epoch {
		return
	}
	if s.items.ItemCount() >= c.ceiling {
		s.items.Flush()
	}
	s.items.SetDefault(l.key.text(), l) // the entry keeps its own key alive
}

// drop forgets an entry, and sees to it that none read before comes in after.
func (c *liveCache) drop(l *Live) {
	c.epoch.Add(1)
	s := c.shard(&l.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items.Delete(l.key.text())
}

// note makes the entries of sessions or users out of date. The epoch comes
// first: an entry whose marks were read after the note must not be kept when its
// row was read before.
func (c *liveCache) note(ids ...string) {
	c.epoch.Add(1)
	for _, id := range ids {
		c.board.note(id)
	}
}

// sweep forgets entries that are out of date.
func (c *liveCache) sweep(now time.Time) {
	for i := range c.shards {
		c.shards[i].sweep(c.board, now.UnixNano())
	}
}

func (s *shard) sweep(b *board, now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, item := range s.items.Items() {
		if l, ok := item.Object.(*Live); !ok || now >= l.staleAt || !b.unchanged(&l.marks) {
			s.items.Delete(k)
		}
	}
}

// size returns the number of entries.
func (c *liveCache) size() int {
	n := 0
	for i := range c.shards {
		n += c.shards[i].items.ItemCount()
	}
	return n
}

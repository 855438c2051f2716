// SPDX-License-Identifier: Apache-2.0

package session

import (
	"hash/maphash"
	"sync/atomic"
)

// slotCount is how many slots sessions and users are spread over. Who shares a
// slot with somebody that changed is read from the store once more, which does
// no harm.
const slotCount = 1 << 12

// board tells cached sessions that something about them changed, without a
// list of which sessions a user has: each slot counts the changes of those that
// fall into it. A request of a known session reads two counters and takes no
// lock.
type board struct {
	seed  maphash.Seed
	slots [slotCount]atomic.Uint32
}

func newBoard() *board { return &board{seed: maphash.MakeSeed()} }

// marks are where a cached session looks on the board, and what stood there
// when it was read.
type marks struct {
	user, session     uint16
	userAt, sessionAt uint32
}

func (b *board) slot(id string) uint16 {
	return uint16(maphash.String(b.seed, id) % slotCount)
}

func (b *board) read(userID, sessionID string) marks {
	m := marks{user: b.slot(userID), session: b.slot(sessionID)}
	m.userAt, m.sessionAt = b.slots[m.user].Load(), b.slots[m.session].Load()
	return m
}

// unchanged reports whether nothing was noted since the marks were read.
func (b *board) unchanged(m *marks) bool {
	return b.slots[m.user%slotCount].Load() == m.userAt && b.slots[m.session%slotCount].Load() == m.sessionAt
}

// note says that something about a user or a session changed.
func (b *board) note(id string) { b.slots[b.slot(id)].Add(1) }

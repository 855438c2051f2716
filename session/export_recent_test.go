// SPDX-License-Identifier: Apache-2.0

package session

// RecentMost bounds one generation of remembered tokens.
const RecentMost = recentMost

// RecentLen returns how many tokens a minter remembers.
func (m *Minter) RecentLen() int {
	m.recent.mu.Lock()
	defer m.recent.mu.Unlock()
	return m.recent.young.ItemCount() + m.recent.old.ItemCount()
}

// SPDX-License-Identifier: Apache-2.0

package password

import "github.com/alexedwards/argon2id"

// Around puts a function around everything that takes time and memory, to count
// it; the work itself is left out.
func (h *Hasher) Around(work func()) {
	h.hash = func(string, *argon2id.Params) (string, error) {
		work()
		return "", nil
	}
	h.compare = func(reading, []string) bool {
		work()
		return true
	}
}

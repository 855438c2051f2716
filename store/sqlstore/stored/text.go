// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"strings"
	"unicode/utf8"
)

// Findable reports whether text may stand in a database at all. What a visitor
// sends may be no text; PostgreSQL would fail on it where nothing is to be found.
func Findable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

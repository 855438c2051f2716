// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"math"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// The bounds of a page of a listing, in rows.
const (
	defaultRows = 100
	maxRows     = 1000
)

// EndedAtOnce bounds how many sessions one statement ends that drops the oldest.
const EndedAtOnce = 1000

// Rows returns how many rows a page has whose limit was asked for: 100 when
// nothing was said, and never more than 1,000.
func Rows(limit int) int {
	if limit <= 0 {
		return defaultRows
	}
	return min(limit, maxRows)
}

// maxTerm bounds what can be searched for, in bytes. It is more than any name
// or address has.
const maxTerm = 1000

// SearchText is the text in which a user is searched: names and addresses in
// lower case, a line each. It is put together here, because databases differ in
// what they take for lower case.
func SearchText(u gatelatch.User) string {
	lines := make([]string, 0, 1+2*len(u.Addresses))
	lines = append(lines, u.Name())
	for _, a := range u.Addresses {
		lines = append(lines, a.Value)
		if a.Display != a.Value {
			lines = append(lines, a.Display)
		}
	}
	return strings.ToLower(strings.Join(lines, "\n"))
}

// SearchTerm returns what to look for in a [SearchText], and whether it can be
// found at all.
func SearchTerm(search string) (string, bool) {
	search = strings.TrimSpace(search)
	if len(search) > maxTerm || !Findable(search) || strings.ContainsRune(search, '\n') {
		return "", false
	}
	return strings.ToLower(search), true
}

// minIDTerm is how long a term is, at least, that is looked for in ids too: longer than
// the prefix that all ids of a kind begin with.
const minIDTerm = 6

// InIDs reports whether a term, as [SearchTerm] returns it, is looked for in ids too,
// which are put into lower case for it.
func InIDs(term string) bool { return len(term) >= minIDTerm }

var likeEscapes = strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`)

// Like returns the pattern for LIKE ... ESCAPE '!' that finds a term anywhere.
func Like(term string) string { return "%" + likeEscapes.Replace(term) + "%" }

// Bounds returns the stretch of time from one moment, inclusive, to another,
// exclusive, as [Micros]. A zero moment is no bound. A time that is zero lies in no
// stretch that has a bound: what has never happened was not before anything.
func Bounds(from, before time.Time) (int64, int64) {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	if !before.IsZero() {
		low, high = 1, Micros(before)
	}
	if !from.IsZero() {
		low = Micros(from)
	}
	return low, high
}

// Fold returns a text by which names are sorted: ASCII letters in lower case, and all
// else as it is, which is what every database takes for lower case where bytes are
// compared.
func Fold(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// SPDX-License-Identifier: Apache-2.0

package password

import (
	"slices"
	"strings"

	"github.com/ccojocar/zxcvbn-go/match"
)

// What a guesser sees in a piece of a password.
const (
	dictionary = "dictionary"  // zxcvbn's name for a word on one of its lists:
	ownWord    = "user_inputs" // what belongs to the user,
	aPassword  = "Passwords"   // a common password,
	aWord      = "word"        // any other
	keys       = "spatial"
	row        = "sequence"
	repeat     = "repeat"
	onlyDigits = "digits"
)

// reason says why a password is easy to guess, and what to do about it.
func reason(text string, pieces []match.Match) string {
	kinds := kindsOf(pieces)
	if strings.Trim(text, "0123456789") == "" {
		kinds = []string{onlyDigits}
	}
	return "It is too easy to guess: " + seen(kinds) + "."
}

func kindsOf(pieces []match.Match) []string {
	kinds := make([]string, 0, len(pieces))
	for _, p := range pieces {
		kinds = append(kinds, kindOf(p))
	}
	return kinds
}

func kindOf(piece match.Match) string {
	if piece.Pattern != dictionary {
		return piece.Pattern
	}
	if len(piece.Token) < minWord {
		return "" // "a" and "to" are words for zxcvbn, and no explanation
	}
	if piece.DictionaryName == ownWord || piece.DictionaryName == aPassword {
		return piece.DictionaryName
	}
	return aWord
}

// seen words what there is, the most telling first, and ends with a way out.
func seen(kinds []string) string {
	has := func(kind string) bool { return slices.Contains(kinds, kind) }
	words := count(kinds, aWord) + count(kinds, aPassword)
	switch {
	case has(onlyDigits):
		return "it consists of digits only. Use a few words instead"
	case has(ownWord):
		return "it is made of a name or address of yours. Choose words that have nothing to do with you"
	case words == 1 && (has(patternYear) || has(patternDate)):
		return "it is a word with " + calendar(kinds) + " behind it. Add another word or two"
	case has(patternYear), has(patternDate):
		return "it is mostly " + calendar(kinds) + ". Add a word or two"
	case has(repeat):
		return "it repeats the same character. Use a few words instead"
	case has(row):
		return "it holds a row such as abc or 123. Use a few words instead"
	case has(keys):
		return "it follows keys that lie side by side. Use a few words instead"
	case count(kinds, aPassword) == 1 && words == 1:
		return "it is a common password with little added. Add another word or two"
	case words == 1:
		return "it is a word with little added. Add another word or two"
	case words > 1:
		return "its words are very common. Add a rarer one"
	}
	return "it is short for what it is made of. Add a word or two"
}

func calendar(kinds []string) string {
	if slices.Contains(kinds, patternDate) {
		return "a date"
	}
	return "a year"
}

func count(kinds []string, kind string) int {
	n := 0
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	return n
}

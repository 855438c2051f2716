// SPDX-License-Identifier: Apache-2.0

package password

import (
	"slices"
	"strings"
	"unicode"

	"github.com/ccojocar/zxcvbn-go/match"
	"github.com/ccojocar/zxcvbn-go/matching"
	"github.com/ccojocar/zxcvbn-go/scoring"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// minScore is the lowest of zxcvbn's scores, 0 to 4, that is good enough: about
// 2^27 guesses. Beyond it what counts is that guesses are few.
const minScore = 2

// Bounds of what zxcvbn sees, in code points and words: its time grows with the
// square of the length.
const (
	maxJudged = 64
	maxAbout  = 32
	minWord   = 3
)

// weakness returns why a password is too easy to guess, in a sentence, or
// nothing. A long password is judged in pieces; one strong piece is enough.
func weakness(text string, about []string) string {
	words, why := aboutWords(about), ""
	for piece := range slices.Chunk([]rune(fold(text)), maxJudged) {
		guess := estimate(string(piece), words)
		if guess.Score >= minScore {
			return ""
		}
		if why == "" {
			why = reason(string(piece), guess.MatchSequence)
		}
	}
	return why
}

// estimate does what zxcvbn.PasswordStrength does, without its matchers for
// dates, which know no year after 2025 and lose what ends in one, and without
// its matcher for disguised letters, whose time explodes.
func estimate(text string, words []string) scoring.MinEntropyMatch {
	matches := matching.Omnimatch(text, words, matching.FilterL33tMatcher,
		matching.FilterDateSepMatcher, matching.FilterDateWithoutSepMatcher)
	matches = append(matches, dates(text)...)
	matches = append(matches, disguised(text, words)...)
	return scoring.MinimumEntropyMatchSequence(text, matches)
}

// disguise are the usual stand-ins for letters. A one is an i or an l.
var disguise = []*strings.Replacer{
	strings.NewReplacer("4", "a", "@", "a", "8", "b", "3", "e", "6", "g", "9", "g", "1", "i", "!", "i", "0", "o",
		"5", "s", "$", "s", "7", "t", "+", "t", "2", "z"),
	strings.NewReplacer("4", "a", "@", "a", "8", "b", "3", "e", "6", "g", "9", "g", "1", "l", "|", "l", "0", "o",
		"5", "s", "$", "s", "7", "t", "+", "t", "2", "z"),
}

// disguised finds words behind stand-ins, "p@ssw0rd": every stand-in is one
// byte for another, so that places stay what they are. It costs a guesser one
// more bit.
func disguised(text string, words []string) []match.Match {
	var found []match.Match
	for _, letters := range disguise {
		plain := letters.Replace(text)
		if plain == text {
			continue
		}
		for _, m := range matching.Omnimatch(plain, words, matching.FilterL33tMatcher, matching.FilterSpatialMatcher,
			matching.FilterDateSepMatcher, matching.FilterDateWithoutSepMatcher) {
			if m.Pattern == dictionary && len(m.Token) >= minWord && m.Token != text[m.I:m.J+1] {
				m.Entropy++
				found = append(found, m)
			}
		}
	}
	return found
}

// fold takes accents away, which hide a common word from no guesser, and which
// zxcvbn does not know.
func fold(text string) string {
	if isASCII(text) {
		return text
	}
	folded, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn))), text)
	if err != nil {
		return text
	}
	return folded
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// aboutWords takes names and addresses apart: "jo.doe@example.com" are jo, doe,
// example and the whole.
func aboutWords(about []string) []string {
	var words []string
	for _, text := range about {
		text = strings.ToLower(fold(text))
		words = append(words, text)
		words = append(words, strings.FieldsFunc(text, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})...)
	}
	words = slices.DeleteFunc(words, func(w string) bool { n := len([]rune(w)); return n < minWord || n > maxJudged })
	return words[:min(len(words), maxAbout)]
}

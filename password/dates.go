// SPDX-License-Identifier: Apache-2.0

package password

import (
	"regexp"
	"strconv"

	"github.com/ccojocar/zxcvbn-go/match"
)

// Names of patterns, beside those of zxcvbn.
const (
	patternYear = "year"
	patternDate = "date"
)

// How many guesses a year and a date take, in bits: the two centuries around
// now, and the days of one of them.
const (
	yearBits = 7
	dateBits = 16
)

var yearForm = regexp.MustCompile(`(?:19|20)[0-9]{2}`)

// dateForms are day, month and year: with the year first or last, short or
// long, with marks in between or none.
var dateForms = []*regexp.Regexp{
	regexp.MustCompile(`([0-9]{2})[-./_ ]?([0-9]{2})[-./_ ]?([0-9]{4})`),
	regexp.MustCompile(`([0-9]{4})[-./_ ]?([0-9]{2})[-./_ ]?([0-9]{2})`),
	regexp.MustCompile(`([0-9]{2})[-./_ ]?([0-9]{2})[-./_ ]?([0-9]{2})`),
	regexp.MustCompile(`([0-9]{1,2})[-./_ ]([0-9]{1,2})[-./_ ]([0-9]{4}|[0-9]{2})`),
}

// dates finds years and whole dates. Finds may overlap; the cheapest count.
func dates(text string) []match.Match {
	var found []match.Match
	for _, at := range yearForm.FindAllStringIndex(text, -1) {
		found = append(found, matchOf(patternYear, text, at[0], at[1], yearBits))
	}
	for _, form := range dateForms {
		for _, at := range form.FindAllStringSubmatchIndex(text, -1) {
			if isDate(text[at[2]:at[3]], text[at[4]:at[5]], text[at[6]:at[7]]) {
				found = append(found, matchOf(patternDate, text, at[0], at[1], dateBits))
			}
		}
	}
	return found
}

// isDate reads year-month-day, day-month-year and month-day-year.
func isDate(a, b, c string) bool {
	if len(a) == 4 {
		return len(c) == 2 && dayAndMonth(b, c)
	}
	return dayAndMonth(a, b) || len(c) == 2 && dayAndMonth(b, c)
}

func dayAndMonth(a, b string) bool {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	small, large := min(x, y), max(x, y)
	return errX == nil && errY == nil && small >= 1 && small <= 12 && large <= 31
}

// matchOf describes a piece of the text; J is its last byte.
func matchOf(pattern, text string, from, to int, bits float64) match.Match {
	return match.Match{Pattern: pattern, I: from, J: to - 1, Token: text[from:to], DictionaryName: pattern, Entropy: bits}
}

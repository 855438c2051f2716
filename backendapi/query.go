// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
)

// The bounds of pages; the default is Clerk's.
const (
	defaultLimit = 10
	maxLimit     = 500
	// maxOffset is far beyond what anybody pages to.
	maxOffset = 1 << 30
	// maxValues is how many values a filter takes.
	maxValues = 100
	// maxText bounds one value, in bytes.
	maxText = 1024
)

var pageParams = []Param{
	{"limit", "integer", "how many, 1 to 500; 10 unless said"}, {"offset", "integer", "how many to pass over"},
}

// query reads parameters, and remembers the first that is wrong.
type query struct {
	values url.Values
	no     *gatelatch.Refusal
}

// harmless are names that no list is told wrongly for: they choose a part of it, an
// order or a form, and programs send them to lists that have none.
var harmless = []string{"limit", "offset", "order_by", "paginated"}

// query reads the parameters of a list. A name that the list does not know is
// refused: a filter with a slip in its name would find everybody.
func (c *call) query() *query {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.refuse(gatelatch.CodeFormat, "", "The query is not well-formed.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		known := slices.ContainsFunc(c.route.Query, func(p Param) bool { return p.Name == name })
		if !known && !slices.Contains(harmless, name) {
			q.refuse(gatelatch.CodeUnknownParam, name, "This list knows no such parameter.")
		}
	}
	return q
}

// blank reports a filter that is given without a value. It finds nobody: whoever
// asks for one user by an empty name does not ask for all.
func (q *query) blank(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return q.values.Has(name) && len(q.list(name)) == 0 })
}

func (q *query) refuse(code gatelatch.Code, param, message string) {
	if q.no == nil {
		q.no = &gatelatch.Refusal{Code: code, Param: param, Message: message}
	}
}

// text returns a parameter. What is no text finds nothing, and is not asked for:
// not every database takes it.
func (q *query) text(name string) string {
	text := q.values.Get(name)
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text) > maxText {
		q.refuse(gatelatch.CodeFormat, name, "What stands for "+name+" is no text, or too long.")
	}
	return text
}

// list returns a parameter that may be repeated.
func (q *query) list(name string) []string {
	values := q.values[name]
	if len(values) > maxValues {
		q.refuse(gatelatch.CodeTooLong, name, "A filter takes at most 100 values.")
		return nil
	}
	for _, v := range values {
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) || len(v) > maxText {
			q.refuse(gatelatch.CodeFormat, name, "What stands for "+name+" is no text, or too long.")
		}
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

func (q *query) number(name string, otherwise, low, high int) int {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		q.refuse(gatelatch.CodeFormat, name, "What stands for "+name+" is no number from "+strconv.Itoa(low)+" to "+strconv.Itoa(high)+".")
	}
	return n
}

func (q *query) slice() admin.Slice {
	return admin.Slice{Limit: q.number("limit", defaultLimit, 1, maxLimit), Offset: q.number("offset", 0, 0, maxOffset)}
}

// moment reads a time in Unix milliseconds; zero for none.
func (q *query) moment(name string) time.Time {
	text := q.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > maxMillis {
		q.refuse(gatelatch.CodeFormat, name, "What stands for "+name+" is no time in Unix milliseconds.")
	}
	return time.UnixMilli(ms).UTC()
}

// maxMillis is the end of the year 9999: beyond it databases and programs part
// ways.
const maxMillis = 253402300799999

// span reads three bounds: name_since and what comes later, name_after without that
// millisecond, name_before without it too.
func (q *query) span(name string) admin.Span {
	s := admin.Span{From: q.moment(name + "_since"), Before: q.moment(name + "_before")}
	if after := q.moment(name + "_after"); !after.IsZero() {
		if after = after.Add(time.Millisecond); after.After(s.From) {
			s.From = after
		}
	}
	return s
}

// order reads "-created_at": a sign and a word, of those that are known. A plus that
// nobody has escaped arrives as a space.
func (q *query) order(otherwise string, known ...string) (word string, descending bool) {
	word, descending = q.signed(otherwise)
	if !slices.Contains(known, word) {
		q.refuse(gatelatch.CodeValue, "order_by", "The orders are "+strings.Join(known, ", ")+", with - in front to turn them round.")
	}
	return word, descending
}

// signed reads the sign and the word of an order.
func (q *query) signed(otherwise string) (word string, descending bool) {
	text := cmp.Or(q.values.Get("order_by"), otherwise)
	if word, descending = strings.CutPrefix(text, "-"); !descending {
		word = strings.TrimLeft(text, "+ ")
	}
	return word, descending
}

// status reads a word of those that are known; empty for any.
func (q *query) status(known ...string) string {
	text := q.values.Get("status")
	if text != "" && !slices.Contains(known, text) {
		q.refuse(gatelatch.CodeValue, "status", "The statuses are "+strings.Join(known, ", ")+".")
	}
	return text
}

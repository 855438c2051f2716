// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Reply is an answer of one of the two APIs.
type Reply struct {
	T      testing.TB
	Call   string
	Status int
	Header http.Header
	Body   string

	value any
}

func newReply(t testing.TB, call string, answer *http.Response, text []byte) *Reply {
	r := &Reply{T: t, Call: call, Status: answer.StatusCode, Header: answer.Header, Body: string(text)}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&r.value) != nil {
		r.value = nil // a redirect has no body; what is missing shows where it is wanted
	}
	return r
}

// At returns what stands at a path such as "client.sessions.0.id", nil for nothing.
func (r *Reply) At(path string) any {
	v := r.value
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// Str returns a text as it is, and anything else as JSON; "null" for nothing.
func (r *Reply) Str(path string) string {
	v := r.At(path)
	if text, ok := v.(string); ok {
		return text
	}
	text, _ := json.Marshal(v) // it came out of JSON
	return string(text)
}

// Len is the length of a list, 0 for what is none.
func (r *Reply) Len(path string) int {
	list, _ := r.At(path).([]any)
	return len(list)
}

// Pick returns a field of the entry of a list whose other field has a value, empty
// when there is none.
func (r *Reply) Pick(list, name, value, field string) string {
	for i := range r.Len(list) {
		at := fmt.Sprintf("%s.%d.", list, i)
		if r.Str(at+name) == value {
			return r.Str(at + field)
		}
	}
	return ""
}

// Want fails the test unless something else stands at a path.
func (r *Reply) Want(path, want string) *Reply {
	r.T.Helper()
	if got := r.Str(path); got != want {
		r.T.Errorf("%s: %s is %s, want %s, in %.1500s", r.Call, path, got, want, r.Body)
	}
	return r
}

// OK ends the test unless the call has succeeded.
func (r *Reply) OK() *Reply {
	r.T.Helper()
	if r.Status != http.StatusOK {
		r.T.Fatalf("%s: %d %.1500s", r.Call, r.Status, r.Body)
	}
	return r
}

// Refused fails the test unless the call was refused in this way; param is empty for
// a refusal that is about no field.
func (r *Reply) Refused(status int, code, param string) *Reply {
	r.T.Helper()
	named := r.Str("errors.0.meta.param_name")
	if named == "null" {
		named = ""
	}
	if got := r.Str("errors.0.code"); r.Status != status || got != code || named != param {
		r.T.Errorf("%s: refused with %d %s %q, want %d %s %q: %.1500s", r.Call, r.Status, got, named, status, code, param, r.Body)
	}
	if r.Status == status && (r.Str("errors.0.long_message") == "" || r.Str("clerk_trace_id") == "null") {
		r.T.Errorf("%s: says too little: %s", r.Call, r.Body)
	}
	return r
}

// Location is where a redirect leads.
func (r *Reply) Location() string { return r.Header.Get("Location") }

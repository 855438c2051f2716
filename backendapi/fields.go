// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// Absent is a field of Clerk's for something that there is none of here. It may be
// empty; anything else is refused with the sentence of its tag "absent", rather than
// dropped in silence.
type Absent struct{}

// UnmarshalJSON implements [json.Unmarshaler]. What stands there was judged before.
func (*Absent) UnmarshalJSON([]byte) error { return nil }

// fields are the names that a body may have at its top, each with why nothing may
// stand there; empty for those that are taken.
type fields map[string]string

// fieldsOf returns the fields of a body's type, or of the elements of a list.
func fieldsOf(t reflect.Type) fields {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	all := make(fields)
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if f.Anonymous && name == "" {
			for inner, absent := range fieldsOf(f.Type) {
				all[inner] = absent
			}
			continue
		}
		all[name] = f.Tag.Get("absent")
	}
	return all
}

// judge says what is wrong with the names in a body, which is an object, or a list of
// them. A slip in a name must not pass for nothing said. What is no JSON is left to
// whoever reads the body.
func (f fields) judge(body []byte) *gatelatch.Refusal {
	if body[0] != '[' {
		return f.judgeObject(body)
	}
	var list []json.RawMessage
	if json.Unmarshal(body, &list) != nil {
		return nil
	}
	for _, one := range list {
		if no := f.judgeObject(one); no != nil {
			return no
		}
	}
	return nil
}

func (f fields) judgeObject(text []byte) *gatelatch.Refusal {
	d := json.NewDecoder(bytes.NewReader(text))
	if at, err := d.Token(); err != nil || at != json.Delim('{') {
		return nil
	}
	seen := make(map[string]bool)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil
		}
		if no := f.judgeField(name.(string), value, seen); no != nil { //nolint:forcetypeassert // a name is a text
			return no
		}
	}
	return nil
}

func (f fields) judgeField(name string, value []byte, seen map[string]bool) *gatelatch.Refusal {
	absent, known := f[name]
	switch {
	case !known:
		return &gatelatch.Refusal{Code: gatelatch.CodeUnknownParam, Param: printable(name), Message: "This call knows no such field."}
	case seen[name]:
		return &gatelatch.Refusal{Code: gatelatch.CodeDuplicate, Param: name, Message: "The field " + name + " is there twice."}
	case absent != "" && !blankJSON(value):
		return &gatelatch.Refusal{Code: gatelatch.CodeUnknownParam, Param: name, Message: absent}
	}
	seen[name] = true
	return nil
}

// blankJSON reports a value that asks for nothing.
func blankJSON(value []byte) bool {
	return slices.Contains([]string{"null", "false", `""`, "0", "[]", "{}"}, string(bytes.TrimSpace(value)))
}

// printable cuts a name that somebody has made up down to what an answer can bear.
func printable(name string) string {
	const longest = 64
	name = strings.ToValidUTF8(name, "")
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "")
	}
	return name
}

// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/metadata"
)

const (
	// maxBody bounds a body, in bytes.
	maxBody = 1 << 20
	// maxDepth bounds how deeply things stand in each other in a body. A bag of
	// metadata stands one level deep.
	maxDepth = metadata.MaxDepth + 8
)

// Nothing is the body of calls that take none.
type Nothing struct{}

// Maybe is a field that may be left out, which is something else than null.
type Maybe[T any] struct {
	Given, Null bool
	Value       T
}

// UnmarshalJSON implements [json.Unmarshaler]. It is not called for a field that
// is left out.
func (m *Maybe[T]) UnmarshalJSON(b []byte) error {
	m.Given = true
	if m.Null = string(b) == "null"; m.Null {
		return nil
	}
	return json.Unmarshal(b, &m.Value)
}

// pointer returns what was given, with null as the empty value; nil for nothing.
func (m Maybe[T]) pointer() *T {
	if !m.Given {
		return nil
	}
	return &m.Value
}

// Moment is a time in a body: ISO 8601 text, as SDKs send it, or Unix
// milliseconds.
type Moment struct{ time.Time }

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Moment) UnmarshalJSON(b []byte) error {
	var ms int64
	var text string
	if json.Unmarshal(b, &ms) == nil {
		m.Time = time.UnixMilli(ms).UTC()
	} else if json.Unmarshal(b, &text) == nil {
		m.Time, _ = time.Parse(time.RFC3339, text) // what is none stays zero, and is refused
	}
	if m.Time = m.UTC(); m.UnixMilli() < 0 || m.UnixMilli() > maxMillis {
		return &json.UnmarshalTypeError{Value: "text", Type: reflect.TypeFor[time.Time]()}
	}
	return nil
}

// decode reads the body into v, whose fields are known. No body at all is an empty
// one: SDKs send none when there is nothing to say.
func (c *call) decode(v any, known fields) (int, *gatelatch.Refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return http.StatusRequestEntityTooLarge, refuseBody(gatelatch.CodeTooLong, "The body has more than a mebibyte.")
	case err != nil:
		return http.StatusBadRequest, refuseBody(gatelatch.CodeBody, "The body could not be read.")
	case len(bytes.TrimSpace(body)) == 0:
		return 0, nil
	case !utf8.Valid(body) || metadata.Depth(body) > maxDepth:
		return http.StatusBadRequest, refuseBody(gatelatch.CodeBody, "The body is not JSON, or stands too many levels deep.")
	}
	return read(bytes.TrimSpace(body), v, known)
}

func read(text []byte, v any, known fields) (int, *gatelatch.Refusal) {
	if no := known.judge(text); no != nil {
		return http.StatusUnprocessableEntity, no
	}
	return understood(json.Unmarshal(text, v))
}

// understood says what is wrong with a body. It quotes no value.
func understood(err error) (int, *gatelatch.Refusal) {
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &kind) && kind.Field != "":
		param := kind.Field[strings.LastIndexByte(kind.Field, '.')+1:]
		return http.StatusUnprocessableEntity, &gatelatch.Refusal{
			Code: gatelatch.CodeFormat, Param: param, Message: "What stands for " + param + " is of another kind.",
		}
	case errors.As(err, &kind):
		return http.StatusBadRequest, refuseBody(gatelatch.CodeBody, "The body is not of the form that this call takes.")
	}
	return http.StatusBadRequest, refuseBody(gatelatch.CodeBody, "The body is not JSON.")
}

func refuseBody(code gatelatch.Code, message string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: code, Message: message}
}

// texts is a list of texts, or a single one.
type texts []string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = nil
		if one != "" {
			*t = texts{one}
		}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(t))
}

// refuseUser says what is wrong with the id of a user in a body: that it is missing,
// or that it can name nobody.
func refuseUser(id string) *gatelatch.Refusal {
	switch {
	case id == "":
		return missing("user_id")
	case !idForm.MatchString(id):
		return &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Param: "user_id", Message: "There is no user with that id."}
	}
	return nil
}

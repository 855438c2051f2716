// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Errors is the body of every answer that refuses.
type Errors struct {
	Errors  []Error `json:"errors"`
	TraceID string  `json:"clerk_trace_id"`
	// Meta brings the client along, so that an SDK learns of counters and statuses
	// that a refused step has changed; the Frontend API alone sets it.
	Meta *ErrorsMeta `json:"meta,omitempty"`
}

// ErrorsMeta stands beside a list of errors.
type ErrorsMeta struct {
	// Client is a client resource of the Frontend API, or null.
	Client any `json:"client"`
}

// Error is one reason. Message and LongMessage are whole sentences: some programs
// show the one, some the other.
type Error struct {
	Code        gatelatch.Code `json:"code"`
	Message     string         `json:"message"`
	LongMessage string         `json:"long_message"`
	Meta        *ErrorMeta     `json:"meta,omitempty"`
}

// ErrorMeta says more about a reason.
type ErrorMeta struct {
	// ParamName is the wire name of the field at fault, by which SDKs show the
	// sentence beside it.
	ParamName string `json:"param_name,omitempty"`
	// SessionID names the session that is there already.
	SessionID string `json:"session_id,omitempty"`
}

// Refuse returns the body that carries a refusal. trace names the request in the
// log.
func Refuse(r gatelatch.Refusal, trace string) Errors {
	e := Error{Code: r.Code, Message: r.Message, LongMessage: r.Message}
	if r.Param != "" {
		e.Meta = &ErrorMeta{ParamName: r.Param}
	}
	return Errors{Errors: []Error{e}, TraceID: trace}
}

// RetryAfter sets the header that a refusal asks for, in whole seconds, rounded up
// (RFC 9110 10.2.3).
func RetryAfter(h http.Header, d time.Duration) {
	if d > 0 {
		h.Set("Retry-After", strconv.FormatInt(max(int64((d+time.Second-1)/time.Second), 1), 10))
	}
}

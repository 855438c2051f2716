// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/wire"
)

// List is a list with how many there are in all: an "envelope".
type List[T any] struct {
	Data       []T `json:"data"`
	TotalCount int `json:"total_count"`
}

// bare returns the list alone.
func (l List[T]) bare() any { return l.Data }

// listOf makes an envelope; a list that is empty is [] and not null.
func listOf[T any](data []T, total int) List[T] {
	if data == nil {
		data = []T{}
	}
	return List[T]{data, total}
}

// Done is an answer without a body.
type Done struct{}

// write sends JSON. The type is exactly application/json: @clerk/backend compares
// the whole header, and with a charset behind it hands the body over as a text, so
// that every field is undefined and nothing says why.
func (c *call) write(status int, v any) {
	c.status = status
	head := c.w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	if _, none := v.(Done); none {
		c.status = http.StatusNoContent
		c.w.WriteHeader(http.StatusNoContent)
		return
	}
	body, err := json.Marshal(v)
	if err != nil {
		c.report(fmt.Errorf("writing an answer: %w", err))
		c.status, body = http.StatusInternalServerError, []byte(`{"errors":[]}`)
	}
	head.Set("Content-Type", "application/json")
	head.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(body) // whoever asked has gone
}

// refuse sends a refusal.
func (c *call) refuse(no gatelatch.Refusal) { c.refuseAs(no.Status(), no) }

func (c *call) refuseAs(status int, no gatelatch.Refusal) {
	wire.RetryAfter(c.w.Header(), no.RetryAfter)
	c.write(status, wire.Refuse(no, c.trace()))
}

// trace names the request, for whoever reads a log of the program that asked.
func (c *call) trace() string { return strings.TrimPrefix(gatelatch.NewID("trace", c.now), "trace_") }

// fail answers for a machine that failed. What failed goes to the log, not out.
func (c *call) fail(err error) {
	no := gatelatch.Refusal{
		Code: gatelatch.CodeUnavailable, Message: "This cannot be answered right now. Try again in a moment.", RetryAfter: 2 * time.Second,
	}
	if errors.Is(err, password.ErrBusy) {
		no.RetryAfter = time.Second
	} else {
		c.report(err)
	}
	c.refuse(no)
}

func (c *call) report(err error) {
	if c.Report != nil {
		c.Report(c.r, err)
	}
}

// observe tells of a call that changes something.
func (c *call) observe(route *Route) {
	if c.Observe == nil || route.Method == http.MethodGet {
		return
	}
	id := c.made
	if id == "" {
		id = c.id()
	}
	c.Observe(Change{Key: c.key, Method: route.Method, Path: route.Path, ID: id, Status: c.status, IP: c.ClientIP(c.r)})
}

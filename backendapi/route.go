// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"net/http"

	"github.com/gatelatch/gatelatch"
)

// Route is one call of the API: what serves it, and what a description of it has to
// say.
type Route struct {
	Method string
	// Path is below Base + "/v1"; a segment in braces is a value.
	Path    string
	Summary string
	Query   []Param
	// Body is a zero value of the body's type, [Nothing] for none, and Answer one of
	// the answer's.
	Body, Answer any
	// Paginated says that the answer is a bare list unless the query says
	// paginated=true.
	Paginated bool

	serve func(c *call, paginated bool)
}

// Param is a parameter of a query.
type Param struct {
	Name string
	// Type is string, integer, boolean or array, which is a name that may be repeated.
	Type string
	Note string
}

// answers does a call: it returns a resource, a refusal, or a machine's failure.
type answers[In, Out any] func(c *call, in In) (Out, *gatelatch.Refusal, error)

// route makes a row of the table.
func route[In, Out any](method, path, summary string, fn answers[In, Out], query ...Param) Route {
	var body In
	var answer Out
	return Route{
		Method: method, Path: path, Summary: summary, Query: query, Body: body, Answer: answer,
		serve: func(c *call, paginated bool) {
			var in In
			if _, none := any(in).(Nothing); !none {
				if status, no := c.decode(&in); no != nil {
					c.refuseAs(status, *no)
					return
				}
			}
			out, no, err := fn(c, in)
			c.answer(out, no, err, paginated)
		},
	}
}

// paged marks a list that is bare unless it is asked for with paginated=true.
func paged(r Route) Route {
	r.Paginated = true
	r.Query = append(r.Query, pageParams...)
	r.Query = append(r.Query, Param{"paginated", "boolean", "true for an object with the total beside the list"})
	return r
}

func (c *call) run(r *Route) {
	c.route = r
	r.serve(c, r.Paginated)
}

func (c *call) answer(out any, no *gatelatch.Refusal, err error, paginated bool) {
	switch {
	case err != nil:
		c.fail(err)
	case no != nil:
		c.refuse(*no)
	default:
		if list, ok := out.(interface{ bare() any }); ok && paginated && c.r.URL.Query().Get("paginated") != "true" {
			out = list.bare()
		}
		c.write(http.StatusOK, out)
	}
}

// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"net/http"
	"reflect"
	"slices"

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

	fields fields
	serve  func(c *call, paginated bool)
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
	known := fieldsOf(reflect.TypeFor[In]())
	return Route{
		Method: method, Path: path, Summary: summary, Query: query, Body: body, Answer: answer, fields: known,
		serve: func(c *call, paginated bool) {
			var in In
			if method != http.MethodGet {
				if status, no := c.decode(&in, known); no != nil {
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
		c.refuse(c.inOwnWords(*no))
	default:
		if list, ok := out.(interface{ bare() any }); ok && paginated && c.r.URL.Query().Get("paginated") != "true" {
			out = list.bare()
		}
		c.write(http.StatusOK, out)
	}
}

// inOwnWords has a refusal name a field of this call, or none: what commands call
// "address" has another name here, and an id in the path is no field at all.
func (c *call) inOwnWords(no gatelatch.Refusal) gatelatch.Refusal {
	named := func(p Param) bool { return p.Name == no.Param }
	_, field := c.route.fields[no.Param]
	if field || slices.ContainsFunc(c.route.Query, named) || slices.Contains(harmless, no.Param) {
		return no
	}
	if no.Code == gatelatch.CodeUnknownParam {
		return no // which is about a name of the caller's
	}
	no.Param = map[string]string{"address": string(gatelatch.EmailAddress), "pattern": "identifier"}[no.Param]
	if _, field = c.route.fields[no.Param]; !field {
		no.Param = ""
	}
	return no
}

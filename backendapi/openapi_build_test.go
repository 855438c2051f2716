// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/internal/openapitest"
	"github.com/gatelatch/gatelatch/wire"
)

// description makes the description of the API from its table of routes.
func description() ([]byte, error) {
	s := openapitest.NewSchemas()
	d := openapitest.Document{
		Title: "Gatelatch Backend API", Version: "1", Server: ".",
		Description: "Clerk's Backend API, as far as it is offered here. Times are Unix milliseconds. A request without a body is one with an empty object.",
		Security:    map[string]*openapi3.SecurityScheme{"secret_key": openapi3.NewSecurityScheme().WithType("http").WithScheme("bearer")},
		Problem:     s.Of(wire.Errors{}), Schemas: s,
	}
	for _, r := range backendapi.Routes() {
		d.Operations = append(d.Operations, operation(s, r))
	}
	return d.JSON()
}

func operation(s *openapitest.Schemas, r backendapi.Route) openapitest.Operation {
	o := openapitest.Operation{
		Method: r.Method, Path: r.Path, Summary: r.Summary, Body: fields(reflect.TypeOf(r.Body)), Media: "application/json",
		Bulk: reflect.TypeOf(r.Body).Kind() == reflect.Slice, Closed: true,
	}
	for _, p := range r.Query {
		o.Query = append(o.Query, openapitest.Param{Name: p.Name, Type: p.Type, Note: p.Note})
	}
	if _, none := r.Answer.(backendapi.Done); none {
		o.Status = http.StatusNoContent
		return o
	}
	o.Answer = answered(s, r)
	return o
}

// answered is the schema of an answer: an envelope has no name of its own, and a
// list that is paged only when it is asked for is one of two.
func answered(s *openapitest.Schemas, r backendapi.Route) *openapi3.SchemaRef {
	t := reflect.TypeOf(r.Answer)
	if t == reflect.TypeFor[backendapi.KeySet]() {
		return s.Of(nil)
	}
	if t.Kind() != reflect.Struct || !strings.HasPrefix(t.Name(), "List[") {
		return s.Of(r.Answer)
	}
	data, _ := t.FieldByName("Data")
	list := openapitest.ListOf(s.Of(reflect.Zero(data.Type.Elem()).Interface()))
	envelope := openapitest.Object(map[string]*openapi3.SchemaRef{"data": list, "total_count": s.Of(0)})
	if !r.Paginated {
		return envelope
	}
	return openapi3.NewSchemaRef("", &openapi3.Schema{OneOf: openapi3.SchemaRefs{list, envelope}})
}

// fields are those of a body, or of the elements of a list. What there is none of here
// is not told.
func fields(t reflect.Type) []openapitest.Param {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	var all []openapitest.Param
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			all = append(all, fields(f.Type)...)
			continue
		}
		if f.Type != reflect.TypeFor[backendapi.Absent]() {
			all = append(all, openapitest.Param{Name: name, Type: kind(f.Type)})
		}
	}
	return all
}

func kind(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return kind(t.Elem())
	case strings.HasPrefix(t.Name(), "Maybe["):
		value, _ := t.FieldByName("Value")
		return kind(value.Type)
	case t == reflect.TypeFor[backendapi.Bag]():
		return "object"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return "integer"
	case t.Kind() == reflect.Slice:
		return "array"
	}
	return "string"
}

// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gatelatch/gatelatch/internal/openapitest"
	"github.com/gatelatch/gatelatch/wire"
)

// Document makes the description of the API from its table of routes.
func Document() ([]byte, error) {
	s := openapitest.NewSchemas()
	d := openapitest.Document{
		Title: "Gatelatch Frontend API", Version: "1", Server: "v1",
		Description: "Clerk's Frontend API, as far as it is offered here. PATCH, PUT and DELETE may travel as POST with the query " +
			"parameter _method. Times are Unix milliseconds.",
		Problem: problem(s), Schemas: s,
	}
	for _, r := range routes {
		d.Operations = append(d.Operations, operation(s, r))
	}
	return d.JSON()
}

// problem is the schema of a refusal, which brings the client along.
func problem(s *openapitest.Schemas) *openapi3.SchemaRef {
	ref := s.Of(wire.Errors{})
	return ref
}

func operation(s *openapitest.Schemas, r route) openapitest.Operation {
	o := openapitest.Operation{
		Method: r.method, Path: r.path, Summary: r.summary, Query: described(r.query), Body: described(r.form),
		Media: "application/x-www-form-urlencoded",
	}
	switch r.shape {
	case redirect:
		o.Status = http.StatusFound
	case bare:
		o.Answer = s.Of(r.answer)
	default:
		resource := openapitest.Nullable(openapi3.NewSchemaRef("", &openapi3.Schema{}))
		if r.answer != nil {
			resource = openapitest.Nullable(s.Of(r.answer))
		}
		o.Answer = openapitest.Object(map[string]*openapi3.SchemaRef{
			"response": resource, "client": openapitest.Nullable(s.Of(Client{})),
		})
	}
	return o
}

func described(params []param) []openapitest.Param {
	var all []openapitest.Param
	for _, p := range params {
		kinds := map[kind]string{text: "string", flag: "boolean", number: "integer", list: "array"}
		all = append(all, openapitest.Param{Name: p.name, Type: kinds[p.kind], Note: p.note})
	}
	return all
}

// SPDX-License-Identifier: Apache-2.0

// Package openapitest makes the OpenAPI documents of the two APIs from their
// tables of routes, and checks answers against them. Tests alone use it: the
// documents themselves are files that are embedded.
package openapitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is one call of an API.
type Operation struct {
	Method, Path, Summary string
	Query, Body           []Param
	// Media is the content type of the body.
	Media string
	// Bulk says that the body is a list of what Body describes, and Closed that it has
	// no other fields.
	Bulk, Closed bool
	// Answer is the schema of the answer with status 200; nil for one without a body,
	// whose status is Status.
	Answer *openapi3.SchemaRef
	Status int
}

// Param is one parameter: its name, its type in JSON Schema ("string", "boolean",
// "integer", "array", "object"), and what there is to say about it.
type Param struct{ Name, Type, Note string }

// Document describes an API.
type Document struct {
	Title, Description, Version string
	// Server is where its paths begin, relative to the document.
	Server string
	// Security says how callers show who they are.
	Security map[string]*openapi3.SecurityScheme
	// Problem is the schema of every refusal.
	Problem    *openapi3.SchemaRef
	Operations []Operation
	Schemas    *Schemas
}

// JSON returns the document, indented, with a line feed at its end. An invalid one
// is an error.
func (d Document) JSON() ([]byte, error) {
	doc := &openapi3.T{
		OpenAPI:    "3.0.3",
		Info:       &openapi3.Info{Title: d.Title, Description: d.Description, Version: d.Version},
		Servers:    openapi3.Servers{{URL: d.Server}},
		Paths:      openapi3.NewPaths(),
		Components: &openapi3.Components{Schemas: d.Schemas.named, SecuritySchemes: openapi3.SecuritySchemes{}},
	}
	for name, scheme := range d.Security {
		doc.Components.SecuritySchemes[name] = &openapi3.SecuritySchemeRef{Value: scheme}
		doc.Security = append(doc.Security, openapi3.SecurityRequirement{name: {}})
	}
	for _, o := range d.Operations {
		doc.AddOperation(o.Path, o.Method, d.operation(o))
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the document: %w", err)
	}
	if _, err := Read(text); err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

func (d Document) operation(o Operation) *openapi3.Operation {
	op := &openapi3.Operation{Summary: o.Summary, OperationID: operationID(o), Responses: openapi3.NewResponses()}
	op.Responses.Delete("default")
	for _, name := range segments(o.Path) {
		op.AddParameter(openapi3.NewPathParameter(name).WithSchema(openapi3.NewStringSchema()))
	}
	for _, p := range o.Query {
		q := openapi3.NewQueryParameter(p.Name).WithSchema(p.schema())
		q.Description = p.Note
		op.AddParameter(q)
	}
	op.RequestBody = o.body()
	status := o.Status
	if status == 0 {
		status = http.StatusOK
	}
	answer := openapi3.NewResponse().WithDescription(http.StatusText(status))
	if o.Answer != nil {
		answer = answer.WithJSONSchemaRef(o.Answer)
	}
	op.AddResponse(status, answer)
	op.Responses.Set("default", &openapi3.ResponseRef{
		Value: openapi3.NewResponse().WithDescription("A refusal, or a machine that failed").WithJSONSchemaRef(d.Problem),
	})
	return op
}

func (o Operation) body() *openapi3.RequestBodyRef {
	if len(o.Body) == 0 {
		return nil
	}
	s := openapi3.NewObjectSchema()
	for _, p := range o.Body {
		s.WithProperty(p.Name, p.described())
	}
	if o.Closed {
		no := false
		s.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	}
	if o.Bulk {
		s = openapi3.NewArraySchema().WithItems(s)
	}
	content := openapi3.Content{o.Media: openapi3.NewMediaType().WithSchema(s)}
	return &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithContent(content)}
}

func (p Param) schema() *openapi3.Schema {
	switch p.Type {
	case "array":
		return openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())
	case "object":
		return openapi3.NewObjectSchema()
	case "":
		return openapi3.NewStringSchema()
	}
	return &openapi3.Schema{Type: &openapi3.Types{p.Type}}
}

func (p Param) described() *openapi3.Schema {
	s := p.schema()
	s.Description = p.Note
	return s
}

// operationID names an operation by its method and path.
func operationID(o Operation) string {
	clean := strings.NewReplacer("/", "_", "{", "", "}", "", ".", "_", "-", "_").Replace(o.Path)
	return strings.ToLower(o.Method) + clean
}

// segments are the names in braces.
func segments(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(strings.TrimSuffix(name, "}"), "..."))
		}
	}
	return names
}

// Read reads a document, and says what is wrong with it.
func Read(text []byte) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("the document is no OpenAPI: %w", err)
	}
	return doc, nil
}

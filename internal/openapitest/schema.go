// SPDX-License-Identifier: Apache-2.0

package openapitest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Schemas are the types of an API, by name. kin-openapi has a generator too; it
// forgets that a pointer to a named struct may be null, and what is required.
type Schemas struct {
	named openapi3.Schemas
	types map[string]reflect.Type
}

// NewSchemas returns an empty set.
func NewSchemas() *Schemas {
	return &Schemas{named: openapi3.Schemas{}, types: map[string]reflect.Type{}}
}

var raw = reflect.TypeFor[json.RawMessage]()

// Of returns the schema of a value's type, as encoding/json writes it: a field
// without omitempty is required, and no field but those there are is allowed.
func (s *Schemas) Of(v any) *openapi3.SchemaRef { return s.of(reflect.TypeOf(v)) }

func (s *Schemas) of(t reflect.Type) *openapi3.SchemaRef {
	switch {
	case t == nil, t == raw, t.Kind() == reflect.Interface:
		return openapi3.NewSchemaRef("", &openapi3.Schema{Nullable: true})
	case t.Kind() == reflect.Pointer:
		return Nullable(s.of(t.Elem()))
	case t.Kind() == reflect.Struct && t.Name() != "":
		return s.ref(t)
	}
	return openapi3.NewSchemaRef("", s.plain(t))
}

// Nullable returns the schema of something that may be null.
func Nullable(ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	if ref.Ref != "" {
		return openapi3.NewSchemaRef("", &openapi3.Schema{Nullable: true, AllOf: openapi3.SchemaRefs{ref}})
	}
	ref.Value.Nullable = true
	return ref
}

// ListOf returns the schema of a list.
func ListOf(ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	return openapi3.NewSchemaRef("", &openapi3.Schema{Type: &openapi3.Types{"array"}, Items: ref})
}

// Object returns the schema of an object of which all fields are required.
func Object(fields map[string]*openapi3.SchemaRef) *openapi3.SchemaRef {
	o := closed()
	for name, ref := range fields {
		o.WithPropertyRef(name, ref)
		o.Required = append(o.Required, name)
	}
	return openapi3.NewSchemaRef("", sorted(o))
}

func (s *Schemas) plain(t reflect.Type) *openapi3.Schema {
	switch t.Kind() {
	case reflect.Bool:
		return openapi3.NewBoolSchema()
	case reflect.String:
		return openapi3.NewStringSchema()
	case reflect.Float32, reflect.Float64:
		return &openapi3.Schema{Type: &openapi3.Types{"number"}}
	case reflect.Slice, reflect.Array:
		list := ListOf(s.of(t.Elem())).Value
		list.Nullable = t.Kind() == reflect.Slice // a nil one is null
		return list
	case reflect.Map:
		o := openapi3.NewObjectSchema()
		o.AdditionalProperties = openapi3.AdditionalProperties{Schema: s.of(t.Elem())}
		return o
	case reflect.Struct:
		return s.object(t)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64:
		return &openapi3.Schema{Type: &openapi3.Types{"integer"}}
	}
	panic(fmt.Sprintf("openapitest: no JSON for %v", t))
}

// ref names a struct; two that share a name are told apart by their package.
func (s *Schemas) ref(t reflect.Type) *openapi3.SchemaRef {
	name := t.Name()
	if known, ok := s.types[name]; ok && known != t {
		name = t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:] + "_" + name
	}
	ref := "#/components/schemas/" + name
	if known, ok := s.types[name]; ok && known == t {
		return openapi3.NewSchemaRef(ref, nil)
	}
	s.types[name] = t
	s.named[name] = openapi3.NewSchemaRef("", s.object(t))
	return openapi3.NewSchemaRef(ref, nil)
}

func (s *Schemas) object(t reflect.Type) *openapi3.Schema {
	o := closed()
	s.fields(o, t)
	return sorted(o)
}

func (s *Schemas) fields(o *openapi3.Schema, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case f.Anonymous && !tagged:
			s.fields(o, f.Type)
			continue
		case !f.IsExported(), name == "-":
			continue
		case name == "":
			name = f.Name
		}
		o.WithPropertyRef(name, s.of(f.Type))
		if !strings.Contains(options, "omit") {
			o.Required = append(o.Required, name)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

// Package metadata reads and merges the bags of metadata that a user carries:
// JSON objects of a bounded size and depth.
package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
)

// MaxDepth is how deeply objects and lists may stand in each other. A bag deeper
// than that is a mistake, or meant to be costly for whoever reads it.
const MaxDepth = 32

// What is wrong with a bag. The texts are ends of sentences, safe to show.
var (
	ErrObject = errors.New("is no JSON object")
	ErrLong   = fmt.Errorf("has more than %d bytes", gatelatch.MaxMetadata)
	ErrDeep   = fmt.Errorf("stands more than %d levels deep", MaxDepth)
	ErrOdd    = errors.New("holds a number too large, or the character U+0000, which other programs cannot read")
)

// Read checks a bag that came from outside and returns it in the form that is
// stored: without white space, names sorted, the last of several equal names.
// Numbers keep their digits. An empty object and nothing at all are nil.
func Read(raw []byte) (json.RawMessage, error) {
	bag, err := object(raw)
	if err != nil {
		return nil, err
	}
	return write(bag)
}

// Merge applies a patch to a bag as RFC 7396 says: objects are merged at every
// level, null takes a name away, anything else replaces what was there, lists
// too. Both are objects, or nil for an empty one; the result is in the form of
// [Read].
func Merge(bag, patch []byte) (json.RawMessage, error) {
	old, err := object(bag)
	if err != nil {
		return nil, err
	}
	changes, err := object(patch)
	if err != nil {
		return nil, err
	}
	return write(merge(old, changes))
}

// merge changes into, which nobody else holds.
func merge(into, patch map[string]any) map[string]any {
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(into, name)
		case map[string]any:
			old, ok := into[name].(map[string]any)
			if !ok {
				old = make(map[string]any, len(value))
			}
			into[name] = merge(old, value)
		default:
			into[name] = value
		}
	}
	return into
}

// object reads an object; nothing at all is an empty one.
func object(raw []byte) (map[string]any, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return map[string]any{}, nil
	case Depth(raw) > MaxDepth:
		return nil, ErrDeep
	case !utf8.Valid(raw):
		return nil, ErrObject
	}
	var bag map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&bag); err != nil || bag == nil {
		return nil, ErrObject
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrObject
	}
	return bag, nil
}

// odd reports what is JSON and still stops other programs that read a bag: numbers
// that no float64 holds, and U+0000, which PostgreSQL's jsonb refuses.
func odd(value any) bool {
	switch value := value.(type) {
	case json.Number:
		_, err := value.Float64()
		return err != nil
	case string:
		return strings.ContainsRune(value, 0)
	case []any:
		return slices.ContainsFunc(value, odd)
	case map[string]any:
		for name, inner := range value {
			if strings.ContainsRune(name, 0) || odd(inner) {
				return true
			}
		}
	}
	return false
}

// write returns nil for an empty bag.
func write(bag map[string]any) (json.RawMessage, error) {
	switch {
	case len(bag) == 0:
		return nil, nil
	case odd(bag):
		return nil, ErrOdd
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a bag is no page, and its size is counted
	if err := e.Encode(bag); err != nil {
		return nil, fmt.Errorf("writing metadata: %w", err)
	}
	text := bytes.TrimSpace(b.Bytes())
	if len(text) > gatelatch.MaxMetadata {
		return nil, ErrLong
	}
	return text, nil
}

// Depth returns how deeply objects and lists stand in each other in a JSON text,
// 0 for a plain value. It reads no more than brackets and quotes, so it is cheap
// to ask before anything is made of the text; of a text that is not JSON the
// answer means nothing.
func Depth(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

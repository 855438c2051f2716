// SPDX-License-Identifier: Apache-2.0

package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// told is what the placeholders of templates stand for.
type told struct {
	Principal
	origin string
}

// texts are the placeholders that stand for a text; an empty one is null.
var texts = map[string]func(*told) string{
	"user.id":          func(t *told) string { return t.User.ID },
	"user.email":       func(t *told) string { return t.address(gatelatch.EmailAddress) },
	"user.phone":       func(t *told) string { return t.address(gatelatch.PhoneNumber) },
	"user.name":        func(t *told) string { return t.User.Name() },
	"user.first_name":  func(t *told) string { return t.User.FirstName },
	"user.last_name":   func(t *told) string { return t.User.LastName },
	"user.external_id": func(t *told) string { return t.User.ExternalID },
	"session.id":       func(t *told) string { return t.Session.ID },
	"site.origin":      func(t *told) string { return t.origin },
}

// bags are the placeholders that stand for metadata, whole or by key.
var bags = map[string]func(*told) json.RawMessage{
	"user.public_metadata": func(t *told) json.RawMessage { return t.User.Metadata.Public },
	"user.unsafe_metadata": func(t *told) json.RawMessage { return t.User.Metadata.Unsafe },
}

func (t *told) address(kind gatelatch.IdentifierKind) string {
	a, _ := t.User.Primary(kind)
	return a.Display
}

// Placeholders returns the names that may stand in braces in a template. Those of
// metadata may be followed by a dot and a key, and so on.
func Placeholders() []string {
	return slices.Sorted(maps.Keys(joined()))
}

func joined() map[string]bool {
	names := make(map[string]bool, len(texts)+len(bags))
	for name := range texts {
		names[name] = true
	}
	for name := range bags {
		names[name] = true
	}
	return names
}

var errEmptyKey = errors.New("a key is empty")

// checkPlaceholder reports a name that stands for nothing.
func checkPlaceholder(name string) error {
	if _, ok := texts[name]; ok {
		return nil
	}
	if _, path, ok := bagOf(name); ok {
		if slices.Contains(path, "") {
			return fmt.Errorf("{%s}: %w", name, errEmptyKey)
		}
		return nil
	}
	return fmt.Errorf("{%s} stands for nothing; there are {%s}, and those of metadata with .key behind them", name, strings.Join(Placeholders(), "} {"))
}

// bagOf splits a placeholder of metadata into the bag and the keys behind it.
func bagOf(name string) (bag func(*told) json.RawMessage, path []string, ok bool) {
	for prefix, bag := range bags {
		rest, found := strings.CutPrefix(name, prefix)
		switch {
		case !found:
		case rest == "":
			return bag, nil, true
		case rest[0] == '.':
			return bag, strings.Split(rest[1:], "."), true
		}
	}
	return nil, nil, false
}

// value returns what a placeholder stands for; null when the user has no such
// thing.
func (t *told) value(name string) (any, error) {
	if err := checkPlaceholder(name); err != nil {
		return nil, err
	}
	if text, ok := texts[name]; ok {
		if s := text(t); s != "" {
			return s, nil
		}
		return nil, nil
	}
	bag, path, _ := bagOf(name)
	return inside(bag(t), path)
}

var errBag = errors.New("metadata that are no JSON object")

// inside returns what stands in a bag behind some keys.
func inside(bag json.RawMessage, path []string) (any, error) {
	var v any = map[string]any{}
	if len(bag) > 0 {
		var ok bool
		if v, ok = decodeJSON(bag); !ok {
			return nil, errBag
		}
	}
	for _, key := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, nil
		}
		v = object[key]
	}
	return v, nil
}

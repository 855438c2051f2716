// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The limits of how long a token of a template is valid. The upper one is how
// long a key stays in the key set after it has stopped signing: a token must not
// outlive what it is verified by.
const (
	MinTemplateLife = 30 * time.Second
	MaxTemplateLife = keepAfter
)

// Template is a named set of claims for [Signing]. [ReadTemplate] makes one.
type Template struct {
	Name string
	// Lifetime is how long a token is valid; 60 s when zero.
	Lifetime time.Duration
	// Claims are values by name. A value that is one placeholder becomes what that
	// stands for, a list or an object too; placeholders inside of a text become text.
	// A value that is an object or a list in JSON stays one, and the texts in it are
	// read in the same way.
	Claims map[string]string
}

// reserved are the claims that say whose token it is and how long it is good, and
// those by which this package and Clerk's SDKs know session tokens: no template may
// say them. aud is not among them, since other services want their own.
var reserved = []string{
	"act", "azp", "exp", "fva", "handshake", "iat", "iss", "jti", "nbf", "o", "org_id", "org_permissions", "org_role", "org_slug",
	"sid", "sts", "sub", "v",
}

// templateName is what a template may be called: it stands in a path.
var templateName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ReadTemplate checks a template as an operator has written it: its name, its
// lifetime (zero for the usual one), the names of its claims, and every
// placeholder.
func ReadTemplate(name string, lifetime time.Duration, claims map[string]string) (Template, error) {
	t := Template{Name: name, Lifetime: lifetime, Claims: maps.Clone(claims)}
	switch {
	case !templateName.MatchString(name):
		return Template{}, fmt.Errorf("token template %q: a name consists of 1 to 64 letters, digits, - and _", name)
	case lifetime != 0 && (lifetime < MinTemplateLife || lifetime > MaxTemplateLife):
		return Template{}, fmt.Errorf("token template %s: a lifetime is from %v to %v", name, MinTemplateLife, MaxTemplateLife)
	}
	for _, claim := range slices.Sorted(maps.Keys(claims)) {
		if err := checkClaim(claim, claims[claim]); err != nil {
			return Template{}, fmt.Errorf("token template %s: claim %q: %w", name, claim, err)
		}
	}
	return t, nil
}

func checkClaim(name, value string) error {
	if name == "" {
		return errors.New("it has no name")
	}
	if slices.Contains(reserved, name) {
		return fmt.Errorf("it is one of those that the gate itself says: %s", strings.Join(reserved, ", "))
	}
	_, err := expand(value, func(name string) (any, error) { return nil, checkPlaceholder(name) })
	return err
}

// expand returns the value of a claim as it was written, with each placeholder
// replaced by what value says of its name.
func expand(written string, value func(name string) (any, error)) (any, error) {
	tree, ok := structured(written)
	if !ok {
		return expandText(written, value)
	}
	return expandTree(tree, value)
}

// structured reads an object or a list in JSON. Anything else is text.
func structured(written string) (any, bool) {
	text := strings.TrimSpace(written)
	if text == "" || text[0] != '{' && text[0] != '[' {
		return nil, false
	}
	return decodeJSON([]byte(text))
}

// decodeJSON reads one value, and leaves numbers as they were written.
func decodeJSON(text []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	return v, json.Valid(text) && d.Decode(&v) == nil
}

func expandTree(tree any, value func(string) (any, error)) (any, error) {
	var err error
	switch tree := tree.(type) {
	case string:
		return expandText(tree, value)
	case []any:
		for i := range tree {
			if tree[i], err = expandTree(tree[i], value); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for key := range tree {
			if tree[key], err = expandTree(tree[key], value); err != nil {
				return nil, err
			}
		}
	}
	return tree, nil
}

// expandText replaces the placeholders of a text. A text that is one placeholder
// becomes what that stands for.
func expandText(text string, value func(string) (any, error)) (any, error) {
	var out strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed {
			return nil, fmt.Errorf("a placeholder is not closed: %q", "{"+after)
		}
		v, err := value(name)
		if err != nil {
			return nil, err
		}
		if len(name)+len("{}") == len(text) {
			return v, nil
		}
		if err := writeText(&out, v); err != nil {
			return nil, err
		}
		rest = behind
	}
}

// writeText writes a value into a text: nothing for null, texts and numbers as they
// are, the rest as JSON.
func writeText(out *strings.Builder, v any) error {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		out.WriteString(v)
		return nil
	}
	b, err := json.Marshal(v)
	out.Write(b)
	return err
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"fmt"
	"regexp"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch"
)

// resolve replaces the placeholders of an option. An environment variable that
// is not set, a file that cannot be read and an unknown placeholder are errors:
// an empty password must not pass for a password.
func resolve(option, value string) (string, error) {
	out, err := caddy.NewReplacer().ReplaceOrErr(value, true, true)
	if err != nil {
		return "", fmt.Errorf("%s: %w", option, err)
	}
	return out, nil
}

// onePlaceholder is a value that names where a secret is, and holds none of it.
var onePlaceholder = regexp.MustCompile(`^\{(env|file)\.[^{}]*\}$`)

// resolveSecret is [resolve] for what must not be quoted: only a placeholder
// that is the whole value stands in an error.
func resolveSecret(option, value string) (gatelatch.Secret, error) {
	out, err := caddy.NewReplacer().ReplaceOrErr(value, true, true)
	switch {
	case err == nil:
		return gatelatch.Secret(out), nil
	case onePlaceholder.MatchString(value):
		return "", fmt.Errorf("%s: %s cannot be resolved; is the variable set, or the file readable", option, value)
	}
	return "", fmt.Errorf("%s: a placeholder in it cannot be resolved; text in braces is read as a placeholder", option)
}

// SPDX-License-Identifier: Apache-2.0

package gatelatch

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is text that must never be seen: a code, a cookie value, a password
// of a provider. Printing, logging and marshalling it yield a fixed word;
// Reveal is the one way out and easy to search for.
type Secret string

// Reveal returns the text itself. Call it where the secret leaves for the one
// place it is meant for, and nowhere else.
func (s Secret) Reveal() string { return string(s) }

// String implements [fmt.Stringer] and hides the text.
func (s Secret) String() string { return redacted }

// Format implements [fmt.Formatter], so that no verb, not even a wrong one,
// prints the text. Package fmt does not ask it for %p, which go vet refuses,
// nor for unexported fields of a struct: do not print structs that hold any.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements [json.Marshaler].
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText implements [encoding.TextMarshaler].
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalBinary keeps the text out of gob.
func (s Secret) MarshalBinary() ([]byte, error) { return []byte(redacted), nil }

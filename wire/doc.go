// SPDX-License-Identifier: Apache-2.0

// Package wire holds the JSON shapes that the Frontend API and the Backend API
// have in common: users, addresses, verifications, errors. They are Clerk's; the
// names and the meanings of fields are those of its SDKs' sources. Nothing in
// here decides anything.
package wire

import (
	"encoding/json"
	"time"
)

// Millis is a moment as Unix milliseconds, as all times are on this wire but those
// in tokens.
type Millis int64

// At returns the milliseconds of a moment.
func At(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Maybe returns the milliseconds of a moment, or nil, which is null, for the zero
// one.
func Maybe(t time.Time) *Millis {
	if t.IsZero() {
		return nil
	}
	m := At(t)
	return &m
}

// Text returns a text, or nil, which is null, for an empty one.
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Object returns a bag of metadata as it goes out: an empty one is {}.
func Object(bag json.RawMessage) json.RawMessage {
	if len(bag) == 0 {
		return json.RawMessage("{}")
	}
	return bag
}

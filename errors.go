// SPDX-License-Identifier: Apache-2.0

package gatelatch

import "errors"

// What a store says beside "it failed".
var (
	// ErrNotFound says that there is no such row. It is an answer, not a fault.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that somebody else holds what must be unique. The whole
	// transaction is undone; running it again sees the other's row.
	ErrConflict = errors.New("conflict")
)

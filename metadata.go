// SPDX-License-Identifier: Apache-2.0

package gatelatch

import "encoding/json"

// MaxMetadata is how long each bag of metadata may be, in bytes of JSON. Clerk
// allows 8 KB.
const MaxMetadata = 8 << 10

// Metadata are what operators and apps keep with a user: three JSON objects, each
// nil for an empty one. Public ones are for everybody who sees the user and go
// by the Backend API alone; Private ones are seen there only; Unsafe ones are the
// user's own to change, so nothing may be decided by them.
type Metadata struct {
	Public  json.RawMessage
	Private json.RawMessage
	Unsafe  json.RawMessage
}

// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"sync/atomic"
	"time"

	"github.com/gatelatch/gatelatch/flow"
)

// doorsFor is how long the pages may be behind when operators change who may
// sign up. The flows themselves never are.
const doorsFor = 5 * time.Second

// lastDoors is what was last heard of who may sign up, so that pages for
// strangers do not ask the store each time.
type lastDoors struct {
	until atomic.Int64 // Unix nanoseconds
	doors atomic.Pointer[flow.Doors]
}

// doors says who may sign up now. When that cannot be told it is what was last
// heard, or else what is configured: nothing but words depends on it.
func (v *visit) doors() flow.Doors {
	until := v.last.until.Load()
	if now := v.now.UnixNano(); now >= until && v.last.until.CompareAndSwap(until, now+int64(doorsFor)) {
		if doors, err := v.Flow.Doors(v.r.Context()); err == nil {
			v.last.doors.Store(&doors)
		}
	}
	if doors := v.last.doors.Load(); doors != nil {
		return *doors
	}
	return flow.Doors{Mode: v.Flow.Policy.SignUp}
}

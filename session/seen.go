// SPDX-License-Identifier: Apache-2.0

package session

import (
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Viewer is a browser that asks what its client holds.
type Viewer struct {
	// Session is the hash of its session cookie; zero without one.
	Session gatelatch.TokenHash
	// Known are ids of sessions that it holds for other reasons.
	Known []string
	// IP and UserAgent are what a session that it began would be noted with; without
	// an IP it is nobody in particular.
	IP, UserAgent string
}

// lostAnswer is how long a browser may take to come back for the cookie of an answer
// that it has thrown away.
const lostAnswer = 2 * time.Minute

// SeenBy returns what a browser with the client's cookie sees of the sessions of
// that client. The cookie alone shows nothing: somebody else may have put it there
// before the sign-in, and hold the same.
//
// Whoever holds the cookie of one of the sessions as well sees them all. A browser
// without one sees what was begun less than two minutes ago at its own address and
// under its own name: programs leave pages while the answer that brings the cookie
// is on its way.
func (h Held) SeenBy(v Viewer, now time.Time) Held {
	seen := Held{Client: h.Client}
	for _, p := range h.Principals {
		if p.Session.TokenHash == v.Session {
			return h
		}
		young := now.Before(p.Session.CreatedAt.Add(lostAnswer))
		if young && v.hasBegun(p.Session) || slices.Contains(v.Known, p.Session.ID) {
			seen.Principals = append(seen.Principals, p)
		}
	}
	return seen
}

// hasBegun reports whether a session may be of this browser.
func (v Viewer) hasBegun(s gatelatch.Session) bool {
	return v.IP != "" && v.IP == s.IP && v.UserAgent == s.UserAgent
}

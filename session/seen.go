// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Viewer is a browser that asks what its client holds.
type Viewer struct {
	// Session is the hash of its session cookie; zero without one.
	Session gatelatch.TokenHash
	// Over is what became of the session of that cookie, see [Manager.Recall].
	Over Over
	// Known are ids of sessions that it holds for other reasons.
	Known []string
	// IP and UserAgent are what a session that it began would be noted with; without
	// an IP it is nobody in particular.
	IP, UserAgent string
}

// Over is a session that has come to its end. The zero value is none.
type Over struct {
	At time.Time
	// Ended says that somebody ended it, and not the time: its cookie may be in other
	// hands.
	Ended bool
}

// lostAnswer is how long a browser may take to come back for the cookie of an answer
// that it has thrown away.
const lostAnswer = 2 * time.Minute

// SeenBy returns what a browser with the client's cookie sees of the sessions of
// that client. The cookie alone shows nothing: somebody else may have put it there
// before the sign-in, and hold the same.
//
// Whoever holds the cookie of one of the sessions as well sees them all. The cookie
// of a session that is over shows what it showed at its end, and nothing that began
// later; one that somebody has ended shows of that, for two minutes, only what was
// begun at the browser's own address and under its own name. A browser without one
// sees what was begun less than two minutes ago there and so: programs leave pages
// while the answer that brings the cookie is on its way.
func (h Held) SeenBy(v Viewer, now time.Time) Held {
	seen := Held{Client: h.Client}
	for _, p := range h.Principals {
		if p.Session.TokenHash == v.Session {
			return h
		}
		if v.sees(p.Session, now) || slices.Contains(v.Known, p.Session.ID) {
			seen.Principals = append(seen.Principals, p)
		}
	}
	return seen
}

func (v Viewer) sees(s gatelatch.Session, now time.Time) bool {
	shown := s.CreatedAt.Before(v.Over.At) // while the session of the cookie lived
	if shown && !v.Over.Ended {
		return true
	}
	late := now.Add(-lostAnswer)
	return v.hasBegun(s) && (s.CreatedAt.After(late) || shown && v.Over.At.After(late))
}

// hasBegun reports whether a session may be of this browser.
func (v Viewer) hasBegun(s gatelatch.Session) bool {
	return v.IP != "" && v.IP == s.IP && v.UserAgent == s.UserAgent
}

// Recall returns the viewer with what became of the session of its cookie, where
// that is of the client and lives no more. It asks the store only where the client
// holds something, and the cookie is that of none of it.
func (m *Manager) Recall(ctx context.Context, h Held, v Viewer, idle time.Duration, now time.Time) (Viewer, error) {
	if v.Session == (gatelatch.TokenHash{}) || len(h.Principals) == 0 || h.has(v.Session) {
		return v, nil
	}
	p, err := m.Repo.PrincipalByTokenHash(ctx, v.Session)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("looking up a session that is over: %w", err)
	}
	if p.Client.ID == h.Client.ID {
		v.Over = m.overOf(p, idle, now)
	}
	return v, nil
}

func (h Held) has(token gatelatch.TokenHash) bool {
	return slices.ContainsFunc(h.Principals, func(p Principal) bool { return p.Session.TokenHash == token })
}

// overOf returns the end of a session. One that stands, but is of a banned user, has
// none that is known.
func (m *Manager) overOf(p Principal, idle time.Duration, now time.Time) Over {
	p.Session.LastActiveAt = m.lastActive(p.Session)
	if p.Session.LiveAt(now, idle) || p.User.Banned && p.Session.Status == gatelatch.SessionActive {
		return Over{}
	}
	return Over{At: p.Session.OverAt(idle), Ended: p.Session.Status != gatelatch.SessionActive}
}

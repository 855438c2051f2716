// SPDX-License-Identifier: Apache-2.0

// Package account is what a signed-in user does to the account: identifiers,
// password, factors, sessions and devices.
package account

import (
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// FreshFor is how young the last authentication must be for a change of
// identifiers, password or factors. OWASP ASVS 5.0, 7.5.1 asks for a full one
// before such a change.
const FreshFor = 10 * time.Minute

// Service offers the operations. It is safe for concurrent use. Every operation
// looks the session up again: one that is over, is another browser's, or is of a
// banned user, does nothing and is refused. A change that needs a younger
// authentication is refused with gatelatch.CodeReverify. While the session owes a
// task, only what does the first one is not refused, beside looking, ending
// sessions, and leaving.
type Service struct {
	// Flow is the service of the same site: its store, keys, clock, budgets and
	// policy are used.
	Flow *flow.Service
	// Issuer is the site's name in authenticator apps; the name in Flow.Passkeys
	// when empty.
	Issuer string
}

// Actor is the session that acts, and where from.
type Actor struct {
	flow.Caller
	SessionID string
}

// Overview is all that the account page shows.
type Overview struct {
	User        gatelatch.User
	PasswordAt  time.Time // zero without a password
	BackupCodes int       // unused ones
	Passkeys    []gatelatch.Passkey
	Sessions    []gatelatch.Session // live ones, the acting one first
	Devices     []gatelatch.ClientTrust
	Current     gatelatch.Session
	// Fresh says that the session may change what needs a young authentication;
	// Level is what to ask it for when not.
	Fresh bool
	Level flow.Level
	// Tasks are what the session still owes.
	Tasks []gatelatch.Task
}

// tasks are what a session of a user owes on this site.
func (s *Service) tasks(u gatelatch.User) []gatelatch.Task { return s.Flow.SessionRules().Tasks(u) }

// fresh reports whether a session was proven lately to be its user's. Who takes
// two steps at every sign-in must have taken the second one lately: else a stolen
// cookie and one factor could take the other away.
func (s *Service) fresh(held gatelatch.Session, u gatelatch.User, now time.Time) bool {
	if s.takesSecond(u) {
		return young(secondAt(held), now)
	}
	return young(held.FirstAt, now) || young(held.SecondAt, now)
}

// takesSecond reports whether a sign-in of the user takes a second step. A
// passkey that cannot be shown on this site is none.
func (s *Service) takesSecond(u gatelatch.User) bool {
	return u.TwoStep() || s.Flow.Policy.SecondFactor == flow.Required && u.Factors.Passkey && s.Flow.Passkeys != nil
}

// secondAt is when a second step was last taken. A passkey as the first one is
// both.
func secondAt(held gatelatch.Session) time.Time {
	if held.Strategy == gatelatch.PasskeyStrategy && held.FirstAt.After(held.SecondAt) {
		return held.FirstAt
	}
	return held.SecondAt
}

func young(at, now time.Time) bool { return !at.IsZero() && now.Before(at.Add(FreshFor)) }

// level is what a session has to prove to be fresh.
func (s *Service) level(u gatelatch.User) flow.Level {
	if s.takesSecond(u) {
		return flow.LevelSecond
	}
	return flow.LevelFirst
}

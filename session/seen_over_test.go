// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// The cookie of a session that is over shows what began before its end; where somebody
// has ended it, what of it was begun here, and for two minutes. Nothing else does.
func TestWhatADeadCookieShows(t *testing.T) {
	const ip, agent = "203.0.113.7", "Mozilla/5.0"
	end := noon.Add(10 * time.Minute)
	late, soon := noon.Add(idle/2), end.Add(2*time.Minute-time.Second)
	tests := map[string]struct {
		over  func(*session.Principal)
		now   time.Time
		from  string
		agent string
		want  []string
	}{
		"expired, from anywhere":                 {func(p *session.Principal) { p.Session.ExpireAt = end }, late, "192.0.2.1", "x", []string{"before"}},
		"idle":                                   {func(p *session.Principal) { p.Session.LastActiveAt = end.Add(-idle) }, late, "192.0.2.1", "x", []string{"before"}},
		"revoked, from where the other began":    {ended(gatelatch.SessionRevoked, end), soon, ip, agent, []string{"after", "before"}},
		"revoked two minutes ago":                {ended(gatelatch.SessionRevoked, end), end.Add(2 * time.Minute), ip, agent, nil},
		"revoked long ago":                       {ended(gatelatch.SessionRevoked, end), late, ip, agent, nil},
		"revoked, from another place":            {ended(gatelatch.SessionRevoked, end), soon, "192.0.2.1", agent, nil},
		"revoked, under another name":            {ended(gatelatch.SessionRevoked, end), soon, ip, "x", nil},
		"revoked, from nowhere":                  {ended(gatelatch.SessionRevoked, end), soon, "", agent, nil},
		"signed out, from where the other began": {ended(gatelatch.SessionRemoved, end), soon, ip, agent, []string{"after", "before"}},
		"signed out long ago":                    {ended(gatelatch.SessionRemoved, end), late, ip, agent, nil},
		"signed out, from another place":         {ended(gatelatch.SessionEnded, end), soon, "192.0.2.1", "x", nil},
		"ended at the moment the other began":    {ended(gatelatch.SessionReplaced, noon), late, ip, agent, nil},
		"ended at a moment that nobody knows":    {ended(gatelatch.SessionEnded, time.Time{}), late, ip, agent, nil},
		"revoked when it had long expired": {func(p *session.Principal) {
			p.Session.ExpireAt = noon.Add(time.Minute)
			ended(gatelatch.SessionRevoked, end.Add(10*time.Minute))(p)
		}, end.Add(11 * time.Minute), ip, agent, nil},
		"of another client":       {anothersFrom(end), late, ip, agent, nil},
		"of a user who is banned": {func(p *session.Principal) { p.User.Banned = true }, late, ip, agent, nil},
		"banned, and ended":       {func(p *session.Principal) { p.User.Banned = true; ended(gatelatch.SessionRevoked, end)(p) }, soon, ip, agent, []string{"after", "before"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, client := newFake(), tokens.New(session.ClientToken)
			m := manager(f)
			together(f, client, "over", "before", "after")
			f.alter("over", tt.over)
			f.alter("over", func(p *session.Principal) { p.Session.CreatedAt = noon.Add(-time.Hour) })
			for id, at := range map[string]time.Time{"before": noon, "after": end} {
				f.alter(id, func(p *session.Principal) {
					p.Session.CreatedAt, p.Session.LastActiveAt, p.Session.IP, p.Session.UserAgent = at, late, ip, agent
				})
			}
			held, err := m.OfClient(t.Context(), client, idle, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			v := session.Viewer{Session: tokens.ForSession("over").Hash(), IP: tt.from, UserAgent: tt.agent}
			if v, err = m.Recall(t.Context(), held, v, idle, tt.now); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range held.SeenBy(v, tt.now).Principals {
				got = append(got, p.Session.ID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("shows %v, want %v", got, tt.want)
			}
		})
	}
}

func anothersFrom(end time.Time) func(*session.Principal) {
	another := gatelatch.Client{ID: "client_2", TokenHash: tokens.New(session.ClientToken).Hash()}
	return func(p *session.Principal) { p.Session.ExpireAt, p.Client = end, another }
}

func ended(status gatelatch.SessionStatus, at time.Time) func(*session.Principal) {
	return func(p *session.Principal) { p.Session.Status, p.Session.EndedAt = status, at }
}

// The store is asked where something depends on it, and its silence is no answer.
func TestRecallAsksWhenItHasTo(t *testing.T) {
	f, client := newFake(), tokens.New(session.ClientToken)
	m := manager(f)
	together(f, client, "one", "two")
	held, err := m.OfClient(t.Context(), client, idle, noon)
	if err != nil {
		t.Fatal(err)
	}
	f.setDown(true)
	live := session.Viewer{Session: tokens.ForSession("one").Hash()}
	dead := session.Viewer{Session: tokens.ForSession("dead").Hash()}
	for name, tt := range map[string]struct {
		held session.Held
		v    session.Viewer
		asks bool
	}{
		"the cookie of a live one": {held, live, false},
		"no cookie":                {held, session.Viewer{}, false},
		"nothing is held":          {session.Held{}, dead, false},
		"the cookie of none":       {held, dead, true},
	} {
		if _, err := m.Recall(t.Context(), tt.held, tt.v, idle, noon); errors.Is(err, errDown) != tt.asks {
			t.Errorf("%s: %v", name, err)
		}
	}
}

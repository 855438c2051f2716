// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// What a browser with the client's cookie sees of the client's sessions.
func TestWhatABrowserSees(t *testing.T) {
	const ip, agent = "203.0.113.7", "Mozilla/5.0"
	began := func(id, ip, agent string, age time.Duration) session.Principal {
		s := gatelatch.Session{ID: id, IP: ip, UserAgent: agent, CreatedAt: noon.Add(-age)}
		s.TokenHash = tokens.ForSession(id).Hash()
		return session.Principal{Session: s}
	}
	held := session.Held{Client: gatelatch.Client{ID: "client_1"}, Principals: []session.Principal{
		began("new", ip, agent, time.Second),
		began("old", ip, agent, time.Hour),
		began("elsewhere", "198.51.100.1", agent, time.Second),
		began("nowhere", "", agent, time.Second),
	}}
	all := []string{"new", "old", "elsewhere", "nowhere"}
	cookie := func(id string) gatelatch.TokenHash { return tokens.ForSession(id).Hash() }
	var none gatelatch.TokenHash
	for _, row := range []struct {
		name string
		v    session.Viewer
		late time.Duration
		want []string
	}{
		{"the cookie of one, from anywhere", session.Viewer{Session: cookie("old"), IP: "192.0.2.1", UserAgent: "x"}, 0, all},
		{"the cookie of one, long after", session.Viewer{Session: cookie("new"), IP: ip, UserAgent: agent}, time.Hour, all},
		{"no cookie, from where it began", session.Viewer{Session: none, IP: ip, UserAgent: agent}, 0, []string{"new"}},
		{"a dead cookie, from where it began", session.Viewer{Session: cookie("gone"), IP: ip, UserAgent: agent}, 0, []string{"new"}},
		{"just in time", session.Viewer{IP: ip, UserAgent: agent}, 2*time.Minute - time.Second - 1, []string{"new"}},
		{"too late", session.Viewer{IP: ip, UserAgent: agent}, 2*time.Minute - time.Second, nil},
		{"another browser at the same address", session.Viewer{IP: ip, UserAgent: "Mozilla/6.0"}, 0, nil},
		{"the same browser at another address", session.Viewer{IP: "192.0.2.1", UserAgent: agent}, 0, nil},
		{"another's dead cookie", session.Viewer{Session: cookie("gone"), IP: "192.0.2.1", UserAgent: agent}, 0, nil},
		{"one that it holds already", session.Viewer{Known: []string{"old", "gone"}, UserAgent: "x"}, time.Hour, []string{"old"}},
		{"an address that is not known", session.Viewer{UserAgent: agent}, 0, nil},
	} {
		seen := held.SeenBy(row.v, noon.Add(row.late))
		var got []string
		for _, p := range seen.Principals {
			got = append(got, p.Session.ID)
		}
		if !slices.Equal(got, row.want) || seen.Client.ID != "client_1" {
			t.Errorf("%s: sees %v, want %v", row.name, got, row.want)
		}
	}
}

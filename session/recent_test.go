// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

func again(t rapid.TB, m *session.Minter, p session.Principal, o session.Signing) string {
	t.Helper()
	text, err := m.Recent(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return text.Reveal()
}

// A token is handed out once more only where a new one would say the same.
func TestRecentTokens(t *testing.T) {
	m := forPrograms(t)
	hasura := session.Template{Name: "hasura", Claims: map[string]string{"mail": "{user.email}", "role": "{user.public_metadata.role}"}}
	other := session.Template{Name: "other", Claims: map[string]string{"mail": "{user.email}", "role": "nobody"}}
	short := session.Template{Name: "short", Lifetime: session.MinTemplateLife}
	type change func(*session.Principal, *session.Signing)
	after := func(d time.Duration) change {
		return func(_ *session.Principal, o *session.Signing) { o.Now = o.Now.Add(d) }
	}
	since := func(d time.Duration) change {
		return func(_ *session.Principal, o *session.Signing) { o.UpdatedAt = noon.Add(d).Unix() }
	}
	as := func(p session.Template) change {
		return func(_ *session.Principal, o *session.Signing) { o.Template = &p }
	}
	for _, row := range []struct {
		name          string
		first, second []change
		same          bool
	}{
		{"at once", nil, nil, true},
		{"nine seconds later", nil, []change{after(9 * time.Second)}, true},
		{"ten seconds later", nil, []change{after(10 * time.Second)}, false},
		{"a minute later", nil, []change{after(time.Minute)}, false},
		{"with the clock put back", []change{after(5 * time.Second)}, nil, false},
		{"at the change of the client that both know", []change{since(0)}, []change{since(0), after(3 * time.Second)}, true},
		{"after another change of the client", []change{since(0)}, []change{since(2 * time.Second), after(3 * time.Second)}, false},
		{"after a change that this clock has yet to see", nil, []change{since(2 * time.Second)}, false},
		{"for a page of another origin", nil, []change{func(_ *session.Principal, o *session.Signing) { o.Party = "https://www.example.com" }}, false},
		{"for an app on a phone", nil, []change{func(_ *session.Principal, o *session.Signing) { o.Party = session.NoParty }}, false},
		{"owing a task", nil, []change{func(_ *session.Principal, o *session.Signing) { o.Status = "pending" }}, false},
		{"for a longer life", nil, []change{func(_ *session.Principal, o *session.Signing) { o.Lifetime = time.Hour }}, false},
		{"a first factor later in another minute", nil, []change{func(p *session.Principal, _ *session.Signing) { p.Session.FirstAt = noon.Add(-time.Minute) }}, false},
		{"proven anew", []change{after(3 * time.Minute)}, []change{after(3 * time.Minute), func(p *session.Principal, _ *session.Signing) { p.Session.FirstAt = noon.Add(3 * time.Minute) }}, false},
		{"with a second factor", nil, []change{func(p *session.Principal, _ *session.Signing) {
			p.Session.Second, p.Session.SecondAt = gatelatch.TOTPCode, noon
		}}, false},
		{"by another method", nil, []change{func(p *session.Principal, _ *session.Signing) { p.Session.Strategy = gatelatch.PasswordStrategy }}, false},
		{"of another session", nil, []change{func(p *session.Principal, _ *session.Signing) { p.Session.ID = "sess_other" }}, false},
		{"of another user", nil, []change{func(p *session.Principal, _ *session.Signing) { p.User.ID = "user_other" }}, false},
		{"of a template", nil, []change{as(hasura)}, false},
		{"of one template", []change{as(hasura)}, []change{as(hasura), after(9 * time.Second)}, true},
		{"of two templates", []change{as(hasura)}, []change{as(other)}, false},
		{"of a template, with another address", []change{as(hasura)}, []change{as(hasura), func(p *session.Principal, _ *session.Signing) { p.User.Addresses[0].Display = "new@example.com" }}, false},
		{"of a template, with another role", []change{as(hasura)}, []change{as(hasura), func(p *session.Principal, _ *session.Signing) {
			p.User.Metadata.Public = json.RawMessage(`{"role":"guest"}`)
		}}, false},
		{"of a short life, four seconds later", []change{as(short)}, []change{as(short), after(4 * time.Second)}, true},
		{"of a short life, five seconds later", []change{as(short)}, []change{as(short), after(5 * time.Second)}, false},
	} {
		var texts [2]string
		m := like(m, func(*session.Minter) {}) // with nothing kept yet
		for i, changes := range [][]change{row.first, row.second} {
			p, o := ada(), session.Signing{Now: noon}
			for _, c := range changes {
				c(&p, &o)
			}
			texts[i] = again(t, m, p, o)
			claims, _ := opened(t, m, texts[i], o.Now.Add(time.Minute/6))
			if iat, err := claims["iat"].(json.Number).Int64(); err != nil || iat < o.UpdatedAt {
				t.Errorf("%s: iat %v is before the client's change", row.name, claims["iat"])
			}
		}
		if (texts[0] == texts[1]) != row.same {
			t.Errorf("%s: the same is %v", row.name, texts[0] == texts[1])
		}
	}
}

// After a rotation the new key signs, however young the last token is.
func TestRecentTokensAreOfTheCurrentKey(t *testing.T) {
	m := forPrograms(t)
	turn := noon.Add(31*day + 30*time.Second) // in the middle of a minute, or fva changes too
	refresh(t, m.Keys, []string{m.Algorithm}, turn.Add(-day))
	last := turn.Add(-time.Second)
	before := again(t, m, ada(), session.Signing{Now: last})
	after := again(t, m, ada(), session.Signing{Now: last.Add(time.Second)})
	if kidOf(t, before) == kidOf(t, after) {
		t.Error("one key has signed both")
	}
}

// However time passes and the client changes, what is handed out is as young as it
// has to be, and says what a new token would.
func TestRecentTokensSayTheTruth(t *testing.T) {
	m := minter(t, func(m *session.Minter) { m.Party = party }) // ES256 is quick
	rapid.Check(t, func(t *rapid.T) {
		now, p, updated := noon, ada(), noon.Unix()
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "ms")) * time.Millisecond)
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				updated = now.Unix()
			case 1:
				p.Session.FirstAt = now
			case 2:
				p.Session.Second, p.Session.SecondAt = gatelatch.BackupCode, now
			}
			o := session.Signing{Now: now, UpdatedAt: updated, Party: rapid.SampledFrom([]string{"", "https://www.example.com"}).Draw(t, "party")}
			claims, err := verify(published(t, m.Keys), session.ES256, m.Issuer, again(t, m, p, o), now)
			if err != nil {
				t.Fatal(err)
			}
			iat, _ := claims["iat"].(float64)
			if at := int64(iat); at < updated || at > now.Unix() || now.Sub(time.Unix(at, 0)) > 11*time.Second {
				t.Fatalf("iat %d at %v, with a change at %d", at, now, updated)
			}
			proven := session.Proven{FirstAt: p.Session.FirstAt.Truncate(time.Second), SecondAt: p.Session.SecondAt.Truncate(time.Second)}
			want := proven.Ages(now)
			if got := fmt.Sprint(claims["fva"]); got != fmt.Sprint(want[:]) {
				t.Fatalf("fva %s, want %v", got, want)
			}
			if azp := claims["azp"]; azp != map[string]string{"": party}[o.Party] && azp != o.Party {
				t.Fatalf("azp %v", azp)
			}
		}
	})
}

func TestManyAskForOneToken(t *testing.T) {
	m := forPrograms(t)
	texts := make([]string, 64)
	var all sync.WaitGroup
	for i := range texts {
		all.Go(func() {
			p := ada()
			p.Session.ID = fmt.Sprintf("sess_%d", i%4)
			text, err := m.Recent(p, session.Signing{Now: noon})
			if err != nil {
				t.Error(err)
			}
			texts[i] = text.Reveal()
		})
	}
	all.Wait()
	for i, text := range texts {
		if (text == texts[0]) != (i%4 == 0) {
			t.Errorf("%d: the same is %v", i, text == texts[0])
		}
	}
}

func TestRecentTokensAreBounded(t *testing.T) {
	m := minter(t, nil)
	for i := range 3 * session.RecentMost {
		p := ada()
		p.Session.ID = fmt.Sprintf("sess_%d", i)
		again(t, m, p, session.Signing{Now: noon})
	}
	if n := m.RecentLen(); n > 2*session.RecentMost || n < session.RecentMost {
		t.Errorf("%d are kept", n)
	}
	again(t, m, ada(), session.Signing{Now: noon.Add(time.Minute)})
	if n := m.RecentLen(); n != 1 {
		t.Errorf("%d are kept a minute later", n)
	}
}

// What is longer than a cookie could hold is made anew each time.
func TestLongTokensAreNotKept(t *testing.T) {
	m := minter(t, nil)
	p, bag := ada(), make(map[string]string)
	for i := range 200 {
		bag[fmt.Sprintf("key%d", i)] = "twenty characters or so"
	}
	p.User.Metadata.Public = json.RawMessage(text(t, bag))
	o := session.Signing{Now: noon, Template: &session.Template{Name: "long", Claims: map[string]string{"all": "{user.public_metadata}"}}}
	if first := again(t, m, p, o); first == again(t, m, p, o) {
		t.Error("it was kept")
	}
}

func TestNothingIsKeptWithoutAKey(t *testing.T) {
	m := &session.Minter{Keys: keyring(newFake()), Algorithm: session.ES256, Issuer: issuer}
	if text, err := m.Recent(ada(), session.Signing{Now: noon}); text != "" || err == nil {
		t.Error(err)
	}
	refresh(t, m.Keys, es256, noon)
	if again(t, m, ada(), session.Signing{Now: noon}) == "" {
		t.Error("no token once there is a key")
	}
}

// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// facts changes what a session has proven.
func facts(first gatelatch.Strategy, firstAt time.Time, second gatelatch.Strategy, secondAt time.Time) func(*session.Principal) {
	return func(p *session.Principal) {
		s := &p.Session
		s.Strategy, s.FirstAt, s.Second, s.SecondAt = first, firstAt, second, secondAt
	}
}

var allStrategies = []gatelatch.Strategy{
	gatelatch.EmailCode, gatelatch.PhoneCode, gatelatch.EmailLink, gatelatch.PasswordStrategy, gatelatch.TOTPCode,
	gatelatch.BackupCode, gatelatch.PasskeyStrategy, gatelatch.ResetByEmail, gatelatch.ResetByPhone,
}

func TestALiveSessionKnowsWhatWasProven(t *testing.T) {
	for _, first := range allStrategies {
		for _, second := range append([]gatelatch.Strategy{""}, allStrategies...) {
			want := session.Proven{First: first, FirstAt: noon.Add(-time.Hour), Second: second}
			if second != "" {
				want.SecondAt = noon.Add(-time.Minute)
			}
			f := newFake()
			c := f.add("sess_1", facts(first, want.FirstAt, second, want.SecondAt))
			if got := in(t, manager(f), c, noon, true).Proven(); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	}
}

// A session of before the factors were noted was proven when it was made.
func TestOldSessionsWereProvenWhenMade(t *testing.T) {
	p := someone(t).Proven()
	if !p.FirstAt.Equal(noon) || !p.SecondAt.IsZero() || !p.LastAt().Equal(noon) {
		t.Errorf("%+v", p)
	}
}

func TestAStrategyThatIsNotKnownIsNone(t *testing.T) {
	f := newFake()
	c := f.add("sess_1", facts("oauth_pigeon", noon, "", time.Time{}))
	p := in(t, manager(f), c, noon, true).Proven()
	if p.First != "" || len(p.Methods()) != 0 || p.Methods() == nil {
		t.Errorf("%+v %v", p, p.Methods())
	}
}

func TestTheLastProofIsTheLater(t *testing.T) {
	for name, row := range map[string]struct {
		p    session.Proven
		want time.Time
	}{
		"one factor":            {session.Proven{FirstAt: noon}, noon},
		"the second came later": {session.Proven{FirstAt: noon, SecondAt: noon.Add(time.Second)}, noon.Add(time.Second)},
		"the first came again":  {session.Proven{FirstAt: noon.Add(time.Hour), SecondAt: noon}, noon.Add(time.Hour)},
		"nothing":               {session.Proven{}, time.Time{}},
	} {
		if got := row.p.LastAt(); !got.Equal(row.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestMethods(t *testing.T) {
	for _, row := range []struct {
		first, second gatelatch.Strategy
		want          string
	}{
		{gatelatch.PasswordStrategy, "", "pwd"},
		{gatelatch.EmailCode, "", "otp"},
		{gatelatch.EmailLink, "", "otp"},
		{gatelatch.ResetByEmail, "", "otp"},
		{gatelatch.PhoneCode, "", "otp sms"},
		{gatelatch.ResetByPhone, "", "otp sms"},
		{gatelatch.PasskeyStrategy, gatelatch.PasskeyStrategy, "mfa pop user"},
		{gatelatch.PasswordStrategy, gatelatch.TOTPCode, "mfa otp pwd"},
		{gatelatch.PasswordStrategy, gatelatch.PhoneCode, "mfa otp pwd sms"},
		{gatelatch.PasswordStrategy, gatelatch.BackupCode, "mfa otp pwd"},
		{gatelatch.PasswordStrategy, gatelatch.PasskeyStrategy, "mfa pop pwd user"},
		{gatelatch.EmailCode, gatelatch.TOTPCode, "mfa otp"},
		{"", "", ""},
	} {
		p := session.Proven{First: row.first, FirstAt: noon, Second: row.second}
		if row.second != "" {
			p.SecondAt = noon
		}
		if got := strings.Join(p.Methods(), " "); got != row.want {
			t.Errorf("%s and %q: %q, want %q", row.first, row.second, got, row.want)
		}
	}
}

// registered are the words of RFC 8176 that are used here.
var registered = []string{"mfa", "otp", "pop", "pwd", "sms", "user"}

func TestMethodsAreRegisteredAndStandOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := session.Proven{First: rapid.SampledFrom(allStrategies).Draw(t, "first"), FirstAt: noon}
		if rapid.Bool().Draw(t, "two") {
			p.Second, p.SecondAt = rapid.SampledFrom(allStrategies).Draw(t, "second"), noon
		}
		words := p.Methods()
		for _, word := range words {
			if !slices.Contains(registered, word) {
				t.Fatalf("%q", word)
			}
		}
		if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
			t.Fatalf("%v", words)
		}
		if slices.Contains(words, "mfa") != !p.SecondAt.IsZero() {
			t.Fatalf("%+v: %v", p, words)
		}
	})
}

func TestAgesAreWholeMinutes(t *testing.T) {
	for _, row := range []struct {
		first, second time.Duration // ago; a second of -1 is none
		want          string
	}{
		{0, -1, "[0 -1]"},
		{59 * time.Second, -1, "[0 -1]"},
		{time.Minute, 30 * time.Second, "[1 0]"},
		{90 * time.Minute, 61 * time.Minute, "[90 61]"},
		{-time.Hour, -time.Hour, "[0 0]"}, // proven by a node whose clock is ahead
	} {
		p := session.Proven{FirstAt: noon.Add(-row.first)}
		if row.second != -1 {
			p.SecondAt = noon.Add(-row.second)
		}
		if got := fmt.Sprint(p.Ages(noon)); got != row.want {
			t.Errorf("%v and %v ago: %s, want %s", row.first, row.second, got, row.want)
		}
	}
}

// claimsOf returns the claims of what a minter puts into the header.
func claimsOf(t *testing.T, m *session.Minter, l *session.Live, now time.Time) string {
	t.Helper()
	claims, err := verify(published(t, m.Keys), session.ES256, m.Issuer, strings.TrimPrefix(header(t, m, l, now)[0], "Bearer "), now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{claims["fva"], claims["amr"], claims["sts"]})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTokensTellWhatWasProven(t *testing.T) {
	f := newFake()
	m, mint := manager(f), minter(t, nil)
	c := f.add("sess_1", facts(gatelatch.PasswordStrategy, noon, "", time.Time{}))
	late := noon.Add(25*time.Minute + 30*time.Second)
	if got := claimsOf(t, mint, in(t, m, c, late, true), late); got != `[[25,-1],["pwd"],"active"]` {
		t.Errorf("%s", got)
	}
	// A second factor, a second later: the old token would live on for most of a
	// minute.
	later := late.Add(time.Second)
	f.alter("sess_1", facts(gatelatch.PasswordStrategy, noon, gatelatch.TOTPCode, later))
	if got := claimsOf(t, mint, in(t, m, c, later, true), later); got != `[[25,-1],["pwd"],"active"]` {
		t.Errorf("before anybody was told: %s", got)
	}
	m.Refresh("user_of_sess_1")
	if got := claimsOf(t, mint, in(t, m, c, later, true), later); got != `[[25,0],["mfa","otp","pwd"],"active"]` {
		t.Errorf("after that: %s", got)
	}
}

// SPDX-License-Identifier: Apache-2.0

package gatelatch_test

import (
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestNewIDShape(t *testing.T) {
	shape := regexp.MustCompile(`^user_[0-9a-hjkmnp-tv-z]{26}$`)
	for _, now := range []time.Time{noon, {}, time.Unix(0, 0), time.Unix(-5, 0), time.UnixMilli(1<<48 - 1), time.UnixMilli(1 << 50)} {
		if id := gatelatch.NewID(gatelatch.PrefixUser, now); !shape.MatchString(id) {
			t.Errorf("at %v: %q", now, id)
		}
	}
}

func TestNewIDSortsByAge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		older := time.UnixMilli(rapid.Int64Range(0, 1<<48-2).Draw(t, "older"))
		newer := time.UnixMilli(rapid.Int64Range(older.UnixMilli()+1, 1<<48-1).Draw(t, "newer"))
		a, b := gatelatch.NewID("sess", older), gatelatch.NewID("sess", newer)
		if a >= b {
			t.Errorf("%q (older) is not before %q", a, b)
		}
	})
}

func TestNewIDIsUniqueWithinOneInstant(t *testing.T) {
	const workers, each = 8, 2000
	lists := make([][]string, workers)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for range each {
				lists[i] = append(lists[i], gatelatch.NewID("msg", noon))
			}
		})
	}
	wg.Wait()
	all := slices.Concat(lists...)
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != workers*each {
		t.Errorf("%d ids of %d are different", n, workers*each)
	}
}

func TestSessionIsOverAtTheVeryInstant(t *testing.T) {
	const idle = time.Hour
	active := gatelatch.Session{Status: gatelatch.SessionActive, LastActiveAt: noon, ExpireAt: noon.Add(24 * time.Hour)}
	with := func(status gatelatch.SessionStatus) gatelatch.Session { s := active; s.Status = status; return s }
	for _, row := range []struct {
		name    string
		session gatelatch.Session
		now     time.Time
		idle    time.Duration
		live    bool
	}{
		{"just used", active, noon, idle, true},
		{"clock a little behind the last use", active, noon.Add(-time.Second), idle, true},
		{"a nanosecond before the idle limit", active, noon.Add(idle - 1), idle, true},
		{"at the idle limit", active, noon.Add(idle), idle, false},
		{"past the idle limit", active, noon.Add(idle + 1), idle, false},
		{"no idle limit", active, noon.Add(23 * time.Hour), 0, true},
		{"a negative idle limit is none", active, noon.Add(23 * time.Hour), -1, true},
		{"a nanosecond before the absolute limit", active, active.ExpireAt.Add(-1), 0, true},
		{"at the absolute limit", active, active.ExpireAt, 0, false},
		{"past the absolute limit", active, active.ExpireAt.Add(1), 0, false},
		{"the same instants in another zone", active, active.ExpireAt.In(time.FixedZone("x", 3600)), 0, false},
		{"ended", with(gatelatch.SessionEnded), noon, idle, false},
		{"revoked", with(gatelatch.SessionRevoked), noon, idle, false},
		{"of no status", with(""), noon, idle, false},
		{"of an unknown status", with("ACTIVE"), noon, idle, false},
		{"zero", gatelatch.Session{}, noon, idle, false},
		{"without an absolute limit", gatelatch.Session{Status: gatelatch.SessionActive, LastActiveAt: noon}, noon, 0, false},
	} {
		if got := row.session.LiveAt(row.now, row.idle); got != row.live {
			t.Errorf("%s: live is %v", row.name, got)
		}
	}
}

func TestTimeOnlyEverEndsASession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := gatelatch.Session{
			Status: gatelatch.SessionActive, LastActiveAt: noon,
			ExpireAt: noon.Add(time.Duration(rapid.Int64Range(-1000, 1000).Draw(t, "life"))),
		}
		idle := time.Duration(rapid.Int64Range(0, 1000).Draw(t, "idle"))
		earlier := noon.Add(time.Duration(rapid.Int64Range(0, 1000).Draw(t, "earlier")))
		later := earlier.Add(time.Duration(rapid.Int64Range(0, 1000).Draw(t, "later")))
		if s.LiveAt(later, idle) && !s.LiveAt(earlier, idle) {
			t.Error("a session came to life")
		}
	})
}

func TestRefusalStatus(t *testing.T) {
	for code, want := range map[gatelatch.Code]int{
		gatelatch.CodeTooManyRequests: 429, gatelatch.CodeResendTooSoon: 429,
		gatelatch.CodeNotFound: 404, gatelatch.CodeSignUpClosed: 403,
		gatelatch.CodeExpired: 400, gatelatch.CodeFailed: 400, gatelatch.CodeAlreadyVerified: 400,
		gatelatch.CodeNotSent: 400, gatelatch.CodeStrategyInvalid: 400, gatelatch.CodeStateInvalid: 400,
		gatelatch.CodeOriginInvalid: 400,
		gatelatch.CodeIncorrect:     422, gatelatch.CodeFormat: 422, gatelatch.CodeMissing: 422, gatelatch.CodeTooLong: 422,
		gatelatch.CodeDuplicate: 422, gatelatch.CodeValue: 422, gatelatch.CodeCountryNotAllowed: 422,
		gatelatch.CodeBanned: 403, gatelatch.CodeNotAllowed: 403, gatelatch.CodeReverify: 403, gatelatch.CodeForbidden: 403,
		gatelatch.CodePasswordIncorrect: 422, gatelatch.CodePasswordPwned: 422, gatelatch.CodePasswordShort: 422,
		gatelatch.CodePasswordLong: 422, gatelatch.CodePasswordWeak: 422, gatelatch.CodePasskeyInvalid: 422,
		gatelatch.CodeLastIdentifier: 422,
		"":                           422, "something_new": 422,
	} {
		if got := (gatelatch.Refusal{Code: code}).Status(); got != want {
			t.Errorf("%q is %d, want %d", code, got, want)
		}
	}
}

func TestUserNamesAndAddresses(t *testing.T) {
	email := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "jo@example.com"}
	second := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "jo@example.org"}
	phone := gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12015550123"}
	u := gatelatch.User{Addresses: []gatelatch.Address{
		{ID: "idn_1", Identifier: second}, {ID: "idn_2", Identifier: email, Primary: true}, {ID: "idn_3", Identifier: phone},
	}}
	if a, ok := u.Primary(gatelatch.EmailAddress); !ok || a.ID != "idn_2" {
		t.Errorf("primary e-mail address: %+v, %v", a, ok)
	}
	if a, ok := u.Primary(gatelatch.PhoneNumber); ok || a != (gatelatch.Address{}) {
		t.Errorf("a number that is not primary stands for the user: %+v", a)
	}
	if a, ok := u.Address(second); !ok || a.ID != "idn_1" {
		t.Errorf("own address: %+v, %v", a, ok)
	}
	for _, foreign := range []gatelatch.Identifier{
		{}, {Kind: gatelatch.PhoneNumber, Value: email.Value}, {Kind: gatelatch.EmailAddress, Value: "JO@example.com"},
	} {
		if _, ok := u.Address(foreign); ok {
			t.Errorf("%+v passes for the user's", foreign)
		}
	}
	for want, name := range map[string][2]string{"Jo Doe": {"Jo", "Doe"}, "Jo": {"Jo", ""}, "Doe": {"", "Doe"}, "": {}} {
		if got := (gatelatch.User{FirstName: name[0], LastName: name[1]}).Name(); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
	if !(gatelatch.Identifier{}).IsZero() || email.IsZero() {
		t.Error("only the zero identifier identifies nobody")
	}
	if gatelatch.CodeStrategy(gatelatch.PhoneNumber) != gatelatch.PhoneCode || gatelatch.CodeStrategy(gatelatch.EmailAddress) != gatelatch.EmailCode {
		t.Error("numbers are proven by text, everything else by mail")
	}
}

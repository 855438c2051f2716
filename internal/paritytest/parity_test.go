// SPDX-License-Identifier: Apache-2.0

package paritytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/limit"
)

const (
	ada, bob   = "ada@example.com", "bob@example.com"
	horse, cow = "correct-Horse-battery-93", "quartz-Lantern-58-meadow"
)

// step is something that somebody does; the state is compared after each.
type step struct {
	name string
	do   func(v view, b *browser)
}

func enter(v view, b *browser)      { v.enter(b.code()) }
func enterWrong(v view, b *browser) { v.enter(flowtest.Wrong(b.code())) }
func signOut(v view, b *browser)    { v.signOut(); b.Clock.Advance(time.Hour) }
func wait(d time.Duration) func(view, *browser) {
	return func(_ view, b *browser) { b.Clock.Advance(d) }
}

// newDevice goes on in another browser.
func newDevice(_ view, b *browser) { b.cookies = map[string]string{} }

// registered makes a user with a password, who is signed out again.
var registered = []step{
	{"sign up", func(v view, _ *browser) { v.signUp(ada, horse) }},
	{"right code", enter},
	{"sign out", signOut},
}

var scripts = map[string][]step{
	"sign-up": {
		{"sign up", func(v view, _ *browser) { v.signUp(ada, "") }},
		{"wrong code", enterWrong},
		{"resend too soon", func(v view, _ *browser) { v.again() }},
		{"wait", wait(time.Minute)},
		{"resend", func(v view, _ *browser) { v.again() }},
		{"a code that is none", func(v view, _ *browser) { v.enter("12") }},
		{"right code", enter},
		{"sign out", signOut},
	},
	"sign-in": append(registered[:3:3], []step{
		{"sign in", func(v view, _ *browser) { v.signIn(ada) }},
		{"wrong code", enterWrong},
		{"right code", enter},
		{"sign out", signOut},
	}...),
	"an address that nobody has": {
		{"sign in", func(v view, _ *browser) { v.signIn(bob) }},
		{"wrong code", enterWrong},
		{"right code", enter},
		{"agree", func(v view, _ *browser) { v.agree() }},
	},
	"an address that somebody has": append(registered[:3:3], []step{
		{"another browser", newDevice},
		{"sign up", func(v view, _ *browser) { v.signUp(ada, "") }},
		{"right code", enter},
	}...),
	"too many wrong codes": {
		{"sign in", func(v view, _ *browser) { v.signIn(bob) }},
		{"1", enterWrong},
		{"2", enterWrong},
		{"3", enterWrong},
		{"4", enterWrong},
		{"5", enterWrong},
		{"right code", enter},
	},
	"a code that is too old": {
		{"sign in", func(v view, _ *browser) { v.signIn(bob) }},
		{"wait", wait(10 * time.Minute)},
		{"old code", enter},
		{"a new one", func(v view, _ *browser) { v.again() }},
		{"right code", enter},
	},
	"password": append(registered[:3:3], []step{
		{"wrong password", func(v view, _ *browser) { v.password(ada, cow) }},
		{"right password", func(v view, _ *browser) { v.password(ada, horse) }},
		{"sign out", signOut},
		{"another browser", newDevice},
		{"right password there", func(v view, _ *browser) { v.password(ada, horse); v.second() }},
		{"wrong code", enterWrong},
		{"right code", enter},
	}...),
	"forgotten password": append(registered[:3:3], []step{
		{"another browser", newDevice},
		{"forgot", func(v view, _ *browser) { v.forgot(ada) }},
		{"right code", enter},
		{"a bad password", func(v view, _ *browser) { v.change("short") }},
		{"a good one", func(v view, _ *browser) { v.change(cow) }},
		{"sign out", signOut},
		{"the old password", func(v view, _ *browser) { v.password(ada, horse) }},
		{"the new password", func(v view, _ *browser) { v.password(ada, cow) }},
	}...),
}

// ends is what must stand in the last state of a script: two views that both do
// nothing are equal, too.
var ends = map[string]string{
	"sign-up":                      `"LastSignInAt":"2026-03-14T12:01:00Z"`,
	"sign-in":                      `"LastSignInAt":"2026-03-14T13:00:00Z"`,
	"an address that nobody has":   `"bob@example.com":[{"ID":"user"`,
	"an address that somebody has": `"ada@example.com":[{"ID":"user"`,
	"too many wrong codes":         `"status":"failed"`,
	"a code that is too old":       `"status":"transferable"`,
	"password":                     `"Strategy":"password"`,
	"forgotten password":           `"reset_password_email_code`,
}

func TestParity(t *testing.T) {
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			people, programs := newSite(t, func(*flow.Service) {}).browser(), newSite(t, func(*flow.Service) {}).browser()
			views := []view{&form{browser: people}, &program{browser: programs}}
			for _, s := range script {
				s.do(views[0], people)
				s.do(views[1], programs)
				if over, by := people.state(), programs.state(); over != by {
					t.Fatalf("after %q:\npages: %s\nJSON:  %s", s.name, over, by)
				}
			}
			if got := people.state(); ends[name] == "" || !strings.Contains(got, ends[name]) {
				t.Errorf("the script ends in %s, without %s", got, ends[name])
			}
		})
	}
}

// A guess is a guess, whichever view it comes by.
func TestOneBudget(t *testing.T) {
	s := newSite(t, func(s *flow.Service) {
		s.Limits.GuessesPerIdentifier = []limit.Rate{{Count: 4, Window: time.Hour}}
		s.Policy.Code.Attempts = 100
	})
	b := s.browser()
	f, p := &form{browser: b}, &program{browser: b}
	p.signIn(bob)
	f.at = "/sign-in/" + p.id
	for range 2 {
		enterWrong(p, b)
		enterWrong(f, b)
	}
	enter(p, b)
	enter(f, b)
	if got := b.state(); !strings.Contains(got, `"attempts":4`) || !strings.Contains(got, `"status":"unverified"`) {
		t.Errorf("after four wrong guesses and two right ones: %s", got)
	}
}

// What differs between two runs and means nothing.
var random = regexp.MustCompile(`\b(sia|sua|idn|client|sess|user|msg)_[0-9a-z]{26}\b|"nonce":"[^"]*"|"(password|new_password)":"[^"]*"`)

// state is all that the store knows, without what is random.
func (b *browser) state() string {
	b.t.Helper()
	b.Fetch()
	all := map[string]any{}
	for _, m := range b.Inbox {
		all["messages"] = append(asList(all["messages"]), fmt.Sprintln(m.AskedAt, m.Strategy, m.Purpose, m.To.Value, m.Display))
	}
	slices.Sort(asList(all["messages"])) // those of one moment have no order
	b.Tx(func(ctx context.Context, tx flow.Tx) error {
		if c, ok := b.client(ctx, tx); ok {
			all["sign-in"] = found(tx.LatestSignIn(ctx, c.ID, false, b.Clock.Now()))
			all["sign-up"] = found(tx.LatestSignUp(ctx, c.ID, b.Clock.Now()))
		}
		for _, email := range []string{ada, bob} {
			u, err := tx.UserByIdentifier(ctx, gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: email})
			if errors.Is(err, gatelatch.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			all[email] = b.person(ctx, tx, u)
		}
		return nil
	})
	text, err := json.Marshal(all)
	if err != nil {
		b.t.Fatal(err)
	}
	return random.ReplaceAllStringFunc(string(text), func(s string) string { return strings.TrimRight(s[:strings.IndexAny(s, "_:")], `"`) })
}

// person is what is known of a user.
func (b *browser) person(ctx context.Context, tx flow.Tx, u gatelatch.User) any {
	sessions, err := tx.Sessions(ctx, u.ID, b.Clock.Now(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := range sessions {
		sessions[i].TokenHash = gatelatch.TokenHash{}
	}
	trusts, err := tx.ClientTrusts(ctx, u.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return []any{u, sessions, trusts}
}

// found returns an attempt, nil when there is none.
func found[T any](attempt T, err error) any {
	if err != nil {
		return nil
	}
	return attempt
}

func asList(v any) []string {
	l, _ := v.([]string)
	return l
}

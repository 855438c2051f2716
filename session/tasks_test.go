// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

const (
	reset  = gatelatch.TaskResetPassword
	setup  = gatelatch.TaskSetupMFA
	accept = gatelatch.TaskAcceptTerms
)

// who changes the user of a principal.
func who(change func(*gatelatch.User)) func(*session.Principal) {
	return func(p *session.Principal) { change(&p.User) }
}

func TestTasks(t *testing.T) {
	everything := session.Rules{SecondFactor: true, Passwords: true, Terms: "2"}
	for name, row := range map[string]struct {
		rules session.Rules
		user  gatelatch.User
		want  []gatelatch.Task
	}{
		"nothing is asked for":            {session.Rules{}, gatelatch.User{}, nil},
		"all that can be":                 {everything, gatelatch.User{PasswordReset: true}, []gatelatch.Task{reset, setup, accept}},
		"a new password":                  {session.Rules{Passwords: true}, gatelatch.User{PasswordReset: true}, []gatelatch.Task{reset}},
		"a new password where none work":  {session.Rules{}, gatelatch.User{PasswordReset: true}, nil},
		"passkeys cannot work":            {session.Rules{SecondFactor: true, NoPasskeys: true}, gatelatch.User{Factors: gatelatch.Factors{Passkey: true}}, []gatelatch.Task{setup}},
		"nor are they asked for":          {session.Rules{NoPasskeys: true}, gatelatch.User{Factors: gatelatch.Factors{Passkey: true}}, nil},
		"an app will do without passkeys": {session.Rules{SecondFactor: true, NoPasskeys: true}, gatelatch.User{Factors: gatelatch.Factors{TOTP: true, Passkey: true}}, nil},
		"a second factor":                 {session.Rules{SecondFactor: true}, gatelatch.User{}, []gatelatch.Task{setup}},
		"an app is one":                   {session.Rules{SecondFactor: true}, gatelatch.User{Factors: gatelatch.Factors{TOTP: true}}, nil},
		"a passkey is one":                {session.Rules{SecondFactor: true}, gatelatch.User{Factors: gatelatch.Factors{Passkey: true}}, nil},
		"a reserved number is one":        {session.Rules{SecondFactor: true}, gatelatch.User{Addresses: []gatelatch.Address{{SecondFactor: true}}}, nil},
		"an address is none":              {session.Rules{SecondFactor: true}, gatelatch.User{Addresses: []gatelatch.Address{{Primary: true}}}, []gatelatch.Task{setup}},
		"backup codes alone are none":     {session.Rules{SecondFactor: true}, gatelatch.User{Factors: gatelatch.Factors{BackupCodes: true, Password: true}}, []gatelatch.Task{setup}},
		"terms that were never accepted":  {session.Rules{Terms: "2"}, gatelatch.User{}, []gatelatch.Task{accept}},
		"other terms were accepted":       {session.Rules{Terms: "2"}, gatelatch.User{TermsVersion: "1"}, []gatelatch.Task{accept}},
		"these were":                      {session.Rules{Terms: "2"}, gatelatch.User{TermsVersion: "2"}, nil},
		"terms that are no more in force": {session.Rules{}, gatelatch.User{TermsVersion: "1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := row.rules.Tasks(row.user); !slices.Equal(got, row.want) {
				t.Errorf("%v, want %v", got, row.want)
			}
		})
	}
}

// What the gate asks of a cached session is the first of what the pages ask of
// its user.
func TestALiveSessionOwesTheFirstTask(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := session.Rules{
			SecondFactor: rapid.Bool().Draw(t, "required"), NoPasskeys: rapid.Bool().Draw(t, "no passkeys"),
			Passwords: rapid.Bool().Draw(t, "passwords"), Terms: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "terms"),
		}
		u := gatelatch.User{
			PasswordReset: rapid.Bool().Draw(t, "reset"), TermsVersion: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "accepted"),
			Factors: gatelatch.Factors{
				TOTP: rapid.Bool().Draw(t, "totp"), Passkey: rapid.Bool().Draw(t, "passkey"), BackupCodes: rapid.Bool().Draw(t, "backup"),
			},
			Addresses: []gatelatch.Address{{SecondFactor: rapid.Bool().Draw(t, "reserved")}},
		}
		f := newFake()
		c := f.add("sess_1", who(func(stored *gatelatch.User) {
			u.ID = stored.ID
			*stored = u
		}))
		l, err := manager(f).Authenticate(t.Context(), c, idle, noon)
		if l == nil || err != nil {
			t.Fatal(l != nil, err)
		}
		first := gatelatch.Task("")
		if all := rules.Tasks(u); len(all) > 0 {
			first = all[0]
		}
		if got := l.Task(rules); got != first {
			t.Fatalf("%+v %+v: the gate asks for %q, the pages for %q", rules, u, got, first)
		}
	})
}

func TestAskingForTasksAllocatesNothing(t *testing.T) {
	l, rules := someone(t), session.Rules{SecondFactor: true, Terms: "2"}
	if n := testing.AllocsPerRun(200, func() { _ = l.Task(rules) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// SPDX-License-Identifier: Apache-2.0

package gatelatch_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
)

func TestFactorsOfCredentials(t *testing.T) {
	for name, row := range map[string]struct {
		held gatelatch.Credentials
		want gatelatch.Factors
	}{
		"nothing":                        {},
		"a password":                     {gatelatch.Credentials{Password: &gatelatch.Password{}}, gatelatch.Factors{Password: true}},
		"an app of which no code came":   {gatelatch.Credentials{TOTP: &gatelatch.TOTP{ID: "totp_1", CreatedAt: noon}}, gatelatch.Factors{}},
		"an app":                         {gatelatch.Credentials{TOTP: &gatelatch.TOTP{ConfirmedAt: noon}}, gatelatch.Factors{TOTP: true}},
		"backup codes":                   {gatelatch.Credentials{BackupCodes: []gatelatch.BackupHash{{}}}, gatelatch.Factors{BackupCodes: true}},
		"backup codes, all of them used": {gatelatch.Credentials{BackupCodes: []gatelatch.BackupHash{{UsedAt: noon}}}, gatelatch.Factors{BackupCodes: true}},
		"a passkey":                      {gatelatch.Credentials{Passkeys: []gatelatch.Passkey{{}}}, gatelatch.Factors{Passkey: true}},
		"lists that are empty":           {gatelatch.Credentials{Passkeys: []gatelatch.Passkey{}, BackupCodes: []gatelatch.BackupHash{}}, gatelatch.Factors{}},
		"all of it": {
			gatelatch.Credentials{
				Password: &gatelatch.Password{}, TOTP: &gatelatch.TOTP{ConfirmedAt: noon},
				BackupCodes: []gatelatch.BackupHash{{}}, Passkeys: []gatelatch.Passkey{{}},
			},
			gatelatch.Factors{Password: true, TOTP: true, BackupCodes: true, Passkey: true},
		},
	} {
		if got := row.held.Factors(); got != row.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTwoStep(t *testing.T) {
	number := gatelatch.Address{ID: "idn_2", Identifier: gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12015550123"}}
	reserved := number
	reserved.SecondFactor = true
	for name, row := range map[string]struct {
		user gatelatch.User
		want bool
	}{
		"nobody":                {gatelatch.User{}, false},
		"an app":                {gatelatch.User{Factors: gatelatch.Factors{TOTP: true}}, true},
		"a number":              {gatelatch.User{Addresses: []gatelatch.Address{number}}, false},
		"a reserved number":     {gatelatch.User{Addresses: []gatelatch.Address{{ID: "idn_1"}, reserved}}, true},
		"a password":            {gatelatch.User{Factors: gatelatch.Factors{Password: true}}, false},
		"a passkey alone":       {gatelatch.User{Factors: gatelatch.Factors{Passkey: true}}, false},
		"backup codes alone":    {gatelatch.User{Factors: gatelatch.Factors{BackupCodes: true}}, false},
		"a banned user and app": {gatelatch.User{Banned: true, Factors: gatelatch.Factors{TOTP: true}}, true},
	} {
		if got := row.user.TwoStep(); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestByID(t *testing.T) {
	u := gatelatch.User{Addresses: []gatelatch.Address{{ID: "idn_1", Display: "a"}, {ID: "idn_2", Display: "b"}}}
	if a, ok := u.ByID("idn_2"); !ok || a.Display != "b" {
		t.Errorf("%+v, %v", a, ok)
	}
	for _, id := range []string{"", "idn_3", "IDN_1", "idn_1 "} {
		if a, ok := u.ByID(id); ok || a != (gatelatch.Address{}) {
			t.Errorf("%q names %+v", id, a)
		}
	}
}

func TestTrustIsOverAtTheVeryInstant(t *testing.T) {
	const month = 30 * 24 * time.Hour
	used := gatelatch.ClientTrust{TrustedAt: noon.Add(-time.Hour), LastUsedAt: noon}
	for name, row := range map[string]struct {
		trust    gatelatch.ClientTrust
		now      time.Time
		lifetime time.Duration
		live     bool
	}{
		"just used":                        {used, noon, month, true},
		"a clock behind":                   {used, noon.Add(-time.Minute), month, true},
		"a nanosecond before its end":      {used, noon.Add(month - 1), month, true},
		"at its end":                       {used, noon.Add(month), month, false},
		"its age counts from the last use": {gatelatch.ClientTrust{TrustedAt: noon.Add(-10 * month), LastUsedAt: noon}, noon, month, true},
		"no trust at all":                  {used, noon, 0, false},
		"no trust, on a clock behind":      {used, noon.Add(-time.Minute), 0, false},
		"a negative lifetime":              {used, noon.Add(-time.Hour), -month, false},
		"zero":                             {gatelatch.ClientTrust{}, noon, month, false},
	} {
		if got := row.trust.LiveAt(row.now, row.lifetime); got != row.live {
			t.Errorf("%s: live is %v", name, got)
		}
	}
}

func TestInvitationsEnd(t *testing.T) {
	open := gatelatch.Invitation{ExpireAt: noon}
	accepted, revoked := open, open
	accepted.AcceptedAt, revoked.RevokedAt = noon.Add(-time.Hour), noon.Add(-time.Hour)
	for name, row := range map[string]struct {
		invitation gatelatch.Invitation
		now        time.Time
		live       bool
	}{
		"before its end":              {open, noon.Add(-time.Hour), true},
		"a nanosecond before its end": {open, noon.Add(-1), true},
		"at its end":                  {open, noon, false},
		"past its end":                {open, noon.Add(time.Hour), false},
		"accepted":                    {accepted, noon.Add(-time.Minute), false},
		"taken back":                  {revoked, noon.Add(-time.Minute), false},
		"zero":                        {gatelatch.Invitation{}, noon, false},
	} {
		if got := row.invitation.LiveAt(row.now); got != row.live {
			t.Errorf("%s: live is %v", name, got)
		}
	}
}

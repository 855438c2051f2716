// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
)

const (
	chrome     = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
	disownLink = "https://app.example.com/.auth/not-me/AZrpHvHoW9dXXV7y0Xp1aJo4pYI?t=pLd0N5m1yJt7b2"
	inviteLink = "https://app.example.com/.auth/sign-up?invitation=inv_01kaj3w7qa3q5x9v8b7n6m5t4r.pLd0N5m1yJt7b2q4s6u8wA"
	mailLink   = "https://app.example.com/.auth/link/sia_01kaj3w7qa3q5x9v8b7n6m5t4r?t=pLd0N5m1yJt7b2q4s6u8wA"
)

// notice is something that happened at askedAt, on a known device.
func notice(channel delivery.Channel, purpose string) delivery.Occasion {
	o := occasion(channel, purpose)
	o.Code, o.ExpireAt = "", askedAt.Add(7*24*time.Hour)
	o.Details = delivery.Details{UserAgent: chrome, IP: "203.0.113.7", At: askedAt}
	return o
}

// allNotices says with what each notice comes.
var allNotices = map[string]struct {
	what string
	link gatelatch.Secret
}{
	delivery.NoticeNewDevice:       {"", disownLink},
	delivery.NoticePasswordChanged: {},
	delivery.NoticePasswordRemoved: {},
	delivery.NoticeAddressAdded:    {"j•••@example.net", ""},
	delivery.NoticeAddressRemoved:  {"+1 •••• 23", ""},
	delivery.NoticePrimaryChanged:  {"j•••@example.net", ""},
	delivery.NoticeFactorAdded:     {"+1 •••• 23", ""},
	delivery.NoticeFactorRemoved:   {},
	delivery.NoticePasskeyAdded:    {"the name that somebody gave it", ""},
	delivery.NoticePasskeyRemoved:  {"the name that somebody gave it", ""},
	delivery.NoticeBackupCodes:     {},
	delivery.NoticeDeleted:         {},
	delivery.NoticeInvitation:      {"", inviteLink},
	delivery.NoticeApproved:        {"", inviteLink},
}

func TestNoticesGolden(t *testing.T) {
	for purpose, with := range allNotices {
		for _, channel := range []delivery.Channel{delivery.Email, delivery.SMS} {
			name := map[delivery.Channel]string{delivery.Email: "mail_notice_", delivery.SMS: "sms_notice_"}[channel] + purpose
			t.Run(name, func(t *testing.T) {
				o := notice(channel, purpose)
				o.Details.What, o.Link = with.what, with.link
				goldenMessage(t, name, compose(t, acme, o, askedAt))
			})
		}
	}
}

func TestOtherNoticesGolden(t *testing.T) {
	nameless := delivery.Brand{}
	for name, row := range map[string]struct {
		brand delivery.Brand
		o     delivery.Occasion
	}{
		"mail_notice_bare":          {nameless, delivery.Occasion{Purpose: delivery.NoticePasskeyAdded, Channel: delivery.Email, To: "jo@example.org"}},
		"mail_notice_bare_invite":   {nameless, delivery.Occasion{Purpose: delivery.NoticeInvitation, Channel: delivery.Email, To: "jo@example.org"}},
		"sms_notice_bare":           {nameless, delivery.Occasion{Purpose: delivery.NoticeNewDevice, Channel: delivery.SMS, To: "+12025550123"}},
		"sms_notice_bare_invite":    {nameless, delivery.Occasion{Purpose: delivery.NoticeInvitation, Channel: delivery.SMS, To: "+12025550123"}},
		"mail_notice_without_link":  {acme, notice(delivery.Email, delivery.NoticeNewDevice)},
		"sms_notice_without_link":   {acme, notice(delivery.SMS, delivery.NoticeNewDevice)},
		"mail_notice_app_was_added": {acme, notice(delivery.Email, delivery.NoticeFactorAdded)},
	} {
		t.Run(name, func(t *testing.T) { goldenMessage(t, name, compose(t, row.brand, row.o, askedAt)) })
	}
}

func TestMailWithALinkGolden(t *testing.T) {
	o := occasion(delivery.Email, "sign_in")
	o.Link = mailLink
	m := compose(t, acme, o, askedAt)
	goldenMessage(t, "mail_link", m)
	if m.Link != o.Link || m.Code != o.Code {
		t.Errorf("%q %q", m.Link.Reveal(), m.Code.Reveal())
	}
}

// An operator may write the site's own name in any script.
func TestLinksAreWrittenInASCII(t *testing.T) {
	for link, want := range map[gatelatch.Secret]string{
		"https://app.example.com/x?t=a_b":       "https://app.example.com/x?t=a_b",
		"https://bücher.example/x?t=a_b":        "https://xn--bcher-kva.example/x?t=a_b",
		"https://bücher.example:8443/x?t=a%2Bb": "https://xn--bcher-kva.example:8443/x?t=a%2Bb",
		"https://app.example.com/bücher?t=a":    "https://app.example.com/b%C3%BCcher?t=a",
	} {
		o := notice(delivery.Email, delivery.NoticeNewDevice)
		o.Link = link
		if m := compose(t, acme, o, askedAt); m.Link.Reveal() != want || !strings.Contains(m.Text, "\n"+want+"\n") {
			t.Errorf("%s became %s", link.Reveal(), m.Link.Reveal())
		}
	}
}

// A text with a code is for one host and leads nowhere.
func TestATextWithACodeHoldsNoLink(t *testing.T) {
	o := occasion(delivery.SMS, "sign_in")
	o.Link = mailLink
	if m := compose(t, acme, o, askedAt); strings.Contains(m.Text, "://") {
		t.Errorf("%q", m.Text)
	}
}

// The notice of a new device leads to the page "this was not me" and to no
// other: somebody who answers fake ones by signing in is what a thief hopes for.
func TestANoticeOfANewDeviceHasOneLinkAndOnlyThat(t *testing.T) {
	o := notice(delivery.Email, delivery.NoticeNewDevice)
	o.Link = disownLink
	m := compose(t, acme, o, askedAt)
	for name, part := range map[string]string{"text": m.Text, "HTML": m.HTML} {
		if strings.Count(part, "://") != 1 || strings.Count(part, disownLink) != 1 {
			t.Errorf("the %s holds another link:\n%s", name, part)
		}
		for _, want := range []string{"Chrome on Windows", "203.0.113.7", "9 March 2026 at 13:02 UTC"} {
			if !strings.Contains(part, want) {
				t.Errorf("the %s does not tell %q", name, want)
			}
		}
	}
}

// What a browser says of itself, and what somebody calls a passkey, is theirs
// to write; a mail to somebody else is not.
func TestNoticesHoldNobodysOwnWords(t *testing.T) {
	const phishing = "Your account is locked, go to https://evil.example"
	for purpose := range allNotices {
		for _, channel := range []delivery.Channel{delivery.Email, delivery.SMS} {
			o := notice(channel, purpose)
			o.Details = delivery.Details{UserAgent: phishing, IP: phishing, At: askedAt, What: phishing}
			m := compose(t, acme, o, askedAt)
			for _, word := range []string{"evil", "locked", "://"} {
				if strings.Contains(m.Subject+m.Text+m.HTML, word) {
					t.Errorf("%s: %q stands in\n%s", purpose, word, m.Text)
				}
			}
		}
	}
}

// A text leaves out device and time before the link, and the link before what
// has happened.
func TestSMSNoticeLeavesOutInOrder(t *testing.T) {
	link := func(n int) gatelatch.Secret { // of n characters
		return gatelatch.Secret("https://app.example.com/" + strings.Repeat("a", n-24))
	}
	for name, row := range map[string]struct {
		name string
		link gatelatch.Secret
		want string
	}{
		"everything":     {"Acme", link(50), "A new device has signed in to your Acme account: Chrome on Windows, 9 Mar 13:02 UTC. Not you? " + link(50).Reveal()},
		"not the time":   {"Acme", link(90), "A new device has signed in to your Acme account. Not you? " + link(90).Reveal()},
		"not the name":   {"Acme", link(105), "A new device has signed in to your account. Not you? " + link(105).Reveal()},
		"no link at all": {"Acme", link(110), "A new device has signed in to your Acme account: Chrome on Windows, 9 Mar 13:02 UTC. If this was not you, sign in and end the sessions that you do not know."},
		"a link that is not in the alphabet": {"Acme", "https://app.example.com/%C3%A9~^", "A new device has signed in to your Acme account: Chrome on Windows, 9 Mar 13:02 UTC. Not you? " +
			"https://app.example.com/%C3%A9~^"},
	} {
		t.Run(name, func(t *testing.T) {
			o := notice(delivery.SMS, delivery.NoticeNewDevice)
			o.Link = row.link
			if m := compose(t, delivery.Brand{Name: row.name, Host: "app.example.com"}, o, askedAt); m.Text != row.want {
				t.Errorf("got  %q\nwant %q", m.Text, row.want)
			}
		})
	}
}

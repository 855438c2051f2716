// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
)

var (
	noticePurposes = rapid.SampledFrom(slices.Sorted(maps.Keys(allNotices)))
	// foreign is whatever somebody may have put into a row.
	foreign = rapid.OneOf(
		rapid.String(), rapid.SampledFrom([]string{chrome, "curl/8", "203.0.113.7", "2001:db8::1%eth0", "j•••@example.net", "+1 •••• 23"}),
		rapid.StringOfN(rapid.SampledFrom([]rune("<>&\"'{}.:/@•…+%\r\n\t\u202e\u200b 1a")), 0, 90, -1),
	)
	links = rapid.OneOf(rapid.Just(""), rapid.StringMatching(`https?://[a-z0-9.-]{1,60}[a-z](:[0-9]{2,4})?/[a-zA-Z0-9/._~-]{0,60}\?t=[a-zA-Z0-9_-]{22}`))
)

func drawNotice(t *rapid.T, channel delivery.Channel) delivery.Occasion {
	o := notice(channel, noticePurposes.Draw(t, "purpose"))
	o.Link = gatelatch.Secret(links.Draw(t, "link"))
	o.Details = delivery.Details{
		UserAgent: foreign.Draw(t, "user agent"), IP: foreign.Draw(t, "network"), What: foreign.Draw(t, "what"),
		At: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0),
	}
	return o
}

func TestSMSNoticesFitAndAreBoundToNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawNotice(t, delivery.SMS)
		b := delivery.Brand{Name: names.Draw(t, "name"), Host: rapid.OneOf(rapid.String(), shortHosts).Draw(t, "host")}
		m, err := delivery.Compose(b, o, "msg_1", askedAt)
		if err != nil {
			t.Fatal(err)
		}
		if n := smsLength(t, m.Text); n >= 160 || n < 20 || strings.Contains(m.Text, "\n") {
			t.Fatalf("%d septets: %q", n, m.Text)
		}
		if _, _, ok := parseBound(m.Text); ok {
			t.Fatalf("a notice for programs: %q", m.Text)
		}
		if link := o.Link.Reveal(); strings.Contains(m.Text, "://") && !strings.Contains(b.Name, "://") && (link == "" || !strings.HasSuffix(m.Text, " "+link)) {
			t.Fatalf("a link that is not ours, or not whole: %q", m.Text)
		}
	})
}

// tags are what our own templates write; everything else of a mail is text.
var tags = regexp.MustCompile(`<[^>]*>`)

func TestMailNoticesTakeAnything(t *testing.T) {
	o := notice(delivery.Email, delivery.NoticeNewDevice)
	o.Link = disownLink
	plain := compose(t, acme, o, askedAt)
	ours := map[string]bool{}
	for _, tag := range tags.FindAllString(plain.HTML, -1) {
		ours[tag] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		o, name := drawNotice(t, delivery.Email), names.Draw(t, "name")
		m, err := delivery.Compose(delivery.Brand{Name: name, Host: "app.example.com"}, o, "msg_1", askedAt)
		if err != nil {
			t.Fatal(err)
		}
		if m.Subject == "" || strings.ContainsFunc(m.Subject, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Fatalf("subject %q", m.Subject)
		}
		hrefs := 0
		for _, tag := range tags.FindAllString(m.HTML, -1) {
			switch {
			case strings.HasPrefix(tag, "<a "):
				hrefs++
				if want := `href="` + m.Link.Reveal() + `"`; !strings.Contains(html.UnescapeString(tag), want) {
					t.Fatalf("%s, want %s", tag, want)
				}
			case !ours[tag] && tag != "<br>":
				t.Fatalf("a tag of somebody else: %s", tag)
			}
		}
		if (hrefs == 1) != (m.Link != "") || m.Link != "" && m.Link != o.Link || m.Link != "" && strings.Count(m.Text, "\n"+m.Link.Reveal()+"\n") != 1 {
			t.Fatalf("%d links, %q, asked for %q:\n%s", hrefs, m.Link.Reveal(), o.Link.Reveal(), m.Text)
		}
		if strings.Contains(m.Text, "\n\n\n") || strings.ContainsFunc(m.Text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
			t.Fatalf("text %q", m.Text)
		}
	})
}

// FuzzNotice reads what a database may hold of a browser and a change.
func FuzzNotice(f *testing.F) {
	f.Add(chrome, "203.0.113.7", "j•••@example.net")
	f.Add("<a href=https://evil.example>", "::1%<b>", "+1 •••• 23")
	f.Add("{{.Link}}\r\nBcc: x", "fe80::1%25eth0", "a•••@evil.example/<script>")
	f.Add("", "", "•••@…"+strings.Repeat("a", 64))
	f.Fuzz(func(t *testing.T, userAgent, ip, what string) {
		for purpose := range allNotices {
			o := notice(delivery.Email, purpose)
			o.Details = delivery.Details{UserAgent: userAgent, IP: ip, At: askedAt, What: what}
			m := compose(t, acme, o, askedAt)
			if lines := strings.Count(m.Text, "\n"); lines > 12 || len(m.Text) > 1000 {
				t.Errorf("%s: %d lines, %d bytes:\n%s", purpose, lines, len(m.Text), m.Text)
			}
			for _, word := range []string{"://", "<", ">", "{", "\r"} {
				if strings.Contains(m.Text, word) {
					t.Errorf("%s: %q in\n%s", purpose, word, m.Text)
				}
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"pgregory.net/rapid"
)

// gsm7 is the GSM 7-bit default alphabet in the order of its table (3GPP TS
// 23.038, section 6.2.1), gsm7Escaped what takes two septets.
const (
	gsm7 = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
		"abcdefghijklmnopqrstuvwxyzäöñüà"
	gsm7Escaped = "\f^{}\\[~]|€"
)

// smsLength counts septets, and fails on a character that takes none.
func smsLength(t rapid.TB, text string) int {
	t.Helper()
	n := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm7, r):
			n++
		case strings.ContainsRune(gsm7Escaped, r):
			n += 2
		default:
			t.Fatalf("%q is not in the GSM 7-bit alphabet, in %q", r, text)
		}
	}
	return n
}

// parseBound follows "parse an origin-bound one-time code message" of the WICG
// report, for a message without an embedded origin.
func parseBound(text string) (host, code string, ok bool) {
	line := text[strings.LastIndexByte(text, '\n')+1:]
	token := regexp.MustCompile(`^@([^\t\n\f\r ]+) #([^\t\n\f\r ]+)$`).FindStringSubmatch(line)
	if token == nil {
		return "", "", false
	}
	return token[1], token[2], true
}

var (
	names = rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[A-Za-z .'&-]{0,200}`),
		rapid.StringOfN(rapid.SampledFrom([]rune("éčßŁœ€[]{}|~^\\@#\r\n\t\u202e\u200b\u0301½②ﬁﷺЖ中😀 A1")), 0, 90, -1),
	)
	codes = rapid.StringMatching(`[0-9]{4,12}|[A-Z0-9]{6,8}`)
	// short hosts are those for which the bound line is promised.
	labels     = rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?`)
	shortHosts = rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(labels.Filter(isPlainLabel), 1, 4).Draw(t, "labels")
		return strings.Join(parts, ".")
	})
	purposes = rapid.SampledFrom([]string{
		"sign_in", "sign_up", "client_trust", "second_factor", "reset_password", "reverify", "add_address", "delete_account", "other",
	})
)

// isPlainLabel leaves out what IDNA reserves: hyphens in places 3 and 4.
func isPlainLabel(s string) bool { return len(s) < 4 || s[2:4] != "--" }

func drawOccasion(t *rapid.T, channel delivery.Channel) (delivery.Occasion, time.Time) {
	o := occasion(channel, purposes.Draw(t, "purpose"))
	o.Code = gatelatch.Secret(codes.Draw(t, "code"))
	left := rapid.Int64Range(1, int64(48*time.Hour)).Draw(t, "left")
	return o, o.ExpireAt.Add(-time.Duration(left))
}

func TestSMSFitsAndIsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, now := drawOccasion(t, delivery.SMS)
		host := shortHosts.Draw(t, "host")
		port := rapid.SampledFrom([]string{"", ":8443"}).Draw(t, "port")
		m, err := delivery.Compose(delivery.Brand{Name: names.Draw(t, "name"), Host: host + port}, o, "msg_1", now)
		if err != nil {
			t.Fatal(err)
		}
		if n := smsLength(t, m.Text); n >= 160 {
			t.Fatalf("%d septets: %q", n, m.Text)
		}
		code := o.Code.Reveal()
		gotHost, gotCode, ok := parseBound(m.Text)
		if !ok || gotHost != host || gotCode != code {
			t.Fatalf("bound to (%q, %q), want (%q, %q): %q", gotHost, gotCode, host, code, m.Text)
		}
		if !strings.HasPrefix(m.Text, code+" is your ") || strings.Count(m.Text, "\n") != 2 {
			t.Fatalf("text %q", m.Text)
		}
	})
}

func TestSMSFitsWithAnyHost(t *testing.T) {
	hosts := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-z0-9]{1,60}\.){1,5}[a-z]{2,20}(:[0-9]{1,5})?`))
	rapid.Check(t, func(t *rapid.T) {
		o, now := drawOccasion(t, delivery.SMS)
		b := delivery.Brand{Name: names.Draw(t, "name"), Host: hosts.Draw(t, "host")}
		m, err := delivery.Compose(b, o, "msg_1", now)
		if err != nil {
			t.Fatal(err)
		}
		if n := smsLength(t, m.Text); n >= 160 {
			t.Fatalf("%d septets: %q", n, m.Text)
		}
		if _, code, ok := parseBound(m.Text); ok && code != o.Code.Reveal() {
			t.Fatalf("bound to another code: %q", m.Text)
		}
	})
}

func TestMailTakesAnyName(t *testing.T) {
	tag := regexp.MustCompile(`<[^>]*>`)
	rapid.Check(t, func(t *rapid.T) {
		o, now := drawOccasion(t, delivery.Email)
		name := names.Draw(t, "name")
		m, err := delivery.Compose(delivery.Brand{Name: name, Host: "app.example.com"}, o, "msg_1", now)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(m.Subject, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Fatalf("subject %q", m.Subject)
		}
		shown := strings.TrimSuffix(strings.TrimPrefix(m.Subject, o.Code.Reveal()+" is your "), " code")
		if got := strings.Count(m.Text, "\n"); got != 7 {
			t.Fatalf("%d line breaks in %q", got, m.Text)
		}
		if got := html.UnescapeString(tag.ReplaceAllString(m.HTML, "")); !strings.Contains(got, shown) {
			t.Fatalf("name %q is not shown as text", shown)
		}
	})
}

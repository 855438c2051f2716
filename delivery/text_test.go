// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	askedAt = time.Date(2026, 3, 9, 14, 2, 40, 0, time.FixedZone("", 3600))
	acme    = delivery.Brand{Name: "Acme", Host: "app.example.com", Origin: "https://app.example.com"}
)

// occasion is a code asked for at askedAt that lives ten minutes.
func occasion(channel delivery.Channel, purpose string) delivery.Occasion {
	to := "jo@example.org"
	if channel == delivery.SMS {
		to = "+12025550123"
	}
	return delivery.Occasion{
		Purpose: purpose, Channel: channel, To: to, Code: "042137",
		AskedAt: askedAt, ExpireAt: askedAt.Add(10 * time.Minute),
	}
}

func compose(t *testing.T, b delivery.Brand, o delivery.Occasion, now time.Time) delivery.Message {
	t.Helper()
	m, err := delivery.Compose(b, o, "msg_1", now)
	if err != nil {
		t.Fatalf("Compose: %v", err)
	}
	return m
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./delivery -update rewrites it); got:\n%s", name, got)
	}
}

func TestComposeGolden(t *testing.T) {
	hostile := delivery.Brand{
		Name: "A<b>\r\nBcc: x@example.net\r\n\r\n<script>alert(1)</script>\u202e{{.Code}}\x00 & Söns",
		Host: "localhost:8080",
	}
	tests := []struct {
		name    string
		brand   delivery.Brand
		channel delivery.Channel
		purpose string
		after   time.Duration // since it was asked for
	}{
		{"mail_sign_in", acme, delivery.Email, "sign_in", time.Second},
		{"mail_sign_up", acme, delivery.Email, "sign_up", 0},
		{"mail_late_resend", acme, delivery.Email, "sign_in", 9*time.Minute + 50*time.Second},
		{"mail_other_purpose", acme, delivery.Email, "", 0},
		{"mail_hostile_name", hostile, delivery.Email, "sign_in", 0},
		{"mail_nameless", delivery.Brand{Origin: "https://app.example.com"}, delivery.Email, "sign_in", 0},
		{"sms_sign_in", acme, delivery.SMS, "sign_in", time.Second},
		{"sms_sign_up", acme, delivery.SMS, "sign_up", 0},
		{"sms_hostile_name", hostile, delivery.SMS, "sign_in", 0},
		{"mail_client_trust", acme, delivery.Email, "client_trust", 0},
		{"mail_second_factor", acme, delivery.Email, "second_factor", 0},
		{"mail_reset_password", acme, delivery.Email, "reset_password", 0},
		{"mail_reverify", acme, delivery.Email, "reverify", 0},
		{"mail_add_address", acme, delivery.Email, "add_address", 0},
		{"mail_delete_account", acme, delivery.Email, "delete_account", 0},
		{"sms_client_trust", acme, delivery.SMS, "client_trust", 0},
		{"sms_second_factor", acme, delivery.SMS, "second_factor", 0},
		{"sms_reset_password", acme, delivery.SMS, "reset_password", 0},
		{"sms_reverify", acme, delivery.SMS, "reverify", 0},
		{"sms_add_address", acme, delivery.SMS, "add_address", 0},
		{"sms_delete_account", acme, delivery.SMS, "delete_account", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := compose(t, tt.brand, occasion(tt.channel, tt.purpose), askedAt.Add(tt.after))
			goldenMessage(t, tt.name, m)
		})
	}
}

// goldenMessage compares all that somebody gets to read.
func goldenMessage(t *testing.T, name string, m delivery.Message) {
	t.Helper()
	if m.HTML == "" {
		golden(t, name+".txt", m.Text)
		return
	}
	golden(t, name+".html", m.HTML)
	golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
}

func TestComposeCarriesTheOccasion(t *testing.T) {
	o := occasion(delivery.Email, "sign_in")
	m := compose(t, acme, o, askedAt)
	if m.ID != "msg_1" || m.Purpose != "sign_in" || m.Link != "" || m.Channel != o.Channel || m.To != o.To || m.Code != o.Code || !m.At.Equal(askedAt) {
		t.Errorf("message %+v does not match its occasion", m)
	}
	sms := compose(t, acme, occasion(delivery.SMS, "sign_in"), askedAt)
	if sms.Subject != "" || sms.HTML != "" {
		t.Errorf("text message with subject %q and HTML %q", sms.Subject, sms.HTML)
	}
}

func TestComposeRefuses(t *testing.T) {
	tests := []struct {
		name string
		edit func(o *delivery.Occasion)
		id   string
	}{
		{"no id", func(*delivery.Occasion) {}, ""},
		{"no recipient", func(o *delivery.Occasion) { o.To = "" }, "msg_1"},
		{"no channel", func(o *delivery.Occasion) { o.Channel = "" }, "msg_1"},
		{"unknown channel", func(o *delivery.Occasion) { o.Channel = "pigeon" }, "msg_1"},
		{"no code", func(o *delivery.Occasion) { o.Code = "" }, "msg_1"},
		{"code too long", func(o *delivery.Occasion) { o.Code = "1234567890123" }, "msg_1"},
		{"code with a space", func(o *delivery.Occasion) { o.Code = "123 456" }, "msg_1"},
		{"code with a line break", func(o *delivery.Occasion) { o.Code = "1234\n56" }, "msg_1"},
		{"dead at this instant", func(o *delivery.Occasion) { o.ExpireAt = askedAt }, "msg_1"},
		{"no expiry", func(o *delivery.Occasion) { o.ExpireAt = time.Time{} }, "msg_1"},
		{"a notice with a code", func(o *delivery.Occasion) { o.Purpose = delivery.NoticeNewDevice }, "msg_1"},
		{"a link without a scheme", func(o *delivery.Occasion) { o.Link = "/.auth/link/sia_secret" }, "msg_1"},
		{"a link without a host", func(o *delivery.Occasion) { o.Link = "https:///sia_secret" }, "msg_1"},
		{"a link that is a script", func(o *delivery.Occasion) { o.Link = "javascript:secret" }, "msg_1"},
		{"a link with a line break", func(o *delivery.Occasion) { o.Link = "https://a.example/secret\n" }, "msg_1"},
		{"a link with markup", func(o *delivery.Occasion) { o.Link = "https://a.example/<secret>" }, "msg_1"},
		{"a link with a quote", func(o *delivery.Occasion) { o.Link = `https://a.example/"secret` }, "msg_1"},
		{"a link with a user", func(o *delivery.Occasion) { o.Link = "https://a@a.example/secret" }, "msg_1"},
		{"a link that is too long", func(o *delivery.Occasion) {
			o.Link = gatelatch.Secret("https://a.example/secret" + strings.Repeat("a", 1024))
		}, "msg_1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := occasion(delivery.Email, "sign_in")
			tt.edit(&o)
			_, err := delivery.Compose(acme, o, tt.id, askedAt)
			if !delivery.IsPermanent(err) {
				t.Fatalf("Compose: %v, want a permanent error", err)
			}
			if code := o.Code.Reveal(); code != "" && strings.Contains(err.Error(), code) || strings.Contains(err.Error(), "secret") {
				t.Errorf("the error holds the code or the link: %v", err)
			}
		})
	}
}

func TestMinutesLeft(t *testing.T) {
	tests := []struct {
		left time.Duration
		want string
	}{
		{time.Nanosecond, "1 minute,"},
		{29 * time.Second, "1 minute,"},
		{89 * time.Second, "1 minute,"},
		{90 * time.Second, "2 minutes,"},
		{9*time.Minute + 58*time.Second, "10 minutes,"},
		{10 * time.Minute, "10 minutes,"},
		{time.Hour, "60 minutes,"},
	}
	for _, tt := range tests {
		o := occasion(delivery.Email, "sign_in")
		m := compose(t, acme, o, o.ExpireAt.Add(-tt.left))
		if !strings.Contains(m.Text, "It works for "+tt.want) {
			t.Errorf("%v left: want %q in\n%s", tt.left, tt.want, m.Text)
		}
	}
}

func TestUntilNamesAnotherDay(t *testing.T) {
	o := occasion(delivery.Email, "sign_in")
	o.ExpireAt = time.Date(2026, 3, 10, 0, 5, 0, 0, time.UTC)
	m := compose(t, acme, o, askedAt)
	if !strings.Contains(m.Text, "until 00:05 UTC on 10 March 2026.") {
		t.Errorf("the day is missing:\n%s", m.Text)
	}
}

func TestMailLoadsAndLinksNothing(t *testing.T) {
	m := compose(t, acme, occasion(delivery.Email, "sign_in"), askedAt)
	for _, part := range []string{m.HTML, m.Text} {
		for _, word := range []string{"http", "href", "src=", "url(", "<img", "@import", "<a ", "<link"} {
			if strings.Contains(strings.ToLower(part), word) {
				t.Errorf("a mail holds %q", word)
			}
		}
	}
}

func TestMailCodeStandsFirstAndAlone(t *testing.T) {
	o := occasion(delivery.Email, "sign_in")
	m := compose(t, acme, o, askedAt)
	code := o.Code.Reveal()
	if !strings.HasPrefix(m.Subject, code+" is your Acme code") {
		t.Errorf("subject %q", m.Subject)
	}
	if !strings.HasPrefix(m.Text, code+"\n") {
		t.Errorf("the text does not begin with the code alone on its line:\n%s", m.Text)
	}
	if !strings.Contains(m.HTML, ">"+code+"</p>") {
		t.Error("the code is not a paragraph of its own")
	}
}

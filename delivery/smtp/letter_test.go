// SPDX-License-Identifier: Apache-2.0

package smtp_test

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/smtp"
)

func secret(s string) gatelatch.Secret { return gatelatch.Secret(s) }

// sent sends a message and returns it as the server got it.
func sent(t *testing.T, m delivery.Message) *mail.Message {
	t.Helper()
	s := start(t, smtp.Off, nil)
	if err := sender(t, s, smtp.Off, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(s.all()[0].content))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func subject(t *testing.T, m *mail.Message) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestHeaders(t *testing.T) {
	got := sent(t, message())
	for name, want := range map[string]string{
		"Message-Id": "<msg_01@acme.example>", "Auto-Submitted": "auto-generated",
		"X-Auto-Response-Suppress": "All", "To": "<jo@example.org>", "Mime-Version": "1.0",
	} {
		if values := got.Header[name]; len(values) != 1 || values[0] != want {
			t.Errorf("%s: %q, want %q", name, values, want)
		}
	}
	if s := subject(t, got); s != message().Subject {
		t.Errorf("subject %q", s)
	}
	from, err := got.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Söns & Co" || from[0].Address != "no-reply@acme.example" {
		t.Errorf("from %v, error %v", from, err)
	}
	if date, err := got.Header.Date(); err != nil || !date.Equal(message().At) {
		t.Errorf("date %v, error %v", date, err)
	}
	for _, name := range []string{"X-Mailer", "User-Agent", "Bcc", "Cc"} {
		if got.Header.Get(name) != "" {
			t.Errorf("%s: %s", name, got.Header.Get(name))
		}
	}
}

func TestBothPartsArriveTextFirst(t *testing.T) {
	got := sent(t, message())
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, error %v", kind, err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{
		{"text/plain; charset=UTF-8", message().Text}, {"text/html; charset=UTF-8", message().HTML},
	} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		text := decode(t, part.Header.Get("Content-Transfer-Encoding"), part)
		if part.Header.Get("Content-Type") != want.kind || text != want.text {
			t.Errorf("%s: %q, want %s: %q", part.Header.Get("Content-Type"), text, want.kind, want.text)
		}
	}
	if _, err := parts.NextRawPart(); err != io.EOF { //nolint:errorlint // io.EOF itself
		t.Errorf("a third part, error %v", err)
	}
}

func decode(t *testing.T, encoding string, r io.Reader) string {
	t.Helper()
	if encoding != "quoted-printable" {
		t.Fatalf("encoding %q", encoding)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestTextAlone(t *testing.T) {
	m := message()
	m.HTML = ""
	got := sent(t, m)
	if kind := got.Header.Get("Content-Type"); kind != "text/plain; charset=UTF-8" {
		t.Errorf("content type %q", kind)
	}
	if text := decode(t, got.Header.Get("Content-Transfer-Encoding"), got.Body); strings.TrimRight(text, "\n") != strings.TrimRight(m.Text, "\n") {
		t.Errorf("text %q", text)
	}
}

func TestMessageIDIsStableAndSafe(t *testing.T) {
	for _, id := range []string{"msg_01", "a b", "a>\r\nBcc: x@example.net\r\n", "é"} {
		m := message()
		m.ID = id
		first, second := sent(t, m), sent(t, m)
		a, b := first.Header["Message-Id"], second.Header["Message-Id"]
		if len(a) != 1 || len(b) != 1 || a[0] != b[0] {
			t.Errorf("%q: %q and %q", id, a, b)
		}
		if first.Header.Get("Bcc") != "" || strings.ContainsAny(a[0], " \r\n") {
			t.Errorf("%q: %q", id, a)
		}
	}
}

func TestSubjectInjectsNothing(t *testing.T) {
	for _, text := range []string{
		"042137\r\nBcc: x@example.net", "042137\nBcc: x@example.net", "042137\rBcc: x@example.net",
		"042137\r\n\r\n<html>", strings.Repeat("é", 200) + "\r\nBcc: x@example.net", "042137\x00\x1b[2J",
	} {
		m := message()
		m.Subject = text
		got := sent(t, m)
		if len(got.Header) != len(sent(t, message()).Header) || got.Header.Get("Bcc") != "" {
			t.Errorf("%q: headers %v", text, got.Header)
		}
		if s := subject(t, got); strings.ContainsAny(s, "\r\n\x00\x1b") {
			t.Errorf("%q: subject %q", text, s)
		}
	}
}

func TestHostileRecipientsAreRefused(t *testing.T) {
	s := start(t, smtp.Off, nil)
	out := sender(t, s, smtp.Off, nil)
	for _, to := range []string{
		"", "jo", "@example.org", "jo@", "jo@example.org\r\nRCPT TO:<x@example.net>", "jo@example.org\n",
		"<jo@example.org>", "Jo <jo@example.org>", "jo@example.org,x@example.net", "jo@example.org x",
		"jo@example.org> SIZE=1", "\"jo\r\n\"@example.org", `"jo"@example.org`, "jo@x@example.org", "jo(x)@example.org",
		"j\x00o@example.org", "jo@exa mple.org", "jo@[127.0.0.1]", "jö@example.org", "jo@bücher.example", "jo@example.org\x7f",
		strings.Repeat("a", 250) + "@example.org", "jo..x@example.org", ".jo@example.org",
	} {
		m := message()
		m.To = to
		err := out.Send(t.Context(), m)
		if !delivery.IsPermanent(err) {
			t.Errorf("%q: error %v, want a permanent one", to, err)
		}
		if err != nil && strings.Contains(err.Error(), "example") {
			t.Errorf("%q: the error tells the address: %v", to, err)
		}
	}
	m := message()
	m.Channel = delivery.SMS
	if err := out.Send(t.Context(), m); !delivery.IsPermanent(err) {
		t.Errorf("a text message: error %v, want a permanent one", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions != 0 {
		t.Errorf("%d connections for nothing", s.sessions)
	}
}

func TestNewTakes(t *testing.T) {
	for _, c := range []smtp.Config{
		{Addr: "mail.example.com:587", From: "no-reply@acme.example"},
		{Addr: "mail.example.com", From: "Acme, Inc. <no-reply@acme.example>"},
		{Addr: "[::1]:25", From: "a@b.example", TLS: smtp.Off, Username: "u", Password: "p"},
		{Addr: "::1", From: "a@b.example", TLS: smtp.Off, LocalName: "gate.example.com"},
		{Addr: "relay:25", From: "a@b.example", TLS: smtp.Off},
		{Addr: "mail.example.com:465", From: "a@b.example", TLS: smtp.Implicit, Username: "u", Password: "p", Timeout: time.Second},
	} {
		if _, err := smtp.New(c); err != nil {
			t.Errorf("%s: %v", c.Addr, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	valid := smtp.Config{Addr: "mail.example.com:587", From: "no-reply@acme.example"}
	tests := []struct {
		name string
		edit func(*smtp.Config)
		says string
	}{
		{"no host", func(c *smtp.Config) { c.Addr = "" }, "host"},
		{"a port alone", func(c *smtp.Config) { c.Addr = ":587" }, "host"},
		{"a port that is none", func(c *smtp.Config) { c.Addr = "mail.example.com:smtp" }, "port"},
		{"port 0", func(c *smtp.Config) { c.Addr = "mail.example.com:0" }, "port"},
		{"port 65536", func(c *smtp.Config) { c.Addr = "mail.example.com:65536" }, "port"},
		{"a URL", func(c *smtp.Config) { c.Addr = "smtp://mail.example.com" }, "host"},
		{"a host with a line break", func(c *smtp.Config) { c.Addr = "mail\r\n:25" }, "host"},
		{"no sender", func(c *smtp.Config) { c.From = "" }, "from"},
		{"a sender that is none", func(c *smtp.Config) { c.From = "Acme" }, "from"},
		{"two senders", func(c *smtp.Config) { c.From = "a@b.example, c@d.example" }, "from"},
		{"a quoted sender", func(c *smtp.Config) { c.From = `"a b"@c.example` }, "from"},
		{"a sender outside ASCII", func(c *smtp.Config) { c.From = "ä@b.example" }, "from"},
		{"a sender's name with a line break", func(c *smtp.Config) { c.From = "=?utf-8?q?a=0D=0Ab?= <a@b.example>" }, "from"},
		{"an unknown mode", func(c *smtp.Config) { c.TLS = "opportunistic" }, "starttls, implicit, off"},
		{"a name without a password", func(c *smtp.Config) { c.Username = "u" }, "both or neither"},
		{"a password without a name", func(c *smtp.Config) { c.Password = "hunter2" }, "both or neither"},
		{"a password in plain text", func(c *smtp.Config) { c.Username, c.Password, c.TLS = "u", "hunter2", smtp.Off }, "needs TLS"},
		{"a timeout below zero", func(c *smtp.Config) { c.Timeout = -1 }, "timeout"},
		{"a local name that is none", func(c *smtp.Config) { c.LocalName = "a\r\nb" }, "local name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := valid
			tt.edit(&c)
			_, err := smtp.New(c)
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want one that says %q", err, tt.says)
			}
		})
	}
}

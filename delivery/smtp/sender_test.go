// SPDX-License-Identifier: Apache-2.0

package smtp_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/smtp"
)

func message() delivery.Message {
	return delivery.Message{
		ID: "msg_01", Channel: delivery.Email, To: "jo@example.org", Code: "042137",
		Subject: "042137 is your Söns code", Text: "042137\n\n.This is your code.\n", HTML: "<p>042137</p>",
		At: time.Date(2026, 3, 9, 14, 2, 40, 0, time.FixedZone("", 3600)),
	}
}

// sender returns a sender for a server; edit changes its settings.
func sender(t *testing.T, s *server, mode smtp.Mode, edit func(*smtp.Config)) *smtp.Sender {
	t.Helper()
	c := smtp.Config{Addr: s.addr, From: "Söns & Co <no-reply@acme.example>", TLS: mode, RootCAs: s.roots}
	if edit != nil {
		edit(&c)
	}
	out, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func signedIn(password string) func(*smtp.Config) {
	return func(c *smtp.Config) { c.Username, c.Password = "acme", secret(password) }
}

func TestSendInEveryMode(t *testing.T) {
	for _, mode := range []smtp.Mode{smtp.StartTLS, smtp.Implicit, smtp.Off} {
		for _, method := range []string{"", sasl.Plain, sasl.Login} {
			t.Run(string(mode)+" "+method, func(t *testing.T) {
				s := start(t, mode, func(s *server) { s.methods = []string{"XOAUTH2", method} })
				var edit func(*smtp.Config)
				want := received{from: "no-reply@acme.example", to: "jo@example.org", tls: mode != smtp.Off}
				if method != "" {
					edit, want.user = signedIn("hunter2"), "acme"
				}
				if err := sender(t, s, mode, edit).Send(t.Context(), message()); err != nil {
					t.Fatal(err)
				}
				got := s.all()
				if len(got) != 1 {
					t.Fatalf("%d mails", len(got))
				}
				got[0].content = ""
				if got[0] != want {
					t.Errorf("got %+v, want %+v", got[0], want)
				}
			})
		}
	}
}

func TestDefaultModeInsistsOnTLS(t *testing.T) {
	s := start(t, smtp.Off, nil) // offers no STARTTLS
	err := sender(t, s, "", nil).Send(t.Context(), message())
	wantFault(t, err, "starttls", 0, false)
	if len(s.all()) != 0 {
		t.Error("a mail went out in plain text")
	}
}

func TestForeignCertificateIsRefused(t *testing.T) {
	for mode, phase := range map[smtp.Mode]string{smtp.StartTLS: "starttls", smtp.Implicit: "tls"} {
		s := start(t, mode, nil)
		s.roots = x509.NewCertPool()
		err := sender(t, s, mode, nil).Send(t.Context(), message())
		wantFault(t, err, phase, 0, false)
		var unknown x509.UnknownAuthorityError
		if !errors.As(err, &unknown) {
			t.Errorf("%s: the error does not say why: %v", mode, err)
		}
	}
}

func TestCertificateOfAnotherHostIsRefused(t *testing.T) {
	s := start(t, smtp.StartTLS, nil)
	s.addr = strings.Replace(s.addr, "127.0.0.1", "localhost", 1)
	err := sender(t, s, smtp.StartTLS, nil).Send(t.Context(), message())
	wantFault(t, err, "starttls", 0, false)
}

func TestSignInFails(t *testing.T) {
	tests := []struct {
		name     string
		methods  []string
		password string
		code     int
	}{
		{"wrong password", []string{sasl.Plain}, "hunter3", 535},
		{"wrong password, LOGIN", []string{sasl.Login}, "hunter3", 535},
		{"no method in common", []string{"GSSAPI"}, "hunter2", 0},
		{"no AUTH at all", nil, "hunter2", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, smtp.StartTLS, func(s *server) { s.methods = tt.methods })
			err := sender(t, s, smtp.StartTLS, signedIn(tt.password)).Send(t.Context(), message())
			wantFault(t, err, "auth", tt.code, false)
		})
	}
}

// wantFault checks what an error says and that it tells no secret.
func wantFault(t *testing.T, err error, phase string, code int, permanent bool) {
	t.Helper()
	var e *smtp.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a %T", err, e)
	}
	if e.Phase != phase || e.Code != code || delivery.IsPermanent(err) != permanent {
		t.Errorf("error %v (permanent %v), want %s %d (permanent %v)", err, delivery.IsPermanent(err), phase, code, permanent)
	}
	for _, word := range []string{"042137", "jo@", "example.org", "hunter"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("the error tells %q: %v", word, err)
		}
	}
}

func TestServerRefuses(t *testing.T) {
	tests := []struct {
		phase     string
		code      int
		enhanced  gosmtp.EnhancedCode
		permanent bool
	}{
		{"mail", 451, gosmtp.EnhancedCode{4, 3, 0}, false},
		{"mail", 550, gosmtp.EnhancedCode{5, 7, 1}, false}, // the operator's sender
		{"rcpt", 421, gosmtp.EnhancedCode{4, 3, 2}, false},
		{"rcpt", 450, gosmtp.EnhancedCode{4, 2, 0}, false},
		{"rcpt", 452, gosmtp.EnhancedCode{4, 2, 2}, false},
		{"rcpt", 550, gosmtp.EnhancedCode{5, 1, 1}, true},
		{"rcpt", 553, gosmtp.NoEnhancedCode, true},
		{"rcpt", 530, gosmtp.EnhancedCode{5, 7, 0}, false}, // wants a sign-in
		{"content", 451, gosmtp.EnhancedCode{4, 3, 0}, false},
		{"content", 554, gosmtp.EnhancedCode{5, 6, 0}, true},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.phase, tt.code), func(t *testing.T) {
			s := start(t, smtp.StartTLS, func(s *server) {
				switch tt.phase {
				case "mail":
					s.onMail = answer(tt.code, tt.enhanced)
				case "rcpt":
					s.onRcpt = answer(tt.code, tt.enhanced)
				case "content":
					s.onData = answer(tt.code, tt.enhanced)
				}
			})
			err := sender(t, s, smtp.StartTLS, nil).Send(t.Context(), message())
			wantFault(t, err, tt.phase, tt.code, tt.permanent)
			want := fmt.Sprintf("smtp %s: %d", tt.phase, tt.code)
			if tt.enhanced != gosmtp.NoEnhancedCode {
				want += fmt.Sprintf(" %d.%d.%d", tt.enhanced[0], tt.enhanced[1], tt.enhanced[2])
			}
			if err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
		})
	}
}

// polite answers everything.
func polite(except string, reply ...string) map[string]string {
	replies := map[string]string{
		"EHLO": "250-hi\r\n250 8BITMIME\r\n", "HELO": "250 hi\r\n", "MAIL": "250 ok\r\n", "RCPT": "250 ok\r\n",
		"DATA": "354 go\r\n", ".": "250 taken\r\n", "QUIT": "221 bye\r\n",
	}
	delete(replies, except)
	for _, text := range reply {
		replies[except] = text
	}
	return replies
}

func plainSender(t *testing.T, addr string, timeout time.Duration) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(smtp.Config{Addr: addr, From: "no-reply@acme.example", TLS: smtp.Off, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSilentServerIsLeft(t *testing.T) {
	tests := []struct{ name, greeting, silentAt, phase string }{
		{"after connecting", "", "", "greeting"},
		{"after the greeting", "220 hi\r\n", "EHLO", "hello"},
		{"after the sender", "220 hi\r\n", "MAIL", "mail"},
		{"after the recipient", "220 hi\r\n", "RCPT", "rcpt"},
		{"before the content", "220 hi\r\n", "DATA", "data"},
		{"after the content", "220 hi\r\n", ".", "content"},
	}
	for _, tt := range tests {
		t.Run(tt.name+", cancelled", func(t *testing.T) {
			addr, heard := scripted(t, tt.greeting, polite(tt.silentAt))
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-heard; cancel() }()
			err := plainSender(t, addr, 0).Send(ctx, message())
			if tt.greeting != "" { // else it may not even know that it is connected
				wantFault(t, err, tt.phase, 0, false)
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want %v", err, context.Canceled)
			}
		})
	}
	t.Run("too late", func(t *testing.T) {
		addr, _ := scripted(t, "", nil)
		err := plainSender(t, addr, 20*time.Millisecond).Send(t.Context(), message())
		if !errors.Is(err, context.DeadlineExceeded) || delivery.IsPermanent(err) {
			t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestSilentHandshakeIsLeft(t *testing.T) {
	replies := polite("")
	replies["EHLO"], replies["STARTTLS"] = "250-hi\r\n250 STARTTLS\r\n", "220 go\r\n"
	for mode, greeting := range map[smtp.Mode]string{smtp.StartTLS: "220 hi\r\n", smtp.Implicit: ""} {
		addr, _ := scripted(t, greeting, replies)
		s, err := smtp.New(smtp.Config{Addr: addr, From: "no-reply@acme.example", TLS: mode, Timeout: 20 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), message()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error %v, want %v", mode, err, context.DeadlineExceeded)
		}
	}
}

func TestOddServers(t *testing.T) {
	tests := []struct {
		name, greeting string
		replies        map[string]string
		phase          string // empty: the mail is taken
		code           int
		permanent      bool
	}{
		{"greets with a refusal", "554 no service\r\n", nil, "greeting", 554, false},
		{"speaks another protocol", "HTTP/1.1 400 042137\r\n", nil, "greeting", 0, false},
		{"never stops greeting", strings.Repeat("220-042137\r\n", 100_000), nil, "greeting", 0, false},
		{"knows no EHLO", "220 hi\r\n", polite("EHLO", "502 what\r\n"), "", 0, false},
		{"refuses DATA", "220 hi\r\n", polite("DATA", "554 5.5.1 jo@example.org\r\n"), "data", 554, true},
		{"hangs up before the recipient", "220 hi\r\n", polite("RCPT", "hang up"), "rcpt", 0, false},
		{"hangs up after the content", "220 hi\r\n", polite(".", "hang up"), "content", 0, false},
		{"says nothing sensible", "220 hi\r\n", polite("RCPT", "jo@example.org? never heard\r\n"), "rcpt", 0, false},
		{"hangs up instead of saying goodbye", "220 hi\r\n", polite("QUIT", "hang up"), "", 0, false},
		{"refuses to say goodbye", "220 hi\r\n", polite("QUIT", "500 no\r\n"), "", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr, _ := scripted(t, tt.greeting, tt.replies)
			err := plainSender(t, addr, 0).Send(t.Context(), message())
			if tt.phase == "" {
				if err != nil {
					t.Errorf("error %v, though the mail was taken", err)
				}
				return
			}
			wantFault(t, err, tt.phase, tt.code, tt.permanent)
		})
	}
}

func TestNoServer(t *testing.T) {
	listener := listen(t)
	addr := listener.Addr().String()
	_ = listener.Close()
	wantFault(t, plainSender(t, addr, 0).Send(t.Context(), message()), "connect", 0, false)
}

func TestSendConcurrently(t *testing.T) {
	s := start(t, smtp.StartTLS, nil)
	out := sender(t, s, smtp.StartTLS, signedIn("hunter2"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := out.Send(t.Context(), message()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(s.all()); n != 8 {
		t.Errorf("%d mails", n)
	}
}

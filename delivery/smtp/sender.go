// SPDX-License-Identifier: Apache-2.0

package smtp

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/gatelatch/gatelatch/delivery"
)

const (
	// maxAnswers bounds what a server may say in one connection, in bytes.
	maxAnswers = 1 << 20
	// goodbye is how long a server gets to answer QUIT. The message is sent by then.
	goodbye = time.Second
)

// Sender sends each mail over a connection of its own: codes come one at a
// time, and a kept connection would have to be probed before each. Callers bound
// how many are open at once by how many they let send.
//
// One try takes at most the timeout, from dialling to the server's last answer,
// and ends at once with its context, in whatever phase the server hangs.
//
// A 5xx answer to the recipient or the message (RCPT, DATA, content) is a final
// refusal. Everything else is temporary and tried again by the queue: 4xx, no
// connection, a wrong certificate, no STARTTLS, a failed sign-in, a refused
// sender. When a connection breaks after the message was handed over, the next
// try may bring it twice; it has the same Message-ID then, made of the message's
// id, by which mailboxes drop the second.
//
// Mails are multipart/alternative, text first, and marked as sent by a machine
// (Auto-Submitted, X-Auto-Response-Suppress). Errors are of type [Error], or say
// why the message itself was refused; they hold neither code nor recipient.
type Sender struct{ settings settings }

var _ delivery.Sender = (*Sender)(nil)

// New checks the settings and returns a sender. It does not connect.
func New(c Config) (*Sender, error) {
	s, err := c.check()
	if err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return &Sender{settings: s}, nil
}

// Send hands one mail to the server. It is safe for concurrent use.
func (s *Sender) Send(ctx context.Context, m delivery.Message) error {
	content, err := encode(s.settings.from, m)
	if err != nil {
		return delivery.Permanent(fmt.Errorf("smtp: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, s.settings.timeout)
	defer cancel()
	err = s.settings.deliver(ctx, m.To, content)
	if err != nil && ctx.Err() != nil && !delivery.IsPermanent(err) {
		return overtaken(err, ctx.Err())
	}
	return err
}

// overtaken names the end of the context as the cause: closing the connection
// is how it shows, not why.
func overtaken(err, cause error) error {
	phase := "connect"
	if e, ok := err.(*Error); ok { //nolint:errorlint // fault returns the very type
		phase = e.Phase
	}
	return &Error{Phase: phase, cause: cause}
}

// deliver runs one whole conversation.
func (s settings) deliver(ctx context.Context, to string, content []byte) error {
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return fault("connect", err)
	}
	defer func() { _ = raw.Close() }()
	// Closing is what ends a read or a handshake that waits for a silent server.
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	c, err := s.greet(ctx, &boundedConn{Conn: raw, left: maxAnswers})
	if err != nil {
		return err
	}
	if err := s.signIn(c); err != nil {
		return err
	}
	if err := hand(c, s.from.Address, to, content); err != nil {
		return err
	}
	_ = raw.SetDeadline(time.Now().Add(goodbye))
	_ = c.Quit() // the message is the server's now; nothing said here undoes it
	return nil
}

// greet sets up TLS and exchanges greetings.
func (s settings) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	if s.mode == Implicit {
		secure := tls.Client(conn, s.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, fault("tls", err)
		}
		conn = secure
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, fault("greeting", err)
	}
	if err := c.Hello(s.localName); err != nil {
		return nil, fault("hello", err)
	}
	if s.mode != StartTLS {
		return c, nil
	}
	if offered, _ := c.Extension("STARTTLS"); !offered {
		return nil, &Error{Phase: "starttls", cause: errNoStartTLS}
	}
	if err := c.StartTLS(s.tls); err != nil {
		return nil, fault("starttls", err)
	}
	return c, nil
}

// signIn proves who sends, when there is somebody to prove.
func (s settings) signIn(c *smtp.Client) error {
	if s.user == "" {
		return nil
	}
	_, offered := c.Extension("AUTH")
	auth := s.method(strings.Fields(strings.ToUpper(offered)))
	if auth == nil {
		return &Error{Phase: "auth", cause: errNoAuth}
	}
	if err := c.Auth(auth); err != nil {
		return fault("auth", err)
	}
	return nil
}

// method picks the best of what the server offers, or nil. The methods that tell
// the password may do so without TLS only where the settings allow a password
// without TLS at all, which is loopback.
func (s settings) method(offered []string) smtp.Auth {
	plain, password := s.mode == Off, s.password.Reveal()
	for _, m := range []struct {
		name string
		auth func() smtp.Auth
	}{
		{"SCRAM-SHA-256", func() smtp.Auth { return smtp.ScramSHA256Auth(s.user, password) }},
		{"SCRAM-SHA-1", func() smtp.Auth { return smtp.ScramSHA1Auth(s.user, password) }},
		{"PLAIN", func() smtp.Auth { return smtp.PlainAuth("", s.user, password, s.host, plain) }},
		{"LOGIN", func() smtp.Auth { return smtp.LoginAuth(s.user, password, s.host, plain) }},
		{"CRAM-MD5", func() smtp.Auth { return smtp.CRAMMD5Auth(s.user, password) }},
	} {
		if slices.Contains(offered, m.name) {
			return m.auth()
		}
	}
	return nil
}

// hand passes the message over; when it returns nil the server has taken it.
func hand(c *smtp.Client, from, to string, content []byte) error {
	c.SkipSMTPUTF8(true) // both addresses are ASCII, and some that offer it cannot
	if err := c.Mail("<" + from + ">"); err != nil {
		return fault("mail", err)
	}
	if err := c.Rcpt("<" + to + ">"); err != nil {
		return fault("rcpt", err)
	}
	w, err := c.Data()
	if err != nil {
		return fault("data", err)
	}
	if _, err := w.Write(content); err != nil {
		return fault("content", err)
	}
	if err := w.Close(); err != nil {
		return fault("content", err)
	}
	return nil
}

// boundedConn ends after a number of bytes read, so that a server that never
// stops talking cannot fill the memory. It is not safe for concurrent reads.
type boundedConn struct {
	net.Conn
	left int
}

// Read implements [net.Conn].
func (c *boundedConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// SPDX-License-Identifier: Apache-2.0

package smtp_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/gatelatch/gatelatch/delivery/smtp"
)

// server is a real SMTP server on loopback, with a certificate of its own.
type server struct {
	addr  string
	roots *x509.CertPool

	// What it answers; nil takes everything.
	onMail, onRcpt, onData error
	methods                []string

	mu       sync.Mutex
	mails    []received
	sessions int
}

// received is one mail as the server got it.
type received struct {
	from, to, user, content string
	utf8                    bool
	tls                     bool
}

// start runs a server; edit changes it before it listens.
func start(t *testing.T, mode smtp.Mode, edit func(*server)) *server {
	t.Helper()
	s := &server{methods: []string{sasl.Plain}}
	if edit != nil {
		edit(s)
	}
	var config *tls.Config
	config, s.roots = certificate(t)
	srv := gosmtp.NewServer(gosmtp.BackendFunc(s.session))
	srv.Domain = "localhost"
	srv.AllowInsecureAuth = true
	srv.EnableSMTPUTF8 = true
	srv.ErrorLog = log.New(io.Discard, "", 0)
	listener := listen(t)
	s.addr = listener.Addr().String()
	switch mode {
	case smtp.StartTLS:
		srv.TLSConfig = config
	case smtp.Implicit:
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = listener.Close(); _ = srv.Close(); <-done })
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// certificate makes one for 127.0.0.1, and the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}

func (s *server) session(c *gosmtp.Conn) (gosmtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	_, secure := c.TLSConnectionState()
	return &session{server: s, mail: received{tls: secure}}, nil
}

// all returns the mails received.
func (s *server) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

type session struct {
	server *server
	mail   received
}

var _ gosmtp.AuthSession = (*session)(nil)

func (s *session) AuthMechanisms() []string { return s.server.methods }

func (s *session) Auth(method string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != "acme" || password != "hunter2" {
			return gosmtp.ErrAuthFailed
		}
		s.mail.user = user
		return nil
	}
	if method == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer speaks LOGIN, for which go-sasl has no server any more.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check(l.user, string(response))
	}
}

func (s *session) Mail(from string, opts *gosmtp.MailOptions) error {
	s.mail.from, s.mail.utf8 = from, opts.UTF8
	return s.server.onMail
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.mail.to = to
	return s.server.onRcpt
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.onData != nil {
		return s.server.onData
	}
	s.mail.content = string(content)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.mail)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// answer is what a server says, with an echo of what it must not tell.
func answer(code int, enhanced gosmtp.EnhancedCode) error {
	return &gosmtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no: <jo@example.org> 042137"}
}

// scripted serves each connection with canned answers: it greets, and answers
// each line that begins with a key of replies; a line without a reply gets
// silence, of which heard tells.
func scripted(t *testing.T, greeting string, replies map[string]string) (addr string, heard <-chan string) {
	t.Helper()
	listener, lines := listen(t), make(chan string, 64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { converse(conn, greeting, replies, lines); _ = conn.Close() })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); wg.Wait() })
	return listener.Addr().String(), lines
}

func converse(conn net.Conn, greeting string, replies map[string]string, heard chan<- string) {
	_, _ = io.WriteString(conn, greeting)
	if greeting == "" {
		heard <- "connected"
	}
	in := bufio.NewScanner(conn)
	for in.Scan() {
		verb, _, _ := strings.Cut(in.Text(), " ")
		reply, ok := replies[verb]
		if !ok && !strings.Contains("EHLO HELO MAIL RCPT DATA . AUTH STARTTLS QUIT", verb) {
			continue // a line of content
		}
		if !ok {
			heard <- verb
			continue
		}
		if reply == "hang up" {
			return
		}
		_, _ = io.WriteString(conn, reply)
	}
}

// SPDX-License-Identifier: Apache-2.0

// Package smtp sends mail through one submission server, with go-mail for MIME
// and the protocol.
package smtp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery/internal/wire"
)

// Mode says how the connection is encrypted.
type Mode string

// The modes.
const (
	// StartTLS begins in plain text and insists on STARTTLS (RFC 3207): a server
	// that does not offer it gets no mail. It is the default; port 587.
	StartTLS Mode = "starttls"
	// Implicit is TLS from the first byte (RFC 8314); port 465.
	Implicit Mode = "implicit"
	// Off is no TLS at all, for a relay on this machine or on a trusted network:
	// codes travel in plain text. A user name is allowed only on loopback; port 25.
	Off Mode = "off"
)

// Config says through which server mail goes, and in whose name.
type Config struct {
	// Addr is host:port of the server. Without a port it is the usual one of the
	// mode.
	Addr string
	// From is the sender as in a mail's header: "Acme <no-reply@acme.com>" or the
	// bare address. The address is ASCII, the name anything.
	From string
	// Username and Password sign in to the server, with SCRAM-SHA-256,
	// SCRAM-SHA-1, PLAIN, LOGIN or CRAM-MD5: the first that the server offers.
	// Without them nobody signs in.
	Username string
	Password gatelatch.Secret
	// TLS defaults to [StartTLS]. TLS 1.2 is the least; the certificate must be
	// for the host of Addr.
	TLS Mode
	// Timeout bounds one try, from dialling to the server's last answer. 0 means
	// 15 seconds.
	Timeout time.Duration
	// RootCAs is what certificates are checked against: a private CA, or a test's.
	// nil means the machine's own.
	RootCAs *x509.CertPool
	// LocalName is how this machine introduces itself (EHLO). It defaults to its
	// host name.
	LocalName string
}

// defaultPorts by mode.
var defaultPorts = map[Mode]string{StartTLS: "587", Implicit: "465", Off: "25"}

// settings is a [Config] that has been checked.
type settings struct {
	host, addr string
	from       mail.Address
	user       string
	password   gatelatch.Secret
	mode       Mode
	timeout    time.Duration
	localName  string
	tls        *tls.Config
}

// check resolves the defaults. Its errors name the setting at fault, and quote
// no secret.
func (c Config) check() (settings, error) {
	s := settings{user: c.Username, password: c.Password, mode: c.TLS, timeout: c.Timeout}
	if s.mode == "" {
		s.mode = StartTLS
	}
	if _, ok := defaultPorts[s.mode]; !ok {
		return s, fmt.Errorf("tls: %q is none of starttls, implicit, off", string(s.mode))
	}
	var err error
	if s.host, s.addr, err = parseAddr(c.Addr, defaultPorts[s.mode]); err != nil {
		return s, fmt.Errorf("host: %w", err)
	}
	if s.from, err = parseFrom(c.From); err != nil {
		return s, fmt.Errorf("from: %w", err)
	}
	if s.localName, err = localName(c.LocalName); err != nil {
		return s, err
	}
	if s.timeout == 0 {
		s.timeout = wire.DefaultTimeout
	}
	s.tls = &tls.Config{ServerName: s.host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	return s, s.contradiction()
}

// contradiction refuses settings that are fine alone but not together.
func (s settings) contradiction() error {
	switch {
	case s.timeout < 0:
		return errors.New("timeout: less than zero")
	case (s.user == "") != (s.password == ""):
		return errors.New("username and password: want both or neither")
	case s.user != "" && s.mode == Off && !wire.IsLoopback(s.host):
		return errors.New("username: a password needs TLS, or a server on this machine")
	}
	return nil
}

// parseAddr splits host[:port] and fills in the port.
func parseAddr(addr, defaultPort string) (host, full string, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]"), defaultPort
	}
	if !isHost(host) {
		return "", "", errors.New("want a host name, and a port if it is not the usual one, such as mail.example.com:587")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", "", errors.New("port: want 1 to 65535")
	}
	return host, net.JoinHostPort(host, port), nil
}

// isHost reports whether s is an IP address or can be a host name.
func isHost(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	for _, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 253
}

func parseFrom(s string) (mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if name, addr, ok := strings.Cut(s, "<"); err != nil && ok {
		// "Acme, Inc. <...>" lacks quotes that nobody thinks of.
		a, err = mail.ParseAddress("<" + addr)
		if err == nil {
			a.Name = strings.TrimSpace(name)
		}
	}
	if err != nil {
		return mail.Address{}, errors.New(`want an address, as in "Acme <no-reply@acme.com>"`)
	}
	if !isPlainAddress(a.Address) {
		return mail.Address{}, errors.New("want a plain ASCII address")
	}
	if strings.ContainsFunc(a.Name, unicode.IsControl) {
		return mail.Address{}, errors.New("name with a control character")
	}
	return *a, nil
}

// localName returns the name for EHLO.
func localName(configured string) (string, error) {
	if configured != "" {
		if !isHost(configured) {
			return "", errors.New("local name: want a host name")
		}
		return configured, nil
	}
	if name, err := os.Hostname(); err == nil && isHost(name) {
		return name, nil
	}
	return "localhost", nil
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/smtp"
)

func init() { caddy.RegisterModule(new(SMTP)) }

// SMTP sends mail through a submission server.
type SMTP struct {
	// Host and port of the server. Default port: 587, or 465 with tls implicit,
	// or 25 with tls off.
	Host string `json:"host,omitempty"`
	// From is the sender, such as "Acme <no-reply@acme.com>".
	From string `json:"from,omitempty"`
	// Username to sign in with. Default: none, nobody signs in.
	Username string `json:"username,omitempty"`
	// Password to sign in with. Placeholders are resolved.
	Password string `json:"password,omitempty"`
	// TLS is starttls, implicit or off. Default: starttls
	TLS string `json:"tls,omitempty"`
	// Timeout bounds one try. Default: 15s
	Timeout caddy.Duration `json:"timeout,omitempty"`

	config smtp.Config
}

// CaddyModule returns the Caddy module information.
func (*SMTP) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: senderNamespace + ".smtp", New: func() caddy.Module { return new(SMTP) }}
}

// Provision resolves placeholders and checks the settings.
func (s *SMTP) Provision(caddy.Context) error {
	c := smtp.Config{TLS: smtp.Mode(s.TLS), Timeout: time.Duration(s.Timeout)}
	if err := resolveAll(map[string]field{
		"email smtp host": {s.Host, &c.Addr}, "email smtp from": {s.From, &c.From},
		"email smtp username": {s.Username, &c.Username},
	}); err != nil {
		return err
	}
	var err error
	if c.Password, err = resolveSecret("email smtp password", s.Password); err != nil {
		return err
	}
	s.config = c
	_, err = s.sender()
	return err
}

// UnmarshalCaddyfile reads
//
//	smtp {
//		host      <host[:port]>
//		from      <address>
//		username  <text>
//		password  <text>
//		tls       starttls | implicit | off
//		timeout   <duration>
//	}
func (s *SMTP) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the name of the module
	if err := inBlock(d, "smtp", []option{
		{"host", text(&s.Host, nil)},
		{"from", text(&s.From, nil)},
		{"username", text(&s.Username, nil)},
		{"password", text(&s.Password, nil)},
		{"tls", text(&s.TLS, func(word string) error {
			return oneOf("smtp tls", word, string(smtp.StartTLS), string(smtp.Implicit), string(smtp.Off))
		})},
		{"timeout", period(&s.Timeout, checkTimeout)},
	}); err != nil {
		return err
	}
	if hasPlaceholder(s.Host + s.From + s.Username) {
		return nil
	}
	_, err := smtp.New(smtp.Config{
		Addr: s.Host, From: s.From, Username: s.Username, Password: gatelatch.Secret(s.Password), TLS: smtp.Mode(s.TLS),
	})
	return located(d, err)
}

func (s *SMTP) sender() (delivery.Sender, error) { return smtp.New(s.config) }

func checkTimeout(v caddy.Duration) error { return lasting("timeout", v, time.Second, time.Minute) }

// field is an option and where its resolved value goes.
type field struct {
	value string
	to    *string
}

func resolveAll(fields map[string]field) error {
	for option, f := range fields {
		value, err := resolve(option, f.value)
		if err != nil {
			return err
		}
		*f.to = value
	}
	return nil
}

// Interface guards.
var (
	_ senderGuest           = (*SMTP)(nil)
	_ caddyfile.Unmarshaler = (*SMTP)(nil)
)

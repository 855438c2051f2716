// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/twilio"
	"github.com/gatelatch/gatelatch/delivery/webhook"
)

func init() {
	caddy.RegisterModule(new(Twilio))
	caddy.RegisterModule(new(Webhook))
}

// Twilio sends text messages through Twilio's Messages API.
type Twilio struct {
	// AccountSID names the account ("AC...").
	AccountSID string `json:"account_sid,omitempty"`
	// AuthToken is the account's password. Placeholders are resolved.
	AuthToken string `json:"auth_token,omitempty"`
	// From is the number or name to send from. Exactly one of from and
	// messaging_service is needed.
	From string `json:"from,omitempty"`
	// MessagingService picks the sender ("MG...").
	MessagingService string `json:"messaging_service,omitempty"`
	// BaseURL of the interface. Default: https://api.twilio.com
	BaseURL string `json:"base_url,omitempty"`
	// Timeout bounds one try. Default: 15s
	Timeout caddy.Duration `json:"timeout,omitempty"`

	config twilio.Config
}

// CaddyModule returns the Caddy module information.
func (*Twilio) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: senderNamespace + ".twilio", New: func() caddy.Module { return new(Twilio) }}
}

// Provision resolves placeholders and checks the settings.
func (t *Twilio) Provision(caddy.Context) error {
	c := twilio.Config{Timeout: time.Duration(t.Timeout)}
	if err := resolveAll(map[string]field{
		"sms twilio account_sid": {t.AccountSID, &c.AccountSID}, "sms twilio from": {t.From, &c.From},
		"sms twilio messaging_service": {t.MessagingService, &c.MessagingService},
		"sms twilio base_url":          {t.BaseURL, &c.BaseURL},
	}); err != nil {
		return err
	}
	var err error
	if c.AuthToken, err = resolveSecret("sms twilio auth_token", t.AuthToken); err != nil {
		return err
	}
	t.config = c
	_, err = t.sender()
	return err
}

// UnmarshalCaddyfile reads
//
//	twilio {
//		account_sid        <sid>
//		auth_token         <text>
//		from               <number or name>
//		messaging_service  <sid>
//		base_url           <url>
//		timeout            <duration>
//	}
func (t *Twilio) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the name of the module
	if err := inBlock(d, "twilio", []option{
		{"account_sid", text(&t.AccountSID, nil)},
		{"auth_token", text(&t.AuthToken, nil)},
		{"from", text(&t.From, nil)},
		{"messaging_service", text(&t.MessagingService, nil)},
		{"base_url", text(&t.BaseURL, nil)},
		{"timeout", period(&t.Timeout, checkTimeout)},
	}); err != nil {
		return err
	}
	if hasPlaceholder(t.AccountSID + t.From + t.MessagingService + t.BaseURL) {
		return nil
	}
	_, err := twilio.New(twilio.Config{
		AccountSID: t.AccountSID, AuthToken: gatelatch.Secret(t.AuthToken), From: t.From,
		MessagingService: t.MessagingService, BaseURL: t.BaseURL,
	})
	return located(d, err)
}

func (t *Twilio) sender() (delivery.Sender, error) { return twilio.New(t.config) }

// Webhook posts messages to a program of the operator's, signed with
// HMAC-SHA256 over timestamp and body.
type Webhook struct {
	// URL that receives the messages. Placeholders are resolved.
	URL string `json:"url,omitempty"`
	// Secret is the key of the signature, at least 16 bytes. Placeholders are
	// resolved.
	Secret string `json:"secret,omitempty"`
	// Timeout bounds one try. Default: 15s
	Timeout caddy.Duration `json:"timeout,omitempty"`

	config webhook.Config
}

// CaddyModule returns the Caddy module information.
func (*Webhook) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: senderNamespace + ".webhook", New: func() caddy.Module { return new(Webhook) }}
}

// Provision resolves placeholders and checks the settings.
func (h *Webhook) Provision(caddy.Context) error {
	url, err := resolveSecret("webhook url", h.URL) // its path may be a secret
	if err != nil {
		return err
	}
	c := webhook.Config{URL: url.Reveal(), Timeout: time.Duration(h.Timeout)}
	if c.Secret, err = resolveSecret("webhook secret", h.Secret); err != nil {
		return err
	}
	h.config = c
	_, err = h.sender()
	return err
}

// UnmarshalCaddyfile reads
//
//	webhook <url> {
//		secret   <text>
//		timeout  <duration>
//	}
func (h *Webhook) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the name of the module
	if !d.NextArg() {
		return d.Err("webhook needs a URL")
	}
	h.URL = d.Val()
	if err := inBlock(d, "webhook", []option{
		{"secret", text(&h.Secret, nil)},
		{"timeout", period(&h.Timeout, checkTimeout)},
	}); err != nil {
		return err
	}
	if hasPlaceholder(h.URL) {
		return nil
	}
	secret := h.Secret
	if hasPlaceholder(secret) {
		secret = strings.Repeat("x", 32) // long enough, as what it stands for should be
	}
	_, err := webhook.New(webhook.Config{URL: h.URL, Secret: gatelatch.Secret(secret)})
	return located(d, err)
}

func (h *Webhook) sender() (delivery.Sender, error) { return webhook.New(h.config) }

// Interface guards.
var (
	_ senderGuest           = (*Twilio)(nil)
	_ senderGuest           = (*Webhook)(nil)
	_ caddyfile.Unmarshaler = (*Twilio)(nil)
	_ caddyfile.Unmarshaler = (*Webhook)(nil)
)

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/outbox"
)

func init() { caddy.RegisterModule(new(Outbox)) }

// Outbox appends messages to a file instead of sending them, one JSON object a
// line: to, channel, code, subject, body, at. Whoever can read the file can
// sign in as anybody.
type Outbox struct {
	// File to append to. It is made with mode 0600.
	File string `json:"file,omitempty"`

	file    string
	makeDir bool
}

// CaddyModule returns the Caddy module information.
func (*Outbox) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: senderNamespace + ".outbox", New: func() caddy.Module { return new(Outbox) }}
}

var errNoOutboxFile = errors.New("outbox needs the name of a file")

// Provision resolves the name of the file.
func (o *Outbox) Provision(caddy.Context) error {
	if o.File == "" {
		return errNoOutboxFile
	}
	file, err := resolve("outbox", o.File)
	o.file = canonical(file)
	return err
}

// UnmarshalCaddyfile reads
//
//	outbox <file>
func (o *Outbox) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the name of the module
	if !d.NextArg() {
		return d.WrapErr(errNoOutboxFile)
	}
	o.File = d.Val()
	return nothingLeft(d, "outbox")
}

func (o *Outbox) sender() (delivery.Sender, error) {
	if o.makeDir {
		if err := os.MkdirAll(filepath.Dir(o.file), 0o700); err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
	}
	return outbox.Open(o.file)
}

// announcer also shows messages in the log: their code, or what they are about,
// and where they lead. It exists for the development outbox of a localhost site
// and is the one place where a code or a link reaches a log.
type announcer struct {
	delivery.Sender
	log *slog.Logger
}

// Send writes the message, then shows what somebody who tries things out needs of
// it.
func (a announcer) Send(ctx context.Context, m delivery.Message) error {
	if err := a.Sender.Send(ctx, m); err != nil {
		return err
	}
	what, attrs := "message for ", []any{slog.String("about", m.Purpose)}
	if m.Code != "" { // a notice has none
		what, attrs = "code for ", []any{slog.String("code", m.Code.Reveal())}
	}
	if m.Link != "" {
		attrs = append(attrs, slog.String("link", m.Link.Reveal()))
	}
	a.log.Info("development outbox: "+what+m.To, attrs...)
	return nil
}

// Interface guards.
var (
	_ senderGuest           = (*Outbox)(nil)
	_ caddyfile.Unmarshaler = (*Outbox)(nil)
	_ delivery.Sender       = announcer{}
)

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/outbox"
)

const senderNamespace = "gatelatch.senders"

// senderGuest is a module that knows how to send. It owns nothing.
type senderGuest interface {
	caddy.Module
	// sender returns a sender. It connects to nothing, but may make a file.
	sender() (delivery.Sender, error)
}

// carrier is how one channel is served.
type carrier struct {
	guest senderGuest
	// implicit says that nobody named a sender, and that a development outbox
	// stands in.
	implicit bool
}

// channelOf maps the kinds of identifier to channels, in the words of options.
var channelOf = map[string]string{wordEmail: wordEmail, wordPhone: wordSMS}

// loadCarriers returns how each channel that people are reached by is served.
// Only a site on this machine may do without a sender of its own.
func (g *Gate) loadCarriers(ctx caddy.Context) (map[string]carrier, error) {
	guests, err := g.loadSenders(ctx)
	if err != nil {
		return nil, err
	}
	carriers := make(map[string]carrier)
	for kind, channel := range channelOf {
		if !g.identifies(kind) {
			continue
		}
		guest, ok := guests[channel]
		switch {
		case ok:
			carriers[channel] = carrier{guest: guest}
		case g.site.development:
			carriers[channel] = carrier{developmentOutbox(), true}
		default:
			return nil, g.noSender(channel)
		}
	}
	return carriers, nil
}

func (g *Gate) noSender(channel string) error {
	example := "email smtp { host mail.example.com:587  from \"Acme <no-reply@example.com>\"  username u  password {env.SMTP_PASSWORD} }"
	if channel == wordSMS {
		example = "sms twilio { account_sid AC...  auth_token {env.TWILIO_TOKEN}  from +1... }"
	}
	return fmt.Errorf("%s has no sender for %s, and only a localhost site may do without; write for example %s",
		g.site.origins[0], channel, example)
}

func (g *Gate) loadSenders(ctx caddy.Context) (map[string]senderGuest, error) {
	names := make([]string, 0, len(g.SendersRaw))
	for channel := range g.SendersRaw {
		names = append(names, channel)
	}
	if len(names) == 0 {
		return nil, nil
	}
	loaded, err := ctx.LoadModule(g, "SendersRaw")
	if err != nil {
		return nil, fmt.Errorf("senders: %w", err)
	}
	modules, _ := loaded.(map[string]any)
	guests := make(map[string]senderGuest, len(names))
	for _, channel := range names {
		guest, ok := modules[channel].(senderGuest)
		if !ok {
			return nil, fmt.Errorf("%s: %T is no sender", channel, modules[channel])
		}
		if err := oneOf(channel, guest.CaddyModule().ID.Name(), senders[channel]...); err != nil {
			return nil, err
		}
		guests[channel] = guest
	}
	return guests, nil
}

// developmentOutbox is the file that stands in for senders on a localhost site.
func developmentOutbox() *Outbox {
	return &Outbox{file: filepath.Join(dataDir(), "outbox.jsonl"), makeDir: true}
}

// outboxFiles returns the files that a page may show, each once.
func (g *Gate) outboxFiles() []string {
	if !g.site.development {
		return nil
	}
	var files []string
	for _, c := range g.carriers {
		if o, ok := c.guest.(*Outbox); ok && !slices.Contains(files, o.file) {
			files = append(files, o.file)
		}
	}
	return files
}

// openSenders makes the senders of a site.
func (g *Gate) openSenders() (map[delivery.Channel]delivery.Sender, error) {
	opened := make(map[delivery.Channel]delivery.Sender, len(g.carriers))
	for channel, c := range g.carriers {
		s, err := c.guest.sender()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", channel, err)
		}
		if c.implicit {
			s = announcer{s, g.log}
		}
		opened[delivery.Channel(channel)] = s
	}
	return opened, nil
}

// readOutboxes returns what the outbox page shows, newest first.
func readOutboxes(files []string, limit int) ([]outbox.Entry, error) {
	var all []outbox.Entry
	for _, file := range files {
		entries, err := outbox.Read(file, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	slices.SortStableFunc(all, func(a, b outbox.Entry) int { return b.At.Compare(a.At) })
	return all[:min(len(all), limit)], nil
}

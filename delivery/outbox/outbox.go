// SPDX-License-Identifier: Apache-2.0

// Package outbox keeps messages in a file instead of sending them, for
// development and tests. The file holds codes and links in the clear: that is its
// purpose.
// Whoever can read it can sign in as anybody.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch/delivery"
)

// stamp is RFC 3339 that always has its fraction, in UTC.
const stamp = "2006-01-02T15:04:05.000000000Z07:00"

// Entry is one message of the file.
type Entry struct {
	To      string           `json:"to"`
	Channel delivery.Channel `json:"channel"`
	// Code is plain text, unlike everywhere else; empty for a notice.
	Code    string    `json:"code"`
	Subject string    `json:"subject"`
	Body    string    `json:"body"`
	At      time.Time `json:"at"`
}

// MarshalJSON writes At with a fraction of nine digits, in UTC.
func (e Entry) MarshalJSON() ([]byte, error) {
	type plain Entry
	return json.Marshal(struct {
		plain
		At string `json:"at"`
	}{plain(e), e.At.UTC().Format(stamp)})
}

// Sender appends messages to a file, one JSON object a line, with the keys to,
// channel ("email" or "sms"), code (empty for a notice), subject, body (the text
// part, which also holds the link of a message that has one) and at (RFC 3339 with
// fraction).
//
// Each line is one write in append mode, so that several goroutines and
// processes may share a file. The file is opened for each message: one that was
// removed or renamed is made anew, with mode 0600; the mode of a file that is
// there already is left alone. A line cut off by a crash or a full disk stays
// alone on its line. The file is not synced to disk, nor ever cut: it grows.
//
// Any failure is temporary, so the queue tries again. There is no timeout: a
// local file either takes the line or fails.
type Sender struct {
	path string
	mu   sync.Mutex
}

var _ delivery.Sender = (*Sender)(nil)

// Open returns a sender that appends to the file at path. It creates the file,
// but not the directory that it lies in, and fails when it cannot be written.
func Open(path string) (*Sender, error) {
	if path == "" {
		return nil, errors.New("outbox: no file named")
	}
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return &Sender{path: path}, nil
}

func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
}

// Send appends one line. It is safe for concurrent use.
func (s *Sender) Send(ctx context.Context, m delivery.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	line, err := encode(m)
	if err != nil {
		return delivery.Permanent(fmt.Errorf("outbox: %w", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := appendLine(s.path, line); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// encode returns m as one line, with its line feed.
func encode(m delivery.Message) ([]byte, error) {
	line, err := json.Marshal(Entry{
		To: m.To, Channel: m.Channel, Code: m.Code.Reveal(), Subject: m.Subject, Body: m.Text, At: m.At,
	})
	return append(line, '\n'), err
}

func appendLine(path string, line []byte) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	broken, err := endsBroken(f)
	if err == nil {
		if broken {
			line = append([]byte{'\n'}, line...)
		}
		_, err = f.Write(line)
	}
	return errors.Join(err, f.Close())
}

// endsBroken reports whether f is a regular file whose last line was cut off.
func endsBroken(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false, err
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	if errors.Is(err, io.EOF) { // somebody emptied it just now
		return false, nil
	}
	return last[0] != '\n', err
}

// SPDX-License-Identifier: Apache-2.0

// Package webhook hands messages to a program of the operator's by HTTP, signed
// so that the program can tell them from anybody else's. [Verify] is the other
// side's half.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/internal/wire"
)

// Config says where messages go.
type Config struct {
	// URL receives the POSTs: https, without user name and fragment. Bodies hold
	// codes, so plain http is for loopback and private networks: an address of
	// one, localhost, a name of one label, or one under .local or .internal.
	URL string
	// Secret is the key of the signature, at least 16 bytes.
	Secret gatelatch.Secret
	// Timeout bounds one try, from dialling to the end of the answer. 0 means 15
	// seconds.
	Timeout time.Duration
	// Client brings a transport of its own; nil means the usual one, with the
	// proxy that the environment names. Its redirect policy and timeout are not
	// used.
	Client *http.Client
}

// Sender posts messages to one URL.
//
// The body is a JSON object with id, to, channel ("email" or "sms"), code (empty
// for a notice), subject (empty for a text message), body (the text part) and at
// (RFC 3339, seconds); and, where there are any, purpose (what the code is for, or
// which notice it is, one of delivery.Notice*) and link (where the message leads;
// it also stands in the body, where it fits). Headers: Gatelatch-Timestamp (Unix seconds at the moment of sending),
// Gatelatch-Signature ("v1=" and the lower-case hex HMAC-SHA256, keyed with the
// secret, of timestamp, "." and body) and Idempotency-Key (the id).
//
// A status of 2xx means taken. 400, 410 and 422 are final refusals. Everything
// else is temporary and tried again by the queue: other statuses, redirects
// (none is followed), failures to connect, and a try that takes longer than the
// timeout. A message can therefore arrive twice; its id stays the same, its
// timestamp and signature do not. At most 64 KiB of an answer are read, and
// nothing of it is repeated in an error.
type Sender struct {
	url    string
	secret gatelatch.Secret
	client *http.Client
}

var _ delivery.Sender = (*Sender)(nil)

// near reports a host that is not reached over the internet, as far as its
// name tells.
func near(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, suffix := range []string{".localhost", ".local", ".internal"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

// New checks the settings and returns a sender. Errors quote neither the URL,
// which may hold a secret path, nor the secret.
func New(c Config) (*Sender, error) {
	u, err := wire.ParseURL(c.URL)
	if err != nil {
		return nil, fmt.Errorf("webhook: url: %w", err)
	}
	if u.Scheme == "http" && !near(u.Hostname()) {
		return nil, errors.New("webhook: url: plain http would carry codes over the internet; want https")
	}
	if len(c.Secret) < minSecret {
		return nil, fmt.Errorf("webhook: secret: want at least %d bytes", minSecret)
	}
	if c.Timeout < 0 {
		return nil, errors.New("webhook: timeout: less than zero")
	}
	return &Sender{url: u.String(), secret: c.Secret, client: wire.Client(c.Client, c.Timeout)}, nil
}

// payload is the body of a request.
type payload struct {
	ID      string           `json:"id"`
	To      string           `json:"to"`
	Channel delivery.Channel `json:"channel"`
	Code    string           `json:"code"`
	Subject string           `json:"subject"`
	Body    string           `json:"body"`
	At      string           `json:"at"`
	Purpose string           `json:"purpose,omitempty"`
	Link    string           `json:"link,omitempty"`
}

// Send posts one message. It is safe for concurrent use.
func (s *Sender) Send(ctx context.Context, m delivery.Message) error {
	req, err := s.request(ctx, m, time.Now())
	if err != nil {
		return delivery.Permanent(err)
	}
	answer, err := wire.Do(s.client, req)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return judge(answer)
}

func (s *Sender) request(ctx context.Context, m delivery.Message, now time.Time) (*http.Request, error) {
	body, err := json.Marshal(payload{
		ID: m.ID, To: m.To, Channel: m.Channel, Code: m.Code.Reveal(),
		Subject: m.Subject, Body: m.Text, At: m.At.UTC().Format(time.RFC3339),
		Purpose: m.Purpose, Link: m.Link.Reveal(),
	})
	if err != nil {
		return nil, errors.New("webhook: message cannot be encoded")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("webhook: request cannot be built")
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "gatelatch")
	req.Header.Set("Idempotency-Key", m.ID)
	req.Header.Set(headerTimestamp, stamp)
	req.Header.Set(headerSignature, version+sign(s.secret, stamp, body))
	return req, nil
}

func judge(a wire.Answer) error {
	if a.OK() {
		return nil
	}
	err := fmt.Errorf("webhook: status %d", a.Status)
	switch a.Status {
	case http.StatusBadRequest, http.StatusGone, http.StatusUnprocessableEntity:
		return delivery.Permanent(err)
	default:
		return err
	}
}

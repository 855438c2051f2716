// SPDX-License-Identifier: Apache-2.0

// Package twilio sends text messages through Twilio's Messages API
// (2010-04-01), over net/http alone.
package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/internal/wire"
)

// DefaultBaseURL is where Twilio answers.
const DefaultBaseURL = "https://api.twilio.com"

// Config says in whose name messages are sent.
type Config struct {
	// AccountSID names the account ("AC...").
	AccountSID string
	// AuthToken is the account's password.
	AuthToken gatelatch.Secret
	// From is the sender: an E.164 number, a short code or an alphanumeric name
	// of at most 11 characters. Exactly one of From and MessagingService is set.
	From string
	// MessagingService names a service that picks the sender ("MG...").
	MessagingService string
	// BaseURL defaults to [DefaultBaseURL]. Plain http is for a stand-in on this
	// machine only.
	BaseURL string
	// Timeout bounds one try, from dialling to the end of the answer. 0 means 15
	// seconds.
	Timeout time.Duration
	// Client brings a transport of its own; nil means the usual one, with the
	// proxy that the environment names. Its redirect policy and timeout are not
	// used.
	Client *http.Client
}

// Sender sends text messages, one POST each.
//
// A status of 2xx means that Twilio has queued the message. Temporary, and tried
// again by the queue: failures to connect, a try that takes longer than the
// timeout, statuses 408, 429 and 5xx, redirects (none is followed), and 401, 403
// and 404, which say that the account is not set up as configured: an operator
// can mend that while a code lives. Any other 4xx is a final refusal of this
// number or text. At most 64 KiB of an answer are read.
//
// Twilio knows no idempotency key for messages: a try whose answer was lost is
// repeated, so a text arrives at least once, and now and then twice, with the
// same code.
type Sender struct {
	endpoint string
	config   Config
	client   *http.Client
}

var _ delivery.Sender = (*Sender)(nil)

// Error is an answer of Twilio's that was not 2xx. It holds numbers only: the
// sentence that comes with them may quote the recipient.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code is Twilio's own error number, or 0. Their site explains each.
	Code int
	// RetryAfter is the wait that was asked for, at most an hour, or 0.
	RetryAfter time.Duration
}

// Error implements error.
func (e *Error) Error() string {
	if e.Code == 0 {
		return fmt.Sprintf("twilio: status %d", e.Status)
	}
	return fmt.Sprintf("twilio: status %d, error %d", e.Status, e.Code)
}

var (
	accountSID = regexp.MustCompile(`^AC[0-9A-Za-z]{1,64}$`)
	serviceSID = regexp.MustCompile(`^MG[0-9A-Za-z]{1,64}$`)
	senderName = regexp.MustCompile(`^(\+[1-9][0-9]{4,14}|[0-9]{3,8}|[0-9A-Za-z ]{1,11})$`)
	e164       = regexp.MustCompile(`^\+[1-9][0-9]{4,14}$`)
)

// New checks the settings and returns a sender. Errors name the setting at
// fault and never quote the token.
func New(c Config) (*Sender, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("twilio: %w", err)
	}
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	base, err := wire.ParseURL(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("twilio: base url: %w", err)
	}
	if base.Scheme != "https" && !wire.IsLoopback(base.Hostname()) {
		return nil, errors.New("twilio: base url: http is for this machine only, use https")
	}
	return &Sender{
		endpoint: base.JoinPath("2010-04-01", "Accounts", c.AccountSID, "Messages.json").String(),
		config:   c,
		client:   wire.Client(c.Client, c.Timeout),
	}, nil
}

func (c Config) check() error {
	switch {
	case !accountSID.MatchString(c.AccountSID):
		return errors.New(`account sid: want "AC" and letters or digits`)
	case c.AuthToken == "":
		return errors.New("auth token: missing")
	case (c.From == "") == (c.MessagingService == ""):
		return errors.New("want exactly one of from and messaging_service")
	case c.From != "" && !senderName.MatchString(c.From):
		return errors.New("from: want an E.164 number, a short code or a name of at most 11 characters")
	case c.MessagingService != "" && !serviceSID.MatchString(c.MessagingService):
		return errors.New(`messaging_service: want "MG" and letters or digits`)
	case c.Timeout < 0:
		return errors.New("timeout: less than zero")
	}
	return nil
}

// Send asks Twilio to send one text message; an e-mail, and a recipient that is
// no E.164 number, is refused for good. It is safe for concurrent use.
func (s *Sender) Send(ctx context.Context, m delivery.Message) error {
	if m.Channel != delivery.SMS {
		return delivery.Permanent(errors.New("twilio: not a text message"))
	}
	if !e164.MatchString(m.To) {
		return delivery.Permanent(errors.New("twilio: recipient is no E.164 number"))
	}
	req, err := s.request(ctx, m)
	if err != nil {
		return delivery.Permanent(err)
	}
	answer, err := wire.Do(s.client, req)
	if err != nil {
		return fmt.Errorf("twilio: %w", err)
	}
	return judge(answer)
}

func (s *Sender) request(ctx context.Context, m delivery.Message) (*http.Request, error) {
	form := url.Values{"To": {m.To}, "Body": {m.Text}}
	if s.config.From != "" {
		form.Set("From", s.config.From)
	} else {
		form.Set("MessagingServiceSid", s.config.MessagingService)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, errors.New("twilio: request cannot be built")
	}
	req.SetBasicAuth(s.config.AccountSID, s.config.AuthToken.Reveal())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "gatelatch")
	return req, nil
}

func judge(a wire.Answer) error {
	if a.OK() {
		return nil
	}
	err := &Error{Status: a.Status, Code: errorCode(a.Body), RetryAfter: a.RetryAfter}
	if isFinal(a.Status) {
		return delivery.Permanent(err)
	}
	return err
}

// errorCode reads Twilio's number; theirs have five digits. Anything larger is
// not shown, so that no echo of a phone number can pass for one.
func errorCode(body []byte) int {
	var answer struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Code < 0 || answer.Code > 99999 {
		return 0
	}
	return answer.Code
}

func isFinal(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	default:
		return status >= 400 && status <= 499
	}
}

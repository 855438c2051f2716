// SPDX-License-Identifier: Apache-2.0

// Package delivery carries codes and notices to people: it words a message, keeps it in a
// durable queue until a sender has taken it, and retries while the code lives.
// Neither the queue nor a log ever holds a code or a link; they are derived again
// at the moment of sending.
package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Channel is the medium a message travels by.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// ChannelFor returns the channel that reaches addresses of a kind.
func ChannelFor(kind gatelatch.IdentifierKind) Channel {
	if kind == gatelatch.PhoneNumber {
		return SMS
	}
	return Email
}

// Message is one worded message, ready to be sent.
type Message struct {
	// ID is stable over retries, so that a provider can drop a repeat.
	ID      string
	Channel Channel
	// Purpose is what a code is for, in the words of package flow, or one of
	// Notice*.
	Purpose string
	// To is the stored address: an e-mail address or an E.164 number.
	To string
	// Code is what the message carries; it also stands in Subject and Text. A notice
	// has none.
	Code gatelatch.Secret
	// Link is where the message leads; it also stands in Text, where it fits. Empty
	// for none.
	Link    gatelatch.Secret
	Subject string // e-mail only
	Text    string
	HTML    string // e-mail only; may be empty
	At      time.Time
}

// Sender hands one message to a provider. It must honour ctx, and it must be
// safe for concurrent use. A nil error means that the provider took the
// message. Errors wrapped by [Permanent] are not retried; any other is. An
// error never contains the code or the full address.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// permanentError marks a refusal that no retry can mend.
type permanentError struct{ err error }

func (e permanentError) Error() string { return e.err.Error() }
func (e permanentError) Unwrap() error { return e.err }

// Permanent marks err as a provider's final refusal.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

// IsPermanent reports whether err, or an error it wraps, is a final refusal.
func IsPermanent(err error) bool {
	var p permanentError
	return errors.As(err, &p)
}

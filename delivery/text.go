// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Brand is what a site says of itself in messages.
type Brand struct {
	// Name is the operator's name for the site. It may hold anything: messages
	// show it without control and formatting characters, in one line, cut to
	// 64 characters. Without a name the host stands in its place.
	Name string
	// Host is host[:port] of the site's origin. Mails name it as the place where
	// the code was asked for; texts are bound to it, without the port.
	Host string
	// Origin is the site's origin; it is used only when Host is empty.
	Origin string
}

// Occasion is what a message is about.
type Occasion struct {
	// Purpose is what a code is for, in the words of package flow, or one of
	// Notice*. A code for anything else is worded neutrally.
	Purpose string
	Channel Channel
	// To is the stored address, which goes into the message as it is.
	To string
	// Code is 4 to 12 ASCII letters or digits; a notice has none.
	Code gatelatch.Secret
	// Link is where the message leads, http or https with a host; it may be empty. A
	// mail with a code tells of both; a text with a code never holds a link.
	Link gatelatch.Secret
	// ExpireAt is when the code dies, AskedAt when it was asked for. A notice that
	// invites is good until ExpireAt; others need neither.
	ExpireAt, AskedAt time.Time
	// Details are what a notice tells.
	Details Details
}

const (
	minCode = 4
	maxCode = 12
)

var (
	errNoRecipient = errors.New("message without recipient")
	errNoID        = errors.New("message without id")
	errCodeForm    = fmt.Errorf("code is not %d to %d ASCII letters or digits", minCode, maxCode)
	errCodeDead    = errors.New("code has expired")
	errNoticeCode  = errors.New("notice with a code")
)

// Compose words the message for an occasion, in English. One with a code: the
// code first, then why it was sent, then what to do if it was not asked for. The
// time left is told in minutes, rounded to the nearest and at least 1, and as the
// minute until which it lasts, in UTC. A notice: what has happened, then where and
// when, then what to do if it was not you.
//
// Nothing in a message is written by a stranger: of a browser only words of ours
// are shown, of an address only a mask, and names that users choose not at all.
//
// It is a pure function: the same arguments give the same message. The errors
// are permanent (see [IsPermanent]) and tell neither code nor link: an unknown
// channel, no recipient, no id, a code of another form, one that is dead at now, a
// notice with a code, or a link of another form.
func Compose(b Brand, o Occasion, id string, now time.Time) (Message, error) {
	o.Link = asciiLink(o.Link)
	if err := o.check(id, now); err != nil {
		return Message{}, Permanent(fmt.Errorf("composing message: %w", err))
	}
	m := Message{ID: id, Channel: o.Channel, Purpose: o.Purpose, To: o.To, Code: o.Code, Link: o.Link, At: now}
	if o.Channel == SMS {
		m.Text = o.text(b, now)
		return m, nil
	}
	if err := composeMail(&m, b, o, now); err != nil {
		return Message{}, Permanent(fmt.Errorf("composing message: %w", err))
	}
	return m, nil
}

func (o Occasion) text(b Brand, now time.Time) string {
	if o.isNotice() {
		return composeSMSNotice(b, o)
	}
	return composeSMS(b, o, now)
}

func (o Occasion) isNotice() bool {
	_, ok := notices[o.Purpose]
	return ok
}

// check refuses an occasion that no message can be made of.
func (o Occasion) check(id string, now time.Time) error {
	switch {
	case o.Channel != Email && o.Channel != SMS:
		return fmt.Errorf("unknown channel %q", o.Channel)
	case o.To == "":
		return errNoRecipient
	case id == "":
		return errNoID
	case o.Link != "" && !isLink(o.Link.Reveal()):
		return errLink
	}
	switch {
	case o.isNotice() && o.Code != "":
		return errNoticeCode
	case o.isNotice():
		return nil
	case !isCode(o.Code.Reveal()):
		return errCodeForm
	case !now.Before(o.ExpireAt):
		return errCodeDead
	}
	return nil
}

// isCode reports whether s is of the form that fits a subject, a text and the
// grammar of the bound line.
func isCode(s string) bool {
	for _, c := range []byte(s) {
		if !isAlphanumeric(c) {
			return false
		}
	}
	return len(s) >= minCode && len(s) <= maxCode
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// host returns host[:port] of the site as configured.
func (b Brand) host() string {
	if b.Host != "" {
		return b.Host
	}
	u, err := url.Parse(b.Origin)
	if err != nil {
		return ""
	}
	return u.Host
}

// minutesLeft words the time between now and end.
func minutesLeft(now, end time.Time) string {
	n := int64(end.Sub(now).Round(time.Minute) / time.Minute)
	if n <= 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

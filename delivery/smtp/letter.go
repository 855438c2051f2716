// SPDX-License-Identifier: Apache-2.0

package smtp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"github.com/gatelatch/gatelatch/delivery"
)

// maxAddress is the longest address that fits a path (RFC 5321, section 4.5.3.1.3).
const maxAddress = 254

var (
	errChannel   = errors.New("not an email")
	errRecipient = errors.New("recipient is no plain address")
	errEmpty     = errors.New("message without text")
	errEncode    = errors.New("message cannot be encoded")
)

// encode returns m as MIME (RFC 5322): multipart/alternative, or the text alone
// when there is no HTML.
func encode(from netmail.Address, m delivery.Message) ([]byte, error) {
	switch {
	case m.Channel != delivery.Email:
		return nil, errChannel
	case !isPlainAddress(m.To):
		return nil, errRecipient
	case m.Text == "":
		return nil, errEmpty
	}
	var b bytes.Buffer
	if _, err := compose(from, m).WriteTo(&b); err != nil {
		return nil, errEncode // go-mail's own words may quote the address
	}
	return b.Bytes(), nil
}

func compose(from netmail.Address, m delivery.Message) *mail.Msg {
	msg := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&netmail.Address{Address: m.To})
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(messageID(m.ID, from.Address))
	if !m.At.IsZero() {
		msg.SetDateWithValue(m.At.UTC())
	}
	// Nobody's out-of-office should answer a code (RFC 3834; Exchange has its own).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	return msg
}

// messageID makes id@domain of the message's own id, so that a repeat carries
// the same one and mailboxes can drop it.
func messageID(id, from string) string {
	for _, c := range []byte(id) {
		if !isAtext(c) && c != '.' {
			sum := sha256.Sum256([]byte(id))
			id = hex.EncodeToString(sum[:])
			break
		}
	}
	return fmt.Sprintf("%s@%s", id, from[strings.LastIndexByte(from, '@')+1:])
}

// oneLine keeps a subject from becoming two headers.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// isPlainAddress reports whether s is local@domain in ASCII, without quotes,
// comments, spaces or control characters, so that it can stand in a command and
// a header as it is. Package identifier makes no others.
func isPlainAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > maxAddress || !isHost(domain) {
		return false
	}
	for _, c := range []byte(local) {
		if !isAtext(c) && c != '.' {
			return false
		}
	}
	parsed, err := netmail.ParseAddress("<" + s + ">")
	return err == nil && parsed.Address == s
}

// isAtext follows RFC 5322, section 3.2.3.
func isAtext(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

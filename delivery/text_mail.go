// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed templates/code.html templates/code.txt
var templates embed.FS

// The two halves of a mail. Both are read-only after start.
var (
	mailHTML = htmltemplate.Must(htmltemplate.ParseFS(templates, "templates/code.html"))
	mailText = texttemplate.Must(texttemplate.ParseFS(templates, "templates/code.txt"))
)

// maxName bounds a name in a mail, in characters.
const maxName = 64

// letter is what the mail templates see.
type letter struct {
	Subject, Code, Name, Host, Purpose string
	// Minutes is how long the code lasts, Until the minute it lasts to.
	Minutes, Until string
	// AskedOn and AskedAt are the day and the minute it was asked for.
	AskedOn, AskedAt string
}

// composeMail fills in subject, text and HTML.
func composeMail(m *Message, b Brand, o Occasion, now time.Time) error {
	l := newLetter(b, o, now)
	m.Subject = l.Subject
	var text, html strings.Builder
	if err := mailText.Execute(&text, l); err != nil {
		return fmt.Errorf("text part: %w", err)
	}
	if err := mailHTML.Execute(&html, l); err != nil {
		return fmt.Errorf("HTML part: %w", err)
	}
	m.Text, m.HTML = text.String(), html.String()
	return nil
}

func newLetter(b Brand, o Occasion, now time.Time) letter {
	host := oneLine(b.host(), maxHost)
	name := oneLine(b.Name, maxName)
	if name == "" {
		name = host
	}
	l := letter{
		Code:    o.Code.Reveal(),
		Name:    name,
		Host:    host,
		Purpose: o.Purpose,
		Minutes: minutesLeft(now, o.ExpireAt),
		Until:   until(now.UTC(), o.ExpireAt.UTC()),
	}
	l.Subject = subject(l.Code, name)
	if !o.AskedAt.IsZero() {
		asked := o.AskedAt.UTC()
		l.AskedOn, l.AskedAt = asked.Format("2 January 2006"), asked.Format("15:04 MST")
	}
	return l
}

// subject begins with the code, so that a notification shows it whole.
func subject(code, name string) string {
	if name == "" {
		return code + " is your code"
	}
	return code + " is your " + name + " code"
}

// until words a moment for a reader at now, with the day only when it is
// another one. Both times are in UTC. It is cut to the minute: never later than
// the truth.
func until(now, end time.Time) string {
	if now.Format(time.DateOnly) == end.Format(time.DateOnly) {
		return end.Format("15:04 MST")
	}
	return end.Format("15:04 MST on 2 January 2006")
}

// oneLine returns s as a single line of at most limit visible characters:
// control characters and white space become one space; formatting characters
// (which could turn the direction of the line), unassigned ones and broken
// UTF-8 go.
func oneLine(s string, limit int) string {
	var b strings.Builder
	n, space := 0, false
	for i, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = n > 0
			continue
		case !unicode.IsGraphic(r) || isBroken(s, i, r):
			continue
		}
		if space {
			b.WriteByte(' ')
			n++
			space = false
		}
		if n >= limit {
			break
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}

// isBroken reports whether r stands for bytes at i that are not UTF-8.
func isBroken(s string, i int, r rune) bool {
	if r != utf8.RuneError {
		return false
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return size == 1
}

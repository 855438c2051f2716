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

	"github.com/gatelatch/gatelatch"
)

//go:embed templates
var templates embed.FS

// The halves of a mail. All are read-only after start.
var (
	codeHTML   = parseHTML("code.html")
	codeText   = parseText("code.txt")
	noticeHTML = parseHTML("notice.html")
	noticeText = parseText("notice.txt")
)

func parseHTML(name string) *htmltemplate.Template {
	return htmltemplate.Must(htmltemplate.ParseFS(templates, "templates/"+name, "templates/layout.html")).Lookup(name)
}

func parseText(name string) *texttemplate.Template {
	return texttemplate.Must(texttemplate.ParseFS(templates, "templates/"+name))
}

// maxName bounds a name in a mail, in characters.
const maxName = 64

// letter is what all mail templates see.
type letter struct {
	Subject, Name, Host string
	// Link is where the button leads, LinkText what stands on it.
	Link, LinkText string
}

// codeLetter is a mail with a code.
type codeLetter struct {
	letter
	Words codeWords
	Code  string
	// Minutes is how long the code lasts, Until the minute it lasts to.
	Minutes, Until string
	// AskedOn and AskedAt are the day and the minute it was asked for.
	AskedOn, AskedAt string
}

// noticeLetter is a mail that only tells something.
type noticeLetter struct {
	letter
	// Before and After stand around the name.
	Before, After string
	Facts         []fact
	// Mine is for whom nothing is to be done, Todo for everybody else.
	Mine, Todo, Last string
}

// composeMail fills in subject, text and HTML.
func composeMail(m *Message, b Brand, o Occasion, now time.Time) error {
	if o.isNotice() {
		l := newNoticeLetter(b, o)
		m.Link = gatelatch.Secret(l.Link)
		return m.fill(l.Subject, l, noticeText, noticeHTML)
	}
	l := newCodeLetter(b, o, now)
	return m.fill(l.Subject, l, codeText, codeHTML)
}

func (m *Message) fill(subject string, letter any, plain *texttemplate.Template, markup *htmltemplate.Template) error {
	var text, html strings.Builder
	if err := plain.Execute(&text, letter); err != nil {
		return fmt.Errorf("text part: %w", err)
	}
	if err := markup.Execute(&html, letter); err != nil {
		return fmt.Errorf("HTML part: %w", err)
	}
	m.Subject, m.Text, m.HTML = subject, text.String(), html.String()
	return nil
}

func newLetter(b Brand, o Occasion) letter {
	l := letter{Host: oneLine(b.host(), maxHost), Name: oneLine(b.Name, maxName), Link: o.Link.Reveal()}
	if l.Name == "" {
		l.Name = l.Host
	}
	return l
}

func newCodeLetter(b Brand, o Occasion, now time.Time) codeLetter {
	l := codeLetter{
		letter:  newLetter(b, o),
		Words:   wordsOf(o.Purpose),
		Code:    o.Code.Reveal(),
		Minutes: minutesLeft(now, o.ExpireAt),
		Until:   until(now.UTC(), o.ExpireAt.UTC()),
	}
	l.Subject, l.LinkText = subject(l.Code, l.Name), "Continue"
	if !o.AskedAt.IsZero() {
		asked := o.AskedAt.UTC()
		l.AskedOn, l.AskedAt = asked.Format("2 January 2006"), asked.Format("15:04 MST")
	}
	return l
}

func newNoticeLetter(b Brand, o Occasion) noticeLetter {
	w := notices[o.Purpose]
	l := noticeLetter{letter: newLetter(b, o), Facts: o.facts(w), Mine: w.mine, Todo: w.not, Last: w.last}
	l.Before, l.After = w.around(l.Name)
	l.Subject, l.LinkText = w.sentence(l.Name), w.linkText
	switch {
	case w.link == "":
		l.Link = ""
	case l.Link != "":
		l.Todo = w.link
	}
	if w.invites && !o.ExpireAt.IsZero() {
		l.Last = "The invitation is good until " + moment(o.ExpireAt) + ". " + l.Last
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

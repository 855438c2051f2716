// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"html/template"
	"time"
)

// funcs are what templates may call beside the language's own functions.
func (l *locale) funcs() template.FuncMap {
	return template.FuncMap{
		"t":         l.message,
		"bdi":       bdi,
		"duration":  l.duration,
		"countdown": l.countdown,
		"moment":    moment,
	}
}

// bdi isolates an address, so that it reads in its own direction inside a
// sentence of any other.
func bdi(address string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(address) + "</bdi>") //nolint:gosec // escaped here
}

// duration says how long in words, never less than it is: seconds up to a
// minute, minutes up to an hour and a half, hours after that.
func (l *locale) duration(d time.Duration) (template.HTML, error) {
	switch {
	case d < time.Minute:
		return l.message("time.seconds", "Count", roundUp(d, time.Second))
	case d <= 90*time.Minute:
		return l.message("time.minutes", "Count", roundUp(d, time.Minute))
	default:
		return l.message("time.hours", "Count", roundUp(d, time.Hour))
	}
}

// roundUp counts whole units, at least one.
func roundUp(d, unit time.Duration) int {
	return max(1, int((d+unit-1)/unit))
}

// countdown is a duration that the script counts down.
func (l *locale) countdown(d time.Duration) (template.HTML, error) {
	words, err := l.duration(d)
	if err != nil {
		return "", err
	}
	html := fmt.Sprintf(`<span data-countdown="%d">%s</span>`, roundUp(d, time.Second), words)
	return template.HTML(html), nil //nolint:gosec // a number and an escaped message
}

// moment is a point in time, in UTC because the server does not know where the
// visitor is; the script rewrites it in the visitor's own zone.
func moment(at time.Time) template.HTML {
	at = at.UTC()
	html := fmt.Sprintf(`<time datetime="%s" data-local>%s UTC</time>`,
		at.Format(time.RFC3339), at.Format("2006-01-02 15:04"))
	return template.HTML(html) //nolint:gosec // digits and fixed text
}

// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"net"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

const (
	// maxSeptets keeps a text under 160 septets: one part, billed once.
	maxSeptets = 159
	// maxHost is the longest name DNS can hold (RFC 1035, section 2.3.4).
	maxHost = 253
	// fairName is how much of a name, in septets, is kept before a whole
	// sentence is dropped instead; leastName is how much before the bound line is.
	fairName  = 24
	leastName = 8
)

// smsForm is one way to word a text, with less and less in it.
type smsForm struct {
	// time and advice say which sentences follow the first.
	time, advice bool
	// name is how many septets of the name must fit; 0 leaves the name out.
	name int
	// bound says whether the last line binds the code to the host.
	bound bool
}

// smsForms stand in order of preference. The bound line goes last of all: it
// fills in the code for people and keeps it from other sites. The last form
// fits any name, so there always is one.
var smsForms = [...]smsForm{
	{time: true, advice: true, name: fairName, bound: true},
	{time: true, name: fairName, bound: true},
	{name: leastName, bound: true},
	{bound: true},
	{time: true, advice: true, name: fairName},
	{time: true, advice: true},
}

// composeSMS words a text of at most 159 septets of the GSM 7-bit alphabet. It
// ends with the line "@host #code" of "Origin-bound one-time codes delivered via
// SMS" (WICG), whose host has no port. What does not fit is left out in this
// order: the end of the name, the advice, the time, the name. Only when a host is
// so long that even then there is no room (with a code of 6 digits: more than
// 120 characters), or cannot stand in that line, is the bound line left out.
func composeSMS(b Brand, o Occasion, now time.Time) string {
	host := boundHost(b.host())
	name := gsmName(b.Name)
	whole := name == ""
	if whole {
		name = host
	}
	for _, f := range smsForms {
		if text, ok := f.text(o, name, host, whole, now); ok {
			return text
		}
	}
	return o.Code.Reveal() // not reached: the last form fits
}

// text words the form, and reports whether it fits. A name that is whole is
// never cut: half a host name is another host.
func (f smsForm) text(o Occasion, name, host string, whole bool, now time.Time) (string, bool) {
	if f.bound && host == "" || f.name > 0 && name == "" {
		return "", false
	}
	head, tail := o.Code.Reveal()+" is your ", f.tail(o, host, now)
	room := maxSeptets - septets(head) - septets(tail)
	if f.name == 0 {
		return head + tail, room >= 0
	}
	room-- // the space after the name
	need := septets(name)
	if !whole {
		need = min(need, f.name)
	}
	if room < need {
		return "", false
	}
	return head + cutSeptets(name, room) + " " + tail, true
}

// tail is everything behind the name.
func (f smsForm) tail(o Occasion, host string, now time.Time) string {
	words := wordsOf(o.Purpose)
	t := words.kind + "."
	if f.time {
		t += " It works for " + minutesLeft(now, o.ExpireAt) + "."
	}
	if f.advice {
		t += " " + words.unasked
	}
	if f.bound {
		t += "\n\n@" + host + " #" + o.Code.Reveal()
	}
	return t
}

// boundHost returns the host of host[:port] as browsers compare it (lower case,
// A-labels, no port), or nothing when it is no host.
func boundHost(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip := net.ParseIP(host); ip != nil && strings.Contains(host, ":") {
		return "[" + ip.String() + "]"
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || len(ascii) > maxHost || !isHostText(ascii) {
		return ""
	}
	return ascii
}

// isHostText reports whether s can be a host name and a token of the bound line.
func isHostText(s string) bool {
	for _, c := range []byte(s) {
		if !isAlphanumeric(c) && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

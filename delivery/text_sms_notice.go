// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"strings"

	"github.com/gatelatch/gatelatch/device"
)

// smsNoticeForm is one way to word a notice as a text, with less and less in it.
type smsNoticeForm struct {
	// where tells device and time, link ends in the link, advice says what to do.
	where, link, advice bool
	// name is how many septets of the name must fit; 0 leaves the name out.
	name int
}

// smsNoticeForms stand in order of preference: the link is worth more than
// device and time, and a sentence about what to do stands in its place. The last
// form always fits.
var smsNoticeForms = [...]smsNoticeForm{
	{where: true, link: true, name: fairName},
	{link: true, name: fairName},
	{link: true, name: leastName},
	{link: true},
	{where: true, advice: true, name: fairName},
	{advice: true, name: fairName},
	{advice: true},
	{},
}

// composeSMSNotice words a notice in at most 159 septets of the GSM 7-bit
// alphabet. It has no last line that binds it to a host: it carries no code.
func composeSMSNotice(b Brand, o Occasion) string {
	host := boundHost(b.host())
	name := gsmName(b.Name)
	whole := name == ""
	if whole {
		name = host
	}
	for _, f := range smsNoticeForms {
		if text, ok := f.text(o, notices[o.Purpose], name, whole); ok {
			return text
		}
	}
	return "" // not reached: the last form fits
}

// text words the form, and reports whether it applies and fits.
func (f smsNoticeForm) text(o Occasion, w noticeWords, name string, whole bool) (string, bool) {
	link := o.Link.Reveal()
	if f.link && !isGSM(link) || f.name > 0 && name == "" {
		return "", false
	}
	tail := f.tail(o, w)
	if f.name == 0 {
		text := w.sentence("") + tail
		return text, septets(text) <= maxSeptets
	}
	need := septets(name)
	if !whole {
		need = min(need, f.name)
	}
	room := maxSeptets - septets(w.sentence("x")) + 1 - septets(tail)
	if room < need {
		return "", false
	}
	return w.sentence(cutSeptets(name, room)) + tail, true
}

// tail is everything behind the first sentence.
func (f smsNoticeForm) tail(o Occasion, w noticeWords) string {
	var b strings.Builder
	if f.where {
		b.WriteString(where(o))
	}
	switch {
	case f.link && w.invites:
		b.WriteString(": " + o.Link.Reveal())
	case f.link:
		b.WriteString(". Not you? " + o.Link.Reveal())
	case f.advice && w.sms != "":
		b.WriteString(". " + w.sms)
	default:
		b.WriteString(".")
	}
	return b.String()
}

// where tells device and time in few words, where they matter.
func where(o Occasion) string {
	if o.Purpose != NoticeNewDevice || o.Details.At.IsZero() {
		return ""
	}
	return ": " + device.Name(o.Details.UserAgent) + ", " + o.Details.At.UTC().Format("2 Jan 15:04 MST")
}

// isGSM reports whether all of s is in the alphabet, and there is any.
func isGSM(s string) bool {
	for _, r := range s {
		if septet(r) == 0 {
			return false
		}
	}
	return s != ""
}

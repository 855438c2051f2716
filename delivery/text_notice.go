// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch/device"
)

// noticeWords is how one notice is worded, in mails and in texts.
type noticeWords struct {
	// Before and After stand around the site's name.
	Before, After string
	// mine is for whom nothing is to be done, not for everybody else. Where there is
	// a link, link stands above it in the place of not, and linkText on it; a
	// notice without these shows none.
	mine, not, link, linkText string
	// last closes a mail.
	last string
	// sms is what a text says to whom it was not.
	sms string
	// invites says that the message tells of no change, so who caused it and from
	// where is no matter; it lasts as long as its invitation.
	invites bool
}

const (
	mine     = "If this was you, there is nothing to do."
	someone  = "If this was not you, somebody else may be using your account. "
	endThem  = "end the sessions that you do not know on your account page"
	notMe    = "If this was not you, open this page. It ends that session, forgets that device, and says what to do next."
	notMeBut = "This was not me"
	askSite  = "If you cannot sign in any more, ask whoever runs the site."
	unknown  = "If you do not know why you get this, ignore it."
	proves   = "A code that is sent to this address will prove that it is yours. "
)

// changed words a change that its owner can undo.
func changed(before, after, undo string) noticeWords {
	return noticeWords{
		Before: before, After: after, mine: mine, not: someone + "Sign in, " + endThem + ", and " + undo + ".",
		link: notMe, linkText: notMeBut, last: askSite, sms: "If this was not you, sign in and end the sessions that you do not know.",
	}
}

// notices are the words of each purpose of a notice.
var notices = map[string]noticeWords{
	NoticeNewDevice:       changed("A new device has signed in to your", "account", "set a new password if you have one"),
	NoticePasswordChanged: passwordChanged(),
	NoticePasswordRemoved: changed("The password of your", "account was removed", "set a password again"),
	NoticeAddressAdded:    changed("An address was added to your", "account", "remove the address"),
	NoticeAddressRemoved:  changed("An address was removed from your", "account", "add the address again"),
	NoticePrimaryChanged:  changed("The main address of your", "account was changed", "make another address the main one"),
	NoticeFactorAdded:     changed("A second step was set up for your", "account", "remove it"),
	NoticeFactorRemoved:   changed("A second step was removed from your", "account", "set it up again"),
	NoticePasskeyAdded:    changed("A passkey was added to your", "account", "remove the passkey"),
	NoticePasskeyRemoved:  changed("A passkey was removed from your", "account", "add it again"),
	NoticeBackupCodes:     changed("New backup codes were made for your", "account", "make new ones"),
	NoticeDeleted: {
		Before: "Your", After: "account was deleted", mine: mine, not: "If this was not you, tell whoever runs the site. It cannot be undone here.",
		last: "This is the last message about this account.", sms: "If this was not you, tell whoever runs the site.",
	},
	NoticeInvitation: {
		Before: "You are invited to sign up for", link: "Sign up here, with this address:", not: "Sign up with this address.", linkText: "Sign up",
		last: proves + unknown, invites: true,
	},
	NoticeApproved: {
		Before: "You can now sign up for", link: "You were on the waitlist. Sign up here, with the address that you gave:",
		not: "You were on the waitlist. Sign up with the address that you gave.", linkText: "Sign up",
		last: proves + unknown, invites: true,
	},
}

func passwordChanged() noticeWords {
	w := changed("The password of your", "account was changed", "")
	w.not = someone + "Choose \"Forgot your password?\" where you sign in, set a new one, and " + endThem + "."
	w.sms = "If this was not you, set a new one now."
	return w
}

// around returns what stands before and behind a name, or in place of one.
func (w noticeWords) around(name string) (before, after string) {
	if name == "" {
		return strings.TrimSuffix(w.Before, " for"), w.After
	}
	return w.Before, w.After
}

// sentence is the notice in one line, without a full stop: the subject of a mail
// and the first sentence of mail and text.
func (w noticeWords) sentence(name string) string {
	before, after := w.around(name)
	return strings.Join(slices.DeleteFunc([]string{before, name, after}, func(s string) bool { return s == "" }), " ")
}

// fact is one line of what is known.
type fact struct{ Label, Value string }

// facts lists what is known of who caused a notice. Nothing in it is anybody's
// own text: the device is worded by package device, and the rest has a form that
// is checked.
func (o Occasion) facts(w noticeWords) []fact {
	var all []fact
	add := func(label, value string) {
		if value != "" {
			all = append(all, fact{label, value})
		}
	}
	if w.invites {
		return nil
	}
	switch o.Purpose {
	case NoticeFactorAdded, NoticeFactorRemoved:
		add("Second step", secondStep(o.Details.What))
	case NoticeAddressAdded, NoticeAddressRemoved, NoticePrimaryChanged:
		add("Address", masked(o.Details.What))
	}
	if o.Details.UserAgent != "" {
		add("Device", device.Name(o.Details.UserAgent))
	}
	add("Network address", network(o.Details.IP))
	add("Time", moment(o.Details.At))
	return all
}

func secondStep(what string) string {
	if number := masked(what); number != "" {
		return "texts to " + number
	}
	return "authenticator app"
}

// masks are the forms that identifier.Mask gives to addresses and numbers.
var masks = regexp.MustCompile(`^(?:[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]?•••@…?[A-Za-z0-9.-]{1,64}|\+[0-9]{1,3} ••••(?: [0-9]{2})?)$`)

// masked returns s when it is a masked address or number, or nothing.
func masked(s string) string {
	if !masks.MatchString(s) {
		return ""
	}
	return s
}

// network returns a network address in its one form, or nothing.
func network(s string) string {
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Zone() != "" {
		return ""
	}
	return ip.Unmap().String()
}

// moment words a time for somebody whose time zone is not known.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006 at 15:04 MST")
}

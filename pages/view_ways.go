// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/url"
	"strings"

	"github.com/gatelatch/gatelatch/flow"
)

const (
	// paramWays asks for the page that chooses among the ways to take a step,
	// paramWay for the page of one of them.
	paramWays = "ways"
	paramWay  = "way"
)

// way is one of the plain links below the card.
type way struct {
	// Ask is the key of a few words before the link, or empty.
	Ask string
	// Label is the key of the link's text.
	Label string
	Href  string
	// Place says that the link leads to a page of the same attempt, which the script
	// shows in place.
	Place bool
}

// ways lists the other ways out. Their order never changes: another method,
// change address, start over, cancel, help (WCAG 2.2, 3.2.6).
func ways(s *Site, v *View) []way {
	var list []way
	switch v.Page {
	case PageSignIn:
		list = append(list, signUpWays(s, v)...)
		if v.Beside {
			list = append(list, way{"", "way.accounts", entry(s, choosePath, v.Return), false})
		}
	case PageChoose:
		if v.ContinueURL != "" {
			list = append(list, way{"", "way.account", v.ContinueURL, false})
		}
	case PageTicket:
		list = append(list, way{"", "way.method", entry(s, "/sign-in", v.Return), false})
	case PageSignUp:
		list = append(list, way{"way.sign_in.ask", "way.sign_in", entry(s, "/sign-in", v.Return), false})
	case PageCode, PagePassword, PageMethods, PageTOTP, PageBackupCode, PagePasskey:
		list = append(list, stepWays(s, v)...)
	case PageCreate, PageExisting, PageDetails:
		list = append(list, way{"", "way.start_over", begin(s, v), true})
	case PageNewPassword:
		if !v.Task {
			list = append(list, way{"", "way.start_over", begin(s, v), true})
		}
	case PageVerify:
		list = append(list, cancel(s, v))
	case PageSetUp:
		if !v.Task {
			list = append(list, cancel(s, v))
		}
	default: // the other pages lead on by their main link
		list = append(list, accountWays(v)...)
	}
	if s.Help != "" && v.Page != PageOutbox && v.Page != PageFrame {
		list = append(list, way{"way.help.ask", "way.help", s.Help, false})
	}
	return list
}

// begin is the address of the first page of an attempt.
func begin(s *Site, v *View) string {
	switch {
	case v.Purpose == PurposeAgain:
		return verifyPath(s, v.Return, v.Level)
	case v.Purpose == PurposeSignUp, v.Page == PageDetails:
		return entry(s, "/sign-up", v.Return)
	}
	return entry(s, "/sign-in", v.Return)
}

// signUpWays leads to the page of new accounts, unless nobody, or only who was
// invited and has a link, may make one.
func signUpWays(s *Site, v *View) []way {
	href := entry(s, "/sign-up", v.Return)
	switch v.mode(s) {
	case flow.SignUpOpen:
		return []way{{"way.sign_up.ask", "way.sign_up", href, false}}
	case flow.SignUpWaitlist:
		return []way{{"way.sign_up.ask", "way.waitlist", href, false}}
	default:
		return nil
	}
}

// stepWays are the ways out of the steps of an attempt.
func stepWays(s *Site, v *View) []way {
	var list []way
	switch {
	case v.Others && v.Page != PageMethods:
		list = append(list, way{"", "way.method", v.Action + "?" + paramWays + "=1", true})
	case s.Email && s.Phone && v.Purpose == PurposeSignIn && v.Page != PageMethods:
		list = append(list, way{"", "way.method", begin(s, v), true})
	}
	switch v.Purpose {
	case PurposeTrust, PurposeSecond, PurposeAgain: // the address is the account's own
	default:
		ask := "way.change_email.ask"
		if v.Channel == ChannelSMS {
			ask = "way.change_phone.ask"
		}
		list = append(list, way{ask, "way.change", withAttempt(begin(s, v), v.Attempt), true})
	}
	if !v.spent() { // else the page's main link leads there
		list = append(list, way{"", "way.start_over", begin(s, v), true})
	}
	if v.Purpose == PurposeAgain {
		list = append(list, cancel(s, v))
	}
	return list
}

// cancel leads somebody who is signed in away from the page that asks once more: to
// the account, where that is what asks, and else to the front of the site, unless
// that is what asks.
func cancel(s *Site, v *View) way {
	path, _, _ := strings.Cut(v.Return, "?")
	if path == "" || path == "/" || strings.HasPrefix(path, s.Base+"/") {
		return way{"", "way.cancel", s.Base + "/account", false}
	}
	return way{"", "way.cancel", "/", false}
}

// verifyPath is the address of the page that asks who is signed in once more.
func verifyPath(s *Site, returnTo string, l flow.Level) string {
	q := url.Values{}
	if returnTo != "" {
		q.Set(ParamReturnTo, returnTo)
	}
	if l != "" && l != flow.LevelFirst {
		q.Set(ParamLevel, string(l))
	}
	if len(q) == 0 {
		return s.Base + "/verify"
	}
	return s.Base + "/verify?" + q.Encode()
}

// entry is the address of a first page, with the path the visitor came for.
func entry(s *Site, path, returnTo string) string {
	if returnTo == "" {
		return s.Base + path
	}
	return s.Base + path + "?" + ParamReturnTo + "=" + url.QueryEscape(returnTo)
}

// withAttempt names the attempt, so that the first page can offer what was
// typed for correction. The id is no secret and means nothing to other browsers.
func withAttempt(href, attempt string) string {
	if attempt == "" {
		return href
	}
	sep := "?"
	if strings.Contains(href, sep) {
		sep = "&"
	}
	return href + sep + ParamAttempt + "=" + url.QueryEscape(attempt)
}

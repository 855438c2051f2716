// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/url"
	"strings"
)

// way is one of the plain links below the card.
type way struct {
	// Ask is the key of a few words before the link, or empty.
	Ask string
	// Label is the key of the link's text.
	Label string
	Href  string
}

// ways lists the other ways out. Their order never changes: another method,
// change address, start over, help (WCAG 2.2, 3.2.6).
func ways(s *Site, v *View) []way {
	signIn, signUp := entry(s, "/sign-in", v.Return), entry(s, "/sign-up", v.Return)
	begin := signIn
	if v.Purpose == PurposeSignUp || v.Page == PageDetails {
		begin = signUp
	}
	var list []way
	switch v.Page {
	case PageSignIn:
		if s.SignUp {
			list = append(list, way{"way.sign_up.ask", "way.sign_up", signUp})
		}
	case PageSignUp:
		list = append(list, way{"way.sign_in.ask", "way.sign_in", signIn})
	case PageCode:
		list = append(list, codeWays(s, v, begin)...)
	case PageCreate, PageExisting, PageDetails:
		list = append(list, way{"", "way.start_over", begin})
	default: // the other pages lead on by their main link
	}
	if s.Help != "" && v.Page != PageOutbox && v.Page != PageFrame {
		list = append(list, way{"way.help.ask", "way.help", s.Help})
	}
	return list
}

func codeWays(s *Site, v *View, begin string) []way {
	var list []way
	if s.Email && s.Phone && v.Purpose != PurposeSignUp {
		list = append(list, way{"", "way.method", begin})
	}
	change := way{"way.change_email.ask", "way.change", withAttempt(begin, v.Attempt)}
	if v.Channel == ChannelSMS {
		change.Ask = "way.change_phone.ask"
	}
	return append(list, change, way{"", "way.start_over", begin})
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

// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"net/http"
	"slices"
)

// Origins are the sites whose pages may speak to the gate: scheme, host and port,
// as browsers write them.
type Origins struct {
	// Own are the site's own.
	Own []string
	// Allowed are others whose pages may call the API for programs.
	Allowed []string
}

// From says where a request comes from, as far as its origin tells.
type From string

// Where a request may come from.
const (
	// FromNowhere is a request of which no browser says that a page has caused it:
	// a program, an address that somebody typed, or a page of a browser too old to
	// say.
	FromNowhere From = "nowhere"
	// FromOwn is a page of the site, FromAllowed one of the other sites.
	FromOwn     From = "own"
	FromAllowed From = "allowed"
	// FromForeign is a page of any other site: origin_invalid.
	FromForeign From = "foreign"
	// FromConflict is a page that brings a key of its own, which pages have no business
	// to hold: origin_authorization_headers_conflict.
	FromConflict From = "conflict"
)

// Refused reports whether a request from there must do nothing.
func (f From) Refused() bool { return f == FromForeign || f == FromConflict }

// Page says which page a request was caused by, and its origin where the browser
// names one. Origin decides when it is there. Without one Sec-Fetch-Site does, which
// pages cannot forge. An origin that a referrer policy has hidden is as good as
// none: the browser still says whether it is the same.
func (o Origins) Page(h http.Header) (From, string) {
	site := h["Sec-Fetch-Site"]
	same := len(site) == 1 && site[0] == "same-origin"
	named := h["Origin"]
	switch {
	case len(named) > 1:
		return FromForeign, ""
	case len(named) == 1 && (named[0] != "null" || !same):
		return o.named(named[0]), named[0]
	case same:
		return FromOwn, ""
	case len(site) == 0 || len(site) == 1 && site[0] == "none":
		return FromNowhere, ""
	}
	return FromForeign, ""
}

func (o Origins) named(origin string) From {
	switch {
	case slices.Contains(o.Own, origin):
		return FromOwn
	case slices.Contains(o.Allowed, origin):
		return FromAllowed
	}
	return FromForeign
}

// Judge says whether a call of the API for programs may be answered, and the origin
// of the page where there is one. This is what guards it against forged requests,
// since its forms need no preflight:
//
//   - a page of a foreign origin gets nothing, to read or to change;
//   - a page that sends Authorization gets nothing either;
//   - a link from anywhere may be followed, which is a GET without Origin;
//   - what changes something and brings a cookie must name its origin, or come from
//     a browser that says it is the same.
//
// The method is the one on the wire; cookie says whether the gate's client cookie
// came along and counts. For a program without cookies it does not.
func (o Origins) Judge(method string, h http.Header, cookie bool) (From, string) {
	from, origin := o.Page(h)
	safe := method == http.MethodGet || method == http.MethodHead
	switch {
	case from == FromForeign && safe && len(h["Origin"]) == 0:
		return FromNowhere, ""
	case from == FromForeign:
		return from, origin
	case len(h["Origin"]) > 0 && len(h["Authorization"]) > 0:
		return FromConflict, origin
	case from == FromNowhere && !safe && cookie && len(h["Sec-Fetch-Site"]) == 0:
		return FromForeign, ""
	}
	return from, origin
}

// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

const ownFilesOnly = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; "

const (
	// pagePolicy lets a page load its own two files and nothing else.
	pagePolicy = ownFilesOnly + "frame-ancestors 'none'"
	// framedPolicy is for the one page that is meant to stand in a frame; it has
	// a link and nothing to press on somebody's behalf.
	framedPolicy = ownFilesOnly + "frame-ancestors *"
)

// permissions turns off what no page here uses. Codes from text messages are
// for this origin alone.
const permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), otp-credentials=(self)"

// protect sets the headers of every page (OWASP ASVS 5.0 section 3.4). The
// referrer policy is not "no-referrer": browsers would then send "Origin: null"
// with forms, and forms are checked by their origin.
func (v *visit) protect(h http.Header, policy string) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("Referrer-Policy", v.referrerPolicy())
	h.Set("X-Content-Type-Options", "nosniff")
	if policy == pagePolicy {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
	}
	if v.publicHTTPS() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// referrerPolicy keeps the token of a link from the app, and from its logs: of an
// address that holds one only the origin is told, which is what forms need.
func (v *visit) referrerPolicy() string {
	if q := v.r.URL.Query(); q.Has(ParamToken) || q.Has(ParamInvitation) || q.Has(ParamTicket) {
		return "strict-origin"
	}
	return "same-origin"
}

// publicHTTPS reports whether the site may ask browsers to insist on https. A
// development machine must not: the wish would outlive the site.
func (v *visit) publicHTTPS() bool {
	if len(v.Origins) == 0 {
		return false
	}
	u, err := url.Parse(v.Origins[0])
	if err != nil || u.Scheme != "https" {
		return false
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	return host != "localhost" && !strings.HasSuffix(host, ".localhost") && (err != nil || !ip.IsLoopback())
}

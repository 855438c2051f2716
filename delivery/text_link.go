// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"errors"
	"net"
	"net/url"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/gatelatch/gatelatch"
)

// maxLink bounds a link, in bytes: more than the gate's own ever have.
const maxLink = 1024

var errLink = errors.New("link is no http or https address in plain ASCII")

// isLink reports whether s is a whole address that stands in a message as it is.
func isLink(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' || c == '\\' || c == '`' {
			return false
		}
	}
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxLink && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

// asciiLink writes the host of a link in A-labels (RFC 5890): mail programs
// disagree about what else may stand in an address. A link that cannot be read
// stays as it is.
func asciiLink(link gatelatch.Secret) gatelatch.Secret {
	s := link.Reveal()
	if isASCII(s) {
		return link
	}
	u, err := url.Parse(s)
	if err != nil {
		return link
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		return link
	}
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	u.Host = host
	return gatelatch.Secret(u.String())
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

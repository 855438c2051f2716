// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"net/url"
	"strings"
)

// maxReturnPath bounds what is kept with an attempt, in bytes.
const maxReturnPath = 2048

// ReturnPath reads where a visitor wants to go after signing in. It returns a
// path with its query on this very origin, or false. Browsers drop tabs and
// line ends in addresses and read "\" as "/", so nothing of the sort gets
// through; nor does a second slash at the start, which would name a host.
func ReturnPath(raw string) (string, bool) {
	if raw == "" || len(raw) > maxReturnPath || raw[0] != '/' {
		return "", false
	}
	if strings.ContainsFunc(raw, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f || c == 0xfffd }) {
		return "", false
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	u.Fragment, u.RawFragment = "", ""
	path := u.RequestURI()
	if hostLike(path) || hostLike(u.Path) {
		return "", false
	}
	return path, true
}

// hostLike reports a path that a browser could read as "//host".
func hostLike(p string) bool {
	return len(p) > 1 && p[0] == '/' && (p[1] == '/' || p[1] == '\\')
}

// SPDX-License-Identifier: Apache-2.0

// Package passkey speaks WebAuthn (W3C, Web Authentication Level 3): it writes
// what browsers are asked, and checks what they answer. It stores nothing and
// reads no clock.
package passkey

import (
	"net"
	"net/url"
	"strings"
)

// Site is the relying party.
type Site struct {
	ID      string   // a host, or a domain that all origins are under
	Name    string   // shown by browsers
	Origins []string // "https://app.example.com"
}

// Possible reports whether passkeys work for origins: a host name, and https or
// localhost; and returns the id to use, which is the one host that all others
// are under. There is no id for hosts side by side, since a domain above them
// may belong to others too.
func Possible(origins []string) (id string, ok bool) {
	var hosts []string
	for _, origin := range origins {
		host, ok := secureHost(origin)
		if !ok {
			return "", false
		}
		hosts = append(hosts, host)
	}
	for _, host := range hosts {
		if id == "" || len(host) < len(id) {
			id = host
		}
	}
	for _, host := range hosts {
		if host != id && !strings.HasSuffix(host, "."+id) {
			return "", false
		}
	}
	return id, id != ""
}

// secureHost returns the host of an origin that browsers let passkeys be used
// on.
func secureHost(origin string) (host string, ok bool) {
	u, err := url.Parse(origin)
	if err != nil {
		return "", false
	}
	host = strings.ToLower(u.Hostname())
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return "", false
	}
	return host, host != "" && net.ParseIP(host) == nil && !numeric(host) && !strings.HasSuffix(host, ".")
}

// numeric reports hosts whose last label is a number: browsers read them as
// IPv4 addresses, in forms that net.ParseIP does not know ("127.1").
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last == "" || last[0] >= '0' && last[0] <= '9'
}

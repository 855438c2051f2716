// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// elsewhere returns the allowed origins that are of another site than the gate:
// browsers keep cookies that are SameSite=Lax from what their pages ask for.
func (g *Gate) elsewhere() []string {
	return slices.DeleteFunc(slices.Clone(g.programs.allowed), func(allowed string) bool {
		return slices.ContainsFunc(g.site.origins, func(own string) bool { return sameSite(own, allowed) })
	})
}

// sameSite reports whether two origins are of one site, as far as names alone tell:
// their last two labels are the same. It takes a.co.uk and b.co.uk for one, so it is
// fit to warn and not to decide.
func sameSite(one, other string) bool {
	a, b := siteOf(one), siteOf(other)
	return a != "" && a == b
}

func siteOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	labels := strings.Split(host, ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"net/http"

	"github.com/gatelatch/gatelatch/gate"
)

// upgrades reports requests to speak something else on the connection, above
// all WebSocket, by any version of HTTP (RFC 6455, 8441 and 9220).
func upgrades(r *http.Request) bool {
	return len(r.Header["Upgrade"]) > 0 || r.Method == http.MethodConnect
}

// foreign reports an upgrade that a page of another origin has asked for. The
// same-origin policy does not hold for WebSockets, and SameSite cookies go along
// when the page is on a sibling subdomain; so it is for the server to look at
// Origin (RFC 6455 10.2). A program that is no browser sends none, and is let be.
func (g *running) foreign(r *http.Request) bool {
	from, _ := gate.Origins{Own: g.origins}.Page(r.Header)
	return from.Refused()
}

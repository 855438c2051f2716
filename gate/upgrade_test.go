// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Behind an upgrade to h2c a client would speak to the upstream past the gate.
func TestNoUpgradeButToWebSocketPasses(t *testing.T) {
	for name, c := range map[string]struct {
		sent, passed http.Header
	}{
		"WebSocket": {
			http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}},
			http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}},
		},
		"WebSocket with a capital": {
			http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"WebSocket"}},
			http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"WebSocket"}},
		},
		"h2c": {
			http.Header{"Connection": {"Upgrade, HTTP2-Settings"}, "Upgrade": {"h2c"}, "Http2-Settings": {"AAMAAABk"}},
			http.Header{},
		},
		"h2c that keeps the connection": {
			http.Header{"Connection": {"keep-alive", "upgrade"}, "Upgrade": {"h2c"}},
			http.Header{"Connection": {"keep-alive"}},
		},
		"WebSocket with the settings of h2c": {
			http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Http2-Settings": {"AAMAAABk"}},
			http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}},
		},
		"two wishes":      {http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket", "h2c"}}, http.Header{}},
		"one line of two": {http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket, h2c"}}, http.Header{}},
		"TLS":             {http.Header{"Connection": {"Upgrade"}, "Upgrade": {"TLS/1.2"}}, http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header = c.sent
			identity().Strip(r)
			for _, h := range []string{"Connection", "Upgrade", "Http2-Settings"} {
				if got, want := r.Header.Get(h), c.passed.Get(h); got != want {
					t.Errorf("%s: %q, want %q", h, got, want)
				}
			}
		})
	}
}

func TestEveryMarkInAHeaderNameIsFolded(t *testing.T) {
	for _, mark := range "!#$%&'*+-.^_`|~" { // all that RFC 9110 allows beside letters and digits
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Remote"+string(mark)+"User"] = []string{"forged"}
		identity().Strip(r)
		if len(r.Header) != 0 {
			t.Errorf("Remote%cUser arrives", mark)
		}
	}
}

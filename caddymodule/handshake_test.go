// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestWebSocketsOfOtherOrigins has a signed-in browser led into handshakes by
// pages of other origins.
func TestWebSocketsOfOtherOrigins(t *testing.T) {
	p := newPlace(t)
	metrics := freePort(t)
	const listed = "http://app.localhost:9"
	load(t, p.site("origin "+p.origin()+" "+listed)+fmt.Sprintf("http://localhost:%d {\n\tmetrics\n}\n", metrics))
	b := newBrowser(t, p.origin())
	b.signUp(p, "ada@example.com")
	const forbidden = `caddy_gatelatch_decisions_total{decision="forbidden"}`
	count := func() float64 {
		return samples(t, newBrowser(t, fmt.Sprintf("http://localhost:%d", metrics)).get("/").body)[forbidden]
	}
	for name, row := range map[string]struct {
		header http.Header
		status int
	}{
		"the site's own page":      {http.Header{"Origin": {p.origin()}}, http.StatusSwitchingProtocols},
		"a page of a listed site":  {http.Header{"Origin": {listed}, "Sec-Fetch-Site": {"same-site"}}, http.StatusSwitchingProtocols},
		"a program":                {http.Header{}, http.StatusSwitchingProtocols},
		"no origin, same":          {http.Header{"Sec-Fetch-Site": {"same-origin"}}, http.StatusSwitchingProtocols},
		"another site":             {http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		"another port":             {http.Header{"Origin": {"http://localhost:1"}}, http.StatusForbidden},
		"another scheme":           {http.Header{"Origin": {strings.Replace(p.origin(), "http", "https", 1)}}, http.StatusForbidden},
		"a longer name":            {http.Header{"Origin": {p.origin() + ".evil.example"}}, http.StatusForbidden},
		"a sandboxed frame":        {http.Header{"Origin": {"null"}}, http.StatusForbidden},
		"an empty origin":          {http.Header{"Origin": {""}}, http.StatusForbidden},
		"two origins":              {http.Header{"Origin": {p.origin(), "https://evil.example"}}, http.StatusForbidden},
		"no origin, cross-site":    {http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		"no origin, same-site":     {http.Header{"Sec-Fetch-Site": {"same-site"}}, http.StatusForbidden},
		"foreign, says same":       {http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"same-origin"}}, http.StatusForbidden},
		"another kind of upgrade":  {http.Header{"Origin": {"https://evil.example"}, "Upgrade": {"h2c"}}, http.StatusForbidden},
		"a capital in the upgrade": {http.Header{"Origin": {"https://evil.example"}, "Upgrade": {"WebSocket"}}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			before := count()
			res := shake(t, b, http.MethodGet, row.header)
			if res.StatusCode != row.status {
				t.Errorf("%d", res.StatusCode)
			}
			if refused := res.StatusCode == http.StatusForbidden; refused != (count() == before+1) || refused != (res.Header.Get("Cache-Control") == "no-store") {
				t.Errorf("counted %v, headers %v", count()-before, res.Header)
			}
		})
	}
	if got := b.do(http.MethodGet, "/who", http.Header{"Origin": {"https://evil.example"}}, nil).status; got != http.StatusOK {
		t.Errorf("a request that is no handshake: %d", got)
	}
}

// TestPreflightIsNoUpgrade asks for a WebSocket in what looks like a preflight.
func TestPreflightIsNoUpgrade(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("cors_preflight pass"))
	b := newBrowser(t, p.origin())
	preflight := http.Header{"Origin": {"https://x.example"}, "Access-Control-Request-Method": {"PUT"}}
	if got := b.do(http.MethodOptions, "/who", preflight, nil).status; got != http.StatusOK {
		t.Errorf("a true preflight: %d", got)
	}
	for _, upgrade := range []string{"websocket", "WebSocket", "h2c", "websocket, h2c"} {
		header := preflight.Clone()
		header.Set("Upgrade", upgrade)
		if got := shake(t, b, http.MethodOptions, header).StatusCode; got != http.StatusUnauthorized {
			t.Errorf("%s: %d", upgrade, got)
		}
	}
	header := preflight.Clone()
	header["Upgrade"] = []string{"", "websocket"}
	if got := shake(t, b, http.MethodOptions, header).StatusCode; got == http.StatusSwitchingProtocols {
		t.Error("a second Upgrade header was followed")
	}
}

// shake begins a WebSocket handshake, and ends what comes of it.
func shake(t *testing.T, b *browser, method string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.origin+"/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for name, values := range header {
		r.Header[name] = values
	}
	res, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/gate"
)

// What browsers really send as Accept.
const (
	chromePage  = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
	firefoxPage = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	safariPage  = firefoxPage
	chromeImage = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
	style       = "text/css,*/*;q=0.1"
)

// request builds a request from "Name: value" lines. The first word of what is
// the method when there is one.
func request(method string, lines ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/reports?year=2026", nil)
	r.Method = method
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

// fetched is what Fetch Metadata adds.
func fetched(site, mode, dest string, more ...string) []string {
	return append([]string{"Sec-Fetch-Site: " + site, "Sec-Fetch-Mode: " + mode, "Sec-Fetch-Dest: " + dest}, more...)
}

// row is one request of the table.
type row struct {
	name   string
	method string
	lines  []string
	kind   gate.Kind
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := gate.Classify(request(row.method, row.lines...)); got != row.kind {
				t.Errorf("is %s, want %s", got, row.kind)
			}
		})
	}
}

func TestPagesThatPeopleOpen(t *testing.T) {
	user := "Sec-Fetch-User: ?1"
	check(t, []row{
		{"Chrome, typed", "GET", fetched("none", "navigate", "document", user, "Accept: "+chromePage), gate.Navigation},
		{"Chrome, link from elsewhere", "GET", fetched("cross-site", "navigate", "document", user, "Accept: "+chromePage), gate.Navigation},
		{"Chrome, reload without user", "GET", fetched("same-origin", "navigate", "document", "Accept: "+chromePage), gate.Navigation},
		{"Chrome, prerender", "GET", fetched("none", "navigate", "document", "Sec-Purpose: prefetch;prerender", "Accept: "+chromePage), gate.Navigation},
		{"Firefox", "GET", fetched("none", "navigate", "document", user, "Accept: "+firefoxPage), gate.Navigation},
		{"Safari 17", "GET", fetched("none", "navigate", "document", "Accept: "+safariPage), gate.Navigation},
		{"Safari 15, no metadata", "GET", []string{"Accept: " + safariPage}, gate.Navigation},
		{"Internet Explorer 11", "GET", []string{"Accept: text/html, application/xhtml+xml, */*"}, gate.Navigation},
		{"any browser over plain http", "GET", []string{"Accept: " + chromePage}, gate.Navigation},
		{"Lynx", "GET", []string{"Accept: text/html, text/plain, text/sgml, */*;q=0.01"}, gate.Navigation},
		{"xhtml alone", "GET", []string{"Accept: application/xhtml+xml"}, gate.Navigation},
		{"HEAD", "HEAD", fetched("none", "navigate", "document", "Accept: "+chromePage), gate.Navigation},
		{"HEAD without metadata", "HEAD", []string{"Accept: " + safariPage}, gate.Navigation},
		{"a service worker hands a navigation on", "GET", fetched("same-origin", "navigate", "empty", "Accept: "+chromePage), gate.Navigation},
		{"link with metadata but any Accept", "GET", fetched("none", "navigate", "document", "Accept: */*"), gate.Navigation},
	})
}

func TestFormsThatPeopleSend(t *testing.T) {
	check(t, []row{
		{"Chrome", "POST", fetched("same-origin", "navigate", "document", "Sec-Fetch-User: ?1", "Accept: "+chromePage, "Origin: https://app.example.com"), gate.FormPost},
		{"Firefox", "POST", fetched("same-origin", "navigate", "document", "Accept: "+firefoxPage), gate.FormPost},
		{"another site posts here", "POST", fetched("cross-site", "navigate", "document", "Accept: "+chromePage, "Origin: https://evil.example"), gate.FormPost},
		{"Safari 15, no metadata", "POST", []string{"Accept: " + safariPage, "Origin: https://app.example.com"}, gate.FormPost},
		{"a service worker hands a form on", "POST", fetched("same-origin", "navigate", "empty", "Accept: "+chromePage), gate.FormPost},
		{"a method nobody knows", "BREW", fetched("none", "navigate", "document"), gate.FormPost},
	})
}

func TestProgramsAndScripts(t *testing.T) {
	check(t, []row{
		{"Chrome fetch", "GET", fetched("same-origin", "cors", "empty", "Accept: */*"), gate.Script},
		{"fetch that asks for a page", "GET", fetched("same-origin", "cors", "empty", "Accept: text/html"), gate.Script},
		{"fetch without cors", "POST", fetched("same-origin", "same-origin", "empty", "Accept: application/json"), gate.Script},
		{"fetch from another site", "GET", fetched("cross-site", "cors", "empty", "Accept: */*", "Origin: https://other.example"), gate.Script},
		{"sendBeacon", "POST", fetched("same-origin", "no-cors", "empty", "Accept: */*"), gate.Script},
		{"link rel=prefetch", "GET", fetched("same-origin", "no-cors", "empty", "Sec-Purpose: prefetch", "Accept: */*"), gate.Script},
		{"htmx", "GET", fetched("same-origin", "cors", "empty", "HX-Request: true", "Accept: */*"), gate.Script},
		{"htmx over plain http", "GET", []string{"HX-Request: true", "Accept: */*"}, gate.Script},
		{"Turbo frame", "GET", fetched("same-origin", "cors", "empty", "Accept: text/html, application/xhtml+xml"), gate.Script},
		{"old jQuery for a page", "GET", []string{"X-Requested-With: XMLHttpRequest", "Accept: text/html, */*; q=0.01"}, gate.Script},
		{"old XMLHttpRequest", "GET", []string{"Accept: application/json, text/plain, */*"}, gate.Script},
		{"curl", "GET", []string{"Accept: */*", "User-Agent: curl/8.9.1"}, gate.Script},
		{"curl -d", "POST", []string{"Accept: */*", "Content-Type: application/x-www-form-urlencoded"}, gate.Script},
		{"Go", "GET", []string{"User-Agent: Go-http-client/1.1"}, gate.Script},
		{"gRPC", "POST", []string{"Content-Type: application/grpc", "Te: trailers"}, gate.Script},
		{"no header at all", "GET", nil, gate.Script},
		{"OPTIONS that is no preflight", "OPTIONS", []string{"Origin: https://other.example"}, gate.Script},
		{"WebDAV", "PROPFIND", []string{"Depth: 1"}, gate.Script},
		{"a destination of the future", "GET", fetched("same-origin", "cors", "webidentity"), gate.Script},
		{"a mode alone", "GET", []string{"Sec-Fetch-Mode: cors", "Accept: text/html"}, gate.Script},
		{"health check", "GET", []string{"User-Agent: kube-probe/1.31", "Accept: */*"}, gate.Script},
	})
}

func TestPartsOfPages(t *testing.T) {
	for _, dest := range strings.Fields("audio audioworklet font image json manifest paintworklet report script " +
		"serviceworker sharedworker style track video worker xslt") {
		check(t, []row{{dest, "GET", fetched("same-origin", "no-cors", dest, "Accept: */*"), gate.Subresource}})
	}
	check(t, []row{
		{"Chrome image", "GET", fetched("same-origin", "no-cors", "image", "Accept: "+chromeImage), gate.Subresource},
		{"Chrome manifest with credentials", "GET", fetched("same-origin", "cors", "manifest", "Accept: */*"), gate.Subresource},
		{"service worker script", "GET", fetched("same-origin", "same-origin", "serviceworker", "Service-Worker: script"), gate.Subresource},
		{"a module from another site", "GET", fetched("cross-site", "cors", "script", "Origin: https://other.example"), gate.Subresource},
		{"old browser, image", "GET", []string{"Accept: image/webp,image/png,image/*;q=0.8,*/*;q=0.5"}, gate.Subresource},
		{"old browser, style", "GET", []string{"Accept: " + style}, gate.Subresource},
	})
}

func TestFrames(t *testing.T) {
	for _, dest := range strings.Fields("iframe frame embed object fencedframe") {
		check(t, []row{
			{dest, "GET", fetched("cross-site", "navigate", dest, "Accept: "+chromePage), gate.Frame},
			{dest + " post", "POST", fetched("same-origin", "navigate", dest, "Accept: "+chromePage), gate.Frame},
		})
	}
}

func TestLongLivedRequests(t *testing.T) {
	connect := request("CONNECT", "Accept: */*")
	connect.ProtoMajor, connect.ProtoMinor = 2, 0
	connect.Header[":protocol"] = []string{"websocket"} // as net/http hands RFC 8441 on
	third := request("CONNECT")
	third.ProtoMajor, third.ProtoMinor, third.Proto = 3, 0, "websocket" // as RFC 9220 arrives
	for name, r := range map[string]*http.Request{"RFC 8441": connect, "RFC 9220": third} {
		if got := gate.Classify(r); got != gate.Upgrade {
			t.Errorf("%s: %s", name, got)
		}
	}
	check(t, []row{
		{"Chrome WebSocket", "GET", fetched("same-origin", "websocket", "empty", "Connection: Upgrade", "Upgrade: websocket", "Sec-Websocket-Version: 13"), gate.Upgrade},
		{"Firefox WebSocket", "GET", fetched("same-origin", "websocket", "empty", "Connection: keep-alive, Upgrade", "Upgrade: websocket"), gate.Upgrade},
		{"Firefox of old names its destination", "GET", fetched("same-origin", "websocket", "websocket", "Upgrade: websocket"), gate.Upgrade},
		{"Safari 15, no metadata", "GET", []string{"Connection: Upgrade", "Upgrade: websocket"}, gate.Upgrade},
		{"Internet Explorer writes a capital", "GET", []string{"Connection: Upgrade", "Upgrade: Websocket"}, gate.Upgrade},
		{"with a page's Accept", "GET", []string{"Connection: Upgrade", "Upgrade: websocket", "Accept: " + chromePage}, gate.Upgrade},
		{"h2c is no WebSocket", "GET", []string{"Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "Accept: */*"}, gate.Script},
		{"Chrome EventSource", "GET", fetched("same-origin", "cors", "empty", "Accept: text/event-stream", "Cache-Control: no-cache"), gate.EventStream},
		{"Safari 15 EventSource", "GET", []string{"Accept: text/event-stream"}, gate.EventStream},
		{"a streaming program", "POST", []string{"Accept: application/json, text/event-stream"}, gate.EventStream},
	})
}

func TestPreflights(t *testing.T) {
	check(t, []row{
		{"Chrome", "OPTIONS", fetched("cross-site", "cors", "empty", "Origin: https://other.example", "Access-Control-Request-Method: PUT", "Accept: */*"), gate.Preflight},
		{"Safari 15", "OPTIONS", []string{"Origin: https://other.example", "Access-Control-Request-Method: DELETE", "Access-Control-Request-Headers: x"}, gate.Preflight},
		{"from a sandbox", "OPTIONS", []string{"Origin: null", "Access-Control-Request-Method: PUT"}, gate.Preflight},
		{"no origin", "OPTIONS", []string{"Access-Control-Request-Method: PUT"}, gate.Script},
		{"no method", "OPTIONS", []string{"Origin: https://other.example"}, gate.Script},
		{"another method in disguise", "GET", []string{"Origin: https://other.example", "Access-Control-Request-Method: GET", "Accept: */*"}, gate.Script},
	})
}

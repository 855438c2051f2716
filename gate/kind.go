// SPDX-License-Identifier: Apache-2.0

// Package gate decides what each request gets: whether it passes, and if not,
// an answer that its sender can understand. It also sees to it that nothing a
// visitor sends can pass for what the gate itself tells the upstream.
package gate

import (
	"net/http"
	"strings"
)

// Kind is what sort of request somebody makes, as far as it matters for the
// answer to one without a session.
type Kind string

// The kinds.
const (
	// Navigation is a page that a person opens.
	Navigation Kind = "navigation"
	// FormPost is a navigation with a body, or any other that is no plain read.
	FormPost Kind = "form_post"
	// Script is fetch, XMLHttpRequest, or a program that is no browser.
	Script Kind = "script"
	// Subresource is a script, style, image, font, manifest or worker.
	Subresource Kind = "subresource"
	// Upgrade is a WebSocket handshake.
	Upgrade Kind = "upgrade"
	// EventStream is an EventSource.
	EventStream Kind = "event_stream"
	// Frame is a navigation inside another page.
	Frame Kind = "frame"
	// Preflight is a true CORS preflight, which never carries cookies.
	Preflight Kind = "preflight"
)

// destinations maps Sec-Fetch-Dest to a kind (W3C Fetch Metadata). Navigations
// and "empty" need a closer look and are not here.
var destinations = map[string]Kind{
	"iframe": Frame, "frame": Frame, "embed": Frame, "object": Frame, "fencedframe": Frame,
	"audio": Subresource, "audioworklet": Subresource, "font": Subresource, "image": Subresource,
	"manifest": Subresource, "paintworklet": Subresource, "report": Subresource, "script": Subresource,
	"serviceworker": Subresource, "sharedworker": Subresource, "style": Subresource, "track": Subresource,
	"video": Subresource, "worker": Subresource, "xslt": Subresource, "json": Subresource,
}

// Classify tells the kind of a request. It believes the browser's own signal
// first, since pages cannot forge Sec-Fetch fields, and falls back on what older
// browsers and programs send. A wrong guess changes the form of a "no", never
// the "no" itself.
func Classify(r *http.Request) Kind {
	switch {
	case isPreflight(r):
		return Preflight
	case isWebSocket(r):
		return Upgrade
	case strings.Contains(r.Header.Get("Accept"), "text/event-stream"):
		return EventStream
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	if kind, ok := destinations[dest]; ok {
		return kind
	}
	mode := r.Header.Get("Sec-Fetch-Mode")
	switch {
	case dest == "document" || mode == "navigate": // a service worker that hands a navigation on sends "empty"
		return navigation(r)
	case dest != "" || mode != "":
		return Script
	}
	return classifyByAccept(r)
}

func classifyByAccept(r *http.Request) Kind {
	accept := r.Header.Get("Accept")
	switch {
	case r.Header.Get("X-Requested-With") != "":
		return Script
	case strings.Contains(accept, "text/html"), strings.Contains(accept, "application/xhtml+xml"):
		return navigation(r)
	case strings.HasPrefix(accept, "image/"), strings.HasPrefix(accept, "text/css"):
		return Subresource
	}
	return Script
}

func navigation(r *http.Request) Kind {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return Navigation
	}
	return FormPost
}

func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Upgrade") == "" && r.Header.Get("Origin") != "" &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

func isWebSocket(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Mode") == "websocket" {
		return true
	}
	if r.Method == http.MethodConnect { // HTTP/2 and HTTP/3, RFC 8441 and RFC 9220
		return r.Header.Get(":protocol") == "websocket" || r.Proto == "websocket"
	}
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

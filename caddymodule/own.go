// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch/gate"
)

const (
	// maxBody bounds what is read of a request to the gate's own pages, and to the
	// Frontend API.
	maxBody = 64 << 10
	// maxBackendBody is the same for the Backend API, which takes lists.
	maxBackendBody = 1 << 20
	// bodyDeadline is how long such a body may take to arrive.
	bodyDeadline = 10 * time.Second
)

// door is one of the ways into what the gate serves itself.
type door struct {
	handler http.Handler
	decided gate.Decision
	maxBody int64
}

// own serves the gate's own paths. Nobody may keep a connection busy with a body
// that never ends or never comes.
func (g *running) own(w http.ResponseWriter, r *http.Request, asked *url.URL) {
	d := g.door(asked.Path)
	metrics.decided(d.decided)
	if r.ContentLength != 0 { // unknown is below zero
		// A server that cannot set deadlines has limits of its own.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyDeadline))
	}
	own := *r
	own.URL, own.Body = asked, http.MaxBytesReader(w, r.Body, d.maxBody)
	d.handler.ServeHTTP(w, &own)
	linger(w, r)
}

// door returns what serves a path of the gate's own.
func (g *running) door(path string) door {
	switch {
	case g.backend != nil && strings.HasPrefix(path, g.backend.Base+"/v1/"):
		return door{g.backend, decidedBackend, maxBackendBody}
	case g.frontend != nil && frontendPath(strings.TrimPrefix(path, g.routes.Base)):
		return door{g.frontend, decidedFrontend, maxBody}
	}
	return door{g.pages, decidedOwn, maxBody}
}

// frontendPath reports whether a path below the base belongs to the Frontend API.
func frontendPath(below string) bool {
	return below == "/v1" || strings.HasPrefix(below, "/v1/") || strings.HasPrefix(below, "/npm/") || below == "/openapi.json"
}

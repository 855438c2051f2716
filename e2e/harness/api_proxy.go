// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// watcher is a reverse proxy at the site's address that looks at every answer of the
// Frontend API which passes, whoever has asked. The gate listens behind it.
type watcher struct {
	gate    *Gate
	checked atomic.Int64
}

// watch puts a watcher in front of a gate until the test ends.
func (g *Gate) watch(t testing.TB, l net.Listener) {
	t.Helper()
	w := &watcher{gate: g}
	g.watcher = w
	behind, err := url.Parse(g.inside())
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = r.In.Host
			r.Out.Header["X-Forwarded-For"] = nil
		},
		ModifyResponse: w.look,
		FlushInterval:  -1,
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}}
	go func() { _ = server.Serve(l) }() // ends with the listener
	t.Cleanup(func() { _ = server.Close() })
}

// look checks one answer, and puts its body back.
func (w *watcher) look(answer *http.Response) error {
	path := answer.Request.URL.Path
	if !strings.HasPrefix(path, APIBase+"/") {
		return nil
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	_ = answer.Body.Close() // all of it is read
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if err := w.gate.checkAPI(answer.Request, answer.StatusCode, answer.Header, body); err != nil {
		w.gate.T.Errorf("%v\n%.2000s", err, body)
	}
	w.checked.Add(1)
	return nil
}

// Checked is how many answers of the Frontend API were looked at on their way; see
// [Config.Checked].
func (g *Gate) Checked() int { return int(g.watcher.checked.Load()) }

// inside is where the gate itself listens.
func (g *Gate) inside() string { return fmt.Sprintf("http://localhost:%d", g.inner) }

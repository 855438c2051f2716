// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// BenchmarkRoute is one request through a whole Caddy server, with `respond` in
// the place of a proxy: bare, behind Caddy's own directive with as many
// headers as the gate sets, and behind the gate with a warm session. The cost of the gate is the difference to bare.
func BenchmarkRoute(b *testing.B) {
	p := newPlace(b)
	load(b, p.site())
	visitor := newBrowser(b, p.origin())
	visitor.signUp(p, "jo@example.com")
	cookie := cookieHeader(b, visitor)
	headers := "request_header Remote-User user_01234567890123456789012345\n\trequest_header Remote-Email jo@example.com\n" +
		"\trequest_header Authorization \"Bearer " + strings.Repeat("t", 480) + "\"\n"
	for _, v := range []struct{ name, directive, cookie string }{
		{"bare", "", cookie},
		{"headers", headers, cookie},
		{"gate", p.directive(), cookie},
		{"gate_with_other_cookies", p.directive(), "theme=dark; " + cookie + "; lang=en"},
		{"gate_refused_no_cookie", p.directive(), ""},
		{"gate_refused_forged_cookie", p.directive(), forge(cookie)},
		{"gate_refused_malformed_cookie", p.directive(), "gatelatch_client=x; gatelatch_session=y"},
	} {
		b.Run(v.name, func(b *testing.B) { benchmarkSite(b, p, v.directive, v.cookie) })
	}
}

func (p place) directive() string {
	return fmt.Sprintf("gatelatch {\n\t\tstore sqlite %s\n\t\temail outbox %s\n\t}\n", p.database, p.outbox)
}

func cookieHeader(b *testing.B, v *browser) string {
	u, err := url.Parse(v.origin)
	if err != nil {
		b.Fatal(err)
	}
	var pairs []string
	for _, c := range v.client.Jar.Cookies(u) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	if len(pairs) != 2 {
		b.Fatalf("%d cookies", len(pairs))
	}
	return strings.Join(pairs, "; ")
}

// forge changes the last character of each secret.
func forge(cookie string) string {
	pairs := strings.Split(cookie, "; ")
	for i, pair := range pairs {
		pairs[i] = pair[:len(pair)-8] + "AAAAAAAA"
	}
	return strings.Join(pairs, "; ")
}

func benchmarkSite(b *testing.B, p place, directive, cookie string) {
	load(b, fmt.Sprintf("http://localhost:%d {\n\t%s\n\trespond \"ok\"\n}\n", p.port, directive))
	server := onlyServer(b)
	w := &discard{header: http.Header{}}
	base := request(b, p, cookie)
	b.ReportAllocs()
	for b.Loop() {
		r := *base
		r.Header = make(http.Header, len(base.Header))
		for name, values := range base.Header {
			r.Header[name] = append([]string(nil), values...)
		}
		clear(w.header)
		server.ServeHTTP(w, &r)
	}
	b.ReportMetric(float64(w.status), "status")
}

func request(b *testing.B, p place, cookie string) *http.Request {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, p.origin()+"/page?x=1", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.RequestURI, r.RemoteAddr = "/page?x=1", "127.0.0.1:40000"
	r.URL.Scheme, r.URL.Host = "", ""
	r.Header = http.Header{"Accept": {"*/*"}, "User-Agent": {"bench"}, "Accept-Encoding": {"gzip"}}
	if cookie != "" {
		r.Header["Cookie"] = []string{cookie}
	}
	return r
}

func onlyServer(b *testing.B) *caddyhttp.Server {
	app, err := caddy.ActiveContext().App("http")
	if err != nil {
		b.Fatal(err)
	}
	httpApp, ok := app.(*caddyhttp.App)
	if !ok || len(httpApp.Servers) != 1 {
		b.Fatalf("not one server: %T", app)
	}
	for _, s := range httpApp.Servers {
		return s
	}
	return nil
}

// discard is a ResponseWriter that keeps the status alone.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

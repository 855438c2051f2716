// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"golang.org/x/net/websocket"

	"github.com/gatelatch/gatelatch/delivery/outbox"
)

const globalOptions = "{\n\tadmin off\n\tpersist_config off\n\tlog {\n\t\toutput discard\n\t}\n}\n"

// config adapts a Caddyfile, with the admin endpoint and logs off.
func config(t testing.TB, sites string) []byte {
	t.Helper()
	return configWith(t, globalOptions, sites)
}

func configWith(t testing.TB, global, sites string) []byte {
	t.Helper()
	body, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(global+sites), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// withAdmin are global options with the admin endpoint on, and where it listens.
func withAdmin(t testing.TB) (global, address string) {
	t.Helper()
	address = fmt.Sprintf("localhost:%d", freePort(t))
	return strings.Replace(globalOptions, "admin off", "admin "+address, 1), address
}

// loadAdmin runs a configuration with the admin endpoint on, and returns where
// that listens.
func loadAdmin(t testing.TB, sites string) (address string) {
	t.Helper()
	global, address := withAdmin(t)
	if err := caddy.Load(configWith(t, global, sites), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
	return address
}

// load runs a configuration, in place of the one before.
func load(t testing.TB, sites string) {
	t.Helper()
	if err := caddy.Load(config(t, sites), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
}

func stop(t testing.TB) {
	t.Helper()
	if err := caddy.Stop(); err != nil {
		t.Fatal(err)
	}
}

// parse returns what Caddy makes of a configuration before it runs.
func parse(t testing.TB, sites string) *caddy.Config {
	t.Helper()
	var c caddy.Config
	if err := json.Unmarshal(config(t, sites), &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// freePort returns a port below those that the system hands out by itself, so
// that no connection takes it while a test has stopped its server.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000) //nolint:gosec // not a secret
		var c net.ListenConfig
		if l, err := c.Listen(t.Context(), "tcp", fmt.Sprintf("localhost:%d", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// upstream is an app that tells what it was sent: as JSON, or over a WebSocket
// that echoes.
func upstream(t testing.TB) string {
	t.Helper()
	mux := http.NewServeMux()
	// A Server without a Handshake takes every origin: looking at it is the gate's task.
	mux.Handle("/socket", websocket.Server{Handler: func(c *websocket.Conn) { _, _ = io.Copy(c, c) }})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(seen{Path: r.URL.RequestURI(), Header: r.Header})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

type seen struct {
	Path   string
	Header http.Header
}

// place is a gate in front of an upstream, with files of its own.
type place struct {
	port     int
	outbox   string
	database string
	upstream string
}

func newPlace(t testing.TB) place {
	t.Helper()
	dir := t.TempDir()
	return place{
		port: freePort(t), upstream: upstream(t),
		outbox: filepath.Join(dir, "outbox.jsonl"), database: filepath.Join(dir, "gate.db"),
	}
}

// site writes the place's Caddyfile, with more options.
func (p place) site(options ...string) string {
	return fmt.Sprintf("http://localhost:%d {\n\tgatelatch {\n\t\tstore sqlite %s\n\t\temail outbox %s\n\t\t%s\n\t}\n\treverse_proxy %s\n}\n",
		p.port, p.database, p.outbox, strings.Join(options, "\n\t\t"), p.upstream)
}

func (p place) origin() string { return fmt.Sprintf("http://localhost:%d", p.port) }

// code waits for the code that the queue sends to an address after a moment.
func (p place) code(t testing.TB, to string, after time.Time) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		entries, err := outbox.Read(p.outbox, 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.To == to && e.At.After(after) && e.Code != "" {
				return e.Code
			}
		}
		time.Sleep(10 * time.Millisecond) // another process would have no signal either
	}
	t.Fatalf("no code for %s", to)
	return ""
}

// browser keeps cookies and reads pages as a person without script does.
type browser struct {
	t      testing.TB
	origin string
	client *http.Client
	asked  time.Time // for the last code
	from   string    // what it says its address is, if anything
}

func newBrowser(t testing.TB, origin string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, origin: origin, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// page is an answer.
type page struct {
	status int
	url    *url.URL
	header http.Header
	body   string
	proto  string
}

func (b *browser) do(method, path string, header http.Header, form url.Values) page {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.origin+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.origin)
	}
	if b.from != "" {
		r.Header.Set("X-Forwarded-For", b.from)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	// A clone each time: the client adds its cookies to what it sends, and two of
	// one name are no session.
	res, err := b.client.Do(r.Clone(r.Context()))
	// On a reload Caddy's old and new server share the port for a moment, and a
	// connection that waits for the old one is reset, with or without a gate. A
	// request that got no answer at all is asked again, as browsers do.
	for tries := 0; err != nil && method == http.MethodGet && tries < 3; tries++ {
		res, err = b.client.Do(r.Clone(r.Context()))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{res.StatusCode, res.Request.URL, res.Header, string(text), res.Proto}
}

func (b *browser) get(path string) page { b.t.Helper(); return b.do("GET", path, nil, nil) }

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// submit fills in the first form of a page.
func (b *browser) submit(p page, fields ...string) page {
	b.t.Helper()
	m := formAction.FindStringSubmatch(p.body)
	if m == nil {
		b.t.Fatalf("no form in %d %s:\n%s", p.status, p.url, p.body)
	}
	form := url.Values{}
	for _, h := range hidden.FindAllStringSubmatch(p.body, -1) {
		form.Set(h[1], html.UnescapeString(h[2]))
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do("POST", html.UnescapeString(m[1]), nil, form)
}

// ask begins to sign in, and returns the page that wants the code.
func (b *browser) ask(address string) page {
	b.t.Helper()
	b.asked = time.Now()
	return b.submit(b.get("/asked?for=this"), "identifier", address, "step", "identify")
}

// code returns the code that was asked for last.
func (b *browser) code(p place, address string) string {
	b.t.Helper()
	return p.code(b.t, address, b.asked)
}

// signUp goes all the way, and returns what the upstream saw at the end.
func (b *browser) signUp(p place, address string) seen {
	b.t.Helper()
	proven := b.submit(b.ask(address), "code", b.code(p, address), "step", "verify")
	return b.seen(b.submit(proven, "step", "create"))
}

// signIn is for somebody who has an account.
func (b *browser) signIn(p place, address string) seen {
	b.t.Helper()
	return b.seen(b.submit(b.ask(address), "code", b.code(p, address), "step", "verify"))
}

func (b *browser) seen(p page) seen {
	b.t.Helper()
	var s seen
	if err := json.Unmarshal([]byte(p.body), &s); err != nil || p.status != http.StatusOK {
		b.t.Fatalf("not the upstream: %d %s\n%s", p.status, p.url, p.body)
	}
	return s
}

// user returns who the upstream thinks this browser is.
func (b *browser) user() string {
	b.t.Helper()
	return b.seen(b.get("/who")).Header.Get("Remote-User")
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// TestLogsHoldNoSecrets goes through everything with the log wide open. Caddy's
// reverse_proxy shows at that level what it sends upstream, identity headers
// included; those lines are its own.
func TestLogsHoldNoSecrets(t *testing.T) {
	p := newPlace(t)
	log := filepath.Join(t.TempDir(), "log")
	global := fmt.Sprintf("{\n\tadmin off\n\tpersist_config off\n\tlog {\n\t\tlevel DEBUG\n\t\toutput file %s\n\t}\n}\n", log)
	site := strings.Replace(p.site(), "gatelatch {", "log\n\tgatelatch {", 1)
	if err := caddy.Load(configWith(t, global, site), true); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, p.origin())
	first := b.signUp(p, "ada.lovelace@example.com")
	secrets := []string{b.code(p, "ada.lovelace@example.com"), "ada.lovelace@example.com", "ada.lovelace", first.Header.Get("Authorization")}
	origin, err := url.Parse(p.origin())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(origin) {
		secrets = append(secrets, c.Value)
	}
	b.do("POST", "/.auth/sign-out", nil, url.Values{})
	stop(t)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	text = proxyLines.ReplaceAll(text, nil)
	for _, s := range secrets {
		if s == "" || strings.Contains(string(text), s) {
			t.Errorf("the log holds %q", s)
		}
	}
	for _, want := range []string{`"outcome":"complete"`, `"to":"a•••@example.com"`, `"user_id":"` + first.Header.Get("Remote-User") + `"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the log has no %s", want)
		}
	}
}

var proxyLines = regexp.MustCompile(`(?m)^.*"logger":"http.handlers.reverse_proxy".*\n`)

func TestMetricsCountOverReloads(t *testing.T) {
	p := newPlace(t)
	port := freePort(t)
	page := fmt.Sprintf("http://localhost:%d {\n\tmetrics\n}\n", port)
	load(t, p.site()+page)
	scrape := func() map[string]float64 {
		return samples(t, newBrowser(t, fmt.Sprintf("http://localhost:%d", port)).get("/").body)
	}
	before := scrape()
	b := newBrowser(t, p.origin())
	b.signUp(p, "ada@example.com")
	load(t, p.site("name Reloaded")+page)
	b.client.CloseIdleConnections()
	b.user()
	after := scrape()
	for name, least := range map[string]float64{
		`caddy_gatelatch_decisions_total{decision="pass"}`:                                               2,
		`caddy_gatelatch_decisions_total{decision="sign_in"}`:                                            1,
		`caddy_gatelatch_decisions_total{decision="own"}`:                                                3,
		`caddy_gatelatch_flow_steps_total{flow="sign_up",input="adopt",outcome="complete"}`:              1,
		`caddy_gatelatch_flow_steps_total{flow="sign_in",input="identify",outcome="needs_first_factor"}`: 1,
		`caddy_gatelatch_messages_total{channel="email",result="sent"}`:                                  1,
	} {
		if got := after[name] - before[name]; got < least {
			t.Errorf("%s grew by %v", name, got)
		}
	}
	if got := after["caddy_gatelatch_cached_sessions"]; got != 1 {
		t.Errorf("cached sessions: %v", got)
	}
}

var sample = regexp.MustCompile(`(?m)^(caddy_gatelatch_\S+) (\S+)$`)

func samples(t *testing.T, text string) map[string]float64 {
	t.Helper()
	found := make(map[string]float64)
	for _, m := range sample.FindAllStringSubmatch(text, -1) {
		value, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		found[m[1]] = value
	}
	return found
}

// TestSignUpByPhone uses both kinds of identifier and a texted code.
func TestSignUpByPhone(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("identifiers email phone", "sms outbox "+p.outbox, "region US"))
	b := newBrowser(t, p.origin())
	page := b.ask("(415) 555-2671")
	proven := b.submit(page, "code", b.code(p, "+14155552671"), "step", "verify")
	if got := b.seen(b.submit(proven, "step", "create")).Header.Get("Remote-Phone"); got != "+14155552671" {
		t.Errorf("Remote-Phone is %q", got)
	}
}

// TestClientAddressIsCaddys spends a network's budget. A client that names
// other addresses has the same budget, unless Caddy trusts it to be a proxy.
func TestClientAddressIsCaddys(t *testing.T) {
	for name, row := range map[string]struct {
		global string
		status int
	}{
		"not trusted": {"", http.StatusTooManyRequests},
		"trusted":     {"\tservers {\n\t\ttrusted_proxies static 127.0.0.0/8 ::1\n\t}\n", http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			global := strings.TrimSuffix(globalOptions, "}\n") + row.global + "}\n"
			site := p.site("limits {\n\t\tstarts_per_network 2/h\n\t}")
			if err := caddy.Load(configWith(t, global, site), true); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { stop(t) })
			var last page
			for i := range 4 {
				b := newBrowser(t, p.origin())
				b.from = fmt.Sprintf("203.0.113.%d", i)
				last = b.ask(fmt.Sprintf("v%d@example.com", i))
			}
			if last.status != row.status {
				t.Errorf("%d %s", last.status, last.url)
			}
			if row.status == http.StatusTooManyRequests && last.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
}

// TestNothingPassesWithoutSession sees that nothing of the app is in an
// answer to a stranger, whatever the method.
func TestNothingPassesWithoutSession(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	b := newBrowser(t, p.origin())
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
		for _, path := range []string{"/", "/a/../b", "//x", "/%2e%2e/x", "/.auth/../x", "/.AUTH/sign-in", "/.auth;x/sign-in", "/.auth%2fsign-in", "/a?b=/.auth/"} {
			got := b.do(method, path, nil, nil)
			if got.status == http.StatusOK || strings.Contains(got.body, `"Path"`) {
				t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
			}
		}
	}
}

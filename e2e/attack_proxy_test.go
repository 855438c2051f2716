// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

const fewStarts = "limits {\nstarts_per_network 3/h\n}\n"

// startsFrom begins sign-ins, each from another address if the gate believes
// that, and returns how many were let through.
func startsFrom(t *testing.T, g *harness.Gate, n int, header string, address func(i int) string) int {
	t.Helper()
	through := 0
	for i := range n {
		v := g.NewVisitor()
		if header != "" {
			v.Header[http.CanonicalHeaderKey(header)] = []string{address(i)}
		}
		p, err := v.Open("/home")
		if err != nil {
			t.Fatal(err)
		}
		if p, err = v.Submit(p, "identify", map[string]string{"identifier": fmt.Sprintf("x%d@example.org", i)}); err != nil {
			t.Fatal(err)
		}
		switch {
		case p.Status == 303:
			through++
		case p.Status != 429 || p.Header.Get("Retry-After") == "" || !p.Contains("too many requests"):
			t.Errorf("one too many got %d, Retry-After %q", p.Status, p.Header.Get("Retry-After"))
		}
		v.Close()
	}
	return through
}

func TestForwardedAddressesCountOnlyFromTrustedProxies(t *testing.T) {
	t.Parallel()
	each := func(i int) string { return fmt.Sprintf("203.0.%d.7", i) }
	for _, header := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"} {
		g := harness.Start(t, harness.Config{Directive: fewStarts})
		if n := startsFrom(t, g, 6, header, each); n != 3 {
			t.Errorf("%s from anybody: %d starts, want 3", header, n)
		}
	}
	trusting := harness.Config{Directive: fewStarts, Global: "servers {\ntrusted_proxies static 127.0.0.1/32\n}"}
	g := harness.Start(t, trusting)
	if n := startsFrom(t, g, 6, "X-Forwarded-For", each); n != 6 {
		t.Errorf("from a trusted proxy: %d starts, want 6", n)
	}
	g = harness.Start(t, trusting)
	if n := startsFrom(t, g, 6, "X-Forwarded-For", func(int) string { return "203.0.113.9" }); n != 3 {
		t.Errorf("one visitor behind a trusted proxy: %d starts, want 3", n)
	}
	g = harness.Start(t, trusting)
	if n := startsFrom(t, g, 6, "X-Forwarded-For", func(i int) string { return fmt.Sprintf("2001:db8:1:2::%d", i+1) }); n != 3 {
		t.Errorf("one /64 behind a trusted proxy: %d starts, want 3", n)
	}
}

func TestOutboxPageIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: "name Acme", Global: "servers {\ntrusted_proxies static 127.0.0.1/32\n}"})
	v := g.NewVisitor()
	if p, err := v.Open("/.auth/outbox"); err != nil || p.Status != 200 {
		t.Errorf("from this machine: %d %v", p.Status, err)
	}
	v.Header.Set("X-Forwarded-For", "203.0.113.9")
	if p, err := v.Open("/.auth/outbox"); err != nil || p.Status != 404 {
		t.Errorf("from elsewhere: %d %v", p.Status, err)
	}
}

// TestHostsOfOthersChangeNothing names another host wherever a client may.
func TestHostsOfOthersChangeNothing(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "identifiers email phone\nsms outbox outbox.jsonl\nsms_countries US\nname Acme"})
	for i, h := range []http.Header{
		{"X-Forwarded-Host": {"evil.example"}},
		{"X-Host": {"evil.example"}},
		{"Forwarded": {"host=evil.example"}},
		{"X-Original-Host": {"evil.example"}},
		{"X-Forwarded-Proto": {"https"}},
		{"X-Original-Url": {"/evil"}},
		{"X-Rewrite-Url": {"/evil"}},
		{"Referer": {"https://evil.example/"}},
	} {
		v := g.NewVisitor()
		v.Header = h
		for _, to := range []string{fmt.Sprintf("h%d@example.org", i), fmt.Sprintf("+1201555%04d", 100+i)} {
			p, err := v.Ask("/home", to)
			if err != nil {
				t.Fatalf("%v: %v", h, err)
			}
			if contains(p.Body, "evil") {
				t.Errorf("%v: the page names evil", h)
			}
			m, err := g.Outbox.Find(to, 1)
			if err != nil {
				t.Fatal(err)
			}
			if contains(m.Body+m.Subject, "evil") {
				t.Errorf("%v: the message names evil: %s", h, m.Body)
			}
			if m.Channel == "sms" && !strings.HasSuffix(m.Body, "\n@localhost #"+m.Code) {
				t.Errorf("%v: the text ends with %q", h, m.Body)
			}
		}
	}
	before := g.Upstream.Count()
	for _, host := range []string{"evil.example", "localhost.evil.example", "localhost:1@evil.example"} {
		a, err := g.Raw("GET /home HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n", harness.Patience)
		if err != nil || a.Status >= 500 || contains(a.Body, "identifier") {
			t.Errorf("as %s: %d %v %.200s", host, a.Status, err, a.Body)
		}
	}
	if n := g.Upstream.Count(); n != before {
		t.Error("another host reached the upstream")
	}
}

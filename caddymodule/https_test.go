// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
)

// TestHTTPS goes all the way by HTTP/2, with the cookies that only https has.
func TestHTTPS(t *testing.T) {
	p := newPlace(t)
	global := strings.TrimSuffix(globalOptions, "}\n") + "\tskip_install_trust\n\tauto_https disable_redirects\n}\n"
	site := strings.Replace(strings.Replace(p.site(), "http://", "https://", 1), "gatelatch {", "tls internal\n\tgatelatch {", 1)
	if err := caddy.Load(configWith(t, global, site), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
	b := newBrowser(t, fmt.Sprintf("https://localhost:%d", p.port))
	b.client.Transport = &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, //nolint:gosec // a certificate of this very test
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); { // Caddy makes its certificate in the background
		res, err := b.client.Get(b.origin + "/")
		if err == nil {
			res.Body.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.signUp(p, "ada@example.com")
	page := b.do("GET", "/.auth/account", nil, nil)
	if page.status != http.StatusOK || page.proto != "HTTP/2.0" {
		t.Errorf("%d %s", page.status, page.proto)
	}
	for _, c := range b.client.Jar.Cookies(page.url) {
		if !strings.HasPrefix(c.Name, "__Host-gatelatch_") {
			t.Errorf("cookie %s", c.Name)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"golang.org/x/net/websocket"

	"github.com/gatelatch/gatelatch/caddymodule"
)

func closeStores() { caddymodule.CloseStores() }

// TestReloadUnderTraffic changes the configuration, and fails to, while one
// visitor is signed in and another is half way through.
func TestReloadUnderTraffic(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	in := newBrowser(t, p.origin())
	id := in.signUp(p, "ada@example.com").Header.Get("Remote-User")
	half := newBrowser(t, p.origin())
	codePage := half.ask("bob@example.com")
	for range 2 {
		codePage = half.submit(codePage, "code", wrong(half.code(p, "bob@example.com")), "step", "verify")
	}
	answered := traffic(t, in, id, func() {
		for i := range 4 {
			load(t, p.site(fmt.Sprintf("name Reload%d", i)))
			if err := caddy.Load(config(t, p.site("secret "+strings.Repeat("other", 8))), true); err == nil {
				t.Error("a configuration with another secret was loaded")
			}
		}
	})
	if answered == 0 {
		t.Error("no traffic")
	}
	half.client.CloseIdleConnections() // to the servers of old configurations
	for range 3 {
		if !formAction.MatchString(codePage.body) {
			t.Fatalf("the attempt was over too soon: %s", codePage.body)
		}
		codePage = half.submit(codePage, "code", wrong(half.code(p, "bob@example.com")), "step", "verify")
	}
	if codePage.status != http.StatusBadRequest || formAction.MatchString(codePage.body) {
		t.Errorf("the guesses before the reload were forgotten: %d\n%s", codePage.status, codePage.body)
	}
}

func TestHalfFinishedFlowSurvivesReload(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	b := newBrowser(t, p.origin())
	page := b.ask("ada@example.com")
	load(t, p.site("name Reloaded"))
	b.client.CloseIdleConnections() // to the server of the old configuration
	proven := b.submit(page, "code", b.code(p, "ada@example.com"), "step", "verify")
	b.seen(b.submit(proven, "step", "create"))
}

// traffic lets a signed-in visitor ask again and again while something else
// happens, and returns how many answers there were.
func traffic(t *testing.T, b *browser, id string, during func()) int64 {
	t.Helper()
	var answered atomic.Int64
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if status, user := ask(b); status != http.StatusOK || user != id {
					t.Errorf("%d %q", status, user)
					return
				}
				answered.Add(1)
			}
		})
	}
	during()
	close(stop)
	wg.Wait()
	return answered.Load()
}

// ask is for goroutines, which must not end a test. Connections that a closing
// listener drops are tried again: that is the server's hand-over, not an answer.
func ask(b *browser) (status int, user string) {
	var res *http.Response
	var err error
	for range 10 {
		if res, err = b.client.Get(b.origin + "/who"); err == nil {
			break
		}
	}
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	var s seen
	_ = decode(res.Body, &s)
	return res.StatusCode, s.Header.Get("Remote-User")
}

// wrong returns a code that is not this one.
func wrong(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return "9" + code[1:]
}

func TestTwoSitesShareUsers(t *testing.T) {
	one, two := newPlace(t), newPlace(t)
	two.database = one.database
	load(t, one.site()+two.site())
	if keys := caddymodule.PoolKeys(); len(keys) != 1 {
		t.Errorf("databases in use: %v", keys)
	}
	id := newBrowser(t, one.origin()).signUp(one, "ada@example.com").Header.Get("Remote-User")
	if got := newBrowser(t, two.origin()).signIn(two, "ada@example.com").Header.Get("Remote-User"); got != id {
		t.Errorf("%q on one site, %q on the other", id, got)
	}
}

func TestSitesOfOneStoreAgreeOnTheSecret(t *testing.T) {
	one, two := newPlace(t), newPlace(t)
	two.database = one.database
	err := caddy.Load(config(t, one.site("secret "+strings.Repeat("a", 32))+two.site("secret "+strings.Repeat("b", 32))), true)
	t.Cleanup(func() { stop(t) })
	if err == nil || !strings.Contains(err.Error(), "have different secrets") {
		t.Errorf("%v", err)
	}
	if keys := caddymodule.PoolKeys(); len(keys) != 0 {
		t.Errorf("databases still in use: %v", keys)
	}
}

func TestRemovedSiteLetsGo(t *testing.T) {
	one, two := newPlace(t), newPlace(t)
	load(t, one.site()+two.site())
	if keys := caddymodule.PoolKeys(); len(keys) != 2 {
		t.Errorf("databases in use: %v", keys)
	}
	load(t, two.site())
	if keys := caddymodule.PoolKeys(); len(keys) != 1 || !strings.HasSuffix(keys[0], two.database) {
		t.Errorf("databases in use: %v", keys)
	}
	stop(t)
	if keys := caddymodule.PoolKeys(); len(keys) != 0 {
		t.Errorf("databases in use: %v", keys)
	}
}

func TestOtherSecretRefusesToStart(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("secret "+strings.Repeat("a", 32)))
	stop(t)
	err := caddy.Load(config(t, p.site("secret "+strings.Repeat("b", 32))), true)
	if err == nil || !strings.Contains(err.Error(), "start with the secret it was first used with") {
		t.Errorf("%v", err)
	}
	if err != nil && strings.Contains(err.Error(), "bbbb") {
		t.Errorf("the error quotes the secret: %v", err)
	}
	load(t, p.site("secret "+strings.Repeat("a", 32)))
}

func TestSignOutCutsWebSockets(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	b := newBrowser(t, p.origin())
	b.signUp(p, "ada@example.com")
	c := dial(t, b)
	defer c.Close()
	if err := websocket.Message.Send(c, "hello"); err != nil {
		t.Fatal(err)
	}
	var echo string
	if err := websocket.Message.Receive(c, &echo); err != nil || echo != "hello" {
		t.Fatalf("%q %v", echo, err)
	}
	b.do("POST", "/.auth/sign-out", nil, url.Values{})
	if err := websocket.Message.Receive(c, &echo); err == nil {
		t.Errorf("the socket outlived its session: %q", echo)
	}
}

// dial opens a WebSocket with the browser's cookies.
func dial(t *testing.T, b *browser) *websocket.Conn {
	t.Helper()
	c, err := websocket.NewConfig(strings.Replace(b.origin, "http", "ws", 1)+"/socket", b.origin)
	if err != nil {
		t.Fatal(err)
	}
	origin, err := url.Parse(b.origin)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.client.Jar.Cookies(origin) {
		c.Header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	conn, err := c.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// nextApp runs the Next.js app until the test ends, on a port.
func nextApp(t testing.TB, port int, env ...string) {
	t.Helper()
	cmd := exec.Command("node", "node_modules/next/dist/bin/next", "start", "next", "-p", fmt.Sprint(port), "-H", "localhost")
	cmd.Dir = "sdk"
	cmd.Env = append(append(os.Environ(), "NEXT_TELEMETRY_DISABLED=1", "CLERK_TELEMETRY_DISABLED=1"), env...)
	log := &harness.Log{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		<-ended
		if t.Failed() {
			t.Logf("the app's log:\n%s", log.Tail(3000))
		}
	})
	for end := time.Now().Add(2 * harness.Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if answer, err := http.Get(fmt.Sprintf("http://localhost:%d/_next/none", port)); err == nil {
			_ = answer.Body.Close()
			return
		}
	}
	t.Fatalf("the app does not answer:\n%s", log.Tail(3000))
}

// startNext runs a gate in front of the Next.js app, with more public paths.
func startNext(t testing.TB, public string) *sdkSite {
	t.Helper()
	needSDK(t)
	if err := sdkNext(); err != nil {
		t.Fatal(err)
	}
	port := harness.FreePort(t)
	s := startSDK(t, sdkSetup{
		Public: "/sign-in /sign-in/* /_next/* /open " + public,
		Site:   fmt.Sprintf("@next path / /members /open /sign-in /sign-in/* /_next/*\nreverse_proxy @next localhost:%d\n", port),
	})
	nextApp(t, port,
		"APP_PUBLISHABLE_KEY="+s.Key, "APP_PROXY_URL="+sdkBase, "CLERK_SECRET_KEY=sk_live_unused", "APP_JWT_KEY="+s.publicKey(t))
	return s
}

// serverSees is whom the server of the app has rendered the page for.
func serverSees(tab *harness.Tab) string {
	tab.T.Helper()
	tab.WaitFor("#server-user")
	return tab.Eval(`document.getElementById('server-user').textContent`)
}

// nextIn signs in on the app's own page.
func (s *sdkSite) nextIn(t *testing.T, tab *harness.Tab, address string) string {
	t.Helper()
	n := len(s.Outbox.To(address))
	put(tab, "#address", address)
	push(tab, "#go")
	code := s.Outbox.Code(t, address, n+1)
	put(tab, "#code", wrong(code))
	push(tab, "#go")
	tab.WaitFor("#code-error")
	put(tab, "#code", code)
	push(tab, "#go")
	tab.Wait(`location.pathname === '/members' && /^user_/.test(document.getElementById('server-user')?.textContent)`)
	return serverSees(tab)
}

// TestSDKNext signs in on a page of the app, which then knows the user on the
// server and in the browser.
func TestSDKNext(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startNext(t, "")
	const jo = "jo@example.org"
	knownUser(t, s.Gate, jo)
	tab := s.NewTab(t, harness.Look{})
	tab.Open("/open")
	if got := serverSees(tab); got != "nobody" {
		t.Errorf("before, the server sees %s", got)
	}
	tab.Open("/sign-in")
	n := len(s.Outbox.To(jo))
	user := s.nextIn(t, tab, jo)
	if n+1 != len(s.Outbox.To(jo)) {
		t.Errorf("%d codes were sent", len(s.Outbox.To(jo))-n)
	}
	tab.Wait(`document.getElementById('browser-user').textContent === '` + user + `'`)
	tab.WaitText(jo)

	for _, path := range []string{"/", "/open", "/members"} {
		tab.Open(path)
		if got := serverSees(tab); got != user {
			t.Errorf("%s: the server sees %s", path, got)
		}
	}
	push(tab, "#ask")
	tab.Wait(`document.getElementById('token').textContent`)
	if claims := tokenClaims(t, tab.Eval(`document.getElementById('token').textContent`)); claims.Sub != user {
		t.Errorf("%+v", claims)
	}

	push(tab, "#leave")
	tab.Wait(`location.pathname === '/open' && document.getElementById('server-user')?.textContent === 'nobody'`)
	tab.Open("/members")
	tab.WaitFor("#identifier") // the gate's own page
}

// TestSDKNextAfterPages signs in on the gate's own page, which stands where the
// app's page was asked for.
func TestSDKNextAfterPages(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startNext(t, "")
	tab := s.NewTab(t, harness.Look{})
	const jo = "jo@example.org"
	knownUser(t, s.Gate, jo)
	tab.Open("/members")
	ask(tab, jo)
	enter(tab, s.Outbox.Code(t, jo, 2), true)
	tab.Wait(`/^user_/.test(document.getElementById('server-user')?.textContent)`)
	user := serverSees(tab)
	tab.Wait(`document.getElementById('browser-user').textContent === '` + user + `'`)
}

// TestSDKNextProtectsItself lets everybody through to a page that the app's own
// middleware guards.
func TestSDKNextProtectsItself(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startNext(t, "/members")
	tab := s.NewTab(t, harness.Look{})
	const jo = "jo@example.org"
	knownUser(t, s.Gate, jo)
	tab.Open("/members")
	tab.Wait(`location.pathname === '/sign-in'`)
	s.nextIn(t, tab, jo)
}

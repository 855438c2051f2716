// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// overReloads is how often a visitor sends again what got no answer. Caddy
// hands its port from one configuration to the next by SO_REUSEPORT: a
// connection that waits in the old socket at that moment is reset, with the gate
// or without it, and nothing of it has been read.
const overReloads = 3

// traffic lets visitors with live sessions ask without a pause until stop is
// called, which returns how many requests were answered.
func traffic(t *testing.T, g *harness.Gate, n int) (stop func() int) {
	t.Helper()
	var over atomic.Bool
	var answered atomic.Int64
	var visitors sync.WaitGroup
	for i := range n {
		v := g.NewVisitor()
		v.Retries = overReloads
		if err := v.SignIn("/home", fmt.Sprintf("live%d@example.org", i)); err != nil {
			t.Fatal(err)
		}
		visitors.Go(func() {
			defer v.Close()
			for !over.Load() {
				if id, status, err := v.WhoAmI(); err != nil || id == nil {
					t.Errorf("a live session got %d: %v", status, err)
					return
				}
				answered.Add(1)
				time.Sleep(time.Millisecond)
			}
		})
	}
	return func() int {
		over.Store(true)
		visitors.Wait()
		return int(answered.Load())
	}
}

func TestReloadUnderTraffic(t *testing.T) {
	t.Parallel()
	reloads := 20
	if testing.Short() {
		reloads = 4
	}
	g := harness.Start(t, harness.Config{Directive: generous})
	half := g.NewVisitor() // somebody in the middle of it
	half.Retries = overReloads
	page, err := half.Ask("/home", "half@example.org")
	if err != nil {
		t.Fatal(err)
	}
	code := g.Outbox.Code(t, "half@example.org", 1)
	guesser := g.NewVisitor()
	guesser.Retries = overReloads
	guess, err := guesser.Ask("/home", "victim@example.org")
	if err != nil {
		t.Fatal(err)
	}
	right := g.Outbox.Code(t, "victim@example.org", 1)
	stop := traffic(t, g, 4)
	guessed := 0
	for i := range reloads {
		g.Write(strings.Replace(g.Caddyfile(), "gatelatch {", fmt.Sprintf("gatelatch {\nname \"Site %d\"\n", i), 1))
		if err := g.Reload(); err != nil {
			t.Fatal(err)
		}
		p, err := guesser.Submit(guess, "verify", map[string]string{"code": wrong(right)})
		if err != nil {
			t.Fatal(err)
		}
		if p.Contains("That code is incorrect") {
			guessed++
		}
	}
	if guessed != min(reloads, 4) && guessed != 5 {
		t.Errorf("%d guesses were judged over %d reloads, want 4 that are called incorrect", guessed, reloads)
	}
	if p, err := guesser.Submit(guess, "verify", map[string]string{"code": right}); reloads > 5 && (err != nil || guesser.Cookie(harness.SessionCookie) != "") {
		t.Errorf("after all guesses were spent, the right code was taken: %v %+v", err, p)
	}
	if _, err := half.Enter(page, code); err != nil {
		t.Errorf("a sign-in begun before the reloads: %v", err)
	}
	failedReloads(t, g)
	t.Logf("%d requests over %d reloads", stop(), reloads)
}

// failedReloads gives the gate configurations that it must refuse, while it
// goes on as before.
func failedReloads(t *testing.T, g *harness.Gate) {
	t.Helper()
	good := g.Caddyfile()
	for what, broken := range map[string]string{
		"an unknown option":        strings.Replace(good, "gatelatch {", "gatelatch {\nsign_upp open\n", 1),
		"a store that cannot be":   strings.Replace(good, "gatelatch {", "gatelatch {\nstore sqlite /proc/nowhere/x.db\n", 1),
		"an outbox that cannot be": strings.Replace(good, string(g.Outbox), "/proc/nowhere/outbox", 1),
		"another broken module":    strings.Replace(good, "reverse_proxy", "root * {file./nowhere}\nmap {\n}\nreverse_proxy", 1),
	} {
		g.Write(broken)
		if err := g.Reload(); err == nil {
			t.Errorf("%s: the reload did not fail", what)
		}
	}
	g.Write(good)
	v := g.NewVisitor()
	v.Retries = overReloads
	if err := v.SignIn("/home", "after@example.org"); err != nil {
		t.Errorf("after failed reloads nobody gets in: %v", err)
	}
	if err := g.Reload(); err != nil {
		t.Errorf("a good configuration after broken ones: %v", err)
	}
	if id, status, err := v.WhoAmI(); id == nil {
		t.Errorf("the session is lost: %d %v", status, err)
	}
}

func TestStoppedUnderTraffic(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	before, _, err := v.WhoAmI()
	if err != nil {
		t.Fatal(err)
	}
	half := g.NewVisitor()
	page, err := half.Ask("/home", "half@example.org")
	if err != nil {
		t.Fatal(err)
	}
	code := g.Outbox.Code(t, "half@example.org", 1)
	for range 3 {
		begun := time.Now()
		status, err := g.Stop(syscall.SIGTERM)
		if err != nil || status != 0 {
			t.Fatalf("stopping: status %d, %v", status, err)
		}
		if took := time.Since(begun); took > harness.Allowance(5*time.Second) {
			t.Errorf("stopping took %v", took)
		}
		if err := g.Run(); err != nil {
			t.Fatal(err)
		}
		if id, status, err := v.WhoAmI(); err != nil || id == nil || id.Session != before.Session || id.User != before.User {
			t.Errorf("after a restart: %+v, %d, %v", id, status, err)
		}
	}
	if _, err := half.Enter(page, code); err != nil {
		t.Errorf("a sign-in begun before the restarts: %v", err)
	}
}

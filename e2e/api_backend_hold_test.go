// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

type fields = map[string]any

// TestBackendStoreLocked: a program of the operator is told that a change was not made,
// in the API's own shape, and none was.
func TestBackendStoreLocked(t *testing.T) {
	t.Parallel()
	slow(t)
	g := startAPI(t, apiSetup{})
	a := g.NewAdmin(t, apiSecret)
	ada := a.Call("POST", "/users", fields{"email_address": someone("ada"), "public_metadata": fields{"plan": "pro"}}).OK()
	path := "/users/" + ada.Str("id")
	release, err := harness.LockDatabase(g.Database())
	if err != nil {
		harness.Skip(t, err.Error())
	}
	var all sync.WaitGroup
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/users", fields{"email_address": someone("new")}},
		{"PATCH", path, fields{"first_name": "Eve", "banned": true}},
		{"PATCH", path + "/metadata", fields{"public_metadata": fields{"plan": "none"}}},
		{"POST", path + "/ban", nil},
		{"DELETE", path, nil},
		{"POST", "/invitations/bulk", []fields{{"email_address": someone("a")}, {"email_address": someone("b")}}},
		{"POST", "/sign_in_tokens", fields{"user_id": ada.Str("id")}},
	} {
		all.Go(func() {
			got, err := a.Try(c.method, c.path, c.body)
			if err != nil {
				t.Errorf("%s %s: %v", c.method, c.path, err)
				return
			}
			seconds, bad := strconv.Atoi(got.Header.Get("Retry-After"))
			if got.Refused(503, "service_unavailable", ""); bad != nil || seconds < 1 || got.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s: %v", c.method, c.path, got.Header)
			}
		})
	}
	all.Wait()
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if now := a.Call("GET", path, nil).OK(); now.Body != ada.Body {
		t.Errorf("%s is now %s", ada.Body, now.Body)
	}
	if list := a.Call("GET", "/invitations?paginated=true", nil).OK(); list.Len("data") != 0 {
		t.Errorf("%s", list.Body)
	}
	a.Call("PATCH", path, fields{"first_name": "Eve"}).OK()
}

// TestBackendKilledUnderLoad ends the gate as a power cut would while a program makes
// and bans users: whatever it was told is so afterwards.
func TestBackendKilledUnderLoad(t *testing.T) {
	t.Parallel()
	g := harness.Prepare(t, apiSetup{}.config())
	total := 0
	for round := range 2 {
		if err := g.Run(); err != nil {
			t.Fatal(err)
		}
		told := backendCrowd(t, g)
		if err := g.Run(); err != nil {
			t.Fatalf("after round %d: %v", round, err)
		}
		a := g.NewAdmin(t, apiSecret)
		for id, banned := range told {
			got := a.Call("GET", "/users/"+id, nil).OK()
			if banned && got.Str("banned") != "true" {
				t.Errorf("%s was banned, and is not: %s", id, got.Body)
			}
		}
		total += len(told)
		g.Kill()
	}
	if total == 0 {
		t.Error("no user was made")
	}
	t.Logf("%d users", total)
}

// backendCrowd makes users, and bans some, until the gate is killed at a random moment.
// It returns whom it was told of, and whether of a ban too.
func backendCrowd(t *testing.T, g *harness.Gate) map[string]bool {
	var over atomic.Bool
	var mu sync.Mutex
	var workers sync.WaitGroup
	told, enough, after := map[string]bool{}, make(chan struct{}), 5+rand.IntN(20)
	for range 4 {
		workers.Go(func() {
			a := g.NewAdmin(t, apiSecret)
			for !over.Load() {
				made, err := a.Try("POST", "/users", fields{"email_address": someone("crowd")})
				if err != nil || made.Status != 200 {
					continue
				}
				id := made.Str("id")
				ban, err := a.Try("POST", "/users/"+id+"/ban", nil)
				mu.Lock()
				told[id] = err == nil && ban.Status == 200
				if len(told) == after {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(harness.Patience):
		t.Error("no user is made")
	}
	over.Store(true)
	g.Kill()
	workers.Wait()
	return told
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gatelatch/gatelatch/caddymodule"
)

func TestDemoRunsUntilItIsStopped(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "") // restores what the demo sets
	listen, admin, data := freeAddress(t), freeAddress(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- demo(ctx, demoOptions{listen: listen, data: data, admin: admin}) }()
	if status, body := get(t, done, "http://"+listen+"/"); status != http.StatusUnauthorized || !strings.Contains(body, "Gatelatch demo") {
		t.Errorf("%d %s", status, body)
	}
	if err := demo(t.Context(), demoOptions{listen: listen, data: t.TempDir(), admin: freeAddress(t)}); err == nil || !strings.Contains(err.Error(), "is taken by another program") {
		t.Errorf("a second demo on the same address: %v", err)
	}
	if out, err := command("users", "create", "--email", "ada@example.com", "--address", admin); err != nil || !strings.Contains(out, "user_") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := command("users", "list", "--address", admin); err != nil || !strings.Contains(out, "ada@example.com") {
		t.Errorf("%v: %s", err, out)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if out, err := command("users", "list", "--address", admin); err == nil {
		t.Errorf("the demo is over, and a command goes on: %s", out)
	}
	if _, err := os.Stat(filepath.Join(data, "gatelatch.db")); err != nil {
		t.Error(err)
	}
}

// command runs one of the operator's commands.
func command(args ...string) (string, error) {
	var out strings.Builder
	root := &cobra.Command{Use: "gatelatch", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(caddymodule.Commands()...)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.Execute()
	return out.String(), err
}

func TestDemoStaysOnThisMachine(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:8080", ":8080", "192.0.2.1:8080", "example.com:80", "8080"} {
		if err := checkListen(listen); err == nil || !strings.Contains(err.Error(), "--listen") {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func TestSampleAppShowsWhatItGot(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/there?and=back", nil)
	r.Header.Set("Remote-User", "user_1")
	r.Header.Set("Remote-Name", "<b>Ada</b>")
	r.Header.Set("Authorization", "Bearer e30.eyJzdWIiOiJ1c2VyXzEifQ.x")
	w := httptest.NewRecorder()
	sampleApp(false)(w, r)
	for _, want := range []string{"user_1", "&lt;b&gt;Ada", "/there?and=back", "&#34;sub&#34;: &#34;user_1&#34;", `action="/.auth/sign-out"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in\n%s", want, w.Body)
		}
	}
}

// freeAddress is one that nobody listens on, below the ports that systems give to
// outgoing connections, or one of these could have it before it is used.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("localhost:%d", 10000+rand.IntN(2000)) //nolint:gosec // not a secret
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}

// get asks until the demo listens, or has given up.
func get(t *testing.T, done <-chan error, url string) (int, string) {
	t.Helper()
	for {
		select {
		case err := <-done:
			t.Fatalf("the demo ended: %v", err)
		default:
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/gatelatch/gatelatch/delivery/outbox"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "demo",
		Usage: "[--listen <host:port>] [--data <directory>]",
		Short: "Shows the gate at work in front of a small sample app",
		Long: "Starts the gate on http://localhost:8080 in front of a built-in sample app. Users and\n" +
			"sessions are kept in the data directory; codes appear in the terminal and at /.auth/outbox.",
		CobraFunc: func(cmd *cobra.Command) {
			cmd.Flags().String("listen", "localhost:8080", "where the gate listens; a loopback address")
			cmd.Flags().String("data", ".demo", "where users and sessions are kept")
			cmd.RunE = caddycmd.WrapCommandFuncForCobra(runDemo)
		},
	})
}

// demoSite is the whole configuration of the demo: the gate as a word, with
// files of its own.
const demoSite = `{
	admin off
	persist_config off
	storage file_system %[1]q
	log {
		level ERROR
		format console
	}
}

http://%[2]s {
	bind %[5]s
	gatelatch {
		name "Gatelatch demo"
		store sqlite %[3]q
	}
	reverse_proxy %[4]s
}
`

func runDemo(flags caddycmd.Flags) (int, error) {
	listen, data := flags.String("listen"), flags.String("data")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := demo(ctx, listen, data); err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	return caddy.ExitCodeSuccess, nil
}

func demo(ctx context.Context, listen, data string) error {
	if err := checkListen(listen); err != nil {
		return err
	}
	data, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	// The development outbox lies in Caddy's data directory; the demo has one of
	// its own.
	if err := os.Setenv("XDG_DATA_HOME", data); err != nil {
		return err
	}
	app, err := startSample()
	if err != nil {
		return fmt.Errorf("starting the sample app: %w", err)
	}
	defer app.Close()
	if err := startGate(listen, data, app.Addr); err != nil {
		return err
	}
	greet(listen, data)
	showCodes(ctx, filepath.Join(caddy.AppDataDir(), "gatelatch", "outbox.jsonl"))
	fmt.Println("\nStopping. Users and sessions are kept for the next time.")
	return caddy.Stop()
}

func checkListen(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen %q: want host:port, such as localhost:8081", listen)
	}
	if ip := net.ParseIP(host); !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--listen %q: the demo shows codes to everybody who asks, so it listens on this machine alone", listen)
	}
	return checkFree(listen)
}

// checkFree asks for the address as any program would. Caddy shares addresses
// with other Caddys, so a second demo would take half of the first one's visitors.
func checkFree(listen string) error {
	l, err := net.Listen("tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program; stop it, or choose another address and directory: "+
			"make demo LISTEN=localhost:8081 DATA=.demo2", listen)
	}
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	return l.Close()
}

// startSample runs the sample app on a free port of the loopback interface.
func startSample() (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &http.Server{Addr: l.Addr().String(), Handler: http.HandlerFunc(sampleApp), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // ends with Close
	return s, nil
}

func startGate(listen, data, upstream string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1" // this machine alone
	}
	text := fmt.Sprintf(demoSite, filepath.Join(data, "caddy"), listen, filepath.Join(data, "gatelatch.db"), upstream, host)
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "demo"})
	if err != nil {
		return fmt.Errorf("reading the demo's configuration: %w", err)
	}
	return caddy.Load(config, true)
}

func greet(listen, data string) {
	fmt.Printf(`
  Gatelatch guards a sample app at   http://%[1]s
  Messages that would be sent are at http://%[1]s/.auth/outbox
  Users and sessions are kept in     %[2]s

  Open the address, give any email address, and type the code that appears here.
  Ctrl-C stops.

`, listen, data)
}

// showCodes prints each code that the development outbox gets, until ctx ends.
func showCodes(ctx context.Context, file string) {
	shown := time.Now()
	t := time.NewTicker(200 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			shown = printNewer(file, shown)
		}
	}
}

func printNewer(file string, than time.Time) time.Time {
	entries, err := outbox.Read(file, 20)
	if err != nil {
		return than // not there before the first message
	}
	newest := than
	for i := len(entries) - 1; i >= 0; i-- { // oldest first
		e := entries[i]
		if !e.At.After(than) {
			continue
		}
		fmt.Printf("  %s  code %s for %s\n", e.At.Local().Format(time.TimeOnly), e.Code, e.To)
		newest = e.At
	}
	return newest
}

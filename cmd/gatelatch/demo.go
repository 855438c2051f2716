// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
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
	admin %[6]s
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
		sign_up open {
			first_name optional
		}
		password optional
		client_trust 30d
		second_factor optional
	}
	reverse_proxy %[4]s
}
`

func runDemo(flags caddycmd.Flags) (int, error) {
	listen, data := flags.String("listen"), flags.String("data")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	admin, err := freeAdmin()
	if err == nil {
		err = demo(ctx, listen, data, admin)
	}
	if err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	return caddy.ExitCodeSuccess, nil
}

func demo(ctx context.Context, listen, data, admin string) error {
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
	if err := startGate(listen, data, app.Addr, admin); err != nil {
		return err
	}
	greet(listen, data, admin)
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

// freeAdmin returns where the operator's commands reach the demo: the usual
// address, unless another Caddy has it.
func freeAdmin() (string, error) {
	for _, address := range []string{caddy.DefaultAdminListen, "localhost:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err := errors.Join(err, l.Close()); err != nil {
			return "", err
		}
		return net.JoinHostPort("localhost", port), nil
	}
	return "", errors.New("no address is free for the operator's commands")
}

func startGate(listen, data, upstream, admin string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1" // this machine alone
	}
	text := fmt.Sprintf(demoSite, filepath.Join(data, "caddy"), listen, filepath.Join(data, "gatelatch.db"), upstream, host, admin)
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "demo"})
	if err != nil {
		return fmt.Errorf("reading the demo's configuration: %w", err)
	}
	return caddy.Load(config, true)
}

func greet(listen, data, admin string) {
	program := os.Args[0]
	users := program + " users list"
	if admin != caddy.DefaultAdminListen {
		users += " --address " + admin
	}
	fmt.Printf(`
  Gatelatch guards a sample app at   http://%[1]s
  Messages that would be sent are at http://%[1]s/.auth/outbox
  Users and sessions are kept in     %[2]s

  Try this:
  1. Open the address, and make an account with any email address and a password.
     Type the code that appears here.
  2. Sign out, and sign in with the password: this browser is known, so no code is asked for.
  3. Open the address in a private window, and sign in with the password there: the device
     is new, so a code is asked for. Then look at the outbox: the owner was told.
  4. Open http://%[1]s/.auth/account: sessions, devices, an authenticator app.
  5. In another terminal: %[3]s
     Then ban somebody, and reload the page:   %[4]s

  Ctrl-C stops.

`, listen, data, users, strings.Replace(users, "users list", "users ban <address>", 1))
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
		what := "code " + e.Code
		if e.Code == "" { // a notice
			what = cmp.Or(e.Subject, e.Body)
		}
		fmt.Printf("  %s  %s for %s\n", e.At.Local().Format(time.TimeOnly), what, e.To)
		newest = e.At
	}
	return newest
}

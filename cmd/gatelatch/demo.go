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
		Usage: "[--listen <host:port>] [--data <directory>] [--sdk <directory>]",
		Short: "Shows the gate at work in front of a small sample app",
		Long: "Starts the gate on http://localhost:8080 in front of a built-in sample app. Users and\n" +
			"sessions are kept in the data directory; codes appear in the terminal and at /.auth/outbox.",
		CobraFunc: func(cmd *cobra.Command) {
			cmd.Flags().String("listen", "localhost:8080", "where the gate listens; a loopback address")
			cmd.Flags().String("data", ".demo", "where users and sessions are kept")
			cmd.Flags().String("sdk", "", "where examples/sdk was built: also shows pages that use Clerk's SDKs")
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
		%[7]s
	}
	reverse_proxy %[4]s
}
`

func runDemo(flags caddycmd.Flags) (int, error) {
	o := demoOptions{listen: flags.String("listen"), data: flags.String("data"), sdk: flags.String("sdk")}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if o.admin, err = freeAdmin(); err == nil {
		err = demo(ctx, o)
	}
	if err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	return caddy.ExitCodeSuccess, nil
}

// demoOptions say where the demo listens, for visitors and for the operator's
// commands, and where it finds and keeps its files.
type demoOptions struct{ listen, admin, data, sdk string }

func demo(ctx context.Context, o demoOptions) (err error) {
	if err := checkListen(o.listen); err != nil {
		return err
	}
	if o.data, err = filepath.Abs(o.data); err != nil {
		return err
	}
	pages, err := openSDK(o.sdk)
	if err != nil {
		return err
	}
	// The development outbox lies in Caddy's data directory; the demo has one of
	// its own.
	if err := os.Setenv("XDG_DATA_HOME", o.data); err != nil {
		return err
	}
	app, err := startSample(pages, o.listen)
	if err != nil {
		return fmt.Errorf("starting the sample app: %w", err)
	}
	defer app.Close()
	if err := startGate(o, app.Addr, pages); err != nil {
		return err
	}
	greet(o, pages)
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
func startSample(pages *sdkPages, listen string) (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", sampleApp(pages != nil))
	pages.serve(mux, listen)
	s := &http.Server{Addr: l.Addr().String(), Handler: mux, ReadHeaderTimeout: 10 * time.Second}
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

func startGate(o demoOptions, upstream string, pages *sdkPages) error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return err
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1" // this machine alone
	}
	text := fmt.Sprintf(demoSite, filepath.Join(o.data, "caddy"), o.listen, filepath.Join(o.data, "gatelatch.db"), upstream, host, o.admin,
		pages.options())
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "demo"})
	if err != nil {
		return fmt.Errorf("reading the demo's configuration: %w", err)
	}
	return caddy.Load(config, true)
}

func greet(o demoOptions, pages *sdkPages) {
	program := os.Args[0]
	users := program + " users list"
	if o.admin != caddy.DefaultAdminListen {
		users += " --address " + o.admin
	}
	sdk := ""
	if pages != nil {
		sdk = "\n  6. Open http://" + o.listen + sdkPrefix + "vanilla.html and react.html: pages that use Clerk's SDKs."
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
     Then ban somebody, and reload the page:   %[4]s%[5]s

  Ctrl-C stops.

`, o.listen, o.data, users, strings.Replace(users, "users list", "users ban <address>", 1), sdk)
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

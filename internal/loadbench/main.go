// SPDX-License-Identifier: Apache-2.0

// Command loadbench compares, in one run, an authenticated request through the
// gate with a bare reverse_proxy, and with a reverse_proxy that sets the same
// headers by Caddy's own directive; and, beside them, what programs ask of a gate with
// the Frontend API. It loads one server at a time, in rounds
// whose order is reversed every other time, and reports CPU time of the server
// process per request: on a busy machine the only figure that means anything.
// Everything stays on the loopback interface.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

type options struct {
	rounds, conns, starts int
	length                time.Duration
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "how often each server is loaded")
	flag.DurationVar(&o.length, "length", 4*time.Second, "how long a round lasts")
	flag.IntVar(&o.conns, "conns", 64, "keep-alive connections")
	flag.IntVar(&o.starts, "starts", 5, "how often each binary is started for the start-up figure")
	flag.Parse()
	log.SetFlags(0)
	if err := run(o); err != nil {
		log.Fatalf("loadbench: %v", err)
	}
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "loadbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plain, gate, err := binaries(dir)
	if err != nil {
		return err
	}
	up, err := startUpstream()
	if err != nil {
		return err
	}
	defer up.close()
	servers, stop, err := startAll(dir, plain, gate, up.addr)
	if err == nil {
		reportLoad(loadRounds(servers, o))
	}
	stop() // a database has one owner at a time
	if err != nil {
		return err
	}
	return reportSize(plain, gate, dir, up.addr, o.starts)
}

// binaries builds both programs with the same flags.
func binaries(dir string) (plain, gate string, err error) {
	plain, gate = filepath.Join(dir, "plaincaddy"), filepath.Join(dir, "gatelatch")
	for out, pkg := range map[string]string{plain: "./internal/loadbench/plaincaddy", gate: "./cmd/gatelatch"} {
		fmt.Fprintln(os.Stderr, "building", pkg)
		cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", out, pkg) //nolint:gosec // fixed arguments
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return "", "", fmt.Errorf("building %s: %w", pkg, err)
		}
	}
	return plain, gate, nil
}

// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Config says how a gate is set up. The zero value is one site with codes by
// e-mail into an outbox file.
type Config struct {
	// Directive holds lines of the gatelatch block.
	Directive string
	// Site holds lines of the site block, before reverse_proxy.
	Site string
	// Global holds lines of the global options.
	Global string
	// Sender replaces the e-mail outbox, as lines of the gatelatch block.
	Sender string
	// Whole replaces the Caddyfile altogether.
	Whole func(g *Gate) string
	// Dir is where the gate lives; a temporary directory when empty.
	Dir string
	// Env are more variables of the process, "NAME=value".
	Env []string
	// DataDir overrides Caddy's data directory.
	DataDir string
	// Checked puts a proxy in front that checks every answer of the Frontend API
	// against the gate's description of it. The gate sees all visitors come from there.
	Checked bool
}

// Gate is a gate's process and what belongs to it.
type Gate struct {
	T        testing.TB
	Config   Config
	Dir      string
	Port     int
	Admin    string
	Upstream *Upstream
	Outbox   Outbox

	cmd     *exec.Cmd
	exited  chan struct{}
	log     *Log
	inner   int // the port where the gate itself listens; Port but for a checked one
	watcher *watcher
	checks  *apiChecks
}

// Start runs a gate until the test ends.
func Start(t testing.TB, c Config) *Gate {
	t.Helper()
	for again := 3; ; again-- {
		g := Prepare(t, c)
		err := g.Run()
		if err == nil {
			return g
		}
		// Another program may have taken a port that was free.
		if again == 0 || !strings.Contains(err.Error(), "address already in use") {
			t.Fatal(err)
		}
	}
}

// Prepare makes everything ready to [Gate.Run].
func Prepare(t testing.TB, c Config) *Gate {
	t.Helper()
	l, port := listen(t)
	g := &Gate{T: t, Config: c, Dir: c.Dir, Port: port, Upstream: NewUpstream(t), log: &Log{}, checks: &apiChecks{}}
	if g.Dir == "" {
		g.Dir = t.TempDir()
	}
	g.inner = g.Port
	if c.Checked {
		g.inner = FreePort(t)
		g.watch(t, l)
	} else {
		_ = l.Close() // the gate will listen there
	}
	g.Admin = fmt.Sprintf("127.0.0.1:%d", FreePort(t))
	g.Outbox = Outbox(filepath.Join(g.Dir, "outbox.jsonl"))
	g.Write(g.Caddyfile())
	t.Cleanup(func() {
		g.Kill()
		if t.Failed() {
			t.Logf("the gate's log:\n%s", g.log.Tail(4000))
		}
	})
	return g
}

// URL is the site's origin.
func (g *Gate) URL() string { return fmt.Sprintf("http://localhost:%d", g.Port) }

// Addr is where the site listens.
func (g *Gate) Addr() string { return fmt.Sprintf("127.0.0.1:%d", g.Port) }

// Path is where the Caddyfile lies.
func (g *Gate) Path() string { return filepath.Join(g.Dir, "Caddyfile") }

// DataDir is Caddy's data directory.
func (g *Gate) DataDir() string {
	if g.Config.DataDir != "" {
		return g.Config.DataDir
	}
	return filepath.Join(g.Dir, "data")
}

// Log returns what the gate has printed so far.
func (g *Gate) Log() string { return g.log.String() }

// WaitLog waits until the gate has printed a text and returns all that it has
// printed. The log comes through a pipe, so it may come after an answer.
func (g *Gate) WaitLog(t testing.TB, text string) string {
	t.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if log := g.Log(); strings.Contains(log, text) {
			return log
		}
	}
	t.Fatalf("the gate never notes %q", text)
	return ""
}

// Caddyfile returns the configuration.
func (g *Gate) Caddyfile() string {
	if g.Config.Whole != nil {
		return g.Config.Whole(g)
	}
	sender := g.Config.Sender
	if sender == "" {
		sender = "email outbox " + string(g.Outbox)
	}
	return fmt.Sprintf(`{
	admin %s
	persist_config off
	%s
}

%s {
	bind 127.0.0.1
	gatelatch {
		%s
		%s
		%s
	}
	%s
	reverse_proxy %s
}
`, g.Admin, g.Config.Global, g.inside(), g.origin(), sender, g.Config.Directive, g.Config.Site, g.Upstream.Addr())
}

// origin tells a gate behind a proxy where visitors find it.
func (g *Gate) origin() string {
	if !g.Config.Checked {
		return ""
	}
	return "origin " + g.URL()
}

// Write puts a configuration in place; a running gate keeps its own until
// [Gate.Reload].
func (g *Gate) Write(caddyfile string) {
	g.T.Helper()
	if err := os.WriteFile(g.Path(), []byte(caddyfile), 0o600); err != nil {
		g.T.Fatal(err)
	}
}

// Command returns a command of the gate's program, in the gate's environment.
func (g *Gate) Command(args ...string) *exec.Cmd {
	cmd := exec.Command(Binary(g.T), args...)
	cmd.Dir = g.Dir
	cmd.Env = append(os.Environ(), "HOME="+g.Dir, "XDG_CONFIG_HOME="+filepath.Join(g.Dir, "config"),
		"XDG_DATA_HOME="+g.DataDir())
	cmd.Env = append(cmd.Env, g.Config.Env...)
	endWithParent(cmd)
	return cmd
}

// Run starts the process and waits until it answers.
func (g *Gate) Run() error {
	return g.RunCommand("run", "--config", g.Path(), "--adapter", "caddyfile")
}

// RunCommand starts another command of the program that serves the site.
func (g *Gate) RunCommand(args ...string) error {
	g.cmd = g.Command(args...)
	g.cmd.Stdout, g.cmd.Stderr = g.log, g.log
	if err := g.cmd.Start(); err != nil {
		return err
	}
	g.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // the state says how it ended
		close(exited)
	}(g.cmd, g.exited)
	return g.ready()
}

// probe asks whether a gate is there, with a new connection each time.
var probe = &http.Client{Timeout: Patience, Transport: &http.Transport{DisableKeepAlives: true}}

func (g *Gate) ready() error {
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		select {
		case <-g.exited:
			return fmt.Errorf("the gate ended at start (%s):\n%s", g.cmd.ProcessState, g.log.Tail(3000))
		default:
		}
		answer, err := probe.Get(g.URL() + "/.auth/signed-out")
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK { // it is 503 until the store is there
			return nil
		}
	}
	return fmt.Errorf("the gate does not answer:\n%s", g.log.Tail(3000))
}

// Running reports whether the process is there.
func (g *Gate) Running() bool {
	if g.exited == nil {
		return false
	}
	select {
	case <-g.exited:
		return false
	default:
		return true
	}
}

// Kill ends the process at once, as a crash would.
func (g *Gate) Kill() {
	if g.Running() {
		_ = g.cmd.Process.Kill() // it may have ended by itself
		<-g.exited
	}
}

// Stop asks the process to end and returns its exit status.
func (g *Gate) Stop(sig syscall.Signal) (int, error) {
	if err := g.cmd.Process.Signal(sig); err != nil {
		return 0, err
	}
	select {
	case <-g.exited:
		return g.cmd.ProcessState.ExitCode(), nil
	case <-time.After(Patience):
		return 0, errors.New("the gate does not stop")
	}
}

// Reload makes the running gate take the configuration in place, as an
// operator would.
func (g *Gate) Reload() error {
	out, err := g.Command("reload", "--config", g.Path(), "--adapter", "caddyfile", "--address", g.Admin, "--force").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Database is the path of the gate's database.
func (g *Gate) Database() string {
	return filepath.Join(g.DataDir(), "caddy", "gatelatch", "gatelatch.db")
}
